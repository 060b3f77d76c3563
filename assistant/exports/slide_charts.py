"""Owns the native charts of slides: a plot written with its own numbers and colours."""

from typing import TYPE_CHECKING, Any

from assistant.exports.plots import Plot, Strip
from assistant.insights.charts.colours import MAIN

if TYPE_CHECKING:
    from pptx.chart.chart import Chart


def rgb(colour: str) -> Any:
    """Return `#RRGGBB` as Office's colour."""
    from pptx.dml import color as colours

    make: Any = colours.RGBColor
    return make.from_string(colour.removeprefix("#"))


def printable(text: str) -> str:
    """Return text without the controls that XML cannot hold."""
    return "".join(c for c in text if c in "\n\t" or c.isprintable() or c == " ")


def written(name: str) -> str:
    """Return a name for the chart's own sheet, where a leading = would make a formula."""
    plain = printable(name)
    return f"'{plain}" if plain.startswith(("=", "{=")) else plain


def add_plot(shapes: Any, plot: Plot, box: tuple[int, int, int, int]) -> Any:
    """Add the native chart to a slide's shapes in `box` (EMU); return its frame."""
    from pptx.chart import data as charts
    from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION

    kinds = {
        "columns": XL_CHART_TYPE.COLUMN_CLUSTERED,
        "bars": XL_CHART_TYPE.BAR_CLUSTERED,
        "stacked": XL_CHART_TYPE.COLUMN_STACKED,
        "whole": XL_CHART_TYPE.BAR_STACKED_100,
        "line": XL_CHART_TYPE.LINE_MARKERS,
    }
    make: Any = charts.CategoryChartData
    data = make(number_format=plot.code)
    data.categories = [written(name) for name in plot.categories]
    for strip in plot.strips:
        data.add_series(written(strip.name), strip.values)
    frame = shapes.add_chart(kinds[plot.shape], *box, data)
    chart = frame.chart
    chart.has_title = False
    chart.has_legend = plot.legend
    if plot.legend:
        chart.legend.position = XL_LEGEND_POSITION.TOP
        chart.legend.include_in_layout = False
    _shape_axes(chart, plot)
    for series, strip in zip(chart.plots[0].series, plot.strips, strict=True):
        _paint(series, strip, plot)
    return frame


def _shape_axes(chart: "Chart", plot: Plot) -> None:
    from pptx.util import Pt

    chart.font.size = Pt(12)
    values, categories = chart.value_axis, chart.category_axis
    categories.format.line.width = Pt(0.75)
    categories.has_major_gridlines = False
    values.has_major_gridlines = plot.shape == "line"
    values.visible = plot.shape == "line"
    if plot.shape == "line":
        values.tick_labels.number_format = plot.code
        values.tick_labels.number_format_is_linked = False
        values.format.line.fill.background()
        return
    shown = [v for strip in plot.strips for v in strip.values if v is not None]
    if all(value >= 0 for value in shown):
        values.minimum_scale = 0
    chart.plots[0].gap_width = 45
    if plot.shape in ("bars", "whole"):
        categories.reverse_order = True
    if plot.shape in ("stacked", "whole"):
        chart.plots[0].overlap = 100


def _paint(series: Any, strip: Strip, plot: Plot) -> None:
    from pptx.enum.dml import MSO_LINE
    from pptx.util import Pt

    if plot.shape == "line":
        series.smooth = False
        look = strip.looks[0] if strip.looks else MAIN
        colour = rgb(look or MAIN)
        series.format.line.color.rgb = colour
        series.format.line.width = Pt(2.25)
        series.marker.format.fill.solid()
        series.marker.format.fill.fore_color.rgb = colour
        for place in strip.dashed:
            series.points[place].format.line.dash_style = MSO_LINE.DASH
            series.points[place].format.line.color.rgb = colour
        return
    for place, look in enumerate(strip.looks):
        fill = series.points[place].format.fill
        if look is None:
            fill.background()
        else:
            fill.solid()
            fill.fore_color.rgb = rgb(look)
    _label(series, strip, plot)


def _label(series: Any, strip: Strip, plot: Plot) -> None:
    """Write values on the marks; own texts where the format cannot say them (万, pp)."""
    from pptx.util import Pt

    if strip.texts is None:
        labels = series.data_labels
        labels.show_value = True
        labels.number_format = plot.code
        labels.number_format_is_linked = False
        labels.font.size = Pt(11)
        return
    for place, text in enumerate(strip.texts):
        if text:
            frame = series.points[place].data_label.text_frame
            frame.text = printable(text)
            frame.paragraphs[0].runs[0].font.size = Pt(11)
