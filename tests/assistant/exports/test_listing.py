"""The metric list arrives in the spreadsheet cell by cell, as text, under the headings given."""

from pathlib import Path

import openpyxl
import pytest

from assistant.exports.listing import write_xlsx
from metric_catalog.interchange.listing import COLUMNS, Listing, listing
from prompts.render import sentences
from tests.metric_catalog.shops import catalog, metric


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_cell_is_a_text(language: str, tmp_path: Path) -> None:
    hostile = metric(owner="=1+1", domain="@sum", caliber={"en": "-2", "zh": "+甲"})
    table = listing(catalog(hostile), language)  # type: ignore[arg-type]
    headings = sentences(language, "listing")
    write_xlsx(table, headings, tmp_path / "list.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "list.xlsx").active
    assert sheet is not None and sheet.title == headings["title"]
    head, *rows = list(sheet.iter_rows(values_only=True))
    assert head == tuple(headings[key] for key in COLUMNS)
    assert [tuple(cell or "" for cell in row) for row in rows] == list(table.rows)
    assert {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row} <= {"s", "n"}


def test_headings_are_complete_in_both_languages() -> None:
    for language in ("en", "zh"):
        assert set(sentences(language, "listing")) == {"title", *COLUMNS}


def test_a_folder_that_is_not_there_is_an_error_of_the_world(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        write_xlsx(Listing(("id",), (("a",),)), {"title": "t"}, tmp_path / "no" / "list.xlsx")
