"""Owns the scan of a text for mentions of time: the longest at each place."""

from collections.abc import Sequence
from dataclasses import replace

from assistant.reading.times_bounds import statement
from assistant.reading.times_dates import edge, expression
from assistant.reading.times_fitting import accepts, attach, container, level, needs
from assistant.reading.times_kinds import from_nodes
from assistant.reading.times_lexicon import load_lexicon, longest
from assistant.reading.times_mention import Against, TimeMention
from assistant.reading.times_nodes import (
    Bound,
    Edge,
    Feast,
    Level,
    Node,
    Nth,
    Relative,
    Weekday,
    Year,
)
from assistant.reading.times_phrases import phrase_mention
from assistant.reading.times_resolve import Scene
from assistant.reading.times_sureness import SURE, VAGUE, WEAK, score
from assistant.reading.times_tokens import tokenize
from assistant.reading.times_words import Words
from metric_catalog.earlier_periods import previous, year_before

MAX_LISTED = 12
FOLLOWERS = frozenset(
    (
        "mark",
        "link",
        "of",
        "to",
        "and",
        "or",
        "inner",
        "inside",
        "tail",
        "measure",
        "quantity",
        "comparator",
        "between_tail",
        "compare_tail",
        "ago",
        "hence",
        "half_more",
        "year_mark",
    )
)
"""No expression of time begins with a word that has only these senses."""


def find_mentions(
    text: str, folded: str, scene: Scene, lang: str | None
) -> tuple[TimeMention, ...]:
    """The mentions of a text, given with its folded form of equal length."""
    words = Words(tokenize(folded))
    found: list[TimeMention] = []
    place = 0
    while place < len(words.tokens):
        item = _at(words, place, text, folded, scene)
        if item is None:
            place += 1
            continue
        mention, after = item
        # 退款以后9月: what hangs on a word before is no time, though what follows it may be one.
        place = place + 1 if mention.score <= WEAK and words.has(place, "tail") else after
        found.append(_against_last(mention, found, scene))
    return tuple(item for item in found if _stands(item, text, lang))


def _against_last(mention: TimeMention, found: Sequence[TimeMention], scene: Scene) -> TimeMention:
    """最近7天和前7天对比: the same days said twice are the days and the ones before.

    A month by its name was there last a year before: "October compared to last October".
    """
    if mention.kind != "compared" or not found or mention.periods != found[-1].periods:
        return mention
    if found[-1].kind == "bare":
        last_year = tuple(year_before(period) for period in mention.periods)
        return replace(mention, periods=last_year, comparison="year")
    before = tuple(previous(period, scene.calendar) for period in mention.periods)
    return replace(mention, periods=before, comparison="previous")


def _stands(item: TimeMention, text: str, lang: str | None) -> bool:
    """Weak words count only where they are the whole text, and never across languages."""
    if item.score > WEAK:
        return True
    return (
        lang != "zh"
        and len(text.strip(" \n\t.?!。？！")) <= item.end - item.start
        or (not item.words.isascii() and len(text.strip(" \n\t.?!。？！")) == item.end - item.start)
    )


def _at(
    words: Words, place: int, text: str, folded: str, scene: Scene
) -> tuple[TimeMention, int] | None:
    start = words.at(place).start
    phrase = longest(load_lexicon().phrases, folded, start)
    parsed = None
    if not words.at(place).senses.keys() <= FOLLOWERS:
        special = _compared(words, place, text, folded, scene) or _vague(words, place, text, scene)
        if special is not None:
            return special
        parsed = words.once(statement, place)
    parsed_end = words.at(parsed[1] - 1).end if parsed else start
    if phrase is not None and phrase.end >= parsed_end:
        mention = phrase_mention(phrase, start, text, scene)
        return (mention, _place_after(words, place, phrase.end)) if mention else None
    if parsed is None:
        return None
    nodes, after = _listed(words, *parsed)
    mention = from_nodes(nodes, start, words.at(after - 1).end, text, scene)
    if mention is None:
        return None
    return replace(mention, score=score(words, text, place, after, nodes)), after


def _since_vague(
    words: Words, place: int, text: str, scene: Scene
) -> tuple[TimeMention, int] | None:
    """Since mid September: from the first day of that third of the month on."""
    third = words.number(place + 1, "third")
    inner = place + 2 + words.mark(place + 2, "-")
    found = words.once(expression, words.skip(inner, "article")) if third else None
    if third is None or found is None or level(found[0]) is not Level.MONTH:
        return None
    node, after = Bound("since", Nth("ten_days", third, found[0])), found[1]
    start, end = words.at(place).start, words.at(after - 1).end
    mention = from_nodes([node], start, end, text, scene)
    return (replace(mention, score=SURE), after) if mention else None


