"""Owns the normal form of conditions: a set of clauses that must all hold, each a set of literals.

Two conditions with the same clauses keep the same rows. Negations are pushed to the leaves, lists
are merged, bounds and clauses that follow from others are dropped. What would grow beyond
`MOST_CLAUSES` stays as it is written.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, Literal, assert_never

from metric_catalog.query import And, Compare, Filter, MetricCondition, Not, Or, Scalar

MOST_CLAUSES = 256

Value = tuple[str, Any]
"""A value with its kind (b, n, s), so that true, 1 and '1' stay apart."""
Kind = Literal["in", "out", "<", "<=", ">", ">=", "null", "known", "contains", "prefix", "suffix",
               "no contains", "no prefix", "no suffix", "opaque"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison: `name` is in or out of `values`, beyond the only one of them, null or not."""

    name: str
    kind: Kind
    values: frozenset[Value] = frozenset()

    def __str__(self) -> str:
        return f"{self.name} {self.kind} {sorted(self.values, key=str)}"


Clause = frozenset[Condition]
Clauses = frozenset[Clause]
Resolve = Callable[[Compare | MetricCondition], str]

_OPPOSITE: dict[str, Kind] = {
    "in": "out", "out": "in", "<": ">=", ">=": "<", ">": "<=", "<=": ">", "null": "known",
    "known": "null", "contains": "no contains", "prefix": "no prefix", "suffix": "no suffix",
}  # fmt: skip
_TRUTHS: frozenset[Value] = frozenset({("b", False), ("b", True)})
_COMPARED = frozenset({"in", "out", "<", "<=", ">", ">=", "contains", "prefix", "suffix"})


class TooMany(Exception):
    """The clauses would become more than `MOST_CLAUSES`."""


def clauses_of(condition: Filter, resolve: Resolve) -> Clauses:
    """Return the clauses of `condition`; `resolve` gives what the name of a leaf means."""
    try:
        return _simplest(_clauses(condition, resolve, False))
    except TooMany:
        return frozenset({frozenset({Condition(repr(condition), "opaque")})})


def together(clauses: Iterable[Clause]) -> Clauses:
    """Return the simplest clauses that say the same as all of `clauses`."""
    return _simplest(frozenset(clauses))


def _clauses(tree: Filter, resolve: Resolve, negated: bool) -> Clauses:
    match tree:
        case Not(item):
            return _clauses(item, resolve, not negated)
        case And(items) | Or(items):
            parts = [_clauses(item, resolve, negated) for item in items]
            if isinstance(tree, And) is not negated:
                return frozenset().union(*parts)
            return _either(parts)
        case Compare() | MetricCondition():
            return _leaf(tree, resolve(tree), negated)
        case _:
            assert_never(tree)


def _either(parts: list[Clauses]) -> Clauses:
    """Return the clauses that hold where one of `parts` holds."""
    found: Clauses = frozenset({frozenset()})
    for part in parts:
        if len(found) * len(part) > MOST_CLAUSES:
            raise TooMany
        found = frozenset(_merged(left | right) for left, right in product(found, part))
    return found


def _leaf(leaf: Compare | MetricCondition, name: str, negated: bool) -> Clauses:
    known = frozenset(_value(value) for value in leaf.values if value is not None)
    kind: Kind
    if leaf.op == "is_null":
        kind = "null"
    elif leaf.op in ("=", "in"):
        kind = "in"
    elif leaf.op == "!=":
        kind = "out"
    else:
        kind = leaf.op  # type: ignore[assignment]  # what remains is of both kinds
    literals = [Condition(name, kind, known)] if known or kind == "null" else []
    if None in leaf.values:
        literals.append(Condition(name, "known" if kind == "out" else "null"))
    # `x in (1, null)` is either of two, `x != null` and its like are both.
    alternatives = (kind != "out") is not negated
    literals = [_plain(_opposite(item) if negated else item) for item in literals]
    if alternatives and (len(literals) > 1 or not any(item.kind == "out" for item in literals)):
        return frozenset({frozenset(literals)})
    return frozenset(frozenset({each}) for item in literals for each in _single(item))


def _single(item: Condition) -> list[Condition]:
    """Return one literal for each value that is out: all of them have to hold."""
    if item.kind != "out":
        return [item]
    return [Condition(item.name, "out", frozenset({value})) for value in item.values]


def _opposite(item: Condition) -> Condition:
    return Condition(item.name, _OPPOSITE[item.kind], item.values)


def _plain(item: Condition) -> Condition:
    """Say of truths what they are, not what they are not; of both that they are known."""
    if not item.values or {sort for sort, _ in item.values} != {"b"}:
        return item
    if item.kind == "out":
        item = Condition(item.name, "in", _TRUTHS - item.values)
    return Condition(item.name, "known") if item == Condition(item.name, "in", _TRUTHS) else item


def _value(value: Scalar) -> Value:
    match value:
        case bool():
            return "b", value
        case float() if value.is_integer():
            return "n", int(value)
        case int() | float():
            return "n", value
        case _:
            return "s", value


