"""Owns the reading of time: from a question to its mentions of time, or a text to its period."""

from datetime import date, datetime

from assistant.reading.times_lexicon import fold
from assistant.reading.times_mention import TimeMention
from assistant.reading.times_resolve import Scene
from assistant.reading.times_scan import find_mentions
from metric_catalog.calendars import DEFAULT_CALENDAR, Calendar
from metric_catalog.periods import Period

__all__ = ["MAX_TEXT", "TimeMention", "read_period", "read_times"]

MAX_TEXT = 10_000
"""Longer texts are read up to this character."""


def read_times(
    text: str,
    as_of: date | datetime,
    calendar: Calendar = DEFAULT_CALENDAR,
    lang: str | None = None,
) -> tuple[TimeMention, ...]:
    """The mentions of time in a text, in order and without overlap.

    `as_of` is the day asked, which counts as incomplete. `lang` is the language of the question:
    in a Chinese one an English word of several meanings (may, second) is no time by itself.
    """
    moment = as_of if isinstance(as_of, datetime) else datetime(as_of.year, as_of.month, as_of.day)
    text = text[:MAX_TEXT]
    return find_mentions(text, fold(text), Scene(moment, calendar), lang)


def read_period(
    text: str,
    as_of: date | datetime,
    calendar: Calendar = DEFAULT_CALENDAR,
    lang: str | None = None,
) -> Period | None:
    """The period of a text that is only an expression of time; None where it names none or several.

    Of more than one mention the longest with one period counts.
    """
    single = [item for item in read_times(text, as_of, calendar, lang) if len(item.periods) == 1]
    if not single:
        return None
    return max(single, key=lambda item: item.end - item.start).periods[0]
