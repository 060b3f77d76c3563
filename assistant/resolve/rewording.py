"""Owns rewording: unexplained words of a question put into the catalog's, with nothing lost."""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from typing import Any

from assistant.llm.choice import Choice
from assistant.reading.folding import fold
from assistant.reading.reading import Reading
from metric_catalog.catalog import Catalog
from metric_catalog.periods import Period
from metric_catalog.query import And, Compare, Filter
from metric_catalog.query_json import filter_to_json
from prompts.render import render


def usable(choices: Sequence[Choice], reading: Reading, metric_open: bool) -> tuple[Choice, ...]:
    """Return the choices that explain unexplained words; one metric, one intent, one period."""
    kept: list[Choice] = []
    for choice in choices:
        single = choice.kind in ("metric", "intent", "period")
        repeated = single and any(other.kind == choice.kind for other in kept)
        open_words = (choice.kind == "metric" and metric_open) or _is_left(choice, reading)
        if open_words and not repeated and not any(_overlap(choice, k, reading) for k in kept):
            kept.append(choice)
    return tuple(kept)


def _is_left(choice: Choice, reading: Reading) -> bool:
    said = fold(choice.words)
    return any(left in said or said in left for left in reading.leftovers)


def _overlap(one: Choice, other: Choice, reading: Reading) -> bool:
    first, second = reading.text.find(one.words), reading.text.find(other.words)
    return first < second + len(other.words) and second < first + len(one.words)


def reword(reading: Reading, choices: Sequence[Choice], catalog: Catalog) -> str:
    """Return the question with the words of each choice replaced by the catalog's."""
    text = reading.text
    space = "" if reading.language == "zh" else " "
    for choice in choices:
        said = wording(choice, reading, catalog)
        text = text.replace(choice.words, f"{space}{said}{space}", 1)
    return " ".join(text.split()) if space else text


def wording(choice: Choice, reading: Reading, catalog: Catalog) -> str:
    """Return how the catalog says what a choice means, in the question's language."""
    language = reading.language
    match choice.kind:
        case "metric":
            return catalog.metric(choice.target[0]).name[language]
        case "dimension":
            label = _label(choice.target[0], catalog, reading)
            return render(language, "assisted", "split_by", dimension=label)
        case "member":
            return choice.target[1]
        case "intent":
            return render(language, "assisted", choice.target[0])
        case "period":
            return _days(choice.period, language)


def _label(short: str, catalog: Catalog, reading: Reading) -> str:
    for match in (*reading.metrics, *(m.metric for m in reading.matches)):
        for path in catalog.dimensions_of(match):
            if path.short == short and path.element.label:
                return path.element.label[reading.language] or short
    return short


def _days(period: Period | None, language: str) -> str:
    if period is None or period.start is None or period.end is None:
        return ""
    last = period.end.date() - dt.timedelta(days=1)
    return render(language, "assisted", "from_to", first=period.start.date(), last=last)


def loses_nothing(
    reading: Reading, again: Reading, taken: Sequence[Choice], catalog: Catalog
) -> bool:
    """Whether `again` says all that `reading` says, and beyond it only what was `taken`."""
    metrics = _taken(taken, "metric")
    first = reading.metrics[0] if reading.metrics else ""
    wanted = metrics or reading.metrics
    intents = _taken(taken, "intent") or (reading.intent,)
    if _taken(taken, "dimension") and reading.intent == "value":
        intents = (*intents, "breakdown")
    periods = tuple(c.period for c in taken if c.period is not None) or reading.periods
    renamed = {first: metrics[0]} if metrics else {}
    return (
        again.metrics == wanted
        and again.intent in intents
        and again.periods == periods
        and again.comparison == reading.comparison
        and again.limit == reading.limit
        and (again.post == reading.post or _taken(taken, "intent") != ())
        and _grain_is_kept(reading, again, taken, catalog)
        and _order(again, {}) == _order(reading, renamed)
        and _parts(again.having, {}) == _parts(reading.having, renamed)
        and _groups(again) == _groups(reading) | set(_taken(taken, "dimension"))
        and set(_parts(again.filters, {})) == {*_parts(reading.filters, {}), *_members(taken)}
    )


def _taken(choices: Sequence[Choice], kind: str) -> tuple[str, ...]:
    return tuple(choice.target[0] for choice in choices if choice.kind == kind)


def _grain_is_kept(
    reading: Reading, again: Reading, taken: Sequence[Choice], catalog: Catalog
) -> bool:
    """Whether the grain is the same, or follows from the metric or intent that was open."""
    if again.grain == reading.grain:
        return True
    usual = catalog.metric(again.metrics[0]).default_grain
    return again.intent == "trend" and bool(
        _taken(taken, "intent") or (_taken(taken, "metric") and again.grain == usual)
    )


def _groups(reading: Reading) -> set[str]:
    return {_short(item.column) for item in reading.group_by}


def _order(reading: Reading, renamed: dict[str, str]) -> list[tuple[str, bool]]:
    return [(renamed.get(item.by, item.by), item.descending) for item in reading.order]


def _members(taken: Sequence[Choice]) -> Iterator[str]:
    for choice in taken:
        if choice.kind == "member":
            dimension, label = choice.target
            yield from _parts(Compare(dimension, "=", (label,)), {})


def _parts(condition: Filter | None, renamed: dict[str, str]) -> tuple[str, ...]:
    """Return the parts of a conjunction as texts that compare, dimensions by their short names."""
    if condition is None:
        return ()
    parts = condition.items if isinstance(condition, And) else (condition,)
    plain = (_plain(filter_to_json(part), renamed) for part in parts)
    return tuple(sorted(json.dumps(part, sort_keys=True, default=str) for part in plain))


def _plain(tree: Any, renamed: dict[str, str]) -> Any:
    if isinstance(tree, list):
        return [_plain(item, renamed) for item in tree]
    if not isinstance(tree, dict):
        return str(tree)
    named = {key: _plain(value, renamed) for key, value in tree.items()}
    if "dimension" in named:
        name = str(named["dimension"])
        named["dimension"] = renamed.get(name, _short(name))
    return named


def _short(name: str) -> str:
    return name.rsplit("__", 1)[-1]
