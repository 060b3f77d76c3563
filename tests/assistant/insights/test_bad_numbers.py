"""Why-questions over broken numbers: a clear statement, and a number only where it is right."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from assistant.asking import Conversation
from assistant.config import find_project
from assistant.wiring import Assistant
from tests.assistant.interfaces.commands import Desk

METRICS = """
semantic_models:
  - id: sales_rows
    table: sales_rows
    label: {en: sales, zh: 销售}
    time_dimension: day
    entities: [{name: sale, type: primary, expr: sale_id}]
    dimensions:
      - {name: day, type: time, grain: day, label: {en: day, zh: 日期}}
      - {name: page, label: {en: page, zh: 页面}}
      - {name: code, label: {en: code, zh: 编码}}
    measures:
      - {name: amount, agg: sum, expr: amount}
      - {name: tried, agg: sum, expr: tried}
      - {name: codes, agg: count_distinct, expr: code}
metrics:
  - id: turnover
    name: {en: turnover, zh: 营业额}
    description: {en: Sum of the amounts., zh: 金额合计。}
    caliber: {en: Sum of the amounts., zh: 金额合计。}
    type: simple
    model: sales_rows
    measure: amount
    unit: count
    direction: up_good
    owner: sales team
    status: published
    changed_by: analyst
  - id: tries
    name: {en: tries, zh: 尝试数}
    description: {en: Sum of the tries., zh: 尝试数合计。}
    caliber: {en: Sum of the tries., zh: 尝试数合计。}
    type: simple
    model: sales_rows
    measure: tried
    unit: count
    owner: sales team
    status: published
    changed_by: analyst
  - id: success_rate
    name: {en: success rate, zh: 成功率}
    description: {en: Amount by tries., zh: 金额除以尝试数。}
    caliber: {en: Amount by tries., zh: 金额除以尝试数。}
    type: ratio
    numerator: {metric: turnover}
    denominator: {metric: tries}
    unit: ratio
    direction: up_good
    owner: sales team
    status: published
    changed_by: analyst
  - id: sold_codes
    name: {en: sold codes, zh: 动销编码数}
    description: {en: How many codes were sold., zh: 有销售的编码数。}
    caliber: {en: Number of different codes., zh: 编码去重计数。}
    type: simple
    model: sales_rows
    measure: codes
    unit: count
    direction: up_good
    owner: sales team
    status: published
    changed_by: analyst
"""
NAMES = ("turnover", "tries", "success_rate", "sold_codes")
PLAIN = """
SELECT i AS sale_id, DATE '2026-08-01' + CAST(i % 92 AS INTEGER) AS day,
  ['a', 'b', 'c'][1 + i % 3] AS page, 'k' || (i % 7) AS code,
  CAST(1 + i % 5 AS DOUBLE) AS amount, 10.0 AS tried FROM range(2000) AS r(i)
