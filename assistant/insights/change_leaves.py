"""Owns the leaves of a change: the cells of several dimensions in both periods, as arrays.

Heavy libraries are imported where they are used: what explains nothing need not wait for them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.insights.cells import Cells, by_member
from assistant.insights.parts import adds_up
from assistant.insights.splits import Splits
from executors.result import ResultTable

if TYPE_CHECKING:
    from assistant.insights.localise.causes import Cause
    from assistant.insights.localise.leaves import Leaves

Side = dict[tuple[str, ...], Cells]


@dataclass(frozen=True, slots=True)
class ChangeLeaves:
    """Leaves with what was expected of them: the base times `growth`, which most of them share.

    The growth is 1 for a ratio, whose components are as they were.
    """

    leaves: "Leaves"
    growth: float

    def find_causes(self) -> "tuple[Cause, ...]":
        """Return the causes, the surest first; none where a period has no denominator."""
        from assistant.insights.localise.causes import find_causes
        from assistant.insights.localise.ratio import keep_present

        if self.leaves.actual_denominator is None:
            return find_causes(self.leaves)
        present = keep_present(self.leaves)
        below = present.actual_denominator, present.expected_denominator
        return () if any(side is None or not side.any() for side in below) else find_causes(present)

    def find_in_pairs(self, known: int) -> "tuple[Cause, ...]":
        """Return the causes in pairs of dimensions, but those among the first `known`."""
        from assistant.insights.localise.pairs import find_in_pairs

        return find_in_pairs(self.leaves, known)


def read_change(
    splits: Splits, dimensions: tuple[str, ...], table: ResultTable, growth: float | None = None
) -> ChangeLeaves | None:
    """Return the leaves of a table; None where they neither add up nor have components.

    `growth`, where it is known already.
    """
    current, base = splits.investigation.current, splits.investigation.base
    if current is None or base is None:
        return None
    metric = splits.investigation.metric.id
    now = by_member(table, metric, dimensions, current)
    before = by_member(table, metric, dimensions, base)
    whole_now, whole_before = splits.totals()
    rate = whole_now.has_components and whole_before.has_components
    if not rate and not (_sum_up(now, whole_now) and _sum_up(before, whole_before)):
        return None
    known = growth or (1.0 if rate else common_growth(now, before))
    return ChangeLeaves(_as_arrays(dimensions, now, before, rate, known), known)


def _as_arrays(
    dimensions: tuple[str, ...], now: Side, before: Side, rate: bool, growth: float
) -> "Leaves":
    import numpy as np

    from assistant.insights.localise import leaves as localised

    keys = sorted({*now, *before})
    rows = [_row(now.get(key, Cells()), before.get(key, Cells()), rate, growth) for key in keys]
    columns = np.array(rows, dtype=np.float64).reshape(len(keys), 4 if rate else 2).T
    names = [sorted({key[place] for key in keys}) for place in range(len(dimensions))]
    places = [{member: code for code, member in enumerate(members)} for members in names]
    codes = [
        np.array([place[key[i]] for key in keys], dtype=np.intp) for i, place in enumerate(places)
    ]
    members = tuple(tuple(known) for known in names)
    return localised.Leaves(dimensions, members, tuple(codes), *columns)


def _sum_up(side: Side, whole: Cells) -> bool:
    return adds_up({str(key): cells for key, cells in side.items()}, whole.value)


def _row(now: Cells, before: Cells, rate: bool, growth: float) -> list[float]:
    if rate:
        cells = (now.numerator, before.numerator, now.denominator, before.denominator)
        return [cell or 0.0 for cell in cells]
    return [now.value or 0.0, (before.value or 0.0) * growth]


def common_growth(
    now: Mapping[tuple[str, ...], Cells], before: Mapping[tuple[str, ...], Cells]
) -> float:
    """Return the growth that most of the metric shares: the median leaf's, by base size.

    1 where leaves are too few or not positive.
    """
    grown = sorted(
        ((now[key].value or 0.0) / cells.value, cells.value)
        for key, cells in before.items()
        if key in now and cells.value and cells.value > 0
    )
    half = sum(size for _, size in grown) / 2
    reached = 0.0
    for growth, size in grown:
        reached += size
        if reached >= half and growth > 0:
            return growth
    return 1.0
