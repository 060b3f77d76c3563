"""Owns `ChartSpec`: the closed union of charts, as data; drawing is the renderer's."""

from dataclasses import dataclass

Series = tuple[float | None, ...]


WIDTH = 8.0
"""Inches of a chart on paper, a slide or a desk."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What every chart carries: the finding as title, alt text, the number format.

    `unit` as in the metric (`ratio`, `currency`, …); `decimals` None = chosen by size;
    `direction` `up_good`, `down_good` or `none` colours rises and falls. `subtitle` says below the
    title what the chart shows of the finding (by which dimension). `note` is one small
    line below the chart (what is left out, what is not complete). `width` in inches: what is
    narrow has smaller room for the same letters, and stands instead of lying where it must.
    """

    title: str
    alt: str
    language: str
    unit: str
    decimals: int | None = None
    currency: str | None = None
    direction: str = "none"
    note: str = ""
    width: float = WIDTH
    subtitle: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """One number, with the last values as a sparkline (oldest first, `value` last).

    `previous` is the value of `previous_label`, the period compared with.
    """

    frame: Frame
    value: float | None
    spark: Series = ()
    label: str = ""
    previous: float | None = None
    previous_label: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """Series over time; `incomplete_last` draws the last step dashed.

    `incomplete` is how many of the last points are not complete, where there are more than one;
    `incomplete_first`: the period asked begins inside the first unit. `forecast` is how many of
    the last labels are expected, not measured (dashed); `band` the (low, high) of the last
    `len(band)` labels; `marks` the positions of unusual points.
    """

    frame: Frame
    labels: tuple[str, ...]
    series: tuple[tuple[str, Series], ...]
    incomplete_last: bool = False
    band: tuple[tuple[float, float], ...] = ()
    forecast: int = 0
    marks: tuple[int, ...] = ()
    incomplete: int = 0
    incomplete_first: bool = False

    @property
    def dashed(self) -> int:
        """How many of the last points are drawn dashed."""
        return max(self.forecast, self.incomplete, 1 if self.incomplete_last else 0)


@dataclass(frozen=True, slots=True)
class Bar:
    """Sorted bars (horizontal = ranking) or columns side by side (several series).

    Series go from past to present: the last one is what was asked about. `compared`: the single
    series' last bar is compared with those before it. `rest`: the last label is all the others.
    """

    frame: Frame
    labels: tuple[str, ...]
    series: tuple[tuple[str, Series], ...]
    horizontal: bool = False
    compared: bool = False
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """One 100 % bar: parts of a total, as fractions. `rest`: the last part is all the others."""

    frame: Frame
    labels: tuple[str, ...]
    parts: Series
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Waterfall:
    """From `start` by `effects` to `end`; start + sum(effects) = end."""

    frame: Frame
    start: tuple[str, float]
    effects: tuple[tuple[str, float], ...]
    end: tuple[str, float]


@dataclass(frozen=True, slots=True)
class MixRate:
    """Per segment the mix and the rate effect on a ratio; `rest` is neither.

    sum(mix) + sum(rate) + rest = the change.
    """

    frame: Frame
    labels: tuple[str, ...]
    mix: Series
    rate: Series
    rest: float = 0.0
    rest_label: str = ""


@dataclass(frozen=True, slots=True)
class Heatmap:
    """Cells by row and column; None stays blank (immature cohorts)."""

    frame: Frame
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Funnel:
    """Steps of falling size."""

    frame: Frame
    labels: tuple[str, ...]
    values: Series


@dataclass(frozen=True, slots=True)
class Bullet:
    """A value against its target."""

    frame: Frame
    label: str
    value: float
    target: float


ChartSpec = Number | Line | Bar | Share | Waterfall | MixRate | Heatmap | Funnel | Bullet


def kind_of(spec: object) -> str:
    """Return the name a chart's kind is registered and written under: `line`, `mixrate`, …"""
    return type(spec).__name__.lower()
