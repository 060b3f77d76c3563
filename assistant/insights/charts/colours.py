"""Owns the colours of charts: safe for the colour-blind, following direction and sign.

Good and bad are blue and vermillion, the pair of Okabe and Ito (2008) that stays apart in every
kind of colour blindness; sign is always written on the mark too.
"""

from assistant.insights.charts.spec import Frame

INK, SOFT_INK, GRID, PAPER = "#1F2933", "#616E7C", "#E4E7EB", "#FFFFFF"
MAIN, MUTED, DARK = "#0072B2", "#B8C2CC", "#52606D"
GOOD, BAD = "#0072B2", "#D55E00"
RISE, FALL = "#52606D", "#9AA5B1"
"""Where neither way is good."""
BAND = "#CFE3F1"
SERIES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#8C564B", "#52606D", "#D55E00")
REST = "#CBD2D9"
PALE, DEEP = (0.93, 0.96, 0.99), (0.0, 0.32, 0.55)
"""The ends of the heat map's scale, as RGB fractions."""


def of_effect(frame: Frame, size: float) -> str:
    """Return the colour of an effect or a change of `size` on the chart's metric."""
    if size == 0:
        return MUTED
    if frame.direction == "none":
        return RISE if size > 0 else FALL
    return GOOD if (size > 0) == (frame.direction == "up_good") else BAD


def of_series(position: int) -> str:
    """Return the colour of a series or part by position."""
    return SERIES[position % len(SERIES)]


def between(part: float) -> tuple[float, float, float]:
    """Return the colour at `part` (0 to 1) of the heat map's scale."""
    low, high = PALE, DEEP
    mixed = [a + (b - a) * part for a, b in zip(low, high, strict=True)]
    return mixed[0], mixed[1], mixed[2]


def fractions(colour: str) -> tuple[float, float, float]:
    """Return `#RRGGBB` as RGB fractions."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def hexadecimal(colour: tuple[float, float, float]) -> str:
    """Return RGB fractions as `#RRGGBB`."""
    return "#" + "".join(f"{round(part * 255):02X}" for part in colour)


def ink_on(colour: tuple[float, float, float]) -> str:
    """Return the ink that can be read on `colour` (relative luminance, WCAG 2)."""
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return PAPER if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 else INK
