"""Owns the rules on sources: tables and columns that definitions read are there, fit and fresh."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from sqlglot import exp

from metric_catalog.calendars import Calendar
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.expressions import columns_of, parse_expression
from metric_catalog.issues import Issue, issue, nearest_names
from metric_catalog.model.semantic_model import Aggregation, SemanticModel, TimeSpine, own
from metric_catalog.periods import Grain, complete_units_before
from metric_catalog.repeats import Repeat
from metric_catalog.rules.places import place_of

STALE_DAYS = 7
"""A table that ends this many days before what should be there by the day asked went stale."""

_NUMBERS = (
    "TINYINT", "SMALLINT", "INTEGER", "INT", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
    "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "REAL", "DOUBLE", "DECIMAL", "NUMERIC",
)  # fmt: skip
_TIMES = ("DATE", "TIMESTAMP", "DATETIME")
_OF_NUMBERS = (
    Aggregation.SUM, Aggregation.AVERAGE, Aggregation.MEDIAN, Aggregation.PERCENTILE,
)  # fmt: skip

Columns = Mapping[str, str]
T = TypeVar("T")


def sources_hold(
    catalog: Catalog,
    columns_by_table: Mapping[str, Columns],
    last_days: Mapping[str, dt.date],
    repeats: Iterable[Repeat],
    as_of: dt.date | None = None,
) -> Iterator[Issue]:
    """Yield what the actual columns (name → type per table), last days and keys do not bear out.

    `as_of` is the project's day, incomplete itself; without one the newest table says how far
    data reaches.
    """
    for model in catalog.models.values():
        place = place_of(catalog, "semantic_models", model.id)
        columns = _find(model.table, columns_by_table)
        if columns is None:
            near = nearest_names(model.table, columns_by_table)
            yield issue("source_table_missing", f"{place}.table", near, table=model.table)
        else:
            yield from _columns(model, {k.lower(): v for k, v in columns.items()}, place)
    for spine in catalog.time_spines:
        yield from _spine(spine, columns_by_table, _place_of_spine(catalog, spine))
    yield from _stale(catalog, last_days, as_of)
    for repeat in repeats:
        yield _repeated(catalog, repeat)


def _repeated(catalog: Catalog, repeat: Repeat) -> Issue:
    """A partitioned table repeats keys only for what joins it without the partition: a warning."""
    if not repeat.model:
        spines = (spine for spine in catalog.time_spines if spine.table == repeat.table)
        return repeat.told(next((_place_of_spine(catalog, spine) for spine in spines), ""))
    model = catalog.models[repeat.model]
    parted = repeat.kind == "key" and any(each.is_partition for each in model.dimensions)
    place = place_of(catalog, "semantic_models", model.id, f"entities.{repeat.key}")
    return repeat.told(place, "warning" if parted else "error")


def _find(table: str, known: Mapping[str, T]) -> T | None:
    short = table.rsplit(".", 1)[-1]
    for name in (table, short, f"main.{short}"):
        if name in known:
            return known[name]
    return None


def _columns(model: SemanticModel, columns: Columns, place: str) -> Iterator[Issue]:
    for group in ("entities", "dimensions", "measures"):
        for item in getattr(model, group):
            where = f"{place}.{group}.{item.name}"
            tree = _tree(own(item))
            for column in columns_of(tree) if tree is not None else ():
                if column.lower() not in columns:
                    near = nearest_names(column, columns)
                    given = {"column": column, "table": model.table}
                    yield issue("source_column_missing", where, near, **given)  # type: ignore[arg-type]
    yield from _types(model, columns, place)


def _tree(text: str) -> exp.Expression | None:
    try:
        return parse_expression(text)
    except CatalogError:
        return None


def _types(model: SemanticModel, columns: Columns, place: str) -> Iterator[Issue]:
    """Only bare columns are judged: the type of an expression is the database's matter."""
    for dimension in model.dimensions:
        if dimension.type == "time":
            where = f"{place}.dimensions.{dimension.name}"
            yield from _fits(own(dimension), columns, _TIMES, "time", where, model.table)
    for measure in model.measures:
        if measure.agg in _OF_NUMBERS:
            where = f"{place}.measures.{measure.name}"
            yield from _fits(own(measure), columns, _NUMBERS, "number", where, model.table)


def _fits(
    text: str, columns: Columns, kinds: tuple[str, ...], wanted: str, place: str, table: str
) -> Iterator[Issue]:
    tree = _tree(text)
    if not isinstance(tree, exp.Column):
        return
    kind = columns.get(tree.name.lower())
    if kind is not None and not kind.upper().startswith(kinds):
        given = {"column": tree.name, "table": table, "type": kind}
        code = "source_column_no_time" if wanted == "time" else "source_column_no_number"
        yield issue(code, place, **given)  # type: ignore[arg-type]


def _place_of_spine(catalog: Catalog, spine: TimeSpine) -> str:
    places = (at for key, at in catalog.places.items() if key.startswith("time_spines:"))
    return next((at for at in places if at.endswith(f": {spine.table}")), spine.table)


def _spine(
    spine: TimeSpine, columns_by_table: Mapping[str, Columns], place: str
) -> Iterator[Issue]:
    columns = _find(spine.table, columns_by_table)
    if columns is None:
        near = nearest_names(spine.table, columns_by_table)
        yield issue("source_table_missing", place, near, table=spine.table)
        return
    known = {name.lower() for name in columns}
    for name in (spine.column, *(grain.column or grain.name for grain in spine.custom_grains)):
        if name.lower() not in known:
            near = nearest_names(name, columns)
            yield issue("source_column_missing", place, near, column=name, table=spine.table)


def _stale(
    catalog: Catalog, last_days: Mapping[str, dt.date], as_of: dt.date | None
) -> Iterator[Issue]:
    newest = max(last_days.values(), default=None)
    if newest is None:
        return
    day = as_of or newest + dt.timedelta(days=1)
    for model in catalog.models.values():
        last = _find(model.table, last_days)
        if last is None or not model.measures:
            continue
        due = _last_due(model, day, catalog.calendar)
        if (due - last).days >= STALE_DAYS:
            place = place_of(catalog, "semantic_models", model.id, "table")
            given = {"table": model.table, "last": last, "due": due, "as_of": day}
            yield issue("source_stale", place, severity="warning", **given)  # type: ignore[arg-type]


def _last_due(model: SemanticModel, as_of: dt.date, calendar: Calendar) -> dt.date:
    """Return the day of the last rows that can be complete: monthly ones stand at its start."""
    dimension = model.dimension(model.time_dimension or "")
    grain = Grain.DAY
    if dimension is not None and dimension.grain in {each.value for each in Grain}:
        grain = max(grain, Grain(dimension.grain), key=lambda each: each.order)
    return complete_units_before(as_of, 1, grain, calendar).bounds()[0].date()