"""
SOURCES = {
    "no rows": f"SELECT * FROM ({PLAIN}) WHERE false",
    "one row": f"SELECT * FROM ({PLAIN}) WHERE day = DATE '2026-10-02' LIMIT 1",
    "all null": f"SELECT sale_id, day, CAST(NULL AS VARCHAR) AS page, CAST(NULL AS VARCHAR) AS code,"
    f" CAST(NULL AS DOUBLE) AS amount, CAST(NULL AS DOUBLE) AS tried FROM ({PLAIN})",
    "no base": f"SELECT * FROM ({PLAIN}) WHERE day >= DATE '2026-10-01'",
    "no current": f"SELECT * FROM ({PLAIN}) WHERE day < DATE '2026-10-01'",
    "zero denominators": f"SELECT * REPLACE (0.0 AS tried) FROM ({PLAIN})",
    "zero base denominators": f"SELECT * REPLACE (CASE WHEN day < DATE '2026-10-01' THEN 0.0"
    f" ELSE 10.0 END AS tried) FROM ({PLAIN})",
    "negative denominators": f"SELECT * REPLACE (-10.0 AS tried) FROM ({PLAIN})",
    "cancelling denominators": f"SELECT * REPLACE (CASE WHEN page = 'a' THEN -20.0 WHEN page = 'b'"
    f" THEN 20.0 ELSE 0.0 END AS tried) FROM ({PLAIN})",
    "negative base denominators": f"SELECT * REPLACE (CASE WHEN day < DATE '2026-10-01' THEN -10.0"
    f" ELSE 10.0 END AS tried) FROM ({PLAIN})",
    "a negative member": f"SELECT * REPLACE (CASE WHEN page = 'a' THEN -1.0 ELSE 10.0 END"
    f" AS tried) FROM ({PLAIN})",
    "infinities": f"SELECT * REPLACE (CASE WHEN sale_id % 50 = 0 THEN 'inf'::DOUBLE"
    f" ELSE amount END AS amount) FROM ({PLAIN})",
    "not numbers": f"SELECT * REPLACE (CASE WHEN sale_id % 50 = 0 THEN 'nan'::DOUBLE"
    f" ELSE amount END AS amount) FROM ({PLAIN})",
    "huge": f"SELECT * REPLACE (amount * 1e300 AS amount) FROM ({PLAIN})",
    "an empty member": f"SELECT * REPLACE (CASE WHEN page = 'a' THEN '' WHEN page = 'b' THEN NULL"
    f" ELSE page END AS page) FROM ({PLAIN})",
}
MILLION = """
SELECT i AS sale_id, DATE '2026-08-01' + CAST(i % 92 AS INTEGER) AS day,
  ['a', 'b', 'c'][1 + i % 3] AS page, 'k' || i AS code,
  CASE WHEN i % 3 = 0 AND i % 92 >= 61 THEN 1.0 ELSE 3.0 END AS amount, 10.0 AS tried
FROM range(1000000) AS r(i)
"""
QUESTIONS = {
    "turnover": ("why did turnover change last month", "上个月营业额为什么变化"),
    "success_rate": ("why did the success rate change last month", "上个月成功率为什么变化"),
    "sold_codes": ("why did sold codes change last month", "上个月动销编码数为什么变化"),
}

Make = Callable[[str], Conversation]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Opens a project whose only table is the rows of a SELECT."""

    def opened(rows: str) -> Conversation:
        folder = tmp_path / "project"
        (folder / "metrics").mkdir(parents=True)
        (folder / "metrics" / "sales.yml").write_text(METRICS, "utf-8")
        settings = 'name = "sales"\n[data]\ndatabase = "sales.duckdb"\nas_of = "2026-11-01"\n'
        (folder / "askmetric.toml").write_text(settings, "utf-8")
        with duckdb.connect(str(folder / "sales.duckdb")) as connection:
            connection.execute(f"CREATE TABLE sales_rows AS {rows}")
        desk = Desk(folder)
        for name in NAMES:
            assert desk("catalog", "approve", name, "--by", "owner").status == 0
        return Conversation(Assistant(find_project(None, folder)), keep=False)

    return opened


def ask(conversation: Conversation, text: str) -> dict[str, Any]:
    """The answer's JSON, which holds nothing but numbers that are numbers."""
    content = conversation.ask(conversation.question(text, None, None)).content
    json.dumps(content, allow_nan=False, default=str)
    return content


def check(content: dict[str, Any]) -> None:
    """An answer with a headline whose parts are the change, or a refusal that says why."""
    if content["outcome"] == "refusal":
        assert content["refusal"]["reason"] == "no_data"
        return
    assert content["outcome"] == "answer" and content["headline"]
    change = content["change"]
    parts: dict[str, list[float]] = {}
    for driver in content["drivers"]:
        parts.setdefault(driver["dimension"], []).append(driver["effect"])
    for effects in parts.values():
        assert change is not None and change["absolute"] is not None
        scale = max(abs(change["absolute"]), *map(abs, effects))
        assert abs(math.fsum(effects) - change["absolute"]) <= 1e-9 * scale


@pytest.mark.parametrize("name", SOURCES)
def test_broken_numbers_are_told(make: Make, name: str) -> None:
    conversation = make(SOURCES[name])
    for texts in QUESTIONS.values():
        both = [ask(conversation, text) for text in texts]
        for content in both:
            check(content)
        assert both[0]["outcome"] == both[1]["outcome"]
        assert both[0].get("change") == both[1].get("change")


