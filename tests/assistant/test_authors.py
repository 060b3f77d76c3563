"""Who changes a meaning without saying so cannot approve it: git knows, whatever the file says."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from assistant.authors import History, unsigned_authors
from assistant.config import find_project
from assistant.wiring import Assistant
from tests.assistant.interfaces.commands import Desk
from tests.assistant.interfaces.sites import make_site

MEASURE = "    measure: visit_count"
FILTERED = f"{MEASURE}\n    filter: \"page = 'a'\""


def git(folder: Path, *words: str, by: str = "ann") -> None:
    """Run git in `folder` as `by`."""
    who = {"GIT_AUTHOR_NAME": by, "GIT_COMMITTER_NAME": by}
    mail = {"GIT_AUTHOR_EMAIL": f"{by}@example.com", "GIT_COMMITTER_EMAIL": f"{by}@example.com"}
    subprocess.run(
        ["git", *words], cwd=folder, check=True, capture_output=True,
        env={**os.environ, **who, **mail},
    )  # fmt: skip


def commit(desk: Desk, by: str) -> None:
    git(desk.project, "add", "metrics", "askmetric.toml")
    git(desk.project, "commit", "-q", "-m", "change", by=by)


def edit(desk: Desk, old: str, new: str) -> None:
    file = desk.project / "metrics" / "visits.yml"
    before = file.read_text("utf-8")
    assert old in before
    file.write_text(before.replace(old, new), "utf-8")


def authors(desk: Desk) -> set[str]:
    project = find_project(None, desk.project)
    found = unsigned_authors(History(project, Assistant(project).catalog), "visits")
    return {name for name in found if "@" not in name}


@pytest.fixture
def plain(tmp_path: Path) -> Desk:
    """The small project, approved by its owner, outside of git."""
    return make_site(tmp_path / "site", approved=True)


@pytest.fixture
def site(plain: Desk) -> Desk:
    """The same, committed by bob; ann sits at the keyboard."""
    git(plain.project, "init", "-q")
    git(plain.project, "config", "user.name", "ann")
    git(plain.project, "config", "user.email", "ann@example.com")
    commit(plain, "bob")
    return plain


def approved(desk: Desk, by: str) -> bool:
    done = desk("catalog", "approve", "visits", "--by", by)
    assert done.status in (0, 1)
    return done.status == 0


def codes(desk: Desk) -> set[str]:
    return {item["code"] for item in desk("catalog", "check", "--json").json}


@pytest.mark.parametrize("by", ["ann", " Ann ", "ann@example.com"])
def test_who_has_the_files_open_cannot_approve_an_unsigned_change(site: Desk, by: str) -> None:
    edit(site, MEASURE, FILTERED)
    assert not approved(site, by)
    assert "change_unsigned" in codes(site)
    assert approved(site, "owner")


def test_nobody_named_means_the_one_at_the_keyboard(site: Desk) -> None:
    edit(site, MEASURE, FILTERED)
    told = site("catalog", "approve", "visits")
    assert told.status == 1 and "ann" in told.err and "changed_by" in told.err


def test_a_committed_change_is_its_committers_until_it_is_signed(site: Desk) -> None:
    edit(site, MEASURE, FILTERED)
    commit(site, "eve")
    edit(site, "en: How many visits there were.", "en: Visits.")
    commit(site, "bob")
    assert authors(site) == {"eve"}
    assert not approved(site, "eve")
    assert "change_unsigned" not in codes(site)
    assert approved(site, "bob")


def test_a_signed_change_rests_on_its_signature(site: Desk) -> None:
    edit(site, MEASURE, FILTERED)
    edit(site, "changed_by: analyst", "changed_by: eve")
    assert "change_unsigned" not in codes(site)
    assert not approved(site, "eve")
    assert approved(site, "ann")


def test_a_second_change_under_the_signature_of_another_is_unsigned(site: Desk) -> None:
    edit(site, MEASURE, FILTERED)
    edit(site, "changed_by: analyst", "changed_by: eve")
    commit(site, "eve")
    edit(site, "page = 'a'", "page = 'b'")
    commit(site, "dan")
    assert authors(site) == {"dan"}


def test_a_signature_may_follow_the_change(site: Desk) -> None:
    edit(site, MEASURE, FILTERED)
    commit(site, "ann")
    edit(site, "changed_by: analyst", "changed_by: ann")
    commit(site, "ann")
    assert authors(site) == set()
    assert not approved(site, "ann")


def test_what_was_approved_since_is_over(site: Desk) -> None:
    edit(site, MEASURE, FILTERED)
    commit(site, "eve")
    assert approved(site, "owner")
    commit(site, "owner")
    edit(site, "page = 'a'", "page = 'b'")
    commit(site, "dan")
    assert authors(site) == {"dan"}


def test_a_change_of_what_the_metric_rests_on_counts(site: Desk) -> None:
    edit(site, "agg: count,", "agg: count_distinct,")
    commit(site, "eve")
    assert authors(site) == {"eve"}


def test_a_broken_revision_between_hides_nobody(site: Desk) -> None:
    edit(site, "metrics:\n", "metrics: [\n")
    commit(site, "dan")
    edit(site, "metrics: [\n", "metrics:\n")
    edit(site, MEASURE, FILTERED)
    commit(site, "eve")
    assert authors(site) == {"eve"}


def test_who_merges_is_no_author(site: Desk) -> None:
    git(site.project, "branch", "-M", "trunk")
    git(site.project, "checkout", "-q", "-b", "side")
    edit(site, MEASURE, FILTERED)
    commit(site, "eve")
    git(site.project, "checkout", "-q", "trunk")
    edit(site, "en: How many visits there were.", "en: Visits.")
    commit(site, "bob")
    git(site.project, "merge", "-q", "--no-edit", "side", by="dan")
    assert authors(site) == {"eve"}


def test_a_new_metric_is_signed_by_being_written(site: Desk) -> None:
    file = site.project / "metrics" / "visits.yml"
    before = file.read_text("utf-8")
    _, _, own = before.partition("metrics:\n")
    again = own.replace("id: visits", "id: seen").replace("访问", "浏览").replace("visits", "views")
    file.write_text(before + again.replace("model: views", "model: visits"), "utf-8")
    assert "change_unsigned" not in codes(site)
    assert site("catalog", "approve", "seen", "--by", "ann").status == 0


RATE = """
  - id: rate
    name: {en: rate, zh: 比率}
    type: ratio
    numerator: {metric: visits}
    denominator: {metric: visits}
    status: draft
    changed_by: analyst
