"""Owns `Case`: one golden question with what is expected of it, read from YAML.

A file is a list under `cases:`. `question` is a text with its `lang`, or one text per language
(`{zh: …, en: …}`), which makes a pair: two cases that must come out alike. See
docs/evaluating.md.
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from metric_catalog.errors import CatalogError
from metric_catalog.issues import issue
from metric_catalog.model.definition import Language, Words
from metric_catalog.yaml_files import BrokenYaml, read_yaml, unreadable

FOLDER = Path(__file__).parent / "cases"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExpectedResult(_Part):
    """The number, the rows (order is free), or an independent check SQL that gives them."""

    value: float | None = None
    rows: tuple[tuple[Any, ...], ...] | None = None
    sql: str | None = None
    tolerance: float = 1e-6


class ExpectedPeriod(_Part):
    """Bounds as in the contracts; null = open."""

    start: str | None = None
    end_exclusive: str | None = None


class ExpectedDriver(_Part):
    """A driver that must be among those found, and first of its dimension where `first`."""

    dimension: str | None
    member: str | None
    kind: str | None = None
    first: bool = True


class Expected(_Part):
    """What must hold; a slot that is left out is not judged, null means it must be empty."""

    outcome: Literal["answer", "clarification", "refusal"] = "answer"
    metric: str | None = None
    metrics: tuple[str, ...] | None = None
    version: int | None = None
    intent: str | tuple[str, ...] | None = None
    group_by: tuple[str, ...] | None = None
    filters: str | dict[str, Any] | None = None
    having: str | dict[str, Any] | None = None
    period: ExpectedPeriod | None = None
    periods: tuple[ExpectedPeriod, ...] | None = None
    comparison: dict[str, Any] | str | None = None
    grain: str | None = None
    order: tuple[dict[str, Any], ...] | None = None
    limit: int | None = None
    result: ExpectedResult | None = None
    normal: bool | None = None
    drivers: tuple[ExpectedDriver, ...] = ()
    playbook: str | None = None
    clarify_slot: str | None = None
    refusal_reason: str | tuple[str, ...] | None = None
    must_not: tuple[str, ...] = ()


class Turn(_Part):
    """An earlier turn of the conversation."""

    question: str


class Case(_Part):
    """One question in one language. `pair` is the id that both languages share."""

    id: str
    question: str
    lang: Language
    turns: tuple[Turn, ...] = ()
    as_of: dt.date | None = None
    role: str | None = None
    tags: tuple[str, ...] = ()
    author: str = ""
    approved_by: str = ""
    expect: Expected = Field(default_factory=Expected)
    paraphrases: Words = Words()
    pair: str | None = None


def suite_files(suite: str) -> tuple[Path, ...]:
    """Return the files of a suite: a path, or a name that files in `eval/cases` begin with."""
    given = Path(suite)
    if given.suffix in (".yml", ".yaml"):
        return (given,)
    found = sorted(FOLDER.glob(f"{suite}.yml")) + sorted(FOLDER.glob(f"{suite}_*.yml"))
    if not found:
        known = sorted(file.stem for file in FOLDER.glob("*.yml"))
        raise CatalogError((issue("unknown_suite", nearest=known[:6], suite=suite),))
    return tuple(found)


def read_cases(file: Path) -> tuple[Case, ...]:
    """Return the cases of a file, pairs split; raises CatalogError with every fault."""
    try:
        content = read_yaml(file)
    except (OSError, BrokenYaml) as error:
        raise CatalogError((unreadable(error, file.name),)) from error
    faults, cases = [], []
    items = content.get("cases", []) if isinstance(content, dict) else []
    for position, item in enumerate(items):
        for part in _split(item):
            try:
                cases.append(Case.model_validate(part))
            except ValidationError as error:
                place = f"{file.name}: {part.get('id', position)}"
                faults += [_fault(place, found) for found in error.errors()]
    if faults:
        raise CatalogError(tuple(faults))
    return tuple(cases)


def _fault(place: str, found: Any) -> Any:
    key = ".".join(str(part) for part in found["loc"])
    return issue("invalid_value", f"{place}.{key}", key=key, reason=found["msg"])


def _split(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    question = item.get("question")
    if not isinstance(question, dict):
        yield item
        return
    turns = item.get("turns", ())
    for lang, text in question.items():
        said = [{"question": t["question"][lang]} if isinstance(t["question"], dict) else t
                for t in turns]  # fmt: skip
        named = {"id": f"{item['id']}.{lang}", "pair": item["id"], "lang": lang}
        yield {**item, **named, "question": text, "turns": said}


def cases_of_metric(project: str, metric: str) -> tuple[str, ...]:
    """Return the ids of a project's golden questions that expect `metric`."""
    try:
        files = suite_files(project)
    except CatalogError:
        return ()
    cases = [case for file in files if "retrieval" not in file.stem for case in read_cases(file)]
    return tuple(c.id for c in cases if metric in (c.expect.metric, *(c.expect.metrics or ())))
