"""Owns the sets of a cube: which there are, and which larger set each is rolled up from."""

from collections.abc import Sequence
from itertools import combinations

from executors.compiler.plan import GroupingSet, Packed

SET_BITS = 20
"""Sets are made of larger ones whose keys have at most so many bits, that is so many segments."""


def sets_of(fields: Sequence[Packed], depth: int) -> tuple[GroupingSet, ...]:
    """Return all sets up to `depth`, each rolled up from one before it; the first from the rows.

    The largest are made of even larger ones that are not shown, as long as those have few segments.
    """
    top = min(depth, len(fields))
    largest = list(combinations(range(len(fields)), top))
    sets: dict[tuple[int, ...], GroupingSet] = {}
    while waiting := [places for places in largest if places not in sets]:
        cover = _cover(fields, waiting)
        if len(cover) > top:
            sets[cover] = GroupingSet(cover, None, shown=False)
            for places in waiting:
                if set(places) <= set(cover):
                    sets[places] = GroupingSet(places, cover)
        else:
            sets[cover] = GroupingSet(cover)
    for size in range(top - 1, -1, -1):
        for places in combinations(range(len(fields)), size):
            larger = [each for each in combinations(range(len(fields)), size + 1)
                      if set(places) <= set(each)]  # fmt: skip
            sets[places] = GroupingSet(places, min(larger, key=lambda each: _width(fields, each)))
    return tuple(sets.values())


def _cover(fields: Sequence[Packed], waiting: list[tuple[int, ...]]) -> tuple[int, ...]:
    """Return the first of `waiting`, grown so that it covers most of them."""
    cover = waiting[0]

    def covered(places: tuple[int, ...]) -> int:
        return sum(set(each) <= set(places) for each in waiting)

    while grown := [
        tuple(sorted((*cover, place))) for place in range(len(fields)) if place not in cover
    ]:
        small = [each for each in grown if _width(fields, each) <= SET_BITS]
        if not small:
            break
        best = max(small, key=lambda each: (covered(each), -_width(fields, each)))
        cover = best
    return cover if covered(cover) > 1 else waiting[0]


def _width(fields: Sequence[Packed], places: tuple[int, ...]) -> int:
    return sum(fields[place].bits for place in places)