def _merged(clause: Clause) -> Clause:
    """Join the literals of one name where one of them has to hold."""
    found: set[Condition] = set()
    for name in {item.name for item in clause}:
        own = _listed([item for item in clause if item.name == name], name)
        found |= {a for a in own if not any(a != b and implies(a, b) for b in own)}
    return frozenset(found)


def _listed(own: list[Condition], name: str) -> list[Condition]:
    """Join the lists of one name where one of its literals has to hold."""
    inside = frozenset[Value]().union(*(item.values for item in own if item.kind == "in"))
    outs = [item.values for item in own if item.kind == "out"]
    others = [item for item in own if item.kind not in ("in", "out")]
    if outs:
        left = frozenset.intersection(*outs) - inside
        return [*others, Condition(name, "out", left) if left else Condition(name, "known")]
    return [*others, _plain(Condition(name, "in", inside))] if inside else others


def _met(clauses: set[Clause]) -> set[Clause]:
    """Join clauses that differ in one list: a or x in (1, 2), and a or x in (2, 3), is a or x = 2.

    Where the lists have nothing in common, what is left is a alone.
    """
    for one, other in combinations(clauses, 2):
        mine, yours = one - other, other - one
        if len(mine) != 1 or len(yours) != 1:
            continue
        (left,), (right,) = mine, yours
        if (left.name, left.kind, right.kind) == (right.name, "in", "in"):
            both = left.values & right.values
            kept = one & other | ({_plain(Condition(left.name, "in", both))} if both else set())
            return _met((clauses - {one, other}) | {frozenset(kept)})
    return clauses


def _simplest(clauses: Clauses) -> Clauses:
    """Join lists of one name that must all hold, and drop what follows from something else."""
    alone = [next(iter(clause)) for clause in clauses if len(clause) == 1]
    rest = _met({_merged(clause) for clause in clauses if len(clause) != 1})
    alone += [next(iter(clause)) for clause in rest if len(clause) == 1]
    rest = {clause for clause in rest if len(clause) != 1}
    kept: set[Condition] = set()
    for name in {item.name for item in alone}:
        kept |= _joined([item for item in alone if item.name == name])
    if frozenset() in rest or any(item.kind == "in" and not item.values for item in kept):
        return frozenset({frozenset()})
    every = {frozenset({item}) for item in kept} | {item for item in rest if not _holds(item)}
    return frozenset(
        clause
        for clause in every
        if not any(other != clause and _follows(clause, other) for other in every)
    )


def _holds(clause: Clause) -> bool:
    """Whether the clause holds of every row: something is null or it is not."""
    return any(Condition(item.name, "known") in clause for item in clause if item.kind == "null")


def _joined(own: list[Condition]) -> set[Condition]:
    """Join the literals of one name where all of them have to hold."""
    name = own[0].name
    listed = [item.values for item in own if item.kind == "in"]
    out = frozenset[Value]().union(*(item.values for item in own if item.kind == "out"))
    others = {item for item in own if item.kind not in ("in", "out")}
    if listed:
        values = frozenset.intersection(*listed) - out
        values = frozenset(
            v for v in values
            if all(_meets(v, item) for item in others if item.kind in _BOUNDS)
        )  # fmt: skip
        return {Condition(name, "in", values)} | {i for i in others if i.kind not in _BOUNDS}
    return others | ({Condition(name, "out", out)} if out else set())


def _follows(clause: Clause, other: Clause) -> bool:
    """Whether `clause` holds wherever `other` does."""
    return all(any(implies(mine, yours) for yours in clause) for mine in other)


_BOUNDS = ("<", "<=", ">", ">=")


def implies(one: Condition, other: Condition) -> bool:
    """Return whether `other` holds wherever `one` does."""
    if one.name != other.name or one == other:
        return one == other
    if other.kind == "known":
        return one.kind in _COMPARED or one.kind.startswith("no ")
    if one.kind == "in":
        if other.kind == "in":
            return one.values <= other.values
        if other.kind == "out":
            return not one.values & other.values
        return other.kind in _BOUNDS and all(_meets(value, other) for value in one.values)
    if one.kind == "out" and other.kind == "out":
        return other.values <= one.values
    if one.kind in _BOUNDS and other.kind in _BOUNDS:
        return _bound_implies(one, other)
    if one.kind in _BOUNDS and other.kind == "out":
        return all(_comparable(v, one) and not _meets(v, one) for v in other.values)
    return False


def _bound_implies(one: Condition, other: Condition) -> bool:
    (mine,), (yours,) = one.values, other.values
    if mine[0] != yours[0] or one.kind[0] != other.kind[0]:
        return False
    strict = one.kind in ("<", ">") or other.kind in ("<=", ">=")
    beyond = mine[1] < yours[1] if one.kind[0] == "<" else mine[1] > yours[1]
    return bool(beyond or (mine[1] == yours[1] and strict))


def _comparable(value: Value, bound: Condition) -> bool:
    ((sort, _),) = bound.values
    return sort == value[0]


def _meets(value: Value, bound: Condition) -> bool:
    if not _comparable(value, bound):
        return False
    ((_, limit),) = bound.values
    match bound.kind:
        case "<":
            return bool(value[1] < limit)
        case "<=":
            return bool(value[1] <= limit)
        case ">":
            return bool(value[1] > limit)
        case _:
            return bool(value[1] >= limit)
