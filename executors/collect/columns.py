"""Owns columns of text that hold numbers or days as people write them: they become such.

A column changes only where every cell fits, but for words that say there is nothing.
"""

from collections.abc import Sequence

import duckdb
from duckdb import CaseExpression, ColumnExpression, ConstantExpression, Expression
from duckdb import FunctionExpression as Call

NOTHING = ("", "na", "n/a", "#n/a", "#div/0!", "#value!", "#ref!", "null", "none", "nan", "-",
           "--", "—", "无", "/")  # fmt: skip
NUMBER = r"[-+]?[¥￥$€£]?\s*(0|[1-9]\d{0,2}(,\d{3})+|[1-9]\d*)(\.\d+)?"
"""A number with or without thousands and currency; no leading zeros: those are names."""

WHOLE = r"[-+]?(0|[1-9]\d{0,2}(,\d{3})+|[1-9]\d{0,17})"
ORNAMENT = r"[¥￥$€£,\s+]"
DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日")
MONTHS = ("%Y-%m", "%Y/%m", "%Y年%m月")
CLOCKS = ("", " %H:%M", " %H:%M:%S", "T%H:%M:%S")
DAY_FORMS = (*DAYS, *MONTHS)
MOMENT_FORMS = tuple(day + clock for day in DAYS for clock in CLOCKS)


def typed(relation: duckdb.DuckDBPyRelation, zone: str) -> duckdb.DuckDBPyRelation:
    """Return `relation` with texts as numbers and days where they are, moments in `zone`."""
    kinds = dict(zip(relation.columns, map(str, relation.types), strict=True))
    texts = [name for name, kind in kinds.items() if kind == "VARCHAR"]
    found = _found(relation, texts)
    cells = {name: _in_zone(name, kind, zone) for name, kind in kinds.items()} | found
    return relation.select(*(cell.alias(name) for name, cell in cells.items()))


def _in_zone(name: str, kind: str, zone: str) -> Expression:
    column = ColumnExpression(name)
    if kind != "TIMESTAMP WITH TIME ZONE":
        return column
    return Call("timezone", ConstantExpression(zone), column)


def _found(relation: duckdb.DuckDBPyRelation, texts: Sequence[str]) -> dict[str, Expression]:
    """Return what each text column becomes, for those that become anything."""
    if not texts:
        return {}
    asked: dict[tuple[str, str], Expression] = {}
    for name in texts:
        asked |= {(name, what): _count(test) for what, test in _tests(_cell(name)).items()}
    (counts,) = relation.aggregate(list(asked.values())).fetchall()
    fits = {key for key, count in zip(asked, counts, strict=True) if count == 0}
    present = relation.aggregate([Call("count", _cell(name)) for name in texts]).fetchall()[0]
    changed = {}
    for name, some in zip(texts, present, strict=True):
        becomes = next((what for what in CONVERSIONS if (name, what) in fits), None)
        if some and becomes is not None:
            changed[name] = CONVERSIONS[becomes](_cell(name))
    return changed


def _cell(name: str) -> Expression:
    """The text without blanks around it, null where it says that there is nothing."""
    text = Call("trim", ColumnExpression(name))
    lowered = Call("lower", text)
    nothing = lowered.isin(*(ConstantExpression(word) for word in NOTHING))
    return CaseExpression(nothing, ConstantExpression(None)).otherwise(text)


def _count(test: Expression) -> Expression:
    """How many cells the test is false for."""
    return Call("count_if", ~test)


def _tests(cell: Expression) -> dict[str, Expression]:
    return {
        "whole": Call("regexp_full_match", cell, ConstantExpression(WHOLE)),
        "number": Call("regexp_full_match", cell, ConstantExpression(NUMBER)),
        "day": _parsed(cell, DAY_FORMS).isnotnull() | cell.isnull(),
        "moment": _parsed(cell, MOMENT_FORMS).isnotnull() | cell.isnull(),
    }


def _parsed(cell: Expression, forms: Sequence[str]) -> Expression:
    given = Call("list_value", *(ConstantExpression(form) for form in forms))
    return Call("try_strptime", cell, given)


def _number(cell: Expression) -> Expression:
    nothing, every = ConstantExpression(""), ConstantExpression("g")
    return Call("regexp_replace", cell, ConstantExpression(ORNAMENT), nothing, every)


CONVERSIONS = {
    "whole": lambda cell: _number(cell).cast("BIGINT"),
    "number": lambda cell: _number(cell).cast("DOUBLE"),
    "day": lambda cell: _parsed(cell, DAY_FORMS).cast("DATE"),
    "moment": lambda cell: _parsed(cell, MOMENT_FORMS),
}
"""What a column becomes whose cells all fit, the plainest first."""
