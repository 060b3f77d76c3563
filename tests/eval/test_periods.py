"""The score of the reading of time: what counts as right, and the rows it writes."""

import json
import os
from datetime import datetime
from pathlib import Path

import pytest

from eval.periods import is_right, score_periods, write_rows
from metric_catalog.periods import Period

REF = datetime(2024, 3, 10, 9)
BAR = 0.95


def _case(text: str, reporting: list[list[str | None]], excluded: str | None = None) -> str:
    case = {"lang": "en", "text": text, "ref": REF.isoformat(), "reporting": reporting}
    return json.dumps(case | {"excluded": excluded})


def test_an_open_end_may_be_capped() -> None:
    accepted = [(datetime(2024, 1, 1), None)]
    for end in (None, datetime(2024, 3, 10), datetime(2024, 3, 11)):
        assert is_right(Period(datetime(2024, 1, 1), end), accepted, REF)
    assert not is_right(Period(datetime(2024, 1, 1), datetime(2024, 3, 12)), accepted, REF)
    assert not is_right(Period(None, None), accepted, REF)
    assert not is_right(Period(datetime(2024, 1, 1), None), [(datetime(2024, 1, 1), REF)], REF)


def test_score_and_rows(tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    lines = [
        _case("last month", [["2024-02-01", "2024-03-01"]]),
        _case("last month", [["2024-01-01", "2024-03-01"]]),
        _case("no time at all", [["2024-01-01", "2024-03-01"]]),
        _case("early spring", [], "vague"),
    ]
    cases.write_text("\n".join(lines) + "\n", encoding="utf-8")
    report = score_periods(cases)
    assert [row.right for row in report.rows] == [True, False, False, None]
    assert report.counts("en") == (1, 3)
    assert len(report.to_json()["wrong"]) == 2
    out = tmp_path / "rows.jsonl"
    write_rows(report.rows, out)
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert rows[0] == {
        "line": 1,
        "lang": "en",
        "text": "last month",
        "period": {"start": "2024-02-01", "end_exclusive": "2024-03-01"},
        "right": True,
    }
    assert rows[2]["period"] is None


def test_outside_cases() -> None:
    folder = os.environ.get("ASKMETRIC_CONFORMANCE")
    if not folder:
        pytest.skip("ASKMETRIC_CONFORMANCE is not set")
    report = score_periods(Path(folder) / "time" / "recognizers_periods.jsonl")
    for lang in ("en", "zh"):
        right, counted = report.counts(lang)
        assert right >= BAR * counted
