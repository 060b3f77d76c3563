"""Owns the values that conditions compare with: each must fit what stands on the other side."""

import datetime as dt
import math
import re
from collections.abc import Callable

from executors.compiler.draft import Draft
from executors.compiler.names import Wanted
from executors.compiler.syntax import Expr, cast
from metric_catalog.errors import CatalogError
from metric_catalog.issues import issue
from metric_catalog.model.metrics import Cumulative, Simple
from metric_catalog.model.semantic_model import Aggregation

FIRST_YEAR = 1000
"""Smaller numbers are no years that anybody asks for."""
MOST_INTEGER = 2**63 - 1
"""What fits the integers of every engine; greater ones are compared as floating point numbers."""


def value_form(draft: Draft, wanted: Wanted) -> Callable[[object], Expr]:
    """Return how the values are written that a column is compared with.

    Times of standard and business grains take ISO dates and moments, parts of dates take numbers;
    what raises CatalogError otherwise. Units of a spine may have names, all else is the data's
    matter.
    """
    if wanted.grain:
        strict = draft.names.is_reckoned(wanted.grain)
        return lambda value: time_value(draft, value, wanted.column if strict else "")
    if wanted.part:
        return lambda value: number_value(draft, value, wanted.column)
    return lambda value: draft.bind(fitting_number(value, wanted.column))


def time_value(draft: Draft, value: object, name: str = "") -> Expr:
    """Return a value to compare a moment with; with a `name` anything else is a CatalogError."""
    moment = _moment(value)
    if moment is not None:
        return cast(draft.bind(moment.isoformat(sep=" ")), "TIMESTAMP")
    if name and value is not None:
        raise _misfit("value_expects_time", name, value)
    return draft.bind(value)


def _moment(value: object) -> dt.datetime | None:
    if isinstance(value, dt.date):
        return value if isinstance(value, dt.datetime) else dt.datetime(*value.timetuple()[:3])
    try:
        moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo is None else None


def number_value(draft: Draft, value: object, name: str) -> Expr:
    """Return a number to compare `name` with; texts of numbers count; else raises CatalogError."""
    if isinstance(value, bool):
        raise _misfit("value_expects_number", name, value)
    if isinstance(value, int | float) or value is None:
        return draft.bind(fitting_number(value, name))
    number = plain_number(value)
    if number is None:
        raise _misfit("value_expects_number", name, value)
    return draft.bind(fitting_number(number, name))


def plain_number(value: object) -> int | float | None:
    """Return the number that a text writes, None where it is none or not finite."""
    text = str(value).strip()
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def fitting_number(value: object, name: str) -> object:
    """Return `value`, an integer that no engine holds as a floating point number."""
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) <= MOST_INTEGER:
        return value
    try:
        return float(value)
    except OverflowError as error:
        raise _misfit("value_expects_number", name, str(value)[:20] + "…") from error


def metric_value(draft: Draft, metric_id: str) -> Callable[[object], Expr]:
    """Return how the values are written that a metric is compared with: as numbers.

    The least and greatest of something may be anything: their values are the data's matter.
    """
    if _is_number(draft, metric_id):
        return lambda value: number_value(draft, value, metric_id)
    return lambda value: draft.bind(fitting_number(value, metric_id))


def _is_number(draft: Draft, metric_id: str) -> bool:
    of = draft.catalog.metric(metric_id).of
    if isinstance(of, Cumulative):
        return _is_number(draft, of.metric.metric)
    if not isinstance(of, Simple):
        return True
    measure = draft.catalog.model(of.model).measure(of.measure)
    return measure is None or measure.agg not in (Aggregation.MIN, Aggregation.MAX)


def _misfit(code: str, name: str, value: object) -> CatalogError:
    near = near_moment(value) if code == "value_expects_time" else ()
    return CatalogError((issue(code, nearest=near, dimension=name, value=value, type=""),))


def near_moment(value: object) -> tuple[str, ...]:
    """Return the day that a text means whose first numbers are a year, a month and a day."""
    numbers = [int(number) for number in re.findall(r"\d+", str(value))[:3]]
    year, month, day = (*numbers, 1, 1, 1)[:3]
    try:
        return (f"'{dt.date(year, month, day)}'",) if year >= FIRST_YEAR else ()
    except (ValueError, OverflowError):
        return ()
