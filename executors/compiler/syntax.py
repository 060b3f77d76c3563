"""Owns the small constructors of SQL syntax trees that the compiler is written in.

Trees are shared freely in a plan and copied once, when SQL is made of it.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from sqlglot import exp

from metric_catalog.expressions import parse_expression
from metric_catalog.periods import DAYS_OF_WEEK

Expr = exp.Expr


def name(text: str) -> exp.Identifier:
    """Return a quoted identifier."""
    return exp.Identifier(this=text, quoted=True)


def column(table: str, text: str) -> Expr:
    """Return `table.text`."""
    return exp.Column(this=name(text), table=name(table))


@lru_cache(maxsize=4_096)
def qualified(text: str, alias: str) -> Expr:
    """Return a definition's expression with its columns bound to the table `alias`."""
    tree = parse_expression(text)
    for leaf in list(tree.find_all(exp.Column)):
        leaf.set("this", name(leaf.name))
        leaf.set("table", name(alias))
    return tree


def number(value: int | float) -> Expr:
    """Return a number literal."""
    return exp.Literal.number(value)


def text(value: str) -> Expr:
    """Return a text literal; only for words of the compiler itself."""
    return exp.Literal.string(value)


def cast(value: Expr, kind: str) -> Expr:
    """Return `CAST(value AS kind)`; the name of the kind is not parsed."""
    return exp.Cast(this=value, to=exp.DataType(this=exp.DType[kind], nested=False))


def all_of(conditions: Iterable[Expr]) -> Expr | None:
    """Return the conjunction, None of nothing."""
    return _chain(exp.And, tuple(conditions))


def any_of(conditions: Iterable[Expr]) -> Expr | None:
    """Return the disjunction, None of nothing."""
    return _chain(exp.Or, tuple(conditions))


def _chain(kind: type[exp.Connector], parts: Sequence[Expr]) -> Expr | None:
    if not parts:
        return None
    if len(parts) == 1:
        return parts[0]
    tree: Expr = _wrapped(parts[0])
    for part in parts[1:]:
        tree = kind(this=tree, expression=_wrapped(part))
    return tree


def _wrapped(part: Expr) -> Expr:
    return exp.Paren(this=part) if isinstance(part, exp.Connector | exp.Not | exp.Case) else part


def negated(part: Expr) -> Expr:
    """Return `NOT part`."""
    return exp.Not(this=exp.Paren(this=part))


def operand(part: Expr) -> Expr:
    """Return `part` so that any operator may stand beside it."""
    return exp.Paren(this=part) if isinstance(part, exp.Binary | exp.Not | exp.Interval) else part


def same(left: Expr, right: Expr) -> Expr:
    """Return whether both are equal, null equal to null."""
    return exp.NullSafeEQ(this=operand(left), expression=operand(right))


def equal(left: Expr, right: Expr) -> Expr:
    """Return `left = right`."""
    return exp.EQ(this=operand(left), expression=operand(right))


def is_null(value: Expr) -> Expr:
    """Return `value IS NULL`."""
    return exp.Is(this=operand(value), expression=exp.Null())


def not_null(value: Expr) -> Expr:
    """Return `NOT value IS NULL`."""
    return exp.Not(this=is_null(value))


def coalesce(first: Expr, *others: Expr) -> Expr:
    """Return the first that is not null."""
    return exp.Coalesce(this=first, expressions=list(others)) if others else first


def case(*branches: tuple[Expr, Expr], default: Expr | None = None) -> Expr:
    """Return `CASE WHEN … THEN … ELSE default END`."""
    ifs = [exp.If(this=condition, true=value) for condition, value in branches]
    return exp.Case(ifs=ifs, default=default)


def divide(numerator: Expr, denominator: Expr) -> Expr:
    """Return the quotient as a double, null over zero."""
    below = exp.Nullif(this=denominator, expression=number(0))
    return exp.Div(
        this=cast(numerator, "DOUBLE"), expression=cast(below, "DOUBLE"), typed=False, safe=False
    )


def interval(count: int | Expr, unit: str) -> Expr:
    """Return an interval of `count` units (quarters as three months)."""
    if unit == "quarter":
        unit = "month"
        count = (
            count * 3
            if isinstance(count, int)
            else exp.Mul(this=operand(count), expression=number(3))
        )
    if isinstance(count, int):
        return exp.Interval(this=exp.Literal.string(str(count)), unit=exp.var(unit.upper()))
    return exp.Mul(this=operand(count), expression=interval(1, unit))


def plus(moment: Expr, count: int | Expr, unit: str) -> Expr:
    """Return the moment `count` units later."""
    return exp.Add(this=operand(moment), expression=interval(count, unit))


def minus(moment: Expr, count: int, unit: str) -> Expr:
    """Return the moment `count` units earlier."""
    return exp.Sub(this=operand(moment), expression=interval(count, unit))


def truncated(grain: str, moment: Expr, week_start: int = 0) -> Expr:
    """Return the start of the unit of `grain` that holds `moment`, as a timestamp."""
    if grain == "week" and week_start:
        shift = DAYS_OF_WEEK - week_start
        inner = plus(cast(moment, "TIMESTAMP"), shift, "day")
        return minus(truncated("week", inner), shift, "day")
    tree: Expr = exp.TimestampTrunc(this=moment, unit=exp.var(grain.upper()))
    return cast(tree, "TIMESTAMP")


PARTS = {"dow": "ISODOW", "day_of_week": "ISODOW", "doy": "DOY"}


def extracted(part: str, moment: Expr) -> Expr:
    """Return a part of a moment; the day of the week counts from Monday = 1."""
    return exp.Extract(this=exp.var(PARTS.get(part, part.upper())), expression=moment)


def between_units(unit: str, start: Expr, end: Expr) -> Expr:
    """Return how many boundaries of `unit` lie between two moments."""
    return exp.DateDiff(
        this=end, expression=start, unit=exp.var(unit.upper()), date_part_boundary=True
    )


def over(
    function: Expr,
    partition: Sequence[Expr] = (),
    order: Sequence[Expr] = (),
    frame: tuple[str, str | Expr, str | Expr] | None = None,
) -> Expr:
    """Return a window function; `frame` is (kind, start, end), "UNBOUNDED" or an offset."""
    spec = None
    if frame:
        kind, start, end = frame
        spec = exp.WindowSpec(
            kind=kind,
            start=start,
            start_side="PRECEDING",
            end=end,
            end_side="FOLLOWING" if end == "UNBOUNDED" else "PRECEDING",
        )
    return exp.Window(
        this=function,
        partition_by=list(partition),
        order=exp.Order(expressions=[ordered(item) for item in order]) if order else None,
        spec=spec,
    )


def ordered(value: Expr, descending: bool = False) -> Expr:
    """Return a sort key with nulls last."""
    return exp.Ordered(this=value, desc=descending, nulls_first=False)


def count_distinct(value: Expr) -> Expr:
    """Return `COUNT(DISTINCT value)`."""
    return exp.Count(this=exp.Distinct(expressions=[value]), big_int=True)


def table(path: str, alias: str | None = None) -> Expr:
    """Return a table by its dotted name."""
    parts = [name(part) for part in path.split(".")]
    args: dict[str, Expr] = dict(zip(("this", "db", "catalog"), reversed(parts), strict=False))
    if alias:
        args["alias"] = exp.TableAlias(this=name(alias))
    return exp.Table(**args)
