"""Owns the perturbations: other wordings of a question that mean the same, made without a model."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from assistant.reading.reading import Reading
from assistant.reading.spans import Span
from metric_catalog.catalog import Catalog
from metric_catalog.model.definition import Language
from metric_catalog.periods import Grain, Period, unit
from retrieval.folding import fold_name, is_cjk

UNITS_OF_TIME = "年月日号周"
LONG_WORD = 7
FULL_WIDTH = 0xFEE0
END_MARKS = " ?？!！。.~…"
SAID_ONCE = ("bare", "relative", "absolute")
TIES = (" in", " for", " during", " over", " on", " of")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """A question with the reading of it that perturbations lean on."""

    text: str
    language: Language
    reading: Reading
    catalog: Catalog


Perturb = Callable[[Source], str | None]


def polite_before(source: Source) -> str:
    """Begin politely."""
    return f"请问{source.text}" if source.language == "zh" else f"please, {source.text}"


def polite_after(source: Source) -> str:
    """End politely."""
    body = source.text.rstrip(END_MARKS)
    return f"{body}，谢谢" if source.language == "zh" else f"{body}, thanks"


def punctuation(source: Source) -> str:
    """End with other marks."""
    body = source.text.rstrip(END_MARKS)
    return f"{body}？？！" if source.language == "zh" else f"{body} ??!"


def full_width(source: Source) -> str | None:
    """Put letters and digits in full width."""
    wide = "".join(
        chr(ord(c) + FULL_WIDTH) if c.isascii() and c.isalnum() else c for c in source.text
    )
    return _changed(wide, source)


def letter_case(source: Source) -> str | None:
    """Shout, or whisper what is shouted."""
    return _changed(source.text.upper(), source) or _changed(source.text.lower(), source)


def traditional(source: Source) -> str | None:
    """Write in traditional characters."""
    if source.language != "zh":
        return None
    from opencc import OpenCC

    return _changed(OpenCC("s2t").convert(source.text), source)


def spacing(source: Source) -> str | None:
    """Put a space between scripts in Chinese, two between words in English."""
    if source.language == "en":
        return _changed(source.text.replace(" ", "  "), source)
    spaced = source.text[:1]
    for before, after in zip(source.text, source.text[1:], strict=False):
        apart = is_cjk(before) != is_cjk(after) and before.isalpha() and after.isalpha()
        spaced += f" {after}" if apart else after
    return _changed(spaced, source)


def typo(source: Source) -> str | None:
    """Swap two letters inside the longest English word of a metric's or dimension's name."""
    words = [
        word
        for span in source.reading.spans
        if span.kind in ("metric", "dimension")
        for word in span.words.split()
        if word.isascii() and word.isalpha() and len(word) >= LONG_WORD
    ]
    if not words:
        return None
    word = max(words, key=len)
    for i in range(2, len(word) - 2):
        if word[i] != word[i + 1]:
            wrong = word[:i] + word[i + 1] + word[i] + word[i + 2 :]
            return _changed(source.text.replace(word, wrong, 1), source)
    return None


def synonym(source: Source) -> str | None:
    """Say the metric by another of its names."""
    return _renamed(source, source.language)


def code_mix(source: Source) -> str | None:
    """Say the metric in the other language."""
    return _renamed(source, "en" if source.language == "zh" else "zh")


def time_first(source: Source) -> str | None:
    """Say the time first in English, last in Chinese."""
    span = _only(source, "time")
    if span is None or source.reading.comparison is not None:
        return None
    start, end = _with_preposition(source.text, span)
    rest = source.text[:start] + source.text[end:]
    rest, said = rest.strip(" ,，" + END_MARKS), source.text[start:end].strip(" ,，的")
    if not rest or rest[:1] == "的":
        return None
    moved = f"{rest}，{said}" if source.language == "zh" else f"{said}, {rest}"
    return _changed(moved, source)


def month_named(source: Source) -> str | None:
    """Say a month, however it was said, by its name and year."""
    return _said_as(source, lambda day: f"{day.year}年{day.month}月",
                    lambda day: f"{MONTHS[day.month - 1]} {day.year}")  # fmt: skip


def month_in_digits(source: Source) -> str | None:
    """Say a month as 2026-10."""
    return _said_as(source, lambda day: f"{day:%Y-%m}", lambda day: f"{day:%Y-%m}")


PERTURBATIONS: dict[str, Perturb] = {
    "polite_before": polite_before, "polite_after": polite_after, "punctuation": punctuation,
    "full_width": full_width, "letter_case": letter_case, "traditional": traditional,
    "spacing": spacing, "typo": typo, "synonym": synonym, "code_mix": code_mix,
    "time_first": time_first, "month_named": month_named, "month_in_digits": month_in_digits,
}  # fmt: skip


def _changed(text: str, source: Source) -> str | None:
    return text if text != source.text else None


def _put(before: str, said: str, after: str) -> str:
    """Put words into a text; nobody writes "AOV2026-10" or "2026-10月活" without a space."""
    return f"{before}{_space(before, said)}{said}{_space(said, after)}{after}"


def _space(before: str, after: str) -> str:
    left, right = before[-1:], after[:1]
    latin = all(letter.isascii() and letter.isalnum() for letter in (left, right) if letter)
    glued = bool(left and right) and (latin or (left.isdigit() and right in UNITS_OF_TIME))
    return " " if glued else ""


def _only(source: Source, kind: str) -> Span | None:
    found = [span for span in source.reading.spans if span.kind == kind]
    return found[0] if len(found) == 1 else None


def _renamed(source: Source, language: Language) -> str | None:
    """Replace the only metric's words by the first other name that is its own alone."""
    span = _only(source, "metric")
    if span is None or span.evidence not in ("exact", "synonym"):
        return None
    said = fold_name(source.text[span.start : span.end])
    for name in _own_names(span.name, language, source.catalog):
        if fold_name(name) not in said and said not in fold_name(name):
            return _put(source.text[: span.start], name, source.text[span.end :])
    return None


