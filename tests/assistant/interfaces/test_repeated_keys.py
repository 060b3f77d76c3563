"""A key that repeats in a joined table is told with every answer that rests on the join."""

from pathlib import Path

import pytest

from tests.assistant.interfaces.commands import Desk
from tests.assistant.interfaces.sites import make_site

PAGES = """
  - id: pages
    table: pages
    entities: [{name: page_key, type: primary, expr: page}]
    dimensions: [{name: topic, label: {en: topic, zh: 主题}}]
metrics:
"""
FOREIGN = "entities: [{name: visit, type: primary, expr: visit_id}, {name: page_key, type: foreign, expr: page}]"
QUESTIONS = {
    "en": ("Visits by topic in October 2026", "Visits in October 2026"),
    "zh": ("2026年10月各主题的访问量", "2026年10月的访问量"),
}


def _site(folder: Path, pages: str) -> Desk:
    site = make_site(folder, approved=False)
    file = folder / "metrics" / "visits.yml"
    text = file.read_text("utf-8")
    text = text.replace("entities: [{name: visit, type: primary, expr: visit_id}]", FOREIGN)
    file.write_text(text.replace("metrics:\n", PAGES.lstrip("\n"), 1), "utf-8")
    (folder / "pages.csv").write_text(f"page,topic\n{pages}\n", "utf-8")
    assert site("catalog", "approve", "visits", "--by", "owner").status == 0
    return site


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_repeated_key_is_a_finding_of_quality(tmp_path: Path, lang: str) -> None:
    joined, alone = QUESTIONS[lang]
    (tmp_path / "twice").mkdir()
    (tmp_path / "once").mkdir()
    twice = _site(tmp_path / "twice", "a,news\nb,sport\nb,sport")
    once = _site(tmp_path / "once", "a,news\nb,sport")

    def told(site: Desk, question: str) -> list[str]:
        answer = site("ask", question, "--json", "--lang", lang).json
        assert answer["outcome"] == "answer", answer
        codes = [dict(f["facts"]).get("code") for f in answer["findings"] if f["kind"] == "quality"]
        return [code for code in codes if code == "repeated_key"]

    assert told(twice, joined) == ["repeated_key"]
    assert "`pages`" in twice("ask", joined, "--lang", lang).out
    assert told(twice, alone) == [] and told(once, joined) == []


HISTORY = """
  - id: pages
    table: pages
    primary_entity: page_key
    entities: [{name: page_key, type: natural, expr: page}]
    dimensions:
      - {name: topic, label: {en: topic, zh: 主题}}
      - {name: since, type: time, grain: day, validity: start, label: {en: since, zh: 起始日}}
      - {name: until, type: time, grain: day, validity: end, label: {en: until, zh: 截止日}}
metrics:
"""
VERSIONS = {
    "apart": "a,news,2026-01-01,2026-10-01\na,sport,2026-10-01,\nb,news,2026-01-01,",
    "overlapping": "a,news,2026-01-01,2026-10-01\na,sport,2026-09-20,\nb,news,2026-01-01,",
}


@pytest.mark.parametrize("kind", VERSIONS)
def test_history_that_overlaps_is_told_by_every_command(tmp_path: Path, kind: str) -> None:
    site = make_site(tmp_path, approved=False)
    file = tmp_path / "metrics" / "visits.yml"
    text = file.read_text("utf-8")
    text = text.replace("entities: [{name: visit, type: primary, expr: visit_id}]", FOREIGN)
    file.write_text(text.replace("metrics:\n", HISTORY.lstrip("\n"), 1), "utf-8")
    (tmp_path / "pages.csv").write_text(f"page,topic,since,until\n{VERSIONS[kind]}\n", "utf-8")
    assert site("catalog", "approve", "visits", "--by", "owner").status == 0

    overlaps = kind == "overlapping"
    rows = site("query", "--metrics", "visits", "--group-by", "topic", "--json").json
    assert (sum(row[1] for row in rows["rows"]) > 200) == overlaps
    codes = ["source_moments_overlap"] if overlaps else []
    assert [each["code"] for each in rows["warnings"]] == codes
    checked = site("catalog", "check", "--json")
    assert checked.status == int(overlaps)
    assert [each["code"] for each in checked.json if each["severity"] == "error"] == codes
    answer = site("ask", "Visits by topic in September 2026", "--json").json
    found = [dict(f["facts"]).get("code") for f in answer["findings"] if f["kind"] == "quality"]
    assert ("repeated_key" in found) == overlaps
    alone = site("query", "--metrics", "visits", "--json").json
    assert alone["rows"] == [[200]] and alone["warnings"] == []
