"""An approval is bound to a meaning, never given by the author, and kept as one more line."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metric_catalog.approvals import approve, write_approval
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.load import load
from metric_catalog.model.governance import Approval
from tests.metric_catalog.shops import AUTHOR, catalog, metric

DAY = dt.date(2026, 11, 1)


def refused(known: Catalog, by: str) -> list[str]:
    with pytest.raises(CatalogError) as caught:
        approve(known, "gmv", by, "why", DAY)
    return [item.code for item in caught.value.issues]


def test_an_approval_makes_the_meaning_live_and_a_change_takes_it_back() -> None:
    known = catalog(metric(), approved=False)
    assert known.status_of("gmv") == "draft"
    given_approval = approve(known, "gmv", "council", "agreed", DAY)
    live = catalog(metric(), approved=False, approvals=(given_approval,))
    assert live.status_of("gmv") == "published"
    moved = catalog(metric(filter="channel = 'a'"), approved=False, approvals=(given_approval,))
    assert moved.status_of("gmv") == "draft"
    worded = catalog(metric(description="other"), approved=False, approvals=(given_approval,))
    assert worded.status_of("gmv") == "published"


WIDE = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in AUTHOR)


@pytest.mark.parametrize("by", [AUTHOR, f" {AUTHOR.upper()} ", WIDE, f"{AUTHOR}\u200b"])
def test_the_author_cannot_approve(by: str) -> None:
    assert refused(catalog(metric(), approved=False), by) == ["approved_by_author"]


def test_nobody_without_a_name_approves_and_nothing_without_an_author_is_approved() -> None:
    assert refused(catalog(metric(), approved=False), " ") == ["approve_without_name"]
    anonymous = catalog(metric(changed_by=""), approved=False)
    assert refused(anonymous, "council") == ["missing_changed_by"]


def test_a_broken_definition_is_not_approved() -> None:
    assert refused(catalog(metric(dimensions=["x"]), approved=False), "council") == [
        "unknown_dimension"
    ]


def test_the_same_person_does_not_approve_twice_and_retired_ones_never() -> None:
    assert refused(catalog(metric()), "council") == ["approve_again"]
    assert refused(catalog(metric(status="retired"), approved=False), "council") == [
        "approve_retired"
    ]


def test_an_unknown_metric_names_the_nearest() -> None:
    with pytest.raises(CatalogError) as caught:
        approve(catalog(metric()), "gvm", "council", "", DAY)
    assert caught.value.issues[0].nearest == ("gmv",)


def test_a_written_approval_is_one_more_line(tmp_path: Path) -> None:
    file = tmp_path / "approvals.yml"
    first = approve(catalog(metric(), approved=False), "gmv", "council", "agreed: 口径", DAY)
    file.write_text("# kept by hand\napprovals:")
    write_approval(file, first)
    before = file.read_text()
    assert before.startswith("# kept by hand\napprovals:\n")
    second = first.model_copy(update={"by": "board"})
    write_approval(file, second)
    assert file.read_text().startswith(before)
    assert len(file.read_text().splitlines()) == len(before.splitlines()) + 1
    assert load([file], tmp_path).approvals == (first, second)
    assert [item.name for item in tmp_path.iterdir()] == ["approvals.yml"]


def test_a_file_with_something_after_its_list_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "approvals.yml"
    file.write_text("approvals: []\nmetrics: []\n")
    chosen = approve(catalog(metric(), approved=False), "gmv", "council", "", DAY)
    with pytest.raises(CatalogError):
        write_approval(file, chosen)
    assert file.read_text() == "approvals: []\nmetrics: []\n"


@given(by=st.text(max_size=30), why=st.text(max_size=60))
def test_no_text_of_a_person_breaks_the_file(
    tmp_path_factory: pytest.TempPathFactory, by: str, why: str
) -> None:
    file = tmp_path_factory.mktemp("a") / "approvals.yml"
    chosen = Approval(metric="gmv", version=1, hash="0f", by=by, at=DAY, why=why)
    try:
        write_approval(file, chosen)
    except CatalogError:
        assert not file.exists()
        return
    assert load([file], file.parent).approvals == (chosen,)
