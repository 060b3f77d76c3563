"""Owns PPTX: one slide per answer, the finding as its title, charts that stay editable."""

from pathlib import Path
from typing import Any

from assistant.exports.plots import Plot, plot_of
from assistant.exports.report import Report, Section, Table
from assistant.exports.slide_charts import add_plot, printable, rgb
from assistant.insights.charts.alt import is_empty
from assistant.insights.charts.colours import (
    DARK,
    INK,
    PAPER,
    SOFT_INK,
    between,
    hexadecimal,
    ink_on,
)
from assistant.insights.charts.spec import ChartSpec, Heatmap, Number
from assistant.insights.charts.text import finite, value_text

SLIDE = (13.333, 7.5)
MARGIN, SIDE = 0.6, 4.2
TITLE_TOP, TITLE_HEIGHT, CHIPS_HEIGHT, FOOTER_HEIGHT = 0.45, 0.95, 0.4, 0.35
BODY_TOP, LINE = 1.9, 0.35
TITLE_POINTS, TEXT_POINTS, SMALL_POINTS, NUMBER_POINTS = 26, 14, 11, 60
MOST_REASONS, MOST_ROWS, MOST_COLUMNS = 6, 12, 6
BLANK_LAYOUT = 5
"""The layout of python-pptx's template with a title and nothing else."""
Box = tuple[float, float, float, float]
"""Left, top, width, height in inches."""


def write(report: Report, path: Path) -> None:
    """Write the presentation; the notes of each slide hold its receipt and SQL."""
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(SLIDE[0]), Inches(SLIDE[1])
    deck.core_properties.title = report.title
    deck.core_properties.language = report.language
    for section in report.sections:
        _add_slide(report, section, deck)
    deck.save(str(path))


def _add_slide(report: Report, section: Section, deck: Any) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[BLANK_LAYOUT])
    wide = SLIDE[0] - 2 * MARGIN
    _place(slide.shapes.title, (MARGIN, TITLE_TOP, wide, TITLE_HEIGHT))
    _fill(slide.shapes.title.text_frame, [(section.headline, TITLE_POINTS, INK)])
    chips = " · ".join(
        report.say("chip", label=label, value=value) for label, value in section.chips
    )
    top = TITLE_TOP + TITLE_HEIGHT
    _text(slide, (MARGIN, top, wide, CHIPS_HEIGHT), [(chips, SMALL_POINTS, SOFT_INK)])
    height = SLIDE[1] - BODY_TOP - MARGIN - FOOTER_HEIGHT
    _add_body(report, section, slide, (MARGIN, BODY_TOP, wide - SIDE - MARGIN / 2, height))
    side = (SLIDE[0] - MARGIN - SIDE, BODY_TOP, SIDE, height)
    _text(slide, side, _reasons(report, section))
    foot = (MARGIN, SLIDE[1] - MARGIN, wide, FOOTER_HEIGHT)
    _text(slide, foot, [(section.footer, SMALL_POINTS, SOFT_INK)])
    receipt = [report.say("chip", label=label, value=value) for label, value in section.receipt]
    notes = [section.question, *receipt, section.sql]
    slide.notes_slide.notes_text_frame.text = printable("\n".join(n for n in notes if n))


def _reasons(report: Report, section: Section) -> list[tuple[str, int, str]]:
    lines = [(line, TEXT_POINTS, INK) for line in section.narrative[:MOST_REASONS]]
    if section.recommendation:
        lines.append((report.say("recommendation"), SMALL_POINTS, SOFT_INK))
        lines += [(line, TEXT_POINTS, INK) for line in section.recommendation]
    return lines


def _add_body(report: Report, section: Section, slide: Any, box: Box) -> None:
    chart = section.chart
    if chart is None or is_empty(chart):
        if section.table is not None and section.table.rows:
            _add_table(slide, box, _cells(report, section.table), {})
        return
    match chart:
        case Heatmap():
            _add_heatmap(slide, chart, box)
        case Number():
            _text(slide, box, [(value_text(chart.frame, finite(chart.value)), NUMBER_POINTS, INK)])
        case _:
            _add_chart(slide, chart, plot_of(chart), box)


