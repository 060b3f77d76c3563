"""Every exporter, with texts that try to be formulas, markup or code."""

import csv
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from assistant.exports import csv as csv_export
from assistant.exports import html as html_export
from assistant.exports import markdown as markdown_export
from assistant.exports import png as png_export
from assistant.exports import pptx as pptx_export
from assistant.exports import xlsx as xlsx_export
from assistant.exports.csv import guarded
from assistant.exports.formats import number_format
from assistant.exports.markdown import escaped
from assistant.exports.report import Report, exporter_for
from assistant.exports.xlsx import sheet_name
from tests.assistant.exports.reports import EVIL, charts, report

EXPORTERS = {
    "csv": csv_export.write,
    "html": html_export.write,
    "md": markdown_export.write,
    "png": png_export.write,
    "pptx": pptx_export.write,
    "xlsx": xlsx_export.write,
}


@pytest.mark.parametrize("ending", sorted(EXPORTERS))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_format_writes_every_report(ending: str, language: Any, tmp_path: Path) -> None:
    for number, made in enumerate(
        (report(charts(language)["share"], language, count=2), Report("t", language, ()))
    ):
        file = tmp_path / f"{number}.{ending}"
        exporter_for(file, EXPORTERS)(made, file)
        assert file.exists()


def test_an_unknown_ending_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(KeyError) as caught:
        exporter_for(tmp_path / "a.exe", EXPORTERS)
    assert caught.value.args == ("exe", *sorted(EXPORTERS))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_formulas_get_an_apostrophe(start: str) -> None:
    assert guarded(f"{start}1") == f"'{start}1"
    assert guarded(f"1{start}") == f"1{start}"


def test_csv_keeps_numbers_and_guards_texts(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    csv_export.write(report(), file)
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(file.read_text("utf-8-sig").splitlines()))
    assert rows[0] == [f"'{EVIL}", "sales", "rate", "moved"]
    assert rows[1] == [f"'{EVIL}", "1234567.5", "0.25", "-0.015"]
    assert rows[2] == ["'-1+1", "-3.0", "", "0.0"]


def test_xlsx_has_texts_numbers_and_no_formula(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    xlsx_export.write(report(count=2), file)
    book = openpyxl.load_workbook(file)
    assert len(book.worksheets) == 2
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    assert [cell for cell in cells if cell.data_type == "f" or cell.hyperlink] == []
    found = {cell.value: cell.number_format for cell in cells}
    assert found[1234567.5] == '"¥"#,##0'
    assert found[0.25] == "0.0%"
    assert found[-0.015] == "+0.0%;-0.0%;0.0%"
    assert EVIL in found


@given(st.integers(1, 999), st.text(max_size=60))
def test_sheet_names_are_allowed(number: int, headline: str) -> None:
    name = sheet_name(number, headline)
    assert len(name) <= 31
    assert not set(name) & set("[]:*?/\\'")
    assert name.startswith(str(number))


def test_number_formats() -> None:
    assert number_format("count") == "#,##0"
    assert number_format("currency", 2, "CNY") == '"¥"#,##0.00'
    assert number_format("ratio", signed=True) == "+0.0%;-0.0%;0.0%"


class Page(HTMLParser):
    """The tags and texts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.texts.append(data)


def test_html_loads_nothing_and_runs_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a.html"
    spec = charts("zh")["ranking"]
    html_export.write(report(spec, "zh"), file)
    page = Page()
    page.feed(file.read_text("utf-8"))
    names = [name for name, _ in page.tags]
    assert not {"script", "link", "iframe", "a", "b"} & set(names)
    sources = [given.get("src") or "" for _, given in page.tags if "src" in given]
    assert len(sources) == 1
    assert sources[0].startswith("data:image/png;base64,")
    picture = next(given for name, given in page.tags if name == "img")
    assert picture["alt"] == spec.frame.alt
    assert page.texts.count(EVIL) >= 4
    assert not any(key.startswith("on") for _, given in page.tags for key in given)


def test_markdown_reads_as_written(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    markdown_export.write(report(charts("en")["share"]), file)
    text = file.read_text("utf-8")
    assert (tmp_path / "a_1.png").read_bytes().startswith(b"\x89PNG")
    assert "](<a_1.png>)" in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) == 5
    cells = [len(re.findall(r"(?<!\\)\|", row)) for row in rows]
    assert cells == [5] * 5
    assert "<script" not in text.replace("\\<script", "")
    assert "````sql" in text
    assert "| ¥1.23M | 25.0% | -1.5 pp |" in text.replace("\\", "")


@given(st.text(alphabet="ab1.-+=#>*_`|<[]()!~$&@ \n\\:/w销", max_size=40))
def test_markdown_escapes_are_only_backslashes(text: str) -> None:
    shown = escaped(text)
    assert "\n" not in shown
    plain = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", shown)
    assert plain == " ".join(text.split())
    unescaped = re.sub(r"\\.", "", shown)
    assert not set("*_`|<>[]#$~&@") & set(unescaped)


def test_cards_are_pictures_of_one_width(tmp_path: Path) -> None:
    heights = []
    for count in (1, 2):
        file = tmp_path / f"{count}.png"
        png_export.write(report(charts("zh")["trend"], "zh", count=count), file)
        with Image.open(file) as picture:
            heights.append(picture.height)
            assert picture.width == 1600
    assert heights[1] == 2 * heights[0]
