"""Owns the value of a mention of time."""

from dataclasses import dataclass
from typing import Literal

from metric_catalog.periods import Grain, Period

Kind = Literal[
    "absolute",
    "bare",
    "relative",
    "rolling",
    "to_date",
    "range",
    "open",
    "recent",
    "festival",
    "grain",
    "average",
    "cumulative",
    "same_period",
    "compared",
]
Against = Literal["previous", "year", "period"]


@dataclass(frozen=True, slots=True)
class TimeMention:
    """An expression of time in a text.

    start, end: character offsets of `words` in the text as given.
    periods: several for "Q1 and Q3"; none for grain words and for comparisons without a date.
    kind: `bare` lacks its container (March), `same_period` is a comparison by rule (同比),
    `compared` one with a period that is said (vs last month).
    unit: what it counts in ("month" in this month, last 3 months), beyond the grains too (half).
    comparison: previous, year, or the `period` in periods. cumulative: the unit to date, or "all".
    assumption: a code for what was not said. incomplete: the period holds as_of or lies after it,
    or is a running unit to date. alternatives: other periods it may mean. score: 0 to 1.
    """

    start: int
    end: int
    words: str
    kind: Kind
    periods: tuple[Period, ...] = ()
    unit: str | None = None
    grain: Grain | str | None = None
    comparison: Against | None = None
    average_per: Grain | None = None
    cumulative: str | None = None
    assumption: str | None = None
    incomplete: bool = False
    alternatives: tuple[Period, ...] = ()
    score: float = 1.0
