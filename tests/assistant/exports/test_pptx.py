"""Slides, opened again: native charts with the right numbers, texts that stay texts."""

import math
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pptx import Presentation
from pptx.enum.chart import XL_CHART_TYPE

from assistant.exports.pptx import write
from assistant.insights.charts.spec import Bar, ChartSpec, Frame, Waterfall
from tests.assistant.exports.reports import EVIL, charts, report

NATIVE = {
    "trend": XL_CHART_TYPE.LINE_MARKERS,
    "trends": XL_CHART_TYPE.LINE_MARKERS,
    "forecast": XL_CHART_TYPE.LINE_MARKERS,
    "comparison": XL_CHART_TYPE.COLUMN_CLUSTERED,
    "comparison_by_group": XL_CHART_TYPE.COLUMN_CLUSTERED,
    "ranking": XL_CHART_TYPE.BAR_CLUSTERED,
    "share": XL_CHART_TYPE.BAR_STACKED_100,
    "contribution": XL_CHART_TYPE.COLUMN_STACKED,
    "mix_and_rate": XL_CHART_TYPE.BAR_CLUSTERED,
    "funnel": XL_CHART_TYPE.BAR_CLUSTERED,
    "target": XL_CHART_TYPE.BAR_CLUSTERED,
}


def slide_of(chart: ChartSpec | None, folder: Path, language: Any = "en") -> Any:
    file = folder / "out.pptx"
    write(report(chart, language), file)
    return Presentation(str(file)).slides[0]


def frame_of(slide: Any) -> Any:
    return next(shape for shape in slide.shapes if shape.has_chart)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", sorted(NATIVE))
def test_charts_are_native_and_described(name: str, language: Any, tmp_path: Path) -> None:
    spec = charts(language)[name]
    frame = frame_of(slide_of(spec, tmp_path, language))
    assert frame.chart.chart_type == NATIVE[name]
    assert frame._element.nvGraphicFramePr.cNvPr.get("descr") == spec.frame.alt


def test_bars_hold_the_numbers_of_the_chart(tmp_path: Path) -> None:
    spec = charts("zh")["comparison_by_group"]
    assert isinstance(spec, Bar)
    plot = frame_of(slide_of(spec, tmp_path)).chart.plots[0]
    assert tuple(plot.categories) == spec.labels
    assert [(s.name, tuple(s.values)) for s in plot.series] == list(spec.series)


def test_gaps_in_a_line_stay_gaps(tmp_path: Path) -> None:
    plot = frame_of(slide_of(charts("en")["trends"], tmp_path)).chart.plots[0]
    store = next(series for series in plot.series if series.name == "Store")
    assert store.values[3] is None


@pytest.mark.parametrize(
    ("start", "effects"),
    [(100.0, (-30.0, 50.0)), (20.0, (-50.0, 10.0, 40.0)), (-10.0, (-5.0, 30.0)), (0.0, (0.0,))],
)
def test_a_waterfall_is_stacked_on_an_unfilled_base(
    start: float, effects: tuple[float, ...], tmp_path: Path
) -> None:
    frame = Frame("t", "a", "en", "count", direction="up_good")
    end = start + math.fsum(effects)
    named = tuple((f"m{i}", size) for i, size in enumerate(effects))
    spec = Waterfall(frame, ("then", start), named, ("now", end))
    base, *rest = frame_of(slide_of(spec, tmp_path)).chart.plots[0].series
    assert all(point.format.fill.type is not None for point in base.points)
    assert base.points[0].format.fill.type == 5  # MSO_FILL.BACKGROUND: no fill
    level = start
    for place, size in enumerate(effects, 1):
        span = math.fsum(abs(series.values[place]) for series in rest)
        assert span == pytest.approx(abs(size))
        lowest = min(level, level + size)
        below = math.fsum(min(series.values[place], 0.0) for series in (base, *rest))
        foot = base.values[place] if lowest >= 0 else below
        assert foot == pytest.approx(lowest)
        level += size
    assert math.fsum(s.values[len(effects) + 1] for s in (base, *rest)) == pytest.approx(end)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_a_chart_says_beside_its_title_is_on_the_slide(language: Any, tmp_path: Path) -> None:
    spec = charts(language)["contribution"]
    spec = replace(spec, frame=replace(spec.frame, subtitle="by which", note="what is left out"))
    slide = slide_of(spec, tmp_path, language)
    texts = {s.text_frame.text: s for s in slide.shapes if s.has_text_frame}
    chart, above, below = frame_of(slide), texts["by which"], texts["what is left out"]
    assert above.top + above.height <= chart.top
    assert chart.top + chart.height <= below.top
    plain = frame_of(slide_of(charts(language)["ranking"], tmp_path, language))
    assert chart.top > plain.top and chart.height < plain.height


@pytest.mark.parametrize("name", ["cohorts", "number"])
def test_what_office_cannot_draw_is_a_table_or_a_number(name: str, tmp_path: Path) -> None:
    slide = slide_of(charts("en")[name], tmp_path)
    assert not any(shape.has_chart for shape in slide.shapes)
    if name == "cohorts":
        table = next(shape for shape in slide.shapes if shape.has_table).table
        assert table.cell(1, 1).text == "41.2%"
        assert table.cell(5, 3).text == ""
    else:
        assert any("48.21K" in shape.text_frame.text for shape in slide.shapes)


def test_titles_findings_and_receipts_are_there(tmp_path: Path) -> None:
    slide = slide_of(None, tmp_path)
    assert slide.shapes.title.text_frame.text == EVIL
    assert "SELECT 1" in slide.notes_slide.notes_text_frame.text
    table = next(shape for shape in slide.shapes if shape.has_table).table
    assert table.cell(1, 1).text == "¥1.23M"


def test_no_name_becomes_a_formula_in_the_charts_own_sheet(tmp_path: Path) -> None:
    spec = charts("en")["ranking"]
    assert isinstance(spec, Bar)
    evil = replace(spec, labels=("=1+1", "{=2}", "a\x00b\x0b", *spec.labels[3:]))
    chart = frame_of(slide_of(evil, tmp_path)).chart
    book = openpyxl.load_workbook(BytesIO(chart.part.chart_workbook.xlsx_part.blob))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
