"""Owns metric definitions: one closed union of types and the governed `Metric` around it."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from metric_catalog.model.definition import BilingualText, Definition, Name, Names, Text, Words
from metric_catalog.model.governance import Status, Target

Aggregate = Literal["mean", "median"]
Direction = Literal["up_good", "down_good", "none"]


class Window(Definition):
    """A length of time: `count` units of `grain` (a standard or a custom one)."""

    count: int = Field(ge=0)
    grain: str


class MetricInput(Definition):
    """A metric used by another one, narrowed, shifted back in time, under an own `alias`."""

    metric: Name
    filter: str | None = None
    alias: Name | None = None
    offset_window: Window | None = None
    offset_to_grain: str | None = None

    @property
    def name(self) -> str:
        """The name that an expression uses for this input."""
        return self.alias or self.metric


class Simple(Definition):
    """One measure of one semantic model; semi-additive and percentile come from the measure."""

    type: Literal["simple"] = "simple"
    model: Name
    measure: Name
    fill_nulls_with: int | float | None = None
    join_to_time_spine: bool = False


class Ratio(Definition):
    """Numerator by denominator, each aggregated on its own first."""

    type: Literal["ratio"] = "ratio"
    numerator: MetricInput
    denominator: MetricInput


class Derived(Definition):
    """An arithmetic `expr` over input metrics, by their names or aliases."""

    type: Literal["derived"] = "derived"
    expr: str
    inputs: tuple[MetricInput, ...]


class Cumulative(Definition):
    """A running value: over a trailing `window`, since the start of a grain, or of all time.

    `period_agg` is which of its values stands for a cell of time; a period without a split by
    time shows the one at its end. A value beside an earlier one of itself looks back on `every`
    moment, or, by single moments, on those that are asked for alone (`asked`, MetricFlow's way:
    the first ones of a period have no earlier value then).
    """

    type: Literal["cumulative"] = "cumulative"
    metric: MetricInput
    window: Window | None = None
    grain_to_date: str | None = None
    period_agg: Literal["first", "last", "average"] = "last"
    looks_back: Literal["every", "asked"] = "every"


class ConstantProperty(Definition):
    """A property that must be equal at the base and the conversion event."""

    base: str
    conversion: str


class Conversion(Definition):
    """Base events followed by a conversion event of the same entity within `window`.

    A conversion counts once, for the latest base event before it: of `every` one, or of those
    that a query's filters and period leave (`asked`, MetricFlow's way; parts then overlap).
    """

    type: Literal["conversion"] = "conversion"
    base: MetricInput
    conversion: MetricInput
    entity: Name
    window: Window | None = None
    calculation: Literal["conversion_rate", "conversions"] = "conversion_rate"
    constant_properties: tuple[ConstantProperty, ...] = ()
    attribution: Literal["every", "asked"] = "every"


class Retention(Definition):
    """Share of a cohort that comes back.

    The cohort are the entities of `cohort_model`, dated by the first row that they ever have;
    they return with a row of `return_model` between `from_day` and `to_day` days after
    (both included, whole days). A cohort whose last day is not over is incomplete.
    """

    type: Literal["retention"] = "retention"
    entity: Name
    cohort_model: Name
    return_model: Name
    cohort_filter: str | None = None
    return_filter: str | None = None
    from_day: int = Field(ge=0)
    to_day: int = Field(ge=0)


class Interval(Definition):
    """Mean or median time between consecutive events of an entity, in `unit`s.

    An interval belongs to the period of its later event; events of one entity on the same
    moment count as one.
    """

    type: Literal["interval"] = "interval"
    entity: Name
    model: Name
    aggregate: Aggregate = "mean"
    unit: Literal["day", "hour"] = "day"


class EntityShare(Definition):
    """Share of the entities active in the period whose `measure` meets `op value`.

    复购率 = buyers with at least 2 orders / buyers. Active = at least one row of `model` in
    the period after the filters.
    """

    type: Literal["entity_share"] = "entity_share"
    entity: Name
    model: Name
    measure: Name
    op: Literal[">=", ">", "=", "<", "<="] = ">="
    value: int | float


MetricType = Annotated[
    Simple | Ratio | Derived | Cumulative | Conversion | Retention | Interval | EntityShare,
    Field(discriminator="type"),
]


class DriverEdge(Definition):
    """How other metrics make up this one (identity) or are believed to move it (influence)."""

    kind: Literal["sum", "difference", "product", "ratio", "influence"]
    metrics: tuple[Name, ...]
    note: BilingualText = Text()


class Metric(Definition):
    """One governed metric: its words, its formula, its rules and who answers for it.

    `direction`: whether up is good. `zero_denominator`: what a ratio without base shows.
    `comparison`: what "why" and "growth" compare with where nothing is named.
    `approved_hash` is not here: approvals live in a file of their own.
    """

    id: Name
    name: BilingualText
    description: BilingualText = Text()
    caliber: BilingualText = Text()
    synonyms: Words = Words()
    examples: Words = Words()
    of: MetricType
    filter: str | None = None
    time_dimension: Name | None = None
    default_grain: str | None = None
    grains: tuple[str, ...] = ()
    dimensions: Names = ()
    additive_over: tuple[str, ...] = ()
    unit: Literal["count", "currency", "ratio", "days", "hours", "score", "number"] = "number"
    unit_label: BilingualText = Text()
    currency: str | None = None
    decimals: int | None = None
    direction: Direction = "none"
    zero_denominator: Literal["null", "zero"] = "null"
    comparison: Literal["previous", "year", "holiday"] = "previous"
    complete_period: Literal["mark", "like_for_like"] = "like_for_like"
    drivers: tuple[DriverEdge, ...] = ()
    playbooks: Names = ()
    targets: tuple[Target, ...] = ()
    owner: str = ""
    domain: str = ""
    tier: int | None = None
    nature: Literal["leading", "lagging", ""] = ""
    gameable: bool = False
    sensitivity: Literal["public", "internal", "restricted"] = "public"
    status: Status = "draft"
    version: int = 1
    effective_from: dt.date | None = None
    successor: Name | None = None
    changed_by: str = ""
    private: bool = False


def inputs_of(metric: Metric) -> tuple[MetricInput, ...]:
    """Return the metrics that `metric` is directly made of."""
    match metric.of:
        case Ratio(numerator=numerator, denominator=denominator):
            return (numerator, denominator)
        case Derived(inputs=inputs):
            return inputs
        case Cumulative(metric=base):
            return (base,)
        case Conversion(base=base, conversion=conversion):
            return (base, conversion)
        case Simple() | Retention() | Interval() | EntityShare():
            return ()
