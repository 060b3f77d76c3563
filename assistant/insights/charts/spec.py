"""Owns `ChartSpec`: the closed union of charts, as data; drawing is the renderer's."""

from dataclasses import dataclass

Series = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What every chart carries: the finding as title, alt text, the number format.

    `unit` as in the metric (`ratio`, `currency`, …); `decimals` None = chosen by size;
    `direction` `up_good`, `down_good` or `none` colours rises and falls.
    """

    title: str
    alt: str
    language: str
    unit: str
    decimals: int | None = None
    currency: str | None = None
    direction: str = "none"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """One number, with the last values as a sparkline."""

    frame: Frame
    value: float | None
    spark: Series = ()


@dataclass(frozen=True, slots=True)
class Line:
    """Series over time; `incomplete_last` draws the last step dashed."""

    frame: Frame
    labels: tuple[str, ...]
    series: tuple[tuple[str, Series], ...]
    incomplete_last: bool = False
    band: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """Sorted bars (horizontal = ranking) or columns side by side (several series)."""

    frame: Frame
    labels: tuple[str, ...]
    series: tuple[tuple[str, Series], ...]
    horizontal: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """One 100 % bar: parts of a total."""

    frame: Frame
    labels: tuple[str, ...]
    parts: Series


@dataclass(frozen=True, slots=True)
class Waterfall:
    """From `start` by `effects` to `end`; start + sum(effects) = end."""

    frame: Frame
    start: tuple[str, float]
    effects: tuple[tuple[str, float], ...]
    end: tuple[str, float]


@dataclass(frozen=True, slots=True)
class MixRate:
    """Per segment the mix and the rate effect on a ratio."""

    frame: Frame
    labels: tuple[str, ...]
    mix: Series
    rate: Series


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