def test_without_a_base_there_is_no_cause(make: Make) -> None:
    content = ask(make(SOURCES["no base"]), QUESTIONS["turnover"][0])
    assert content["change"] is None and content["drivers"] == []
    assert "nothing to compare it with" in content["headline"]
    assert any("data starts only on" in line for line in content["narrative"])


def test_without_a_denominator_there_is_no_rate(make: Make) -> None:
    conversation = make(SOURCES["zero denominators"])
    for text in (QUESTIONS["success_rate"][0], "success rate last month", "success rate by page"):
        content = ask(conversation, text)
        assert "cannot be told: its denominator is 0" in content["headline"]
        assert content["value"] is None and content["drivers"] == []


@pytest.mark.parametrize("name", ["infinities", "not numbers"])
def test_what_is_no_number_is_said(make: Make, name: str) -> None:
    content = ask(make(SOURCES[name]), QUESTIONS["turnover"][0])
    assert "cannot be told" in content["headline"] and content["value"] is None
    assert content["drivers"] == [] and content["change"] is None


def test_no_rate_is_told_of_a_negative_denominator(make: Make) -> None:
    conversation = make(SOURCES["negative denominators"])
    for text in (
        QUESTIONS["success_rate"][0],
        "success rate last month",
        "success rate by page last month",
        "success rate by month this year",
        "is success rate normal last month",
        "which page has the highest success rate",
    ):
        content = ask(conversation, text)
        assert "cannot be told: its denominator is negative" in content["headline"], text
        assert content["value"] is None and content["change"] is None and not content["drivers"]
        assert content["recommendations"] == []
    told = ask(conversation, "上个月成功率")
    assert "无法给出：分母为负" in told["headline"]


def test_negative_in_places_leaves_the_others(make: Make) -> None:
    content = ask(make(SOURCES["a negative member"]), "success rate by page last month")
    rates = {row[0]: row[1] for row in content["rows"]["rows"]}
    assert rates["a"] is None and rates["b"] == pytest.approx(0.3, abs=0.02)
    assert any("negative in places" in line for line in content["narrative"])
    assert "a is" not in content["headline"]


def test_a_query_leaves_rates_of_negative_denominators_empty_too(
    make: Make, tmp_path: Path
) -> None:
    make(SOURCES["a negative member"])
    done = Desk(tmp_path / "project")(
        "query", "--metrics", "success_rate", "--group-by", "page", "--json"
    )
    names = [column["name"] for column in done.json["columns"]]
    rows = {row[0]: dict(zip(names, row, strict=True)) for row in done.json["rows"]}
    assert rows["a"]["success_rate"] is None and rows["a"]["success_rate__denominator"] < 0
    assert rows["b"]["success_rate"] == pytest.approx(0.3, abs=0.02)
    assert "negative" in done.sentence()


def test_a_negative_base_is_no_base(make: Make) -> None:
    content = ask(make(SOURCES["negative base denominators"]), QUESTIONS["success_rate"][0])
    assert content["change"]["previous"] is None and content["value"] == pytest.approx(
        0.3, abs=0.01
    )
    assert any("negative in places" in line for line in content["narrative"])


def test_without_history_nothing_is_judged(make: Make) -> None:
    content = ask(make(SOURCES["no base"]), "is turnover normal last month")
    assert "too little history" in content["headline"]


@pytest.mark.parametrize("name", ["negative denominators", "cancelling denominators"])
def test_rates_of_negative_denominators_are_not_split(make: Make, name: str) -> None:
    content = ask(make(SOURCES[name]), QUESTIONS["success_rate"][0])
    assert content["drivers"] == [] and content["segments"] == []


def test_a_million_members(make: Make) -> None:
    conversation = make(MILLION)
    content = ask(conversation, QUESTIONS["turnover"][0])
    check(content)
    pages = [d for d in content["drivers"] if d["dimension"] == "page"]
    assert pages[0]["member"] == "a" and pages[0]["effect"] < 0
    codes = [d for d in content["drivers"] if d["dimension"] == "code"]
    assert len(codes) <= 21
