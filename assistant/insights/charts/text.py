"""Owns the text on charts: widths, wrapping and shortening for both scripts, figures."""

import math
import unicodedata
from collections.abc import Callable, Sequence

from assistant.insights.charts.spec import Frame
from assistant.insights.figures import format_unit, format_unit_difference
from metric_catalog.model.definition import Language
from prompts.render import render

NARROW_EM, SPACE_EM = 0.57, 0.25
"""Mean advance of Latin letters and of a space in Noto Sans SC, in em, on the wide side."""
ELLIPSIS = "…"
NOT_AT_START = frozenset("，。、；：！？）】》”’%,.;:!?)]}…")
NONE = "–"
LARGEST, SMALLEST = 1e15, 1e-4
"""Beyond these a figure is written with an exponent."""
MOST_DIGITS = 6


def width_em(text: str) -> float:
    """Return about how wide `text` is, in em."""
    return sum(_em(character) for character in text)


def _em(character: str) -> float:
    if character == " ":
        return SPACE_EM
    return 1.0 if unicodedata.east_asian_width(character) in "WF" else NARROW_EM


def shorten_label(text: str, most_em: float) -> str:
    """Return `text` cut to `most_em`, with an ellipsis where something was cut."""
    text = " ".join(text.split())
    if width_em(text) <= most_em:
        return text
    kept, left = "", most_em - _em(ELLIPSIS)
    for character in text:
        left -= _em(character)
        if left < 0:
            break
        kept += character
    return kept.rstrip() + ELLIPSIS


def wrap(text: str, most_em: float, most_lines: int) -> list[str]:
    """Return lines of at most `most_em`: Latin words stay whole, no line starts with a comma."""
    lines, line = [], ""
    for piece in _pieces(" ".join(text.split())):
        fits = width_em((line + piece).rstrip()) <= most_em
        if line and not fits and piece not in NOT_AT_START:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    lines.append(line.rstrip())
    if len(lines) > most_lines:
        lines = [*lines[: most_lines - 1], " ".join(lines[most_lines - 1 :])]
    return [shorten_label(line, most_em + 1) for line in lines]


def wrap_even(text: str, most_em: float, most_lines: int) -> list[str]:
    """Return as many lines as `wrap`, about equally long."""
    lines = wrap(text, most_em, most_lines)
    if len(lines) < 2 or lines[-1].endswith(ELLIPSIS):
        return lines
    narrower = most_em
    while (narrower := narrower - 1) >= width_em(text) / len(lines):
        tried = wrap(text, narrower, most_lines)
        if len(tried) > len(lines) or any(line.endswith(ELLIPSIS) for line in tried):
            break
        lines = tried
    return lines


def _pieces(text: str) -> list[str]:
    """Split where a line may break: after spaces, around wide characters."""
    pieces: list[str] = []
    for character in text:
        wide = _em(character) == 1.0
        after_space = bool(pieces) and pieces[-1].endswith(" ")
        after_wide = bool(pieces) and _em(pieces[-1][-1]) == 1.0
        if not pieces or after_space or wide or after_wide:
            pieces.append(character)
        else:
            pieces[-1] += character
    return pieces


def language_of(frame: Frame) -> Language:
    """Return the language of a chart."""
    return "zh" if frame.language == "zh" else "en"


def value_text(frame: Frame, value: float | None) -> str:
    """Return a value in the chart's unit."""
    if value is None:
        return NONE
    if _unreadable(value):
        return f"{value:.3g}"
    return format_unit(value, frame.unit, language_of(frame), frame.decimals, frame.currency)


def difference_text(frame: Frame, value: float | None) -> str:
    """Return a signed difference in the chart's unit (pp for rates)."""
    if value is None:
        return NONE
    if _unreadable(value):
        return f"{value:+.3g}"
    return format_unit_difference(
        value, frame.unit, language_of(frame), frame.decimals, frame.currency
    )


def _unreadable(value: float) -> bool:
    return abs(value) >= LARGEST or 0 < abs(value) < SMALLEST


def axis_texts(frame: Frame, ticks: Sequence[float]) -> list[str]:
    """Return texts of an axis' ticks that differ from each other and are as short as may be."""
    language = language_of(frame)

    def shown(decimals: int | None) -> Callable[[float], str]:
        return lambda v: format_unit(v, frame.unit, language, decimals, frame.currency)

    tries: list[Callable[[float], str]] = [shown(digits) for digits in range(MOST_DIGITS + 1)]
    if frame.unit != "ratio":
        tries = [shown(None), *tries, lambda v: f"{v:,.{MOST_DIGITS}g}"]
    if any(_unreadable(tick) for tick in ticks):
        tries = [lambda v: f"{v:.3g}", lambda v: f"{v:.8g}"]
    texts: list[str] = []
    for attempt in tries:
        texts = [attempt(tick) for tick in ticks]
        if len(set(texts)) == len(texts):
            break
    return texts


def finite(value: float | None, most: float = 1e100) -> float | None:
    """Return a value that can be drawn: None for not-a-number, infinite and absurdly large."""
    if value is None or not math.isfinite(value) or abs(value) > most:
        return None
    return float(value)


def say(frame: Frame, key: str, **arguments: object) -> str:
    """Return a text of the charts' room in the chart's language."""
    return render(language_of(frame), "charts", key, **arguments)
