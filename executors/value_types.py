"""Owns whether the values of conditions fit the columns of the data that they are compared with."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol, runtime_checkable

from sqlglot import exp

from executors.compiler.compared_values import near_moment, plain_number
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.expressions import parse_expression
from metric_catalog.issues import Issue, issue, nearest_valid
from metric_catalog.joins import DimensionPath
from metric_catalog.model.semantic_model import own
from metric_catalog.query import METRIC_TIME, Compare, Query, filter_leaves

INTEGERS = (
    "TINYINT", "SMALLINT", "INTEGER", "INT", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
    "UINTEGER", "UBIGINT", "UHUGEINT",
)  # fmt: skip
NUMBERS = ("FLOAT", "REAL", "DOUBLE", "DECIMAL", "NUMERIC")
TEXTS = ("VARCHAR", "TEXT", "CHAR", "STRING", "ENUM")
TIMES = ("DATE", "TIMESTAMP", "DATETIME")
BITS = {"TINYINT": 7, "SMALLINT": 15, "INTEGER": 31, "INT": 31, "BIGINT": 63}
TRUTHS = ("true", "false")
_OF_TRUTH = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.And, exp.Or, exp.Not, exp.In,
             exp.Is, exp.Between, exp.Like, exp.Boolean)  # fmt: skip
_OF_TEXT = (exp.Lower, exp.Upper, exp.Trim, exp.Substring, exp.Concat, exp.DPipe, exp.Left,
            exp.Right)  # fmt: skip


MembersOf = Callable[[str], Iterable[object]]


@runtime_checkable
class KnowsColumns(Protocol):
    """A database that tells the types of its columns."""

    def columns(self) -> Mapping[str, Mapping[str, str]]:
        """Return the type of every column by table and name."""
        ...


def check_values(query: Query, catalog: Catalog, data: object, members_of: MembersOf) -> None:
    """Raise CatalogError where a value of the filters cannot be compared with its column.

    `members_of` gives the members of a dimension of texts, to name those that are nearest.
    """
    leaves = [
        leaf
        for leaf in filter_leaves(query.filters)
        if isinstance(leaf, Compare) and leaf.op not in ("contains", "prefix", "suffix")
    ]
    if not leaves or not isinstance(data, KnowsColumns):
        return
    columns = data.columns()
    found = tuple(
        problem
        for leaf in leaves
        if (kind := _kind(catalog, leaf.dimension, columns))
        for problem in _misfits(leaf, kind, members_of)
    )
    if found:
        raise CatalogError(tuple(dict.fromkeys(found)))


def _kind(catalog: Catalog, name: str, columns: Mapping[str, Mapping[str, str]]) -> str:
    """Return the type of what `name` means, empty where it is a time or nobody knows."""
    if name == METRIC_TIME:
        return ""
    for model in catalog.models.values():
        index = catalog.index(model.id)
        for path in index.by_name.get(name) or index.by_short.get(name, ()):
            return "" if path.is_time else _type_of(catalog, path, columns)
    return ""


def _type_of(
    catalog: Catalog, path: DimensionPath, columns: Mapping[str, Mapping[str, str]]
) -> str:
    table = catalog.models[path.model].table
    known = columns.get(table) or columns.get(table.rsplit(".", 1)[-1]) or {}
    types = {column.lower(): kind.upper() for column, kind in known.items()}
    return _typed(parse_expression(own(path.element)), types)


def _typed(tree: exp.Expr, types: Mapping[str, str]) -> str:
    """Return the type of an expression where its shape tells it."""
    match tree:
        case exp.Column():
            return types.get(tree.name.lower(), "")
        case exp.Paren() | exp.Coalesce():
            return _typed(tree.this, types)
        case exp.Cast():
            return str(tree.to.sql(dialect="duckdb")).upper()
        case exp.Case():
            kinds = {_typed(branch.args["true"], types) for branch in tree.args["ifs"]}
            return kinds.pop() if len(kinds) == 1 else ""
        case exp.Literal():
            return "VARCHAR" if tree.is_string else ""
    if isinstance(tree, _OF_TRUTH):
        return "BOOLEAN"
    return "VARCHAR" if isinstance(tree, _OF_TEXT) else ""


def _misfits(leaf: Compare, kind: str, members_of: MembersOf) -> Iterator[Issue]:
    for value in leaf.values:
        expected = None if value is None else _expected(value, kind)
        if expected is not None:
            near = _nearest(value, expected, leaf.dimension, members_of)
            code, name = f"value_expects_{expected}", leaf.dimension
            yield issue(code, nearest=near, dimension=name, value=value, type=f" ({kind})")


def _nearest(
    value: object, expected: str, dimension: str, members_of: MembersOf
) -> tuple[str, ...]:
    match expected:
        case "text":
            texts = (str(member) for member in members_of(dimension))
            return tuple(f"'{each}'" for each in nearest_valid(str(value), texts))
        case "boolean":
            return TRUTHS
        case "time":
            return near_moment(value)
    return ()


def _expected(value: object, kind: str) -> str | None:
    """Return what is expected instead of `value`, None where it fits or nobody can say."""
    if kind == "BOOLEAN":
        fits = isinstance(value, bool) or value in (0, 1) or str(value).lower() in TRUTHS
        return None if fits else "boolean"
    if kind.startswith(TEXTS):
        return None if isinstance(value, str) else "text"
    if kind.startswith(TIMES):
        return None if _is_time(value) else "time"
    if kind.startswith(NUMBERS):
        number = not isinstance(value, bool) and plain_number(value) is not None
        return None if number else "number"
    return None if not kind.startswith(INTEGERS) or _fits(value, kind) else "integer"


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and dt.datetime.fromisoformat(value).tzinfo is None
    except ValueError:
        return False


def _fits(value: object, kind: str) -> bool:
    """Whether a column of whole numbers can be compared with the value without rounding it."""
    if isinstance(value, str):  # it is read as what the column holds
        number = plain_number(value)
        return isinstance(number, int) and abs(number) < 2 ** BITS.get(kind, 127)
    return isinstance(value, int | float) and not isinstance(value, bool)


__all__ = ["KnowsColumns", "check_values"]