def _vague(words: Words, place: int, text: str, scene: Scene) -> tuple[TimeMention, int] | None:
    """Early 2024, mid-November, the end of March, 6月底: read as the whole, and said so."""
    if words.name(place, "bound") == "since":
        return _since_vague(words, place, text, scene)
    found = words.once(edge, place)
    if found is not None and isinstance(found[0], Edge):
        node, after = found[0].node, found[1]
    elif words.has(place, "vague"):
        inner = place + 1 + words.mark(place + 1, "-")
        found = words.once(expression, words.skip(inner, "article"))
        if found is None:
            return None
        node, after = found
    else:
        return None
    longer = words.once(statement, place)
    if longer is not None and longer[1] > after:
        return None
    start, end = words.at(place).start, words.at(after - 1).end
    mention = from_nodes([node], start, end, text, scene)
    return (replace(mention, assumption="vague_part", score=VAGUE), after) if mention else None


def _place_after(words: Words, place: int, end: int) -> int:
    while place < len(words.tokens) and words.at(place).start < end:
        place += 1
    return place


def _compared(
    words: Words, place: int, text: str, folded: str, scene: Scene
) -> tuple[TimeMention, int] | None:
    """Vs last month, 较去年, 与上月相比: with what the answer is compared."""
    after = place + 1
    if not words.has(place, "compare_to") or after >= len(words.tokens):
        return None
    start, inner = words.at(place).start, words.at(words.skip(after, "article")).start
    needs_tail = words.has(place, "and")
    phrase = longest(load_lexicon().phrases, folded, words.at(after).start) or longest(
        load_lexicon().phrases, folded, inner
    )
    found = words.once(statement, after)
    reach = words.at(found[1] - 1).end if found else 0
    if phrase and "comparison" in phrase.senses and not needs_tail and phrase.end >= reach:
        mention = phrase_mention(phrase, inner, text, scene)
        end = _place_after(words, after, phrase.end)
        return (_wider(mention, start, phrase.end, text), end) if mention else None
    if found is None:
        return None
    node, after = found
    if words.has(place, "compare_year") and container(node, Level.YEAR) != Relative("year", -1):
        return None
    tail = words.skip(after, "compare_tail")
    if needs_tail and tail == after:
        return None
    mention = from_nodes([node], start, words.at(tail - 1).end, text, scene)
    if mention is None or (after == place + 2 and words.at(place + 1).weak):
        return None
    return replace(mention, kind="compared", comparison=_against(node)), tail


def _wider(mention: TimeMention, start: int, end: int, text: str) -> TimeMention:
    return replace(mention, start=start, end=end, words=text[start:end])


def _against(node: Node) -> Against:
    match node:
        case Relative(unit="year" | "fiscal_year", offset=-1):
            return "year"
        case Relative(offset=-1):
            return "previous"
        case _:
            return "period"


def _listed(words: Words, node: Node, place: int) -> tuple[list[Node], int]:
    """Q1 and Q3 2024; 2024年和2025年; 3月、4月和5月."""
    nodes = [node]
    while len(nodes) < MAX_LISTED and _listable(nodes[-1]):
        after = place
        if words.mark(after, ",/"):
            after += 1
        after = words.skip(after, "and")
        found = words.once(expression, words.skip(after, "link")) if after > place else None
        if found is None or not _listable(found[0]) or level(found[0]) != level(node):
            break
        if words.has(after - 1, "compare_to") and words.has(found[1], "compare_tail"):
            break
        nodes.append(found[0])
        place = found[1]
    return _shared(nodes), place


def _listable(node: Node) -> bool:
    return isinstance(node, Year | Relative | Nth | Feast | Weekday)


def _shared(nodes: list[Node]) -> list[Node]:
    """Items of a list that lack their container take the one of the first or last item."""
    shared: list[Node] = []
    for node in nodes:
        missing = needs(node)
        for source in (nodes[0], nodes[-1]) if missing is not None else ():
            outer = container(source, missing) if missing is not None else None
            if outer is not None and outer != source and accepts(node, outer):
                node = attach(node, outer)
                break
        shared.append(node)
    return shared