def _add_chart(slide: Any, chart: ChartSpec, plot: Plot | None, box: Box) -> None:
    from pptx.util import Inches

    if plot is None:
        return
    left, top, width, height = box
    for words, at in ((chart.frame.subtitle, top), (chart.frame.note, top + height - LINE)):
        if words:
            _text(slide, (left, at, width, LINE), [(words, SMALL_POINTS, SOFT_INK)])
            height -= LINE
    top += LINE if chart.frame.subtitle else 0.0
    inside = (Inches(left), Inches(top), Inches(width), Inches(height))
    frame = add_plot(slide.shapes, plot, inside)
    _describe(frame, chart.frame.alt)


def _add_heatmap(slide: Any, chart: Heatmap, box: Box) -> None:
    shown = [[finite(value) for value in row] for row in chart.cells]
    known = [value for row in shown for value in row if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    cells = [["", *chart.columns]]
    fills: dict[tuple[int, int], tuple[float, float, float]] = {}
    for y, (name, row) in enumerate(zip(chart.rows, shown, strict=True), 1):
        texts = ["" if v is None else value_text(chart.frame, v) for v in row]
        cells.append([name, *texts])
        for x, value in enumerate(row, 1):
            if value is not None:
                part = (value - low) / (high - low) if high > low else 0.5
                fills[y, x] = between(part)
    _describe(_add_table(slide, box, cells, fills), chart.frame.alt)


def _cells(report: Report, table: Table) -> list[list[str]]:
    places = [i for i, field in enumerate(table.fields) if field.role != "component"]
    places = places[:MOST_COLUMNS]
    head = [table.fields[i].label for i in places]
    rows = [
        [table.text(i, row[i], report.language) for i in places] for row in table.rows[:MOST_ROWS]
    ]
    return [head, *rows]


def _add_table(
    slide: Any,
    box: Box,
    cells: list[list[str]],
    fills: dict[tuple[int, int], tuple[float, float, float]],
) -> Any:
    from pptx.util import Inches

    left, top, width, height = (Inches(side) for side in box)
    row_height = min(height, Inches(0.4) * len(cells))
    frame = slide.shapes.add_table(len(cells), len(cells[0]), left, top, width, row_height)
    frame.table.horz_banding = False
    for y, row in enumerate(cells):
        for x, text in enumerate(row):
            cell = frame.table.cell(y, x)
            colour = fills.get((y, x))
            paper, ink = (DARK, PAPER) if y == 0 else (PAPER, INK)
            if colour is not None:
                paper, ink = hexadecimal(colour), ink_on(colour)
            cell.fill.solid()
            cell.fill.fore_color.rgb = rgb(paper)
            _fill(cell.text_frame, [(text, SMALL_POINTS, ink)])
    return frame


def _place(shape: Any, box: Box) -> None:
    from pptx.util import Inches

    shape.left, shape.top, shape.width, shape.height = (Inches(side) for side in box)


def _text(slide: Any, box: Box, lines: list[tuple[str, int, str]]) -> None:
    from pptx.util import Inches

    if any(text for text, _, _ in lines):
        left, top, width, height = (Inches(side) for side in box)
        _fill(slide.shapes.add_textbox(left, top, width, height).text_frame, lines)


def _fill(frame: Any, lines: list[tuple[str, int, str]]) -> None:
    """Write one paragraph per (text, points, colour), left-aligned, wrapped."""
    from pptx.enum.text import PP_ALIGN
    from pptx.util import Pt

    frame.word_wrap = True
    for place, (text, points, colour) in enumerate(lines):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.LEFT
        paragraph.space_after = Pt(points / 2)
        run = paragraph.add_run()
        run.text = printable(text)
        run.font.size = Pt(points)
        run.font.color.rgb = rgb(colour)


def _describe(frame: Any, alt: str) -> None:
    """Give a shape its alt text."""
    frame._element.nvGraphicFramePr.cNvPr.set("descr", printable(alt))  # no public door to it
