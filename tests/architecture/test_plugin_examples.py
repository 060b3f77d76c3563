"""Every example of docs/plugins.md runs and does what it is there for."""

import datetime as dt
import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from assistant.config import find_project
from assistant.exports.report import Report, Section
from assistant.insights.charts.gallery import examples
from assistant.insights.charts.matplotlib import BUILT_IN, draw
from assistant.insights.investigation import Ask, Done, Investigation
from assistant.llm.model import Prompt
from assistant.llm.settings import ModelSettings
from assistant.pipeline import query
from assistant.plugins import GROUPS
from assistant.reading.lexicon import PACKS, find_words
from assistant.wiring import Assistant
from executors.executor import Limits
from metric_catalog.calendars import Calendar
from metric_catalog.periods import Period
from metric_catalog.policy import Policy
from metric_catalog.query import MetricQuery
from retrieval.search import MetricIndex
from tests.architecture.sources import blocks, document
from tests.executors.engines import make_duckdb

EVERYONE = Policy("everyone")


def example(seam: str, folder: Path) -> dict[str, Any]:
    """The names that the example of a seam defines."""
    section = next(
        part for part in document("docs/plugins.md").split("\n## ") if part.startswith(seam)
    )
    (code,) = blocks(section, "python")
    module = ModuleType("example")
    module.__file__ = str(folder / "example.py")
    for text in blocks(section, "yaml"):
        (folder / text.split("\n", 1)[0].split("/")[-1]).write_text(text, "utf-8")

    sys.modules["example"] = module
    exec(compile(code, "docs/plugins.md", "exec"), module.__dict__)
    return module.__dict__


def test_every_seam_has_an_example() -> None:
    sections = document("docs/plugins.md").split("\n## ")[1:]
    assert len(sections) == len(GROUPS)
    assert all(len(blocks(section, "python")) == 1 for section in sections)


def test_the_executor_runs_statements(shop_folder: Path, tmp_path: Path) -> None:
    names = example("Executor", tmp_path)
    assistant = Assistant(find_project(None, shop_folder))
    noted = names["Noted"](assistant.project.database, Limits())
    assistant.executor = noted
    assistant.line.executor.data_as_of = dt.date(2026, 11, 1)
    asked = MetricQuery(metrics=("orders",))
    _, table = query(asked, assistant.catalog, assistant.executor, EVERYONE)
    assert table.rows[0][0] > 0 and "SELECT" in noted.notes[-1]
    assert names["Noted"](make_duckdb(tmp_path), Limits()).columns()["visits"]


def test_the_embedder_makes_an_index(shop_session: Assistant, tmp_path: Path) -> None:
    embedder = example("Embedder", tmp_path)["Letters"]()
    index = MetricIndex.open(shop_session.catalog, tmp_path / "index", embedder)
    found = index.search("how often do people buy again", 3, EVERYONE)
    assert len(found) == 3
    (vector,) = embedder.embed(["a"])
    assert sum(n * n for n in vector) == pytest.approx(1)


def test_the_language_pack_adds_words(tmp_path: Path) -> None:
    pack = example("Language pack", tmp_path)["PACK"]
    text = "batting order of orders"
    assert not [span for span in find_words(text) if span.words == "batting order of"]
    found = {span.name for span in find_words(text, (*PACKS, pack)) if span.length > 10}
    assert found == {"intent.ranking"}


def test_the_detector_asks_and_finds(shop_session: Assistant, tmp_path: Path) -> None:
    detector = example("Detector", tmp_path)["DoubledDetector"]()
    october = Period(dt.datetime(2026, 10, 1), dt.datetime(2026, 11, 1))
    first = Period(dt.datetime(2024, 9, 1), dt.datetime(2024, 9, 4))
    investigation = Investigation(
        MetricQuery(metrics=("orders",), periods=(october,)), "explain",
        shop_session.catalog.metric("orders"), dt.date(2026, 11, 1), Calendar(), october, first,
    )  # fmt: skip
    asked = detector.step(investigation, {})
    assert isinstance(asked, Ask)
    tables = {
        q: query(q, shop_session.catalog, shop_session.executor, EVERYONE)[1] for q in asked.queries
    }
    (found,) = detector.step(investigation, tables).findings
    now, before = (tables[q].values("orders")[0] for q in asked.queries)
    assert found.size == pytest.approx(now / before) and found.size > 2
    assert detector.step(replace(investigation, base=october), dict.fromkeys(detector.step(replace(investigation, base=october), {}).queries, tables[asked.queries[0]])) == Done()  # fmt: skip


def test_the_exporter_writes(tmp_path: Path) -> None:
    write = example("Exporter", tmp_path)["write"]
    section = Section("a1", "orders?", "Orders rose", (("metric", "orders@1"),))
    write(Report("Weekly", "en", (section,), dt.date(2026, 11, 1)), tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_text() == "Weekly\nOrders rose\nmetric: orders@1"


def test_the_drawer_draws(tmp_path: Path) -> None:
    drawer = example("Chart kind", tmp_path)["draw_share"]
    spec = examples("en")["share"]
    picture = draw(spec, drawers={**BUILT_IN, "share": drawer})
    assert picture.startswith(b"\x89PNG") and picture != draw(spec)


def test_the_model_replies(tmp_path: Path) -> None:
    names = example("Language model", tmp_path)
    model = names["open_fixed"](ModelSettings("http://127.0.0.1:1/v1", "none"))
    assert json.loads(model.complete(Prompt("", "", {}))) == {"picks": []}
