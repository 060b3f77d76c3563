"""Owns the run of the perturbations and metamorphic relations of a suite.

    python -m eval.perturb SUITE [--project DIR] [--most N]

A perturbation is kept where it is read with the same slots as the question it was made from. A
relation holds where two queries that mean the same give the same.
"""

import argparse
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.asking import Conversation
from assistant.pipeline import query
from assistant.reading.reading import Reading
from assistant.resolve.gate import check
from assistant.wiring import EVERYONE, Assistant
from eval.case import Case, read_cases, suite_files
from eval.perturbations import PERTURBATIONS, Source
from eval.run import project_of
from metric_catalog.periods import Grain, complete_units_before
from metric_catalog.policy import Policy
from metric_catalog.query import Compare, GroupBy, MetricQuery, Or

MOST_MEMBERS = 60
TOLERANCE = 1e-9
WHOLE = Policy(EVERYONE)


@dataclass
class Count:
    """How often something held, and what did not, as (before, after)."""

    kept: int = 0
    total: int = 0
    lost: list[tuple[str, str]] = field(default_factory=list)

    def add(self, held: bool, before: str, after: str) -> None:
        """Count one trial."""
        self.total += 1
        self.kept += held
        if not held:
            self.lost.append((before, after))


def slots_of(reading: Reading) -> dict[str, Any]:
    """Return everything a reading asks for, without the words that say it."""
    slots = reading.to_json()
    del slots["spans"]
    return slots


def perturb(cases: Sequence[Case], assistant: Assistant) -> dict[str, Count]:
    """Return how often each perturbation keeps the query, over questions that are understood."""
    counts = {name: Count() for name in PERTURBATIONS}
    conversation = Conversation(assistant, keep=False)
    for case in cases:
        reading = _read(case.question, case, conversation)
        if check(reading, assistant.catalog, WHOLE, assistant.line.gate) is not None:
            continue
        source = Source(case.question, case.lang, reading, assistant.catalog)
        for name, make in PERTURBATIONS.items():
            text = make(source)
            if text is not None:
                again = _read(text, case, conversation)
                counts[name].add(slots_of(again) == slots_of(reading), case.question, text)
    return counts


def _read(text: str, case: Case, conversation: Conversation) -> Reading:
    return conversation.read(conversation.question(text, case.as_of, None))


def same_in_both_languages(cases: Sequence[Case], assistant: Assistant) -> Count:
    """Return how many pairs are read alike in Chinese and English."""
    count, conversation = Count(), Conversation(assistant, keep=False)
    pairs: dict[str, dict[str, Case]] = {}
    for case in cases:
        if case.pair:
            pairs.setdefault(case.pair, {})[case.lang] = case
    for pair in pairs.values():
        if len(pair) == 2:
            chinese, english = (
                slots_of(_read(pair[lang].question, pair[lang], conversation))
                for lang in ("zh", "en")
            )
            count.add(chinese == english, pair["zh"].question, pair["en"].question)
    return count


def all_members_are_no_filter(metrics: Sequence[str], assistant: Assistant) -> Count:
    """Return for how many (metric, dimension) a filter by all members changes nothing.

    Asked of the last complete month.
    """
    count, calendar = Count(), assistant.catalog.calendar
    month = (complete_units_before(assistant.as_of, 1, Grain.MONTH, calendar),)
    for metric in metrics:
        total = _value(MetricQuery(metrics=(metric,), periods=month), assistant)
        for dimension in _dimensions(metric, assistant):
            split = MetricQuery(metrics=(metric,), group_by=(GroupBy(dimension),), periods=month)
            members = set(_run(split, assistant).values(dimension))
            if not members or len(members) > MOST_MEMBERS:
                continue
            named = Compare(dimension, "in", tuple(sorted(m for m in members if m is not None)))
            every = Or((named, Compare(dimension, "is_null", ())))
            asked = MetricQuery(metrics=(metric,), filters=every, periods=month)
            found = _value(asked, assistant)
            count.add(_same(total, found), metric, f"{dimension}: {total} → {found}")
    return count


def _dimensions(metric: str, assistant: Assistant) -> Iterator[str]:
    catalog = assistant.catalog
    yield from (catalog.canonical(path) for path in catalog.dimensions_of(metric))


def _run(asked: MetricQuery, assistant: Assistant) -> Any:
    day = assistant.as_of
    return query(asked, assistant.catalog, assistant.executor, WHOLE, day)[1]


def _value(asked: MetricQuery, assistant: Assistant) -> Any:
    cells = _run(asked, assistant).values(asked.metrics[0])
    return cells[0] if cells else None


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(float(one), float(other), rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print kept/total per perturbation and relation; 0 always: these are figures, no promises."""
    parser = argparse.ArgumentParser(prog="python -m eval.perturb")
    parser.add_argument("suite")
    parser.add_argument("--project", type=Path)
    parser.add_argument("--most", type=int, default=0)
    parser.add_argument("--show", type=int, default=0)
    given = parser.parse_args(arguments)
    assistant = Assistant(project_of(given.suite, given.project), with_model=False)
    cases = [case for file in suite_files(given.suite) for case in read_cases(file)]
    alone = [c for c in cases if not c.turns and c.expect.outcome == "answer"]
    alone = alone[: given.most or len(alone)]
    counts = perturb(alone, assistant)
    metrics = sorted({c.expect.metric or (c.expect.metrics or ("",))[0] for c in alone} - {""})
    counts["both languages alike"] = same_in_both_languages(alone, assistant)
    counts["all members = no filter"] = all_members_are_no_filter(metrics, assistant)
    for name, count in counts.items():
        share = f"{count.kept / count.total:.1%}" if count.total else "–"
        print(f"{name:24} {count.kept}/{count.total} {share}")
        for before, after in count.lost[: given.show]:
            print(f"    {before}  →  {after}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
