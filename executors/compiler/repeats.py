"""Owns the statement that counts the rows of a table which share a key with a row before them.

A join to a table meets at most one of its rows where there are none: inside a partition where
both tables have one, at one moment where rows are valid for a time.
"""

from collections.abc import Sequence

from sqlglot import exp

from executors.compiler.plan import Aggregate, Compute, Filter, Named, Plan, Read, Window
from executors.compiler.rows import moment_of
from executors.compiler.sql import to_sql
from executors.compiler.syntax import (
    Expr,
    any_of,
    case,
    column,
    equal,
    is_null,
    not_null,
    number,
    over,
    qualified,
)
from executors.statement import Column, Statement
from metric_catalog.joins import validity
from metric_catalog.model.semantic_model import SemanticModel, own

REPEATED = "repeated"
CELL, ROWS, START, BEFORE, OPEN = "cell", "rows", "start", "before", "open"
EARLIER = ("ROWS", "UNBOUNDED", number(1))
"""The frame of the rows before one."""


def compile_repeats(
    model: SemanticModel, key: str, within: Sequence[str] = (), week_start: int = 0
) -> Statement:
    """Return the statement whose one cell says how many rows repeat the key `key`.

    `within` are the dimensions inside whose members a key may have one row each. Rows without a
    key, or that are valid at no moment, are joined by nobody and not counted.
    """
    entity = model.entity(key)
    cells = [qualified(own(entity), model.id)] if entity else [column(model.id, key)]
    for name in within:
        part = model.dimension(name)
        cells += [moment_of(part, model.id, week_start)] if part else []
    bounds = validity(model)
    if set(bounds) == {"start", "end"}:
        times = (moment_of(bounds[end], model.id, week_start) for end in ("start", "end"))
        root = _overlapping(model, cells, *times)
    else:
        root = _repeated(model, cells)
    return Statement(to_sql(Plan(root)), (), (Column(REPEATED, "metric"),))


def _repeated(model: SemanticModel, cells: Sequence[Expr]) -> Aggregate:
    names = [f"{CELL}_{place}" for place in range(len(cells))]
    keys = tuple(Named(name, cell) for name, cell in zip(names, cells, strict=True))
    rows = Named(ROWS, exp.Count(this=exp.Star()))
    each = Aggregate("keys", _keyed(model, cells, ()), keys, (rows,))
    more = exp.Sub(this=column(each.name, ROWS), expression=number(1))
    return Aggregate(REPEATED, each, (), (Named(REPEATED, exp.Sum(this=more)),))


def _overlapping(model: SemanticModel, cells: Sequence[Expr], start: Expr, end: Expr) -> Aggregate:
    """Rows in the order in which they begin: one overlaps where a row before has not ended."""
    lasts = any_of((is_null(end), exp.GT(this=end, expression=start)))
    valid = (not_null(start), exp.Paren(this=lasts))
    endless = case((is_null(end), number(1)), default=number(0))
    ends = [over(exp.Max(this=value), cells, [start], EARLIER) for value in (end, endless)]
    columns = (Named(START, start), Named(BEFORE, ends[0]), Named(OPEN, ends[1]))
    rows = Window("windows", _keyed(model, cells, valid), columns)
    at, before, opened = (column(rows.name, name) for name in (START, BEFORE, OPEN))
    still = any_of((exp.GT(this=before, expression=at), equal(opened, number(1))))
    kept = Compute("overlapping", Filter(rows, (exp.Paren(this=still),)), (Named(START, at),))
    return Aggregate(REPEATED, kept, (), (Named(REPEATED, exp.Count(this=exp.Star())),))


def _keyed(model: SemanticModel, cells: Sequence[Expr], conditions: Sequence[Expr]) -> Filter:
    known = tuple(not_null(cell) for cell in cells)
    return Filter(Read(model.id, model.table, model.id), (*known, *conditions))
