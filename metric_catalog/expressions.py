"""Owns expressions in definitions: their text becomes an allow-listed syntax tree, or issues.

An expression may use the columns of its own model (or, in a derived metric, the names of its
inputs), arithmetic, comparison and the functions listed here; nothing that reads the clock,
another table or a setting, and nothing whose result grows faster than its text.
"""

from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from metric_catalog.conditions import parse_condition, parse_having, render_condition
from metric_catalog.errors import CatalogError
from metric_catalog.issues import Issue, issue

__all__ = [
    "columns_of",
    "parse_condition",
    "parse_expression",
    "parse_having",
    "render_condition",
]

DIALECT = "duckdb"
MAX_LENGTH = 4_000
MAX_NODES = 600
CACHED = 4_096

_PLAIN = (
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Var,
    exp.Tuple,
)  # fmt: skip
_OPERATORS = (
    exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Pow, exp.DPipe,
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ,
    exp.And, exp.Or, exp.Not, exp.Is, exp.In, exp.Between, exp.Like, exp.ILike, exp.Escape,
)  # fmt: skip
_BRANCHES = (
    exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Greatest, exp.Least, exp.Cast, exp.TryCast,
    exp.DataType, exp.DataTypeParam,
)  # fmt: skip
_NUMBERS = (
    exp.Abs, exp.Round, exp.Floor, exp.Ceil, exp.Trunc, exp.Sign, exp.Sqrt, exp.Ln, exp.Log,
    exp.Exp,
)  # fmt: skip
_TEXTS = (
    exp.Lower, exp.Upper, exp.Trim, exp.Substring, exp.Concat, exp.ConcatWs, exp.Length, exp.Left,
    exp.Right, exp.StartsWith, exp.EndsWith, exp.Contains, exp.StrPosition,
)  # fmt: skip
_TIMES = (
    exp.DateTrunc, exp.TimestampTrunc, exp.DateDiff, exp.DateAdd, exp.DateSub, exp.Extract,
    exp.Interval, exp.Year, exp.Quarter, exp.Month, exp.Week, exp.Day, exp.DayOfWeek,
    exp.DayOfWeekIso, exp.DayOfMonth, exp.DayOfYear, exp.Hour, exp.Minute, exp.Second, exp.LastDay,
    exp.DateFromParts, exp.TsOrDsToDate,
)  # fmt: skip
ALLOWED: frozenset[type[exp.Expression]] = frozenset(
    {*_PLAIN, *_OPERATORS, *_BRANCHES, *_NUMBERS, *_TEXTS, *_TIMES}
)
DATE_PARTS = frozenset(
    {
        "year", "isoyear", "quarter", "month", "week", "day", "dow", "isodow", "doy", "hour",
        "minute", "second", "epoch", "dayofweek", "dayofyear",
    }
)  # fmt: skip
_TYPES = frozenset(
    getattr(exp.DataType.Type, name)
    for name in (
        "BOOLEAN", "TINYINT", "SMALLINT", "INT", "BIGINT", "INT128", "FLOAT", "DOUBLE", "DECIMAL",
        "VARCHAR", "TEXT", "CHAR", "DATE", "TIME", "TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMPNTZ",
        "DATETIME",
    )
)  # fmt: skip


def parse_expression(text: str, place: str = "") -> exp.Expression:
    """Return the syntax tree of `text`, the caller's own copy; raises CatalogError."""
    tree, issues = _parsed(text, place)
    if tree is None:
        raise CatalogError(issues)
    return tree.copy()


def columns_of(tree: exp.Expression) -> tuple[str, ...]:
    """Return the names of the columns that `tree` reads, each once."""
    return tuple(dict.fromkeys(column.name for column in tree.find_all(exp.Column)))


@lru_cache(maxsize=CACHED)
def _parsed(text: str, place: str) -> tuple[exp.Expression | None, tuple[Issue, ...]]:
    if not text.strip():
        return None, (issue("expression_empty", place),)
    if len(text) > MAX_LENGTH:
        return None, (issue("expression_too_long", place, limit=MAX_LENGTH),)
    try:
        trees = sqlglot.parse(text, read=DIALECT)
    except (SqlglotError, RecursionError):
        return None, (issue("expression_syntax", place, text=_short(text)),)
    if len(trees) != 1 or trees[0] is None:
        return None, (issue("expression_statements", place, text=_short(text)),)
    tree = trees[0].transform(_normal)
    issues = tuple(dict.fromkeys(_check(tree, text, place)))
    return (None, issues) if issues else (tree, ())


def _normal(node: exp.Expression) -> exp.Expression:
    """Give `date_part('dow', x)` the form of `extract(dow from x)`."""
    if not isinstance(node, exp.Anonymous) or node.name.lower() != "date_part":
        return node
    arguments = node.expressions
    if len(arguments) != 2 or not isinstance(arguments[0], exp.Literal):
        return node
    return exp.Extract(this=exp.var(arguments[0].name.upper()), expression=arguments[1])


def _check(tree: exp.Expression, text: str, place: str) -> list[Issue]:
    nodes = list(tree.walk())
    if len(nodes) > MAX_NODES:
        return [issue("expression_too_long", place, limit=MAX_NODES)]
    found = [problem for node in nodes if (problem := _refuse(node, place))]
    if any(node.comments for node in nodes):
        found.append(issue("expression_comment", place, text=_short(text)))
    return found


def _refuse(node: exp.Expr, place: str) -> Issue | None:
    match node:
        case exp.Column() if node.table or isinstance(node.this, exp.Star):
            return issue("expression_qualified_column", place, name=node.sql(dialect=DIALECT))
        case exp.DataType() if node.this not in _TYPES or node.args.get("nested"):
            return issue("expression_type", place, name=node.sql(dialect=DIALECT))
        case exp.In() if node.args.get("query") or node.args.get("unnest"):
            return issue("expression_not_allowed", place, name="in (select)")
        case exp.Extract() if node.name.lower() not in DATE_PARTS:
            return issue("expression_not_allowed", place, name=f"extract({node.name})")
        case exp.Anonymous():
            return issue("expression_function", place, name=str(node.this))
        case _ if type(node) not in ALLOWED:
            code = "expression_function" if isinstance(node, exp.Func) else "expression_not_allowed"
            return issue(code, place, name=_name(node))
    return None


def _name(node: exp.Expr) -> str:
    return node.sql_name().lower() if isinstance(node, exp.Func) else type(node).__name__.lower()


def _short(text: str) -> str:
    return text.strip() if len(text) <= 80 else text.strip()[:79] + "…"
