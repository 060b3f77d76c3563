"""Every outcome has every field of the contract, and every line of a batch has an answer."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.assistant.interfaces.commands import READ, Desk, check_asked, check_reading

# What is asked, what comes of it, and the metric that it is about.
OUTCOMES = (
    ("orders last month", "answer", "orders"),
    ("上个月各渠道订单数", "answer", "orders"),
    ("why did repurchase rate drop in October", "answer", "repurchase_rate"),
    ("复购率的口径是什么", "answer", "repurchase_rate"),
    ("which metrics are there", "answer", None),
    ("orders where 77", "clarification", "orders"),
    ("占比最高的订单数", "clarification", "orders"),
    ("GMV in 2019", "refusal", "gmv"),
    ("2019年成交额", "refusal", "gmv"),
    ("what is the weather", "refusal", None),
    ("", "refusal", None),
)
NULL_WITHOUT_ANSWER = ("value", "rows", "change", "recommendation", "sql", "receipt", "chart")
EMPTY_WITHOUT_ANSWER = ("drivers", "segments", "findings", "recommendations", "follow_ups")


@pytest.mark.parametrize(("question", "outcome", "metric"), OUTCOMES)
def test_every_outcome_has_every_field(
    desk: Desk, question: str, outcome: str, metric: str | None
) -> None:
    done = desk("ask", question, "--json")
    asked = done.json
    check_asked(asked)
    assert asked["outcome"] == outcome, asked["headline"]
    assert done.status == (0 if outcome == "answer" else 1)
    assert (asked["metric"] or {}).get("id") == metric
    assert asked["headline"] and asked["question"] == question
    assert all(isinstance(ms, float) and ms >= 0 for ms in asked["timings_ms"].values())
    assert asked["timings_ms"]
    if outcome != "answer":
        assert [asked[name] for name in NULL_WITHOUT_ANSWER] == [None] * len(NULL_WITHOUT_ANSWER)
        assert [asked[name] for name in EMPTY_WITHOUT_ANSWER] == [[]] * len(EMPTY_WITHOUT_ANSWER)


def test_all_outcomes_have_the_same_fields(desk: Desk) -> None:
    fields = [set(desk("ask", question, "--json").json) for question, *_ in OUTCOMES]
    assert all(found == fields[0] for found in fields), set.union(*fields) - set.intersection(
        *fields
    )


def test_the_definition_is_the_one_in_force(desk: Desk) -> None:
    answered = desk("ask", "orders last month", "--json").json["metric"]
    refused = desk("ask", "orders in 2019", "--json").json["metric"]
    asked_back = desk("ask", "orders where 77", "--json").json["metric"]
    assert answered == refused == asked_back


BROKEN: tuple[tuple[str, str], ...] = (
    ("no json", "broken_line"),
    ("", "broken_line"),
    ("   ", "broken_line"),
    ("7", "broken_line"),
    ('"orders"', "broken_line"),
    ("[1]", "broken_line"),
    ("null", "broken_line"),
    ("[" * 100_000, "broken_line"),
    ('{"id": NaN, "question": "orders"}', "broken_line"),
    ('{"id": 1e999, "question": "orders"}', "broken_line"),
    ('{"id": "none"}', "broken_line"),
    ('{"id": 0, "question": 7}', "broken_line"),
    ('{"id": "list", "question": ["orders"]}', "broken_line"),
    ('{"id": "day", "question": "orders", "as_of": "31/12/2026"}', "wrong_date"),
    ('{"id": "day", "question": "orders", "as_of": 20261231}', "wrong_date"),
    ('{"id": "day", "question": "orders", "as_of": ["2026-11-01"]}', "wrong_date"),
    ('{"id": "turn", "question": "and in August", "after": "nobody"}', "unknown_turn"),
    ('{"id": "turn", "question": "and in August", "after": {}}', "unknown_turn"),
    ('{"id": "lang", "question": "orders", "lang": "fr"}', "wrong_language"),
    ('{"id": "lang", "question": "orders", "lang": ["zh"]}', "wrong_language"),
    ('{"id": "empty", "question": ""}', "empty"),
)


def id_of(line: str) -> Any:
    """The id of a line that is an object with one."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    found = value.get("id") if isinstance(value, dict) else None
    return None if isinstance(found, float) else found