def _own_names(metric_id: str, language: Language, catalog: Catalog) -> tuple[str, ...]:
    owners: dict[str, set[str]] = {}
    for other in catalog.metrics.values():
        for name in (other.name.en, other.name.zh, *other.synonyms.all):
            owners.setdefault(fold_name(name), set()).add(other.id)
    metric = catalog.metric(metric_id)
    names = (metric.name[language], *metric.synonyms[language])
    return tuple(name for name in names if name and owners[fold_name(name)] == {metric_id})


def _with_preposition(text: str, span: Span) -> tuple[int, int]:
    """Return the stretch of a time with the word that ties it: "in October", 10月的."""
    start, end = span.start, span.end
    for word in TIES:
        if text[:start].lower().endswith(f"{word} "):
            start -= len(word)
            break
    return start, end + (text[end : end + 1] == "的")


def _said_as(
    source: Source, chinese: Callable[[dt.date], str], english: Callable[[dt.date], str]
) -> str | None:
    span = _only(source, "time")
    if span is None or span.time is None or span.time.kind not in SAID_ONCE:
        return None
    periods = span.time.periods
    if len(periods) != 1 or not _is_month(periods[0]) or source.reading.comparison is not None:
        return None
    assert periods[0].start is not None
    said = (chinese if source.language == "zh" else english)(periods[0].start.date())
    before, after = source.text[: span.start], source.text[span.end :]
    if source.language == "en":
        tied = not before.strip() or before.lower().rstrip().endswith(TIES)
        before = before if tied else f"{before.rstrip()} in "
    return _changed(_put(before, said, after), source)


def _is_month(period: Period) -> bool:
    return period.start is not None and unit(period.start, Grain.MONTH) == period
