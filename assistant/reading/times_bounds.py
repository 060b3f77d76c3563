"""Owns open periods, and the choice of the longest expression of a period."""

from assistant.reading.times_dates import expression, week_of
from assistant.reading.times_distances import away, beside, length_from, length_to, next_to, rest
from assistant.reading.times_named import count
from assistant.reading.times_nodes import Both, Bound, Node, Now, Side
from assistant.reading.times_ranges import contained, end_date, opened, plain
from assistant.reading.times_tokens import YEAR_DIGITS
from assistant.reading.times_windows import ago, first_quarters, rolling
from assistant.reading.times_words import Parsed, Words, longest_of

SIDES: dict[str, Side] = {"before": "before", "after": "after", "since": "since", "by": "by"}


def bounded(words: Words, place: int) -> Parsed | None:
    """Before 2018, on or after X, since August, 截至X, X之前, X及之后, 2012 or later."""
    found = words.once(_bounded_before, place) or words.once(_bounded_after, place)
    return found


def _bounded_before(words: Words, place: int) -> Parsed | None:
    inclusive = words.has(place, "at") and words.has(place + 1, "or")
    start = place + 2 if inclusive else place
    side = words.name(start, "bound")
    if side is None:
        return None
    after = start + 1
    if words.has(after, "or") and words.has(after + 1, "at"):
        inclusive, after = True, after + 2
    after = words.skip(after, "at", "article") if words.has(after, "at") else after
    point = end_date(words, words.skip(after, "definite") if words.has(after + 1, "now") else after)
    if point is None:
        return None
    sides: dict[str, Side] = {"before": "by", "after": "since"} if inclusive else {}
    chosen = sides.get(side, SIDES[side])
    after = point[1]
    if (
        chosen == "since"
        and words.name(after, "tail") == "since"
        or chosen == "by"
        and words.name(after, "tail") == "by"
        or chosen == "by"
        and words.has(after, "inside")
    ):
        after += 1
    elif words.has(after, "tail") and side in ("since", "by"):
        return _tailed(words, point[0], after) if side == "since" else None
    return Bound(chosen, point[0]), after


def _bounded_after(words: Words, place: int) -> Parsed | None:
    point = end_date(words, place)
    if point is None or isinstance(point[0], Now):
        return None
    return _tailed(words, *point)


def _tailed(words: Words, node: Node, place: int) -> Parsed | None:
    if words.has(place, "or") and words.name(place + 1, "tail") in (
        "later",
        "earlier",
        "after",
        "before",
    ):
        later = words.name(place + 1, "tail") in ("later", "after")
        return Bound("since" if later else "by", node), place + 2
    if words.has(place, "or") and words.name(place + 1, "bound") in ("before", "after"):
        later = words.name(place + 1, "bound") == "after"
        return Bound("since" if later else "by", node), place + 2
    tail = words.name(place, "tail")
    if words.has(place, "side") and _counts_few(words, place + 1):
        return None
    inclusive: dict[str, Side] = {"since_incl": "since", "by_incl": "by"}
    side = inclusive.get(tail or "") or SIDES.get(tail or "")
    return (Bound(side, node), place + 1) if side else None


def _counts_few(words: Words, place: int) -> bool:
    """2024年前10: a count follows, so that the word before it is no bound of the year."""
    some = count(words, place)
    return some is not None and words.number(place, "digits") != YEAR_DIGITS


def both_bounds(words: Words, place: int) -> Parsed | None:
    """After 2010 and before 2018, 2010年之后2018年之前."""
    one = words.once(bounded, place)
    if one is None:
        return None
    other = words.once(bounded, words.skip(one[1], "and", "link"))
    return (Both(one[0], other[0]), other[1]) if other else None


PERIODS = (
    first_quarters, contained, opened, length_to, plain, both_bounds, bounded, length_from, away,
    rolling, ago, beside, next_to, rest, week_of, expression,
)  # fmt: skip


def statement(words: Words, place: int) -> Parsed | None:
    """The longest expression of a period at a place."""
    return longest_of(words, place, PERIODS)