def write(file: Path, *lines: str) -> str:
    file.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return str(file)


def test_every_line_has_one_answer_with_every_field(desk: Desk, tmp_path: Path) -> None:
    good = '{"id": "ok", "question": "orders last month"}'
    file = write(tmp_path / "batch.jsonl", *(line for line, _ in BROKEN), good)
    for command, check in (("ask", check_asked), ("read", check_reading)):
        done = desk(command, "--batch", file, "--json")
        assert done.status == 0, done.err
        *lines, last = done.lines
        assert len(lines) == len(BROKEN)
        fields = set(last) - {"id"}
        assert last["metrics"] == ["orders"] and last["id"] == "ok"
        for answered, (line, reason) in zip(lines, BROKEN, strict=True):
            check(answered)
            assert answered.get("id") == id_of(line) and fields <= set(answered), line
            if command == "read" and reason == "empty":
                continue
            assert answered["outcome"] == "refusal"
            assert answered["refusal"]["reason"] == reason, line
            assert answered["refusal"]["text"] == answered["headline"] != ""
            assert set(READ) <= set(answered)


def test_a_broken_line_is_told_in_the_language_of_its_question(desk: Desk, tmp_path: Path) -> None:
    file = write(
        tmp_path / "batch.jsonl",
        '{"question": "上个月订单数", "as_of": "soon"}',
        '{"question": "orders last month", "as_of": "soon"}',
    )
    zh, en = desk("ask", "--batch", file).lines
    assert (zh["language"], en["language"]) == ("zh", "en")
    assert zh["headline"] != en["headline"]
    forced = desk("ask", "--batch", file, "--lang", "en").lines
    assert [line["headline"] for line in forced] == [en["headline"]] * 2


@pytest.mark.parametrize("key", ["'\\ud800'", "[[1]]", '{"a": 1}', "true", "-0.5", '""', '"编号"'])
def test_an_id_comes_back_as_it_was_given(desk: Desk, tmp_path: Path, key: str) -> None:
    key = key.replace("'", '"')
    file = write(
        tmp_path / "batch.jsonl",
        f'{{"id": {key}, "question": "orders last month"}}',
        f'{{"id": {key}, "question": 1}}',
    )
    answered, refused = desk("ask", "--batch", file).lines
    assert answered["id"] == refused["id"] == json.loads(key)
    assert (answered["outcome"], refused["outcome"]) == ("answer", "refusal")


def test_a_line_may_follow_an_earlier_one_by_its_answer(desk: Desk, tmp_path: Path) -> None:
    first = desk("ask", "orders last month", "--json").json
    file = write(
        tmp_path / "batch.jsonl",
        '{"question": "orders last month"}',
        f'{{"question": "what about August", "after": "{first["answer_id"]}"}}',
        '{"id": 7, "question": "GMV last month"}',
        '{"question": "by channel", "after": 7}',
    )
    _, second, _, fourth = desk("ask", "--batch", file, "--as-of", "2026-11-01").lines
    assert (second["metrics"], second["period"]["start"]) == (["orders"], "2026-08-01")
    assert (fourth["metrics"], fourth["group_by"]) == (["gmv"], ["channel"])


@pytest.mark.parametrize(
    ("after", "outcome"),
    [("null", "answer"), ('""', "answer"), ("0", "refusal"), ("false", "refusal")],
)
def test_null_and_nothing_name_no_turn(
    desk: Desk, tmp_path: Path, after: str, outcome: str
) -> None:
    file = write(tmp_path / "b.jsonl", f'{{"question": "orders last month", "after": {after}}}')
    (line,) = desk("ask", "--batch", file).lines
    assert line["outcome"] == outcome
