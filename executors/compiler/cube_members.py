"""Owns the members of a cube's dimensions: the few that are split by, all others being "other"."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from executors.compiler.draft import Draft
from executors.compiler.names import Wanted
from executors.compiler.plan import Aggregate, Compute, Named, Node, Packed, Stack, Visible, Window
from executors.compiler.plan import Filter as Kept
from executors.compiler.rows import Rows
from executors.compiler.syntax import (
    Expr,
    all_of,
    case,
    cast,
    coalesce,
    column,
    equal,
    is_null,
    not_null,
    number,
)
from metric_catalog.errors import CatalogError
from metric_catalog.issues import issue
from metric_catalog.query import Compare, CubeQuery, Scalar

MEMBER, CODE = "member", "code"
KEY_BITS = 62
LEAST_BITS = 2
RESERVED = 3
"""Codes that no member has: 0 = not split by, and at the end of the range "other" and missing."""


@dataclass(frozen=True, slots=True)
class Members:
    """The members of a dimension with their codes, from 1 on; `node` has MEMBER and CODE.

    `missing`: rows without a member have a code of their own, else they belong to "other".
    """

    wanted: Wanted
    node: Compute
    field: Packed
    missing: bool

    @property
    def other_code(self) -> int:
        """The code of all other members together."""
        return int((1 << self.field.bits) - 2)

    @property
    def missing_code(self) -> int:
        """The code of rows without a member."""
        return self.other_code + 1 if self.missing else self.other_code

    def beside(self, rows: Rows) -> tuple[Expr, Expr]:
        """Join the members to `rows`; return the row's own member and its code there."""
        value = rows.column(self.wanted)
        key = ("members", self.node.name)
        if key not in rows.customs:
            on = equal(value, column(self.node.name, MEMBER))
            rows.join(Visible(self.node, self.node.name), on, "left")
            rows.customs[key] = column(self.node.name, CODE)
        return value, rows.customs[key]

    def cell(self, rows: Rows, rest: bool) -> Expr:
        """Return the member of a row, null if it is "other"; with `rest` 1 for those, else 0."""
        value, code = self.beside(rows)
        if not rest:
            return case((not_null(code), value))
        beyond = [is_null(code), not_null(value)] if self.missing else [is_null(code)]
        return case((all_of(beyond) or exp.true(), number(1)), default=number(0))

    def packed(self, rows: Rows) -> Expr:
        """Return the code of a row's member, at its place in the key."""
        value, code = self.beside(rows)
        found = coalesce(code, number(self.other_code))
        found = case((is_null(value), number(self.missing_code)), default=found)
        return exp.Mul(this=cast(found, "BIGINT"), expression=number(1 << self.field.shift))


def packed_fields(query: CubeQuery, wanted: Sequence[Wanted]) -> tuple[Packed, ...]:
    """Return the place of each dimension in one key; raises CatalogError if there is no room.

    Dimensions whose members are not named share what room is left.
    """
    named = {w: named_members(query, w) for w in wanted}
    fixed = {w: _bits(len(_known(values))) for w, values in named.items() if values is not None}
    free = len(wanted) - len(fixed)
    room = (KEY_BITS - sum(fixed.values())) // free if free else KEY_BITS - sum(fixed.values())
    if room < (LEAST_BITS if free else 0) or query.most_members < 1:
        raise CatalogError((issue("cube_members", dimensions=len(wanted)),))
    fields, shift = [], 0
    for each in wanted:
        bits = fixed.get(each, min(room, _bits(query.most_members)))
        fields.append(Packed(each.column, shift, bits))
        shift += bits
    return tuple(fields)


def named_members(query: CubeQuery, wanted: Wanted) -> tuple[Scalar, ...] | None:
    """Return the members that the query names for a dimension, None where it names none."""
    named = dict(query.members)
    return named.get(wanted.column, named.get(wanted.name))


def _bits(members: int) -> int:
    return (members + RESERVED - 1).bit_length()


def _known(values: tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    return tuple(value for value in values if value is not None)


def members_of(
    draft: Draft,
    query: CubeQuery,
    wanted: Wanted,
    field: Packed,
    sources: Sequence[Callable[[Wanted], tuple[Rows, Node]]],
) -> Members:
    """Return the members of a dimension: those named, else those with most rows in `sources`."""
    named = named_members(query, wanted)
    counts = [_counted(draft, wanted, named, *source(wanted)) for source in sources]
    whole = counts[0]
    if len(counts) > 1:
        stack = draft.close(Stack(f"{wanted.column}_rows", tuple(counts)))
        total = Named("rows", exp.Sum(this=column(stack.name, "rows")))
        again = (Named(MEMBER, column(stack.name, MEMBER)),)
        whole = draft.close(Aggregate(f"{wanted.column}_counts", stack, again, (total,)))
    member = column(whole.name, MEMBER)
    place = exp.Window(
        this=exp.RowNumber(),
        order=exp.Order(
            expressions=[
                exp.Ordered(this=column(whole.name, "rows"), desc=True, nulls_first=False),
                exp.Ordered(this=member, nulls_first=False),
            ]
        ),
    )
    ranked = draft.close(
        Window(f"{wanted.column}_ranked", whole, (Named(MEMBER, member), Named(CODE, place)))
    )
    most = (1 << field.bits) - RESERVED if named is not None else query.most_members
    first = exp.LTE(
        this=column(ranked.name, CODE), expression=number(min(most, (1 << field.bits) - RESERVED))
    )
    columns = (Named(MEMBER, column(ranked.name, MEMBER)), Named(CODE, column(ranked.name, CODE)))
    node = draft.close(Compute(f"{wanted.column}_members", Kept(ranked, (first,)), columns))
    return Members(wanted, node, field, named is None or None in named)


def _counted(
    draft: Draft, wanted: Wanted, named: tuple[Scalar, ...] | None, rows: Rows, source: Node
) -> Aggregate:
    """Return the members in the rows of `source` and how many rows have each."""
    value = rows.column(wanted)
    conditions: tuple[Expr, ...] = (not_null(value),)
    if named is not None:
        conditions += (rows.where(Compare(wanted.column, "in", _known(named))),)
    count = Named("rows", exp.Count(this=exp.Star(), big_int=True))
    kept = Kept(source, conditions)
    return draft.close(
        Aggregate(f"{wanted.column}_counts", kept, (Named(MEMBER, value),), (count,))
    )


def code_in(key: Expr, field: Packed) -> Expr:
    """Return the code of a dimension's member in a packed key."""
    moved: Expr = key
    if field.shift:
        moved = exp.Paren(this=exp.BitwiseRightShift(this=key, expression=number(field.shift)))
    return exp.Paren(this=exp.BitwiseAnd(this=moved, expression=number((1 << field.bits) - 1)))
