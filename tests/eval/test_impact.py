"""What a change of definitions changes: its values before and after, the data, what rests on it."""

from pathlib import Path

import pytest

from assistant.actions.items import Choices, accept, finish
from assistant.config import find_project
from assistant.state import tables
from assistant.wiring import Assistant
from tests.assistant.interfaces.commands import Desk
from tests.assistant.interfaces.sites import make_site
from tests.assistant.test_authors import commit, edit, git

MEASURE = "    measure: visit_count"
FILTERED = f"{MEASURE}\n    filter: \"page = 'a'\""
METRIC = """
  - id: {id}
    name: {{en: {id}, zh: 指标{id}}}
    description: {{en: what {id} is, zh: "{id} 是什么"}}
    caliber: {{en: how {id} counts, zh: "{id} 怎么算"}}
    {of}
    unit: ratio
    direction: up_good
    owner: web team
    status: draft
    changed_by: analyst
"""


def written(name: str, below: str) -> str:
    of = f"type: ratio\n    numerator: {{metric: visits}}\n    denominator: {{metric: {below}}}"
    return METRIC.format(id=name, of=of)


@pytest.fixture
def site(tmp_path: Path) -> Desk:
    """The small project in git, with a second metric and a quotient of both."""
    desk = make_site(tmp_path / "site", approved=True)
    file = desk.project / "metrics" / "visits.yml"
    second = METRIC.format(id="on_a", of="type: simple\n    model: visits\n    measure: visit_count\n"
                           "    filter: \"page = 'a'\"")  # fmt: skip
    file.write_text(file.read_text("utf-8") + second + written("share", "on_a"), "utf-8")
    git(desk.project, "init", "-q")
    commit(desk, "bob")
    return desk


def changes(desk: Desk, revision: str = "HEAD") -> dict[str, dict[str, object]]:
    found = desk("catalog", "diff", revision, "--json")
    assert found.status == 0
    return {item["metric"]: item for item in found.json}


def test_a_filter_changes_months_members_and_what_is_made_of_the_metric(site: Desk) -> None:
    edit(site, f"{MEASURE}\n    unit: count", f"{FILTERED}\n    unit: count")
    found = changes(site)
    assert set(found) == {"visits", "share"}
    own = found["visits"]
    assert own["values"] == [{"name": "filter", "old": None, "new": "page = 'a'"}]
    assert own["version_kept"] and own["old_hash"] != own["new_hash"]
    assert ["metric_time__month=2026-10-01", 100, None] in own["differences"]
    assert ["page=b", 100, None] in own["differences"]
    assert not any(cell[0] == "metric_time__month=2026-09-01" for cell in own["differences"])
    assert (found["share"]["fields"], found["share"]["through"]) == ([], ["metric:visits"])


def test_a_denominator_is_told_before_and_after(site: Desk) -> None:
    edit(site, "denominator: {metric: on_a}", "denominator: {metric: visits}")
    (change,) = changes(site)["share"]["values"]  # type: ignore[misc]
    assert change["name"] == "denominator"
    assert ("on_a" in change["old"], "visits" in change["new"]) == (True, True)


def test_what_is_gone_is_told_of_itself_and_of_what_needs_it(site: Desk) -> None:
    file = site.project / "metrics" / "visits.yml"
    before = file.read_text("utf-8")
    start, end = before.index("\n  - id: on_a"), before.index("\n  - id: share")
    file.write_text(before[:start] + before[end:] + written("fresh", "visits"), "utf-8")
    found = changes(site)
    assert {name: item["kind"] for name, item in found.items()} == {
        "fresh": "added", "on_a": "removed", "share": "meaning",
    }  # fmt: skip
    assert "metric:on_a" in found["share"]["through"]  # type: ignore[operator]
    assert found["share"]["compared"] == 0


def test_an_approved_metric_that_is_gone_is_told_too(site: Desk) -> None:
    file = site.project / "metrics" / "visits.yml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("- id: visits\n    name", "- id: views\n    name"), "utf-8")
    found = changes(site)
    assert (found["visits"]["kind"], found["views"]["kind"]) == ("removed", "added")


OFFERED = {
    "playbook": "fix", "title": "Fix it", "text": "It fell", "action": "Do it", "owner": "team",
    "due": "2026-12-01", "expected_effect": 1.0, "segment": None, "guard_metric": None,
}  # fmt: skip


def take(assistant: Assistant, metric: str) -> str:
    """Accept what an answer about `metric` recommended; the action's id."""
    row = {"id": metric, "question": "why", "language": "en", "as_of": "2026-11-01",
           "outcome": "answer", "asker": "everyone"}  # fmt: skip
    content = {
        "answer_id": metric, "question": "why", "language": "en", "value": 2.0, "change": None,
        "metric": {"id": metric, "version": 1, "hash": "h"}, "recommendations": [OFFERED],
        "receipt": {"as_of": "2026-11-01", "query": {}},
    }  # fmt: skip
    assistant.store.put(tables.answers, {**row, "content": content})
    return accept(assistant.store, assistant.definitions, metric, Choices()).id


def test_open_actions_that_are_measured_by_it_are_named(site: Desk) -> None:
    assistant = Assistant(find_project(None, site.project))
    taken, done, _ = (take(assistant, name) for name in ("visits", "share", "on_a"))
    finish(assistant.store, done)
    edit(site, f"{MEASURE}\n    unit: count", f"{FILTERED}\n    unit: count")
    found = changes(site)
    assert {name: item["actions"] for name, item in found.items()} == {
        "visits": [taken], "share": [],
    }  # fmt: skip


def test_words_are_not_meaning(site: Desk) -> None:
    edit(site, "en: How many visits there were.", "en: Visits.")
    found = changes(site)["visits"]
    assert found["kind"] == "words"
    assert [value["name"] for value in found["values"]] == ["description"]  # type: ignore[attr-defined]
    assert found["differences"] == []


def test_the_calendar_of_a_revision_is_its_own(site: Desk) -> None:
    settings = site.project / "askmetric.toml"
    with settings.open("a", encoding="utf-8") as file:
        file.write('[calendar]\nzone = "UTC"\n')
    found = changes(site)
    assert found["visits"]["through"] == ["calendar"]
    commit(site, "bob")
    assert changes(site) == {}
    assert set(changes(site, "HEAD~1")) == set(found)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_is_told_in_words(site: Desk, lang: str) -> None:
    edit(site, f"{MEASURE}\n    unit: count", f"{FILTERED}\n    unit: count")
    told = site("catalog", "diff", "--lang", lang).out
    assert "page = 'a'" in told and "metric:visits" in told and "100 → ∅" in told
    assert "{" not in told
    assert ("含义" in told) is (lang == "zh")
