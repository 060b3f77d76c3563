"""Owns findings: what the numbers say, as values; words come later."""

from dataclasses import dataclass
from typing import Literal

from metric_catalog.periods import Period
from metric_catalog.query import Query

DriverKind = Literal["additive", "mix", "rate", "identity", "residual"]


@dataclass(frozen=True, slots=True)
class Change:
    """A metric in the current period against the base. `relative` is None where base is 0.

    `normal`: the current value lies in `interval`, the 95 % interval expected from history
    (None where history does not suffice). `expected` is its centre, `basis` a code for how it
    was made (e.g. `season_trend`).
    """

    current: float | None
    previous: float | None
    absolute: float | None
    relative: float | None
    normal: bool
    interval: tuple[float, float] | None = None
    expected: float | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Driver:
    """A part of the change; the parts of one dimension sum to `Change.absolute`.

    `dimension` None = an identity edge (member = metric id); member None = the residual.
    `current` and `base` are the member's own values, where they say something; `shares` its
    parts of the denominator in both periods, of a rate's parts.
    """

    dimension: str | None
    member: str | None
    kind: DriverKind
    effect: float
    current: float | None = None
    base: float | None = None
    shares: tuple[float, float] | None = None

    @property
    def shrank(self) -> bool:
        """Whether it counts as mix because the member's share became smaller.

        The cause is then what grew in its place: nothing about this member needs repair.
        """
        return self.kind == "mix" and self.shares is not None and self.shares[0] < self.shares[1]


@dataclass(frozen=True, slots=True)
class Segment:
    """A combination of members that moved against expectation; never summed."""

    elements: tuple[str, ...]
    score: float
    effect: float


FindingKind = Literal[
    "change", "drivers", "segments", "trend", "anomaly", "extreme", "concentration", "ranking",
    "attainment", "forecast", "quality", "cross_section", "opportunity", "moved_together",
    "change_point", "funnel", "fallen", "apart",
]  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One thing found: what kind, about what, how large, which way, how sure, from which queries.

    `facts` are named figures and names for the narrative, in a fixed order; `significance` is
    1 − p where a test was made, else None.
    """

    kind: FindingKind
    subject: str
    size: float | None = None
    direction: Literal["up", "down", "flat"] | None = None
    significance: float | None = None
    facts: tuple[tuple[str, str | float | int | bool | None], ...] = ()
    change: Change | None = None
    drivers: tuple[Driver, ...] = ()
    segments: tuple[Segment, ...] = ()
    points: tuple[tuple[str, float | None], ...] = ()
    period: Period | None = None
    queries: tuple[Query, ...] = ()

    def fact(self, name: str) -> str | float | int | bool | None:
        """Return the fact called `name`, None where there is none."""
        return next((value for key, value in self.facts if key == name), None)
