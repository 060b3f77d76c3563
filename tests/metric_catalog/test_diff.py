"""A difference tells meaning from words, and names what a moved meaning rests on."""

import pytest

from metric_catalog.calendars import Calendar
from metric_catalog.diff import MetricChange, diff
from metric_catalog.interchange.listing import COLUMNS, listing, to_markdown
from metric_catalog.interchange.written import write_catalog
from metric_catalog.load import load
from tests.metric_catalog.shops import catalog, metric, model

RATIO = {"type": "ratio", "numerator": {"metric": "gmv"}, "denominator": {"metric": "orders"}}
ORDERS = metric("orders", of={"type": "simple", "model": "orders", "measure": "orders"})


def changes(old: object, new: object) -> dict[str, MetricChange]:
    return {item.metric: item for item in diff(old, new)}  # type: ignore[arg-type]


def test_the_same_catalog_has_no_difference() -> None:
    assert diff(catalog(metric(), ORDERS), catalog(metric(), ORDERS)) == ()


def test_added_and_removed_are_told() -> None:
    found = changes(catalog(metric()), catalog(ORDERS))
    assert (found["gmv"].change, found["orders"].change) == ("removed", "added")


def test_words_are_told_from_meaning() -> None:
    worded = changes(catalog(metric()), catalog(metric(description="new")))["gmv"]
    assert (worded.change, worded.fields) == ("words", ("description",))
    meant = changes(catalog(metric()), catalog(metric(filter="channel = 'a'")))["gmv"]
    assert (meant.change, meant.fields, meant.version_kept) == ("meaning", ("filter",), True)
    raised = changes(catalog(metric()), catalog(metric(filter="channel = 'a'", version=2)))
    assert not raised["gmv"].version_kept


def test_a_meaning_moves_through_inputs_models_and_calendar() -> None:
    old = catalog(metric(), ORDERS, metric("aov", of=RATIO))
    new = catalog(metric(filter="channel = 'a'"), ORDERS, metric("aov", of=RATIO))
    found = changes(old, new)
    assert set(found) == {"gmv", "aov"}
    assert (found["aov"].change, found["aov"].fields) == ("meaning", ())
    assert found["aov"].through == ("metric:gmv",)
    other = model(measures=[{"name": "orders", "agg": "count"}, {"name": "amount", "agg": "max"}])
    moved = changes(old, catalog(*old.metrics.values(), models={"orders": other}))
    assert set(moved["aov"].through) == {"model:orders"}
    fiscal = catalog(*old.metrics.values(), calendar=Calendar(fiscal_year_start_month=4))
    assert diff(old, fiscal) == ()
    elsewhere = catalog(*old.metrics.values(), calendar=Calendar(zone="UTC"))
    assert {item.through for item in diff(old, elsewhere)} == {("calendar",)}


def test_hashes_tell_exactly_what_the_difference_tells() -> None:
    old, new = catalog(metric(), ORDERS), catalog(metric(unit="number", currency=None), ORDERS)
    (found,) = diff(old, new)
    assert (found.old_hash, found.new_hash) == (old.hash_of("gmv"), new.hash_of("gmv"))
    assert found.old_hash != found.new_hash


def test_writing_and_loading_makes_no_difference(tmp_path: object) -> None:
    known = catalog(metric(filter="channel = 'a'"), ORDERS, metric("aov", of=RATIO))
    files = write_catalog(known, tmp_path)  # type: ignore[arg-type]
    assert diff(known, load(files, tmp_path)) == ()  # type: ignore[arg-type]


def test_the_metric_list_has_a_row_per_metric_in_either_language() -> None:
    known = catalog(metric(), ORDERS, metric("aov", of=RATIO), metric("hidden", private=True))
    for language in ("en", "zh"):
        table = listing(known, language)
        assert table.columns == COLUMNS
        assert sorted(row[1] for row in table.rows) == ["aov", "gmv", "orders"]
        by_id = {row[1]: dict(zip(COLUMNS, row, strict=True)) for row in table.rows}
        named = {"en": "the gmv ÷ the orders", "zh": "指标gmv ÷ 指标orders"}
        assert by_id["aov"]["formula"] == named[language]
        assert by_id["gmv"]["name"] == {"en": "the gmv", "zh": "指标gmv"}[language]
        assert by_id["gmv"]["hash"] == known.hash_of("gmv")


@pytest.mark.parametrize(
    ("unit", "shown"), [("ratio", "52 % (2026-01-01 "), ("currency", "0.52 (2026-01-01 ")]
)
def test_targets_are_told_as_the_metric_is(unit: str, shown: str) -> None:
    target = {"value": 0.52, "start": "2026-01-01", "end": "2026-02-01"}
    table = listing(catalog(metric(unit=unit, targets=[target])), "en")
    told = table.rows[0][COLUMNS.index("targets")]
    assert told.startswith(shown) and "2026-01-31" in told


def test_markdown_cells_cannot_leave_their_table() -> None:
    known = catalog(metric(name={"en": "a | b\n<script>", "zh": "甲"}))
    text = to_markdown(listing(known, "en"), {"id": "metric | id"})
    head, rule, row = text.splitlines()
    for line in (head, rule, row):
        assert line.replace("\\|", "").count("|") == len(COLUMNS) + 1
    assert "<script>" not in text