"""


def test_what_follows_from_its_inputs_is_not_told_again_but_not_its_authors_to_approve(
    site: Desk,
) -> None:
    with (site.project / "metrics" / "visits.yml").open("a", encoding="utf-8") as file:
        file.write(RATE)
    commit(site, "bob")
    edit(site, f"{MEASURE}\n    unit: count", f"{FILTERED}\n    unit: count")
    told = [item for item in site("catalog", "check", "--json").json
            if item["code"] == "change_unsigned"]  # fmt: skip
    assert [item["place"].split(": ")[1] for item in told] == ["visits.changed_by"]
    assert site("catalog", "approve", "rate", "--by", "ann").status == 1
    assert site("catalog", "approve", "rate", "--by", "owner").status == 0


def test_an_approval_written_by_hand_is_found(site: Desk) -> None:
    edit(site, MEASURE, FILTERED)
    shown = site("catalog", "show", "visits", "--json").json
    line = {
        "metric": "visits",
        "version": 1,
        "hash": shown["hash"],
        "by": "ann",
        "at": "2026-11-01",
    }
    with (site.project / "metrics" / "approvals.yml").open("a", encoding="utf-8") as file:
        file.write(f"  - {json.dumps(line)}\n")
    assert "approved_unsigned" in codes(site)


def test_without_git_the_file_alone_decides(plain: Desk) -> None:
    edit(plain, MEASURE, FILTERED)
    assert authors(plain) == set()
    assert "change_unsigned" not in codes(plain)
    assert not approved(plain, "analyst")
    assert approved(plain, "ann")


def test_a_folder_that_git_does_not_know_yet_is_no_fault(plain: Desk) -> None:
    git(plain.project, "init", "-q")
    assert authors(plain) == set()
    assert approved(plain, "ann")
