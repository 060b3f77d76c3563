"""Every code that an issue or error can carry has a sentence in both languages, with its slots."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from prompts.render import LANGUAGES, sentences

ROOT = Path(__file__).parents[2]
ROOMS = ("metric_catalog", "executors", "eval", "assistant", "retrieval")
SENDERS = {
    "issue": 0, "Issue": 0, "ExecutorError": 0, "StateError": 0, "fail": 0, "_fail": 0,
    "problem": 0, "drop": 0, "lost": 2,
}  # fmt: skip
"""Functions that take a code, and the position of it."""

BY_FIELD = {
    "missing_": ("owner", "changed_by", "unit", "currency", "name", "description", "caliber",
                 "successor"),
    "unknown_": ("metric", "model", "playbook"),
    "value_expects_": ("time", "number", "integer", "boolean", "text"),
}  # fmt: skip
"""Codes that are put together from a field's name."""

OF_TARGETS = (
    "target_without_value", "target_without_end", "target_before_effective",
    "target_without_direction",
)  # fmt: skip
FORM = ("did_you_mean", "at_place", "or")
SLOT = re.compile(r"\{([a-z_]+)\}")


def sent() -> Iterator[tuple[str, frozenset[str] | None]]:
    """Yield every code with the names of its arguments, None where they are not literal."""
    for room in ROOMS:
        for file in (ROOT / room).rglob("*.py"):
            for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call):
                    yield from _codes(call)


def _codes(call: ast.Call) -> Iterator[tuple[str, frozenset[str] | None]]:
    function = call.func
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    position = SENDERS.get(name)
    if position is None or len(call.args) <= position:
        return
    names = [keyword.arg for keyword in call.keywords]
    plain = name in ("issue", "ExecutorError") and None not in names
    given = frozenset(n for n in names if n) if plain else None
    for node in ast.walk(call.args[position]):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for field in BY_FIELD.get(node.value, ("",)):
                yield node.value + field, given


CODES = sorted({code for code, _ in sent()} | set(OF_TARGETS))


def test_codes_are_found() -> None:
    assert {"unknown_metric", "condition_syntax", "query_failed", "loss_config"} <= set(CODES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_sentence(language: str) -> None:
    rooms = ("errors", "card", "refusal", "usage")
    known = {key for room in rooms for key in sentences(language, room)}
    assert [code for code in CODES if code not in known] == []


def test_both_languages_say_the_same_things_with_the_same_slots() -> None:
    texts = [sentences(language, "errors") for language in LANGUAGES]
    assert list(texts[0]) == list(texts[1])
    for key in texts[0]:
        slots = [set(SLOT.findall(text[key])) for text in texts]
        assert slots[0] == slots[1], key


def test_slots_are_filled_wherever_a_code_is_sent() -> None:
    texts = sentences("en", "errors")
    unfilled = {
        (code, slot)
        for code, given in sent()
        if given is not None and code in texts
        for slot in set(SLOT.findall(texts[code])) - given
    }
    assert unfilled == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_of_an_issue_is_there(language: str) -> None:
    texts = sentences(language, "errors")
    assert all(key in texts for key in FORM)
    assert "{nearest}" in texts["did_you_mean"]
    assert "{place}" in texts["at_place"]
