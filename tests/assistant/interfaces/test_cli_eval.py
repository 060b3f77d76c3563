"""`explain-table` and `eval …` as an evaluator calls them."""

import json
import os
from pathlib import Path

import pandas as pd
import pytest

from tests.assistant.interfaces.commands import Desk

OUTSIDE = os.environ.get("ASKMETRIC_CONFORMANCE")
needs_outside = pytest.mark.skipif(not OUTSIDE, reason="ASKMETRIC_CONFORMANCE is not set")
SUITE = """
cases:
  - id: orders_october
    question: {zh: 10月订单数, en: orders in October 2026}
    author: evaluator
    approved_by: owner
    expect:
      outcome: answer
      metrics: [orders]
      period: {start: "2026-10-01", end_exclusive: "2026-11-01"}
"""


@pytest.fixture
def leaves(tmp_path: Path) -> Path:
    """A table of leaves where one member lost half."""
    cities, channels = [f"c{i}" for i in range(12)], ["app", "web", "shop"]
    rows = [
        {"city": c, "channel": k, "real": 1000 + 7 * i - (520 if c == "c3" else 0), "plan": 1000 + 7 * i}
        for i, (c, k) in enumerate((c, k) for c in cities for k in channels)
    ]  # fmt: skip
    file = tmp_path / "leaves.parquet"
    pd.DataFrame(rows).to_parquet(file)
    return file


WORDS = ("--dimensions", "city,channel", "--actual", "real", "--expected", "plan")


def test_explain_table_finds_the_segment(desk: Desk, leaves: Path) -> None:
    done = desk.bare("explain-table", str(leaves), str(leaves), *WORDS, "--json")
    assert done.status == 0
    assert len(done.lines) == 2
    for line in done.lines:
        assert {"file", "causes", "normal", "seconds"} <= set(line)
        assert line["file"] == str(leaves) and line["normal"] is False
        (cause,) = line["causes"]
        assert cause["elements"] == ["city=c3"] and cause["score"] >= 0
        assert cause["effect"] == pytest.approx(-3 * 520)
    assert "city=c3" in desk.bare("explain-table", str(leaves), *WORDS).out


def test_a_quiet_table_is_normal(desk: Desk, leaves: Path) -> None:
    frame = pd.read_parquet(leaves)
    frame["real"] = frame["plan"]
    frame.to_parquet(leaves)
    line = desk.bare("explain-table", str(leaves), *WORDS, "--json").json
    assert line["normal"] is True and line["causes"] == []


def test_explain_table_reads_csv_too(desk: Desk, leaves: Path, tmp_path: Path) -> None:
    file = tmp_path / "leaves.csv"
    pd.read_parquet(leaves).to_csv(file, index=False)
    line = desk.bare("explain-table", str(file), *WORDS, "--json").json
    assert [cause["elements"] for cause in line["causes"]] == [["city=c3"]]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--dimensions", "city,colour", "--actual", "real", "--expected", "plan"), "colour"),
        (("--dimensions", "city,city", "--actual", "real", "--expected", "plan"), "city"),
        (("--dimensions", "city", "--actual", "channel", "--expected", "plan"), "channel"),
        (("--dimensions", "city", "--actual", "hole", "--expected", "plan"), "hole"),
    ],
)
def test_a_wrong_column_is_said_and_other_files_go_on(
    desk: Desk, leaves: Path, tmp_path: Path, words: tuple[str, ...], named: str
) -> None:
    frame = pd.read_parquet(leaves)
    frame["hole"] = [float("inf"), *[1.0] * (len(frame) - 1)]
    frame.to_parquet(leaves)
    for lang in ("en", "zh"):
        done = desk.bare("explain-table", str(leaves), *words, "--lang", lang)
        assert done.status == 1 and f"`{named}`" in done.sentence()
    lines = desk.bare("explain-table", str(leaves), str(leaves), *words, "--json")
    assert lines.status == 1 and len(lines.lines) == 2
    assert all(line["problem"]["code"] for line in lines.lines)


def test_a_ratio_has_two_denominators(desk: Desk, leaves: Path) -> None:
    for name in ("actual", "expected"):
        done = desk.bare("explain-table", str(leaves), *WORDS, f"--{name}-denominator", "plan")
        assert done.status == 2 and "denominator" in done.sentence()


def test_a_table_that_tells_nothing_says_so(desk: Desk, leaves: Path) -> None:
    pd.read_parquet(leaves).head(2).to_parquet(leaves)
    shown = desk.bare("explain-table", str(leaves), *WORDS, "--json")
    assert shown.status == 0 and shown.lines[0]["normal"]
    assert shown.lines[0]["unjudged"]["code"] == "few_leaves"
    for lang in ("en", "zh"):
        done = desk.bare("explain-table", str(leaves), *WORDS, "--lang", lang)
        assert done.status == 0 and len(done.out.splitlines()) == 1


