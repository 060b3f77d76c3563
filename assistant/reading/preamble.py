"""Owns the preamble: clauses that only say who asks and what for ("I'm the new manager, …")."""

import re
from collections.abc import Iterable

from assistant.reading.spans import Span

PREAMBLE = "preamble"
# A clause with such words asks something, though it names no metric.
ASKING = (
    "rel.count", "rank.", "move.", "intent.explain", "intent.growth", "intent.share",
    "intent.comparison", "intent.anomaly", "intent.forecast",
)  # fmt: skip
# Who speaks of "our store" has said before which one that is.
OWN = re.compile(
    r"(我们?|咱们?|本)(家)?(的)?(门?店|分店|店铺)|\b(my|our) (store|shop|branch|outlet)\b"
)
# No end of a clause: the comma of 1,000 and the point of 2.5.
_CLAUSE = re.compile(r"(?:[^，,。.!！;；:：?？\n]|(?<=\d)[.,:：](?=\d))+")


def without_preamble(text: str, folded: str, words: Iterable[Span], named: Iterable[Span]) -> str:
    """Return `text` with its preamble blanked out, so that the offsets of the rest stay.

    `words` are the set phrases seen, `named` what may be a metric or a goal. A clause goes that
    has a phrase of introduction, names no metric and asks nothing, where another one is left.
    """
    spoken = [span for span in words if span.name == PREAMBLE]
    if not spoken:
        return text
    clauses = [match.span() for match in _CLAUSE.finditer(folded) if match.group().strip()]
    asking = [*named, *(word for word in words if word.name.startswith(ASKING))]
    idle = [
        (start, end)
        for start, end in clauses
        if _holds(spoken, start, end) and not _holds(asking, start, end)
    ]
    if not idle or len(idle) == len(clauses):
        return text
    letters = list(text)
    for start, end in idle:
        letters[start:end] = " " * (end - start)
    return "".join(letters)


def _holds(spans: Iterable[Span], start: int, end: int) -> bool:
    return any(start <= span.start and span.end <= end for span in spans)
