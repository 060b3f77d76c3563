"""Whatever edit moves a number moves the hash of its metric; edits of words move no hash."""

import functools

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metric_catalog.calendars import MONDAY, SUNDAY, Calendar
from metric_catalog.catalog import Catalog
from tests.executors.compiler.edited import (
    METRICS,
    WORDS,
    Edit,
    Json,
    Statements,
    catalog_of,
    definitions,
    edits,
    fill,
    numbers,
    statements,
)

BASE = catalog_of(definitions())
SEEDS = 3


@functools.cache
def database(seed: int) -> duckdb.DuckDBPyConnection:
    return fill(seed)


@functools.cache
def before(metric: str) -> Statements:
    return statements(BASE, metric)


def edited(*made: Edit) -> Catalog:
    content: Json = definitions()
    for edit in made:
        content = edit.applied(content)
    return catalog_of(content)


def moved(new: Catalog) -> set[str]:
    """Return the metrics whose hash is another one."""
    return {name for name in METRICS if new.hash_of(name) != BASE.hash_of(name)}


def same_numbers(new: Catalog, metric: str) -> bool:
    after = statements(new, metric)
    return after == before(metric) or all(
        numbers(database(seed), after) == numbers(database(seed), before(metric))
        for seed in range(SEEDS)
    )


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(edits()), st.sampled_from(sorted(METRICS)))
def test_an_edit_that_moves_a_number_moves_its_hash(edit: Edit, first: str) -> None:
    new = edited(edit)
    kept = sorted(set(METRICS) - moved(new))
    turned = [name for name in kept if name >= first] + [name for name in kept if name < first]
    for name in turned[:8]:
        assert same_numbers(new, name), name


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4, unique_by=lambda e: e.place))
def test_an_edit_of_words_moves_no_hash(words: list[Edit]) -> None:
    assert moved(edited(*words)) == set()


@pytest.mark.parametrize(
    ("place", "value", "metrics"),
    [
        (("models", 2, "dimensions", 1, "expr"), "tier", set()),
        (("models", 3, "dimensions", 1, "expr"), "zone", set()),
        (("models", 4, "dimensions", 1, "expr"), "kind", set()),
        (("spines", 0, "custom_grains", 1, "column"), "p1", set()),
        (("models", 4, "dimensions", 0, "expr"), "style", {"of_kind", "converted"}),
        (("models", 4, "dimensions", 2, "expr"), "opens", {"of_kind", "converted"}),
        (
            ("spines", 0, "custom_grains", 0, "column"),
            "p2",
            {"per_change", "of_per", "late_per"},
        ),
    ],
)
def test_only_what_is_used_counts(
    place: tuple[str | int, ...], value: str, metrics: set[str]
) -> None:
    new = edited(Edit(place, value))
    assert moved(new) == metrics
    assert all(not same_numbers(new, name) for name in metrics)


ON_FISCAL = {"fiscal_to_date", "since_fiscal", "in_fiscal", "twice_fiscal"}
ON_WEEKS = {"early", "week_to_date", "of_week"}


@pytest.mark.parametrize(
    ("calendar", "metrics"),
    [
        *((Calendar(fiscal_year_start_month=month), ON_FISCAL) for month in (2, 4, 7, 12)),
        *((Calendar(week_start=day), ON_WEEKS) for day in (3, SUNDAY)),
        (Calendar(retail_week_start=MONDAY), {"retail_to_date"}),
        (Calendar(holidays=None), set()),
        (Calendar(zone="UTC"), set(METRICS)),
    ],
    # Sets are written in another order by every process.
    ids=lambda given: repr(sorted(given)) if isinstance(given, set) else repr(given),
)
def test_a_calendar_counts_where_a_number_is_counted_by_it(
    calendar: Calendar, metrics: set[str]
) -> None:
    new = catalog_of(definitions(), calendar)
    assert moved(new) == metrics
    for name in set(METRICS) - metrics:
        assert same_numbers(new, name), name
