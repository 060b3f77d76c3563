"""From an answer to a report: chips, table, recommendation, receipt, footer in both languages."""

import datetime as dt
from typing import Any

import pytest

from assistant.exports.answers import report_of, table_of
from assistant.exports.report import Report
from assistant.insights.answer import Answer, MetricStamp, Receipt, Recommendation
from assistant.insights.charts.gallery import examples
from assistant.insights.labels import OTHER, Labels
from executors.result import ResultTable
from executors.statement import Column
from metric_catalog.catalog import Catalog
from metric_catalog.model.definition import Language
from metric_catalog.model.metrics import Metric
from metric_catalog.query import Compare, Comparison, GroupBy, MetricQuery
from tests.assistant.insights.tables import OCTOBER, SEPTEMBER, metric

STAMP = MetricStamp("rate", 2, "published", "abcdef0123456789", "growth")
RATE: Metric = metric("rate", unit="ratio", direction="up_good")
COLUMNS = (
    Column("metric_time__month", "time"),
    Column("channel", "dimension"),
    Column("rate", "metric", "rate"),
    Column("rate__numerator", "component", "rate"),
    Column("rate__base", "component", "rate"),
    Column("rate__change", "component", "rate"),
    Column("rate__growth", "component", "rate"),
)
ROW = (dt.date(2026, 10, 1), "app", 0.25, 12345.0, 0.3, -0.05, -1 / 6)


def labels(language: Language) -> Labels:
    return Labels(Catalog(metrics={"rate": RATE}), language)


def answer(language: Language = "en", **more: Any) -> Answer:
    query = MetricQuery(
        ("rate",),
        (GroupBy("channel"),),
        Compare("channel", "=", ("app",)),
        periods=(OCTOBER,),
        grain="month",
        comparison=Comparison("period", SEPTEMBER),
    )
    day = dt.date(2026, 11, 1)
    receipt = Receipt({}, (STAMP,), "Asia/Shanghai", "everyone", "SELECT 1", day, "f" * 40, day)
    advice = Recommendation("p", "Call", "Call them", "call", 0.017, None, "growth", day)
    fields: dict[str, Any] = {
        "table": ResultTable(query, COLUMNS, (ROW, (None, OTHER, *(None,) * 5))),
        "chart": examples(language)["share"],
        "narrative": ("because",),
        "notes": ("noted",),
        "recommendations": (advice,),
        "receipt": receipt,
        "timings_ms": {"read": 3.4, "query": 10.2},
    }
    return Answer(
        "a1", "why?", language, "explain", query, (STAMP,), headline="It fell",
        **{**fields, **more},
    )  # fmt: skip


def test_one_answer_gives_its_finding_as_title() -> None:
    report = report_of((answer(),), labels("en"))
    assert (report.title, report.made_on) == ("It fell", dt.date(2026, 11, 1))
    several = report_of((answer(), answer()), labels("zh"))
    assert several.title == "2026年11月1日的回答"
    assert len(several.sections) == 2


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("en", {"Metric": "rate v2 (published)", "Period": "October 2026",
                "Compared with": "September 2026", "Filters": "app", "Grain": "month"}),
        ("zh", {"指标": "rate v2（已发布）", "时段": "2026年10月", "对比": "2026年9月",
                "筛选": "app", "粒度": "月"}),
    ],
)  # fmt: skip
def test_chips_say_what_was_read(language: Language, wanted: dict[str, str]) -> None:
    chips = dict(report_of((answer(language),), labels(language)).sections[0].chips)
    assert {key: chips[key] for key in wanted} == wanted


def test_tables_are_in_words_and_numbers_stay_numbers() -> None:
    table = answer().table
    assert table is not None
    shown = table_of(table, labels("en"))
    assert shown.rows[0] == ("Oct 2026", "app", *ROW[2:])
    assert shown.rows[1][:2] == (None, "other")
    texts = [shown.text(i, cell, "en") for i, cell in enumerate(shown.rows[0])]
    assert texts == ["Oct 2026", "app", "25.0%", "12.35K", "30.0%", "-5 pp", "-16.7%"]
    assert [field.label for field in shown.fields][:4] == [
        "Time", "channel", "rate", "rate (numerator)",
    ]  # fmt: skip
    assert shown.text(2, None, "en") == "–"


def test_advice_receipt_and_footer() -> None:
    section = report_of((answer(),), labels("en")).sections[0]
    assert section.narrative == ("because", "noted")
    assert section.recommendation == (
        "Call: Call them",
        "What to do: call",
        "Expected effect +1.7 pp",
        "Owner growth, due 1 Nov 2026",
    )
    receipt = dict(section.receipt)
    assert receipt["Definition"] == "rate@2 abcdef012345"
    assert section.sql == "SELECT 1"
    assert section.footer == "Data until 1 Nov 2026 · rows: 2 · 14 ms · answer a1"


def test_an_answer_from_the_catalog_has_no_table() -> None:
    bare = answer(table=None, chart=None, recommendations=(), receipt=None)
    report: Report = report_of((bare,), labels("zh"))
    section = report.sections[0]
    assert (section.table, section.recommendation, section.receipt) == (None, (), ())
    assert report.made_on is None
