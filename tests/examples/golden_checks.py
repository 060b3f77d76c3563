"""Reads hand-written check SQL and compares it with what the compiler's statements give.

A check is a comment `-- @metric ID | by NAME, NAME | filter CONDITION | period FROM TO` and one
SELECT of (member, value). In it `{by}` stands for the dimension, `{by COLUMN}` for the time of a
`metric_time__grain`, `{filter}` for the condition, `{filter COLUMN}` for one on the time,
`{month COLUMN}` for the bounds of the period, `{start}` and `{end}` for the bounds themselves.
"""

import datetime as dt
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from executors.compiler.compile import compile_query
from executors.duckdb import DuckDBExecutor
from metric_catalog.catalog import Catalog
from metric_catalog.conditions import parse_condition
from metric_catalog.periods import Period
from metric_catalog.policy import EVERYTHING
from metric_catalog.query import METRIC_TIME, GroupBy, MetricQuery

EVERYONE = "'everyone'"
TOLERANCE = 1e-9
SEPTEMBER = ("2026-09-01", "2026-10-01")
_HEADER = re.compile(r"^-- @metric (\w+)(.*)$", re.MULTILINE)

Values = dict[Any, float]


@dataclass(frozen=True, slots=True)
class Check:
    """One metric's check: its SQL, two dimensions to split by, a condition and a period."""

    metric: str
    sql: str
    by: tuple[str, ...]
    condition: str | None
    start: str
    end: str

    @property
    def period(self) -> Period:
        """The period checked."""
        return Period(dt.datetime.fromisoformat(self.start), dt.datetime.fromisoformat(self.end))

    def query(self, by: str | None, filtered: bool) -> MetricQuery:
        """The query that the SQL answers by hand."""
        name, _, grain = (by or "").partition(f"{METRIC_TIME}__")
        group = GroupBy(METRIC_TIME, grain) if grain else GroupBy(name)
        return MetricQuery(
            metrics=(self.metric,),
            group_by=(group,) if by else (),
            filters=parse_condition(self.condition) if filtered and self.condition else None,
            periods=(self.period,),
        )

    def text(self, by: str | None, filtered: bool) -> str:
        """The SQL with its places filled."""
        grain = (by or "").partition(f"{METRIC_TIME}__")[2]
        column = f"date_trunc('{grain}', \\1)" if grain else EVERYONE
        start, end = f"TIMESTAMP '{self.start}'", f"TIMESTAMP '{self.end}'"
        sql = re.sub(r"\{by (\w+)\}", column, self.sql)
        sql = re.sub(r"\{month (\w+)\}", f"(\\1 >= {start} AND \\1 < {end})", sql)
        condition = f"({self.condition})" if filtered and self.condition else "true"
        on_time = re.sub(rf"{METRIC_TIME}__(\w+)", r"date_trunc('\1', {column})", condition)
        sql = re.sub(r"\{filter (\w+)\}", lambda at: on_time.replace("{column}", at[1]), sql)
        places = {"{by}": by or EVERYONE, "{filter}": condition, "{start}": start, "{end}": end}
        for place, value in places.items():
            sql = sql.replace(place, value)
        return sql


def read_checks(folder: Path, period: tuple[str, str] = SEPTEMBER) -> list[Check]:
    """Return the checks of every .sql file in `folder`; `period` where a check names none."""
    checks = []
    for file in sorted(folder.glob("*.sql")):
        parts = _HEADER.split(file.read_text(encoding="utf-8"))[1:]
        for metric, options, sql in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
            checks.append(_check(metric, options, sql, period))
    return checks


def _check(metric: str, options: str, sql: str, period: tuple[str, str]) -> Check:
    given = dict(part.strip().split(" ", 1) for part in options.split("|") if part.strip())
    start, end = given["period"].split() if "period" in given else period
    by = tuple(name.strip() for name in given.get("by", "").split(",") if name.strip())
    statement = sql.split(";")[0].strip()
    return Check(metric, statement, by, given.get("filter"), start, end)


def by_hand(connection: duckdb.DuckDBPyConnection, sql: str) -> Values:
    """Return {member: value} of a check's SQL, members without a value left out."""
    rows = connection.execute(sql).fetchall()
    return {_member(row[0] if len(row) > 1 else "everyone"): float(row[-1])
            for row in rows if row[-1] is not None}  # fmt: skip


def by_compiler(executor: DuckDBExecutor, catalog: Catalog, query: MetricQuery) -> Values:
    """Return {member: value} of the compiled query, members without a value left out."""
    statement = compile_query(query, catalog, EVERYTHING)
    table = executor.run(statement, query)
    values = table.values(query.metrics[0])
    groups: tuple[Any, ...] = ("everyone",) * len(values)
    if query.group_by:
        groups = table.values(query.group_by[0].column)
    assert len(set(groups)) == len(groups), "a member stands twice"
    return {_member(g): float(v) for g, v in zip(groups, values, strict=True)  # type: ignore[arg-type]
            if v is not None}  # fmt: skip


def _member(cell: Any) -> Any:
    return cell.date() if isinstance(cell, dt.datetime) else cell


def differences(hand: Values, compiled: Values) -> list[str]:
    """Return what differs, one line per member; empty = the same."""
    return [
        f"{member}: by hand {hand.get(member)}, compiled {compiled.get(member)}"
        for member in sorted({*hand, *compiled}, key=str)
        if member not in hand
        or member not in compiled
        or not math.isclose(hand[member], compiled[member], rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    ]
