"""Formulas are read in names and labels, with the conditions of every input."""

import pytest

from metric_catalog.interchange.listing import formula, listing
from metric_catalog.model.definition import Language
from metric_catalog.model.metrics import Metric
from prompts.render import sentences
from tests.metric_catalog.shops import catalog, metric

SIDES = {
    "numerator": {"metric": "gmv", "filter": "channel = 'app'"},
    "denominator": {"metric": "gmv", "filter": "channel in ('app', 'web') and status = true"},
}
BEFORE = {"metric": "gmv", "alias": "b", "offset_window": {"count": 1, "grain": "month"}}
CASES: list[tuple[Metric, str, str]] = [
    (metric(filter="not channel = 'a'"), "Sum(amount) [not channel = a]", "求和(amount) [非 渠道 = a]"),
    (
        metric("rate", of={"type": "ratio", **SIDES}),
        "the gmv [channel = app] ÷ the gmv [channel in app, web and status = yes]",
        "指标gmv [渠道 = app] ÷ 指标gmv [渠道 属于 app、web 且 status = 是]",
    ),
    (
        metric("growth", of={"type": "derived", "expr": "gmv / b - 1",
                             "inputs": [{"metric": "gmv"}, BEFORE]}),
        "the gmv / the gmv (1 month before) - 1",
        "指标gmv / 指标gmv (1 月前) - 1",
    ),
    (
        metric("mtd", of={"type": "cumulative", "metric": {"metric": "gmv"},
                          "grain_to_date": "month"}),
        "Running: the gmv (month to date)",
        "累计指标: 指标gmv (月初至今)",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given", "en", "zh"), CASES)
def test_formulas(given: Metric, en: str, zh: str) -> None:
    others = () if given.id == "gmv" else (metric(),)
    known = catalog(*others, given)
    wanted: dict[Language, str] = {"en": en, "zh": zh}
    for language, text in wanted.items():
        words = sentences(language, "codes")
        assert formula(known, given, language, words) == text


GRAINS: list[tuple[Metric, str, str]] = [
    (metric(), "day", "日"),
    (metric(default_grain="month"), "month", "月"),
    (metric(grains=["month", "week"]), "week", "周"),
    (metric(grains=["fiscal_year"]), "day", "日"),
    (metric("rate", of={"type": "ratio", **SIDES}), "day", "日"),
]


@pytest.mark.parametrize(("given", "en", "zh"), GRAINS)
def test_every_metric_with_a_time_has_a_grain(given: Metric, en: str, zh: str) -> None:
    known = catalog(*(() if given.id == "gmv" else (metric(),)), given)
    wanted: dict[Language, str] = {"en": en, "zh": zh}
    for language, text in wanted.items():
        table = listing(known, language, sentences(language, "codes"))
        cells = {row[1]: dict(zip(table.columns, row, strict=True)) for row in table.rows}
        assert cells[given.id]["grain"] == text


def test_targets_name_their_last_day() -> None:
    target = {"value": 1234567.5, "start": "2026-01-01", "end": "2026-02-01"}
    known = catalog(metric(targets=[target]))
    table = listing(known, "zh", sentences("zh", "codes"))
    cells = dict(zip(table.columns, table.rows[0], strict=True))
    assert cells["targets"] == "1,234,567.5 (2026-01-01 至 2026-01-31)"
    assert (cells["status"], cells["direction"], cells["unit"]) == ("已发布", "越高越好", "元")
