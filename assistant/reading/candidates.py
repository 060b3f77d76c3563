"""Owns the candidates: every span that any lexicon sees in a question, before they compete."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from assistant.reading.folding import fold
from assistant.reading.lexicon import PACKS, LanguagePack, find_words
from assistant.reading.numbers import find_numbers
from assistant.reading.spans import Span, SpanKind
from assistant.reading.times import TimeMention, read_times
from assistant.reading.value_slots import dimension_names
from metric_catalog.catalog import Catalog
from metric_catalog.model.definition import Language
from metric_catalog.policy import Policy
from retrieval.folding import fold_name
from retrieval.names import NameIndex
from retrieval.occurrence import Occurrence
from retrieval.values import ValueIndex

_GLUED = re.compile("至今(?=[年天日])")
_COMPARED_NUMBER = re.compile(
    r"((?:under|over|below|above|than|least|most|超过|低于|高于|大于|小于|少于|多于|不足|不到|不满|至少|达到)\s*)"
    r"((?!(?:19|20)\d\d(?!\d))(?:[¥$€£]?\d[\d,.]*%?|[一二两三四五六七八九十百千万亿]{1,9}))(?!\s*(?:days?|weeks?|months?|years?|quarters?|天|日|周|个月|月|年|季))",
    re.IGNORECASE,
)
BLOT = "□"
UNITS = frozenset("年季月周日天")
NUMERALS = frozenset("〇零一二三四五六七八九十")
# Before a unit these say which one: 今年|累计GMV is no 年累计GMV.
WHICH = frozenset("今去本上下前后明当")
KINDS: dict[str, SpanKind] = {
    "metric": "metric", "goal": "goal", "dimension": "dimension", "entity": "dimension",
    "value": "value",
}  # fmt: skip


@dataclass(frozen=True)
class Lexicons:
    """What a question is read with: the catalog, its names, examples, members and languages."""

    catalog: Catalog
    names: NameIndex
    values: ValueIndex
    examples: dict[str, str] = field(default_factory=dict)
    packs: tuple[LanguagePack, ...] = PACKS

    @cached_property
    def dimensions(self) -> dict[str, tuple[str, ...]]:
        """Short name → canonical names of every dimension that some metric has."""
        return dimension_names((), self.catalog)

    @cached_property
    def said(self) -> dict[str, tuple[str, ...]]:
        """Published metric → its names and synonyms as they are compared; the names come first."""
        return {
            metric.id: tuple(fold_name(n) for n in (*metric.name.both, *metric.synonyms.all))
            for metric in self.catalog.metrics.values()
            if not metric.private and self.catalog.status_of(metric.id) == "published"
        }


def find_candidates(
    text: str, language: Language, as_of: dt.date, lexicons: Lexicons, policy: Policy
) -> tuple[Span, ...]:
    """Return all spans of `text`, overlapping ones too."""
    folded = fold(text)
    spans = list(find_words(folded, lexicons.packs))
    spans += find_numbers(folded)
    names = _names(text, folded, lexicons, policy)
    words = tuple(span for span in spans if span.kind == "word" and span.length > 1)
    units = {(s.start, s.end) for s in words if s.name.startswith("noun.")}
    spans += [
        _named(o)
        for o in names
        if o.kind != "entity"
        and not (o.evidence == "fuzzy" and _cuts_a_word(o, words))
        and not (o.kind == "dimension" and (o.start, o.end) in units)
    ]
    # A key's name (order, customer) says what is counted, not what to split by.
    spans += [Span(o.start, o.end, o.words, "word", "weak") for o in names if o.kind == "entity"]
    calendar = lexicons.catalog.calendar
    plain = _without_conditions(_unglued(text))
    spans += _times(read_times(plain, as_of, calendar, language))
    sure = [found for found in names if found.evidence != "fuzzy"]
    for masked in dict.fromkeys((_without_names(plain, sure), _without_names(plain, names))):
        if masked != plain:
            spans += _times(read_times(masked, as_of, calendar, language))
    spans += [_named(occurrence) for occurrence in lexicons.values.occurrences(text, policy)]
    return tuple(spans)


def find_names(text: str, folded: str, lexicons: Lexicons, policy: Policy) -> tuple[Span, ...]:
    """Return the spans that the catalog's names and synonyms make of `text`."""
    return tuple(_named(found) for found in _names(text, folded, lexicons, policy))


def _names(text: str, folded: str, lexicons: Lexicons, policy: Policy) -> tuple[Occurrence, ...]:
    return tuple(
        found
        for found in lexicons.names.occurrences(text, policy)
        if not _is_cut_from_a_date(folded, found)
    )


def _is_cut_from_a_date(folded: str, found: Occurrence) -> bool:
    """Whether a name begins with the unit of a number before it: 10|月活跃用户, 今|年累计GMV."""
    before = folded[found.start - 1 : found.start]
    counted = before.isdigit() or before in NUMERALS or before in WHICH
    return folded[found.start] in UNITS and bool(before) and counted


def _cuts_a_word(found: Occurrence, words: Iterable[Span]) -> bool:
    """Whether a misspelt name would end, or begin, in the middle of a word that is spelt right."""
    return any(
        word.start < edge < word.end
        for word in words
        if word.name.startswith(("intent.", "rank.", "op."))
        for edge in (found.start, found.end)
    )


def _times(mentions: Iterable[TimeMention]) -> list[Span]:
    return [
        Span(m.start, m.end, m.words, "time", m.kind, None, "grammar", m.score, m) for m in mentions
    ]


def _without_names(text: str, names: Iterable[Occurrence]) -> str:
    """Return the text with the metrics of `names` blotted out, so that their days stay theirs.

    上个月7日留存 is last month's 7-day retention, though 上个月7日 is a day as well.
    """
    letters = list(text)
    for found in names:
        if found.kind == "metric":
            letters[found.start : found.end] = BLOT * (found.end - found.start)
    return "".join(letters)


def _unglued(text: str) -> str:
    """Return the text with 至今年 as 到今年: "to this year", not "until now" and a year."""
    return _GLUED.sub("到今", text)


def _without_conditions(text: str) -> str:
    """Return the text with the number after "under", 超过 … blotted out: no day of a month."""
    return _COMPARED_NUMBER.sub(lambda m: m[1] + BLOT * len(m[2]), text)


def _named(found: Occurrence) -> Span:
    return Span(
        found.start,
        found.end,
        found.words,
        KINDS[found.kind],
        found.id,
        found.value,
        found.evidence,
        found.score,
    )
