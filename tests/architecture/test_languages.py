"""Both languages are complete; every code has a sentence; no sentence stands in Python."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from metric_catalog.issues import Issue
from prompts.render import LANGUAGES, sentences
from tests.architecture.sources import ROOT, calls, literal, modules, texts

ROOMS = sorted(file.stem for file in (ROOT / "prompts" / "en").glob("*.yml"))
SLOT = re.compile(r"\{([a-z_]+)\}")
HAN = re.compile(r"[\u4e00-\u9fff]")
WORDS = re.compile(r"[A-Za-z][a-z']+")


def flat(content: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text with its path: keys of mappings, positions of lists."""
    match content:
        case Mapping():
            for key, inner in content.items():
                yield from flat(inner, f"{path}.{key}" if path else str(key))
        case list():
            for position, inner in enumerate(content):
                yield from flat(inner, f"{path}[{position}]")
        case _:
            yield path, str(content)


def test_both_languages_have_the_same_rooms() -> None:
    for language in LANGUAGES:
        assert sorted(f.stem for f in (ROOT / "prompts" / language).glob("*.yml")) == ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_both_languages_say_the_same(room: str) -> None:
    english, chinese = (dict(flat(sentences(language, room))) for language in ("en", "zh"))
    assert set(english) == set(chinese)
    for key, text in english.items():
        assert set(SLOT.findall(text)) == set(SLOT.findall(chinese[key])), key


@pytest.mark.parametrize("room", ROOMS)
def test_no_sentence_is_in_the_other_language(room: str) -> None:
    named = ("chat.yml",)  # a button that names the other language does so in that language
    for key, text in flat(sentences("en", room)):
        if HAN.search(text):
            assert f"{room}.yml" in named and "language" in key, (key, text)


def codes() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Every code that is raised or told, its place, and the rooms that may hold its sentence."""
    for path, call in calls("issue", "Issue", "UnsupportedQuery"):
        if (code := literal(call, 0)) is not None:
            yield code, f"{path}:{call.lineno}", ("errors",)
    for path, call in calls("ExecutorError", "fail", "Failure", "UnknownAnswer"):
        code = literal(call, 0)
        if code is not None and not path.startswith("eval/bench"):
            yield code, f"{path}:{call.lineno}", ("errors", "card", "usage")
    for path, call in calls("refuse"):
        if (code := literal(call, 1)) is not None:
            yield code, f"{path}:{call.lineno}", ("refusal",)
    for path, call in calls("render"):
        room, key = literal(call, 1), literal(call, 2)
        if room is not None and key is not None:
            yield key, f"{path}:{call.lineno}", (room,)


INSIDE = {"nothing_recorded"}
"""Codes that people never see: a recorded table that a test has left out."""


def test_every_code_has_a_sentence() -> None:
    found = list(codes())
    assert len(found) > 200
    missing = [
        (code, place)
        for code, place, rooms in found
        if code not in INSIDE
        and not any(code in sentences(language, room) for room in rooms for language in ("en",))
    ]
    assert missing == []


def test_every_sentence_of_an_error_is_used() -> None:
    """A sentence whose code nobody names is dead text."""
    named = {node.value for tree in modules().values() for node in texts(tree)}
    dead = [
        key
        for room in ("errors", "refusal", "clarification")
        for key in sentences("en", room)
        if key not in named and not any(key.startswith(n) for n in named if n.endswith("_") and n)
    ]
    assert dead == []


def test_an_issue_carries_no_sentence() -> None:
    assert "text" not in Issue.__dataclass_fields__


GRAMMAR = (
    "assistant/reading/", "retrieval/", "metric_catalog/calendars.py", "executors/collect/",
    "assistant/question.py", "eval/",
)  # fmt: skip
"""Rooms that recognise characters in questions and files, or ask questions; they say nothing."""

WIDEST = "国"
"""What charts measure the width of a character with."""

FAULTS = ("metric_catalog/load.py", "executors/compiler/sql.py", "eval/")
"""Causes inside an error's sentence, faults of the program's own, and texts for developers."""


@pytest.mark.parametrize("path", [p for p in sorted(modules()) if not p.startswith(GRAMMAR)])
def test_no_chinese_stands_in_python(path: str) -> None:
    found = [(node.lineno, node.value) for node in texts(modules()[path]) if HAN.search(node.value)]
    found = [item for item in found if item[1] != WIDEST and "local('" not in item[1]]
    assert found == []


@pytest.mark.parametrize("path", [p for p in sorted(modules()) if not p.startswith(FAULTS)])
def test_no_sentence_stands_in_python(path: str) -> None:
    """A sentence: a capital, four words or more, a full stop. Option help is the exception."""
    helps = {
        id(word.value)
        for _, call in calls("Option", "Argument", "Typer")
        for word in call.keywords
        if word.arg == "help"
    }
    found = [
        (node.lineno, node.value)
        for node in texts(modules()[path])
        if id(node) not in helps
        and re.match(r"[A-Z][a-z]", node.value)
        and node.value.rstrip().endswith((".", "?", "!"))
        and len(WORDS.findall(node.value)) >= 4
    ]
    assert found == []
