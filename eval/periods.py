"""Owns the score of the reading of time on outside cases: expressions with accepted periods.

A case is a line {lang, text, ref, reporting, excluded}: `reporting` holds the accepted
[start, end exclusive] pairs (null = open), `excluded` a reason or null.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from assistant.reading.times import read_period
from metric_catalog.calendars import DEFAULT_CALENDAR
from metric_catalog.periods import Period, as_day

_DAY = timedelta(days=1)
Accepted = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """One case as read; `right` is None where the case gives no accepted periods or is excluded."""

    line: int
    lang: str
    text: str
    period: Period | None
    right: bool | None

    def to_json(self) -> dict[str, Any]:
        """{line, lang, text, period, right}."""
        period = None if self.period is None else self.period.to_json()
        return {
            "line": self.line,
            "lang": self.lang,
            "text": self.text,
            "period": period,
            "right": self.right,
        }


@dataclass(frozen=True, slots=True)
class PeriodsReport:
    """All rows of a file in order, lines counted from 1."""

    rows: tuple[PeriodRow, ...]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the counted cases."""
        return tuple(sorted({row.lang for row in self.rows if row.right is not None}))

    def counts(self, lang: str) -> tuple[int, int]:
        """(right, counted) of a language."""
        marks = [row.right for row in self.rows if row.lang == lang and row.right is not None]
        return sum(marks), len(marks)

    def to_json(self) -> dict[str, Any]:
        """{languages: {lang: {right, counted, share}}, wrong: [rows]}; share is a fraction."""
        languages = {}
        for lang in self.languages:
            right, counted = self.counts(lang)
            languages[lang] = {"right": right, "counted": counted, "share": right / counted}
        wrong = [row.to_json() for row in self.rows if row.right is False]
        return {"languages": languages, "wrong": wrong}


def score_periods(path: Path) -> PeriodsReport:
    """Read the `text` of every line and compare; raises OSError, ValueError, KeyError."""
    with path.open(encoding="utf-8") as lines:
        cases = [(number, json.loads(line)) for number, line in enumerate(lines, 1) if line.strip()]
    return PeriodsReport(tuple(_score(number, case) for number, case in cases))


def write_rows(rows: Iterable[PeriodRow], path: Path) -> None:
    """One JSON object per row: {line, lang, text, period, right}."""
    with path.open("w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row.to_json(), ensure_ascii=False) + "\n")


def _score(line: int, case: Mapping[str, Any]) -> PeriodRow:
    ref = datetime.fromisoformat(case["ref"])
    lang, text = case["lang"], case["text"]
    period = read_period(text, ref, DEFAULT_CALENDAR, lang)
    right: bool | None = None
    if case.get("excluded") is None and case.get("reporting") is not None:
        accepted = [_accepted(pair) for pair in case["reporting"]]
        right = period is not None and is_right(period, accepted, ref)
    return PeriodRow(line, lang, text, period, right)


def _accepted(pair: Sequence[str | None]) -> Accepted:
    start, end = (None if bound is None else datetime.fromisoformat(bound) for bound in pair)
    return start, end


def is_right(period: Period, accepted: Iterable[Accepted], ref: datetime) -> bool:
    """Whether the period is accepted, an open end also as capped at ref or the day after."""
    today = as_day(ref)
    for start, end in accepted:
        ends = {end} if end is not None else {None, ref, today, today + _DAY}
        if period.start == start and period.end in ends:
            return True
    return False
