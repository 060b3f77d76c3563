"""Owns the answer card as a picture: headline, chips, chart, reasons, recommendation, footer."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.exports.report import Report, Section
from assistant.insights.charts.axes import PAD, POINTS_PER_INCH, style
from assistant.insights.charts.colours import GOOD, INK, PAPER, SOFT_INK
from assistant.insights.charts.fonts import drawable
from assistant.insights.charts.matplotlib import figure_of, save
from assistant.insights.charts.spec import WIDTH
from assistant.insights.charts.text import wrap

if TYPE_CHECKING:
    from PIL.Image import Image

PIXELS = 1600
HEADLINE, TEXT, SMALL = 15.0, 10.0, 8.5
LINE, PARAGRAPH = 1.5, 0.06
"""Line height in em, space after a paragraph in inches."""
MOST_LINES = 6
MOST_REASONS = 6


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A run of text in one size and colour."""

    text: str
    points: float = TEXT
    colour: str = INK


def write(report: Report, path: Path) -> None:
    """Write the cards of all answers below each other as one picture."""
    from PIL import Image

    pieces = [piece for section in report.sections for piece in _pieces(report, section)]
    pieces = pieces or [_text_picture([Paragraph(report.title, HEADLINE)])]
    height = sum(piece.height for piece in pieces)
    card = Image.new("RGB", (PIXELS, height), PAPER)
    top = 0
    for piece in pieces:
        card.paste(piece, (0, top))
        top += piece.height
    card.save(path, "PNG", optimize=True)


def _pieces(report: Report, section: Section) -> Iterator["Image"]:
    yield _text_picture(_head(report, section))
    if section.chart is not None:
        repeats = section.chart.frame.title == section.headline
        figure, _ = figure_of(section.chart, report.drawers, title=not repeats)
        data = save(figure, "png", PIXELS, section.headline, section.chart.frame.alt)
        yield _opened(data)
    yield _text_picture(_foot(report, section))


def _opened(data: bytes) -> "Image":
    from PIL import Image

    return Image.open(io.BytesIO(data)).convert("RGB")


def _head(report: Report, section: Section) -> list[Paragraph]:
    chips = [report.say("chip", label=label, value=value) for label, value in section.chips]
    return [
        Paragraph(section.question, SMALL, SOFT_INK),
        Paragraph(section.headline, HEADLINE),
        Paragraph(" · ".join(chips), SMALL, SOFT_INK),
    ]


def _foot(report: Report, section: Section) -> list[Paragraph]:
    reasons = [Paragraph(f"• {line}") for line in section.narrative[:MOST_REASONS]]
    advice = [Paragraph(line, TEXT, GOOD) for line in section.recommendation]
    if advice:
        advice.insert(0, Paragraph(report.say("recommendation"), SMALL, SOFT_INK))
    return [*reasons, *advice, Paragraph(section.footer, SMALL, SOFT_INK)]


def _text_picture(paragraphs: list[Paragraph]) -> "Image":
    """Return the paragraphs, wrapped, as wide as a card."""
    from matplotlib.figure import Figure

    lines, depth = [], PAD
    for paragraph in paragraphs:
        if not paragraph.text:
            continue
        em = paragraph.points / POINTS_PER_INCH
        for text in wrap(paragraph.text, (WIDTH - 2 * PAD) / em, MOST_LINES):
            lines.append((depth, text, paragraph))
            depth += em * LINE
        depth += PARAGRAPH
    figure = Figure(figsize=(WIDTH, depth), facecolor=PAPER)
    for top, text, paragraph in lines:
        figure.text(
            PAD / WIDTH,
            1 - top / depth,
            drawable(text),
            va="top",
            **style(paragraph.points, paragraph.colour),
        )
    return _opened(save(figure, "png", PIXELS, "", ""))
