"""`actions …`, `replay` and `requests`: what becomes of an answer, in processes of their own."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.assistant.interfaces.commands import Desk

WHY = "为什么10月复购率下降"


@pytest.fixture
def answered(fresh_desk: Desk) -> str:
    """The id of an answer that recommends something."""
    asked = fresh_desk("ask", WHY, "--json").json
    assert asked["recommendation"], asked["headline"]
    answer: str = asked["answer_id"]
    return answer


def test_accept_edit_done(fresh_desk: Desk, answered: str) -> None:
    desk = fresh_desk
    item = desk("actions", "accept", answered, "--owner", "王店长", "--due", "2026-11-20", "--json")
    assert item.status == 0
    first = item.json
    assert first["owner"] == "王店长" and first["due"] == "2026-11-20" and first["state"] == "open"
    assert first["answer_id"] == answered and first["metric"] == "repurchase_rate"
    assert first["hash"] and first["definition"] and first["query"]
    again = desk("actions", "accept", answered, "--json").json
    assert again["id"] == first["id"] and again["owner"] == "王店长"
    assert [row["id"] for row in desk("actions", "list", "--json").json] == [first["id"]]
    changed = desk("actions", "edit", first["id"], "--text", "先做这个", "--due", "2026-12-01")
    assert changed.status == 0
    (row,) = desk("actions", "list", "--json").json
    assert (row["text"], row["due"], row["owner"]) == ("先做这个", "2026-12-01", "王店长")
    assert desk("actions", "done", first["id"]).status == 0
    assert desk("actions", "done", first["id"]).status == 0
    assert desk("actions", "list", "--json").json[0]["state"] == "done"
    assert first["id"] in desk("actions", "list").out or "王店长" in desk("actions", "list").out


def test_dismiss_and_accept_after_all(fresh_desk: Desk, answered: str) -> None:
    dismissed = fresh_desk("actions", "dismiss", answered, "--json").json
    assert dismissed["state"] == "dismissed"
    accepted = fresh_desk("actions", "accept", answered, "--json").json
    assert accepted["state"] == "open" and accepted["id"] == dismissed["id"]


def test_another_process_accepts(fresh_desk: Desk, answered: str) -> None:
    done = fresh_desk.alone("actions", "accept", answered, "--json")
    assert done.status == 0 and done.json["answer_id"] == answered
    assert len(fresh_desk("actions", "list", "--json").json) == 1


def test_each_offered_playbook_can_be_chosen(fresh_desk: Desk) -> None:
    asked = fresh_desk("ask", WHY, "--json").json
    for offered in asked["recommendations"]:
        words = ("accept", asked["answer_id"], "--playbook", offered["playbook"], "--json")
        item = fresh_desk("actions", *words).json
        assert item["playbook"] == offered["playbook"]
    unknown = fresh_desk("actions", "accept", asked["answer_id"], "--playbook", "nonsense")
    assert unknown.status == 1 and "nonsense" in unknown.sentence()


@pytest.mark.parametrize(
    "words",
    [
        ("actions", "accept", "nothing"),
        ("actions", "dismiss", "nothing"),
        ("actions", "edit", "nothing", "--owner", "someone"),
        ("actions", "done", "nothing"),
        ("replay", "nothing"),
    ],
)
def test_what_is_not_there_is_said(desk: Desk, words: tuple[str, ...]) -> None:
    said = []
    for lang in ("zh", "en"):
        done = desk(*words, "--lang", lang)
        assert done.status == 1 and "nothing" in done.sentence()
        said.append(done.sentence())
    assert said[0] != said[1]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("actions", "accept", "nothing"), "unknown_answer"),
        (("actions", "dismiss", "nothing"), "unknown_answer"),
        (("actions", "edit", "nothing", "--owner", "someone"), "unknown_action"),
        (("actions", "done", "nothing"), "unknown_action"),
        (("replay", "nothing"), "unknown_answer"),
        (("catalog", "show", "nothing"), "unknown_metric"),
        (("catalog", "approve", "nothing", "--by", "someone"), "unknown_metric"),
    ],
)
def test_an_object_says_why_a_command_is_refused(
    desk: Desk, words: tuple[str, ...], reason: str
) -> None:
    said = []
    for lang in ("zh", "en"):
        done = desk(*words, "--json", "--lang", lang)
        assert done.status == 1 and not done.err
        assert done.json["outcome"] == "refusal"
        refusal = done.json["refusal"]
        assert (refusal["reason"], refusal["missing"]) == (reason, "nothing")
        assert isinstance(refusal["nearest"], list) and "nothing" in refusal["text"]
        said.append(refusal["text"])
    assert said[0] != said[1]


def test_a_refused_step_names_what_can_be_had(fresh_desk: Desk, answered: str) -> None:
    desk = fresh_desk
    offered = [item["playbook"] for item in desk("ask", WHY, "--json").json["recommendations"]]
    unknown = desk("actions", "accept", answered, "--playbook", "nonsense", "--json")
    assert unknown.status == 1 and unknown.json["refusal"]["nearest"] == offered
    ids = [
        desk("actions", "accept", answered, "--playbook", name, "--json").json["id"]
        for name in offered
    ]
    near = desk("actions", "done", f"{ids[0]}0", "--json")
    assert near.status == 1 and ids[0] in near.json["refusal"]["nearest"]
    several = desk("actions", "done", answered, "--json").json["refusal"]
    assert (several["reason"], several["nearest"]) == ("several_actions", ids)
    desk("actions", "done", ids[0])
    again = desk("actions", "accept", answered, "--json")
    assert again.status == 1
    assert (again.json["refusal"]["reason"], again.json["refusal"]["missing"]) == (
        "accept_done", ids[0],
    )  # fmt: skip


def test_accepting_again_says_so_and_what_was_not_applied(fresh_desk: Desk, answered: str) -> None:
    desk = fresh_desk
    words = ("actions", "accept", answered, "--owner", "王店长", "--due", "2026-11-20")
    first = desk(*words, "--json").json
    assert first["accepted_before"] is False and first["not_applied"] == {}
    same = desk(*words, "--json").json
    assert same["accepted_before"] is True and same["not_applied"] == {}
    other = ("actions", "accept", answered, "--owner", "Li Wei", "--due", "2026-12-01")
    again = desk(*other, "--json").json
    assert again["not_applied"] == {"owner": "Li Wei", "due": "2026-12-01"}
    assert (again["id"], again["owner"], again["due"]) == (first["id"], "王店长", "2026-11-20")
    for lang in ("en", "zh"):
        said = desk(*other, "--lang", lang)
        assert said.status == 0 and "王店长" in said.out and "2026-11-20" in said.out
        command = said.out.partition("askmetric ")[2].strip()
        assert command == f"actions edit {first['id']} --owner 'Li Wei' --due 2026-12-01"
        assert "edit" not in desk(*words, "--lang", lang).out
        assert desk(*words, "--lang", lang).out != desk(*other, "--lang", lang).out
    changed = desk(*shlex.split(command), "--json").json
    assert (changed["owner"], changed["due"]) == ("Li Wei", "2026-12-01")


HAN = re.compile("[\u4e00-\u9fff]")


def test_a_step_speaks_the_language_of_its_answer(fresh_desk: Desk) -> None:
    desk, english = fresh_desk, "why did repurchase rate drop in October"
    asked = {text: desk("ask", text, "--json").json for text in (english, WHY)}
    en, zh = (asked[text]["answer_id"] for text in (english, WHY))
    title = {text: asked[text]["recommendation"]["title"] for text in asked}
    assert title[english] in desk("actions", "accept", en).out
    told = desk("actions", "accept", zh).out
    assert title[WHY] in told and title[english] not in told
    (item,) = desk("actions", "list", "--json").json
    assert item["title"] == title[english]
    for lang, text in (("en", english), ("zh", WHY)):
        for words in (("accept", zh), ("accept", en), ("list",), ("edit", zh, "--owner", "Li")):
            out = desk("actions", *words, "--lang", lang).out
            assert title[text] in out and bool(HAN.search(out)) == (lang == "zh"), words
    assert title[WHY] in desk("actions", "done", zh).out
    refused = desk("actions", "edit", zh, "--owner", "Wang")
    assert refused.status == 1


def test_a_broken_definition_keeps_nobody_from_their_actions(
    shop_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(shop_folder, folder, ignore=shutil.ignore_patterns(".askmetric"))
    desk = Desk(folder, tmp_path / "state")
    answer = desk("ask", WHY, "--json").json
    item = desk("actions", "accept", answer["answer_id"], "--json").json
    (folder / "metrics" / "orders.yml").write_text("metrics: [", "utf-8")
    assert item["title"] in desk("actions", "list", "--lang", "en").out
    assert desk("actions", "done", item["id"], "--lang", "en").status == 0
    assert desk("actions", "list", "--json").json[0]["state"] == "done"


def test_a_wrong_day_is_wrong_usage(desk: Desk) -> None:
    done = desk("actions", "accept", "nothing", "--due", "soon")
    assert done.status == 2 and "soon" in done.sentence()


def test_an_empty_list_says_so(fresh_desk: Desk) -> None:
    assert fresh_desk("actions", "list", "--json").json == []
    assert fresh_desk("actions", "list").out.strip()
    assert fresh_desk("requests", "--json").json == []
    assert fresh_desk("requests").out.strip()


def test_replay_says_same_and_what_moved(shop_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(shop_folder, folder, ignore=shutil.ignore_patterns(".askmetric"))
    desk = Desk(folder, tmp_path / "state")
    answer = desk("ask", "上个月订单数", "--json").json
    same = desk("replay", answer["answer_id"], "--json")
    assert same.status == 0
    assert same.json["verdict"] == "same"
    assert same.json["then"] == same.json["now"] == answer["value"]
    assert desk("replay", answer["answer_id"]).status == 0
    file = folder / "metrics" / "orders.yml"
    text = file.read_text("utf-8")
    start = text.index("- id: orders\n", text.index("metrics:"))
    cut = text.index('filter: "', start)
    file.write_text(f"{text[:cut]}filter: \"channel != 'web' and {text[cut + 9 :]}", "utf-8")
    moved = desk("replay", answer["answer_id"], "--json")
    assert moved.status == 1
    assert moved.json["verdict"] == "definition_moved" and moved.json["moved"] == ["orders"]
