"""Owns rows that are looked back on: every moment of the spine beside the rows it reaches."""

from collections.abc import Sequence

from executors.compiler.custom_offsets import shift_by_custom_grain
from executors.compiler.draft import Draft
from executors.compiler.names import STANDARD_GRAINS, Wanted
from executors.compiler.nearest import near_grains
from executors.compiler.plan import Filter as Kept
from executors.compiler.plan import Join, TimeSpine
from executors.compiler.rows import Rows
from executors.compiler.scope import Offset
from executors.compiler.syntax import Expr, any_of, column, equal, truncated
from executors.compiler.time_spine import MOMENT, order_of, shifted, spine
from metric_catalog.errors import UnsupportedQuery
from metric_catalog.issues import issue
from metric_catalog.periods import Grain, Period


def shift_rows(
    draft: Draft, rows: Rows, timed: Sequence[Wanted], offset: Offset, period: Period | None
) -> None:
    """Replace the moment of `rows` by the moments that look back on them by `offset`."""
    names = draft.names
    if not names.is_reckoned(offset.grain):
        shift_by_custom_grain(draft, rows, timed, offset)
        return
    if offset.count is not None and names.is_business(offset.grain):
        near = near_grains(offset.grain)
        raise UnsupportedQuery((issue("custom_window", nearest=near, grain=offset.grain),))
    rows.grain = look_grain(draft, rows, timed)
    node = spine(draft, (), rows.grain, period)
    moment = column(node.name, MOMENT)
    on = equal(
        shifted(draft, moment, offset),
        truncated(rows.grain, rows.known_moment(), draft.week_start),
    )
    rows.node = Join(node, rows.node, "inner", on)
    rows.moment = moment
    if offset.count is None:
        _first_moments_only(draft, rows, timed, moment)


def _first_moments_only(draft: Draft, rows: Rows, timed: Sequence[Wanted], moment: Expr) -> None:
    """Keep the moments that begin one of the queried units: one look back per unit."""
    grains = [w.grain for w in timed if w.grain]
    if rows.grain in grains or not all(map(draft.names.is_reckoned, grains)):
        return
    starts = any_of(equal(draft.unit_start(g, moment), moment) for g in grains)
    if starts is not None:
        rows.node = Kept(rows.node, (starts,))


def look_grain(draft: Draft, rows: Rows, timed: Sequence[Wanted]) -> str:
    """Return the grain of the moments that look back on `rows`: theirs, where a spine is so fine.

    Else it is the day, or the finest grain asked for below it.
    """
    fine_enough = any(order_of(s.grain) <= order_of(rows.grain) for s in draft.catalog.time_spines)
    if fine_enough or order_of(rows.grain) >= Grain.DAY.order:
        return rows.grain
    asked = [str(w.grain) for w in timed if w.grain in STANDARD_GRAINS]
    return min([Grain.DAY.value, *asked], key=order_of)


def moments_of(draft: Draft, rows: Rows, period: Period | None) -> TimeSpine:
    """Return every moment of the spine at the grain of `rows` inside `period`."""
    return spine(draft, (), rows.grain, period, rows=rows)
