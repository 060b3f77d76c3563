"""Reports made by hand, for the tests of exporters."""

import datetime as dt

from assistant.exports.report import Field, Report, Section, Table
from assistant.insights.charts.gallery import examples
from assistant.insights.charts.spec import ChartSpec
from metric_catalog.model.definition import Language

EVIL = '=HYPERLINK("x")|<script>alert(1)</script> **b** [l](j) & 销量'


def report(
    chart: ChartSpec | None = None, language: Language = "en", headline: str = EVIL, count: int = 1
) -> Report:
    """A report whose every text tries to be more than text."""
    fields = (
        Field("channel", EVIL, "dimension"),
        Field("sales", "sales", "metric", "currency", None, "CNY"),
        Field("rate", "rate", "metric", "ratio"),
        Field("rate__change", "moved", "metric", "ratio", difference=True),
    )
    rows = ((EVIL, 1234567.5, 0.25, -0.015), ("-1+1", -3.0, None, 0.0), ("甲", 1e9, 1.0, 0.5))
    section = Section(
        "a1",
        EVIL,
        headline,
        (("metric", EVIL),),
        chart,
        (EVIL, "second"),
        (EVIL,),
        Table(fields, rows),
        (("answer", "a1"),),
        "SELECT 1 -- ```",
        "footer",
    )
    return Report("title " + EVIL, language, (section,) * count, dt.date(2026, 11, 1))


def charts(language: Language) -> dict[str, ChartSpec]:
    """Every kind of chart."""
    return examples(language)
