"""`catalog check` on a project with every kind of fault: all of them at once, each at its line."""

import re
from pathlib import Path

import duckdb
import pytest

from tests.assistant.interfaces.commands import Desk

FAULTY = Path(__file__).parents[2] / "golden" / "faulty" / "metrics.yml"
NOT_APPROVED = "approval_missing"
"""Said of every published metric here, and of no line in particular."""
TABLES = """
    CREATE TABLE orders AS SELECT i AS order_id, i AS customer_id, '2026-10-31' AS ordered_at,
        'app' AS channel, 'east' AS region, 1.5 AS amount, '2' AS cost_text FROM range(5) t(i);
    CREATE TABLE visits AS SELECT 1 AS visit_id, DATE '2026-10-31' AS seen;
    CREATE TABLE old AS SELECT 1 AS id, DATE '2025-01-01' AS d;
    CREATE TABLE calendar AS SELECT DATE '2026-10-31' AS ds;
"""
SETTINGS = 'name = "faulty"\n[data]\ndatabase = "data.duckdb"\nas_of = "2026-11-01"\n'
WITH_NEAREST = {
    "source_column_missing": "region", "source_table_missing": "visits", "unknown_key": "owner",
    "unknown_metric_type": "simple", "unknown_dimension": "channel", "unknown_model": "orders",
    "unknown_measure": "amount", "unknown_input": "money", "unknown_section": "metrics",
    "unknown_metric": "gmv",
}  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    folder = tmp_path / "faulty"
    (folder / "metrics").mkdir(parents=True)
    (folder / "metrics" / "metrics.yml").write_bytes(FAULTY.read_bytes())
    (folder / "metrics" / "second.yml").write_text("metrics: [\n", "utf-8")
    (folder / "askmetric.toml").write_text(SETTINGS, "utf-8")
    with duckdb.connect(str(folder / "data.duckdb")) as connection:
        connection.execute(TABLES)
    return Desk(folder)


def expected() -> set[tuple[int, str]]:
    """Line and code of each comment `# !code !code` in the file."""
    lines = enumerate(FAULTY.read_text("utf-8").splitlines(), 1)
    marked = {
        (number, code)
        for number, line in lines
        for code in re.findall(r"!(\w+)", line.rpartition("  # ")[2])
    }
    assert len(marked) > 30
    return marked


def test_every_fault_is_found_at_once_and_at_its_line(desk: Desk) -> None:
    done = desk("catalog", "check", "--json")
    assert done.status == 1
    found = {
        (item["line"], item["code"])
        for item in done.json
        if item["code"] != NOT_APPROVED and item["place"].startswith("metrics/metrics.yml")
    }
    assert found == expected()
    (other,) = (item for item in done.json if item["place"].startswith("metrics/second.yml"))
    assert other["severity"] == "error"


def test_what_is_misspelt_names_the_nearest(desk: Desk) -> None:
    found = desk("catalog", "check", "--json").json
    for code, nearest in WITH_NEAREST.items():
        told = [item["nearest"] for item in found if item["code"] == code]
        assert any(nearest in names for names in told), (code, told)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_sentence_names_place_and_line(desk: Desk, lang: str) -> None:
    done = desk("catalog", "check", "--lang", lang)
    told = [line for line in done.out.splitlines() if "metrics/metrics.yml" in line]
    assert len(told) > len(expected())
    pattern = r"（metrics/metrics\.yml: .+）第 \d+ 行$" if lang == "zh" else r"\(.+: .+\) line \d+$"
    assert [line for line in told if not re.search(pattern, line)] == []
