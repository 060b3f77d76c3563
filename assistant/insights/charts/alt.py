"""Owns the alt text of charts: what is drawn, in words, from the same data."""

from assistant.insights.charts.effects import steps
from assistant.insights.charts.spec import (
    Bar,
    Bullet,
    ChartSpec,
    Funnel,
    Heatmap,
    Line,
    MixRate,
    Number,
    Share,
    Waterfall,
    kind_of,
)
from assistant.insights.charts.text import difference_text, finite, say, value_text

MOST_ROWS = 12
Row = tuple[str, str]


def alt_text(spec: ChartSpec) -> str:
    """Return kind, title and up to 12 labelled values of a chart, in its language."""
    frame = spec.frame
    rows = _rows(spec)
    parts = [say(frame, "alt_pair", label=label, value=value) for label, value in rows[:MOST_ROWS]]
    if len(rows) > MOST_ROWS:
        parts.append(say(frame, "alt_more", count=len(rows) - MOST_ROWS))
    return say(
        frame,
        "alt_by" if frame.subtitle else "alt",
        kind=say(frame, f"kind_{kind_of(spec)}"),
        title=frame.title,
        subtitle=frame.subtitle,
        rows=say(frame, "alt_joiner").join(parts),
    ).strip()


def is_empty(spec: ChartSpec) -> bool:
    """Whether there is no value to draw."""
    match spec:
        case Number(value=value):
            return finite(value) is None
        case Line(series=series) | Bar(series=series):
            return all(finite(v) is None for _, values in series for v in values)
        case Share(parts=parts):
            return not any((finite(part) or 0) > 0 for part in parts)
        case Heatmap(cells=cells):
            return all(finite(value) is None for row in cells for value in row)
        case Funnel(values=values):
            return all(finite(value) is None for value in values)
        case MixRate(mix=mix, rate=rate):
            return not (mix or rate)
        case _:
            return False


def _rows(spec: ChartSpec) -> list[Row]:
    frame = spec.frame
    match spec:
        case Number(label=label, value=value):
            return [(label or frame.title, value_text(frame, finite(value)))]
        case Line(labels=labels, series=series) | Bar(labels=labels, series=series):
            many = len(series) > 1
            return [
                (f"{name} {label}" if many else label, value_text(frame, finite(value)))
                for name, values in series
                for label, value in zip(labels, values, strict=True)
            ]
        case Share(labels=labels, parts=values) | Funnel(labels=labels, values=values):
            return [
                (label, value_text(frame, finite(value)))
                for label, value in zip(labels, values, strict=True)
            ]
        case Waterfall():
            return _waterfall_rows(spec)
        case MixRate():
            return _mix_rate_rows(spec)
        case Heatmap(rows=rows, columns=columns, cells=cells):
            return [
                (f"{row} {column}", value_text(frame, finite(value)))
                for row, values in zip(rows, cells, strict=True)
                for column, value in zip(columns, values, strict=True)
                if finite(value) is not None
            ]
        case Bullet(label=label, value=value, target=target):
            aim = say(frame, "target", value=value_text(frame, target))
            return [(label, say(frame, "alt_target", value=value_text(frame, value), target=aim))]


def _waterfall_rows(spec: Waterfall) -> list[Row]:
    frame, bars = spec.frame, steps(spec)
    effects = [(label, difference_text(frame, size)) for label, _, size in bars[1:-1]]
    start, end = bars[0], bars[-1]
    return [
        (start[0], value_text(frame, start[2])),
        *effects,
        (end[0], value_text(frame, end[2])),
    ]


def _mix_rate_rows(spec: MixRate) -> list[Row]:
    frame, rows = spec.frame, []
    mix_word, rate_word = say(frame, "mix_short"), say(frame, "rate_short")
    for label, mix, rate in zip(spec.labels, spec.mix, spec.rate, strict=True):
        rows.append((f"{label} {mix_word}", difference_text(frame, finite(mix))))
        rows.append((f"{label} {rate_word}", difference_text(frame, finite(rate))))
    if spec.rest:
        rows.append((spec.rest_label, difference_text(frame, spec.rest)))
    return rows
