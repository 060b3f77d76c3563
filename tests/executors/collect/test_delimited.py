"""CSV as people save it: every row is kept, or the file is turned down."""

import contextlib
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from executors.collect.files import load_files
from executors.executor import ExecutorError

ZONE = "Asia/Shanghai"


def loaded(folder: Path, text: str) -> tuple[list[str], list[Any]]:
    """Columns and rows of the table made of `text`."""
    (folder / "sold.csv").write_text(text, "utf-8")
    load_files([folder / "sold.csv"], folder / "data.duckdb", ZONE)
    with contextlib.closing(duckdb.connect(str(folder / "data.duckdb"))) as connection:
        rows = connection.sql("from sold")
        return rows.columns, rows.fetchall()


@pytest.mark.parametrize(
    "text",
    [
        "id,day,page\n1,2026-09-01\n2,2026-09-02,a,b,c\n",
        "id,day,page\n1,2026-09-01,a\n2,2026-09-02,a,b,c\n",
        "id,day,page\n1,2026-09-01,a\n2,2026-09-02\n",
        "a,b\n1,2,3\n4,5,6\n",
    ],
)
def test_rows_of_unequal_length_are_turned_down(tmp_path: Path, text: str) -> None:
    with pytest.raises(ExecutorError) as raised:
        loaded(tmp_path, text)
    assert raised.value.code == "rows_uneven" and raised.value.arguments["file"] == "sold.csv"


@pytest.mark.parametrize(
    "text",
    [
        "id,x\n1,2\n",
        "id;x\n1;2\n",
        "Sales 2026\n\nid,x\n1,2\n",
        "Sales 2026\nid,x\n1,2\n",
        "\nid,x\n1,2\n",
    ],
)
def test_a_title_above_the_header_is_left_out(tmp_path: Path, text: str) -> None:
    assert loaded(tmp_path, text) == (["id", "x"], [(1, 2)])


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.integers(2, 5))
def test_every_row_is_kept_or_none(tmp_path: Path, widths: list[int], width: int) -> None:
    # one cell above rows of more is a title
    lines = [",".join(f"c{n}" for n in range(width))]
    lines += [",".join(str(10 * row + n) for n in range(w)) for row, w in enumerate(widths)]
    try:
        columns, rows = loaded(tmp_path, "\n".join(lines) + "\n")
    except ExecutorError as error:
        assert error.code == "rows_uneven" and set(widths) != {width}
        return
    assert len(columns) == width and len(rows) == len(widths)