def test_explain_table_without_a_file(desk: Desk, tmp_path: Path) -> None:
    missing = desk.bare("explain-table", "missing.parquet", *WORDS)
    assert missing.status == 2 and "missing.parquet" in missing.sentence()
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 nonsense")
    done = desk.bare("explain-table", str(broken), *WORDS)
    assert done.status == 2 and "broken.parquet" in done.sentence()


def test_a_suite_is_run_and_reported(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "suite.yml"
    file.write_text(SUITE, "utf-8")
    junit, page = tmp_path / "suite.xml", tmp_path / "suite.html"
    words = (str(file), "--as-of", "2026-11-01", "--junit", str(junit), "--html", str(page))
    done = desk("eval", *words, "--json")
    assert done.status == 0, done.out + done.err
    report = done.json
    assert report["right"] == {**report["right"], "hits": 2, "total": 2}
    assert {"over_refused", "confidently_wrong", "parity_gap"} <= set(report)
    assert junit.read_text("utf-8").lstrip().startswith("<")
    assert page.read_text("utf-8").lower().startswith("<!doctype html>")
    assert desk("eval", "run", *words).status == 0


def test_a_wrong_answer_is_counted(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "suite.yml"
    file.write_text(SUITE.replace("[orders]", "[gmv]"), "utf-8")
    done = desk("eval", str(file), "--as-of", "2026-11-01", "--json")
    assert done.status == 1
    report = done.json
    assert report["right"]["hits"] == 0 and len(report["wrong"]) == 2


def test_an_unknown_suite_is_wrong_usage(desk: Desk) -> None:
    for lang in ("en", "zh"):
        done = desk("eval", "no_such_suite", "--lang", lang)
        assert done.status == 2 and "no_such_suite" in done.sentence()


def test_periods_are_scored(desk: Desk, tmp_path: Path) -> None:
    case = {"lang": "en", "text": "last month", "input": "orders last month", "ref": "2026-11-01",
            "reporting": [["2026-10-01", "2026-11-01"]], "excluded": None, "class": "relative"}  # fmt: skip
    wrong = {**case, "reporting": [["2020-10-01", "2020-11-01"]]}
    left_out = {**case, "excluded": "no period"}
    file = tmp_path / "periods.jsonl"
    file.write_text("\n".join(json.dumps(c) for c in (case, wrong, left_out)), "utf-8")
    rows = tmp_path / "rows.jsonl"
    done = desk.bare("eval", "periods", str(file), "--json", "--rows", str(rows))
    assert done.status == 0
    counts = done.json["languages"]["en"]
    assert (counts["right"], counts["counted"]) == (1, 2)
    written = [json.loads(line) for line in rows.read_text("utf-8").splitlines()]
    for row in written:
        assert {"line", "lang", "text", "period", "right"} <= set(row)
    assert [row["right"] for row in written][:2] == [True, False]
    missing = desk.bare("eval", "periods", "missing.jsonl")
    assert missing.status == 2 and "missing.jsonl" in missing.sentence()


def test_conformance_without_a_folder(desk: Desk, tmp_path: Path) -> None:
    unset = desk.bare("eval", "conformance", env={"ASKMETRIC_CONFORMANCE": ""})
    assert unset.status == 2 and "ASKMETRIC_CONFORMANCE" in unset.sentence()
    missing = desk.bare("eval", "conformance", str(tmp_path))
    assert missing.status == 2 and "cases.jsonl" in missing.sentence()


@needs_outside
def test_conformance_rows_have_the_shape_of_the_contract(desk: Desk, tmp_path: Path) -> None:
    folder = Path(str(OUTSIDE)) / "metricflow"
    lines = (folder / "cases.jsonl").read_text("utf-8").splitlines()[:6]
    unjudged = [{k: v for k, v in json.loads(line).items() if k != "expected"} for line in lines]
    cases, rows = tmp_path / "cases.jsonl", tmp_path / "rows.jsonl"
    cases.write_text("\n".join(json.dumps(case) for case in unjudged), "utf-8")
    words = ("eval", "conformance", str(folder), "--cases", str(cases), "--rows", str(rows))
    done = desk.bare(*words, "--json")
    assert done.status in (0, 1) and isinstance(done.json, dict)
    written = [json.loads(line) for line in rows.read_text("utf-8").splitlines()]
    assert [row["index"] for row in written] == [case["index"] for case in unjudged]
    for row in written:
        assert {"index", "status", "columns", "rows", "reason"} <= set(row)
        assert row["status"] in ("ok", "unsupported", "error")
