"""Owns the scan of a text for mentions of time: the longest at each place, and how sure it is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from assistant.reading.times_dates import edge, expression
from assistant.reading.times_lexicon import Entry, load_lexicon, longest
from assistant.reading.times_mention import Against, Kind, TimeMention
from assistant.reading.times_nodes import (
    Around,
    Away,
    Beside,
    Both,
    Bound,
    Edge,
    Feast,
    Level,
    Nearest,
    Node,
    Nth,
    Relative,
    Rest,
    Rolling,
    Run,
    Span,
    ToDate,
    Weekday,
    Year,
    accepts,
    attach,
    container,
    is_current,
    level,
    needs,
)
from assistant.reading.times_parts import count
from assistant.reading.times_ranges import statement
from assistant.reading.times_resolve import Scene, resolve, to_date
from assistant.reading.times_tokens import tokenize
from assistant.reading.times_words import Words
from metric_catalog.periods import Grain, Period, complete_units_before, previous

SURE, LIKELY, VAGUE, WEAK = 1.0, 0.8, 0.5, 0.4
RECENT_DAYS = 30
RECENT_TREND_MONTHS = 3
FIRST_LIKELY_YEAR, LAST_LIKELY_YEAR = 1900, 2100
FIRST_DATA_YEAR, LAST_DATA_YEAR, ROUND = 1990, 2040, 1000
SURE_DAY_MARKS = "号號"
MAX_LISTED = 12
_GRAINS = frozenset(Grain)


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
        mention, place = item
        found.append(_against_last(mention, found, scene))
    return tuple(item for item in found if _stands(item, text, lang))


def _against_last(mention: TimeMention, found: Sequence[TimeMention], scene: Scene) -> TimeMention:
    """最近7天和前7天对比: the same days said twice are the days and the ones before."""
    if mention.kind != "compared" or not found or mention.periods != found[-1].periods:
        return mention
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
    if words.at(place).senses:
        special = _compared(words, place, text, folded, scene) or _vague(words, place, text, scene)
        if special is not None:
            return special
        parsed = words.once(statement, place)
    parsed_end = words.at(parsed[1] - 1).end if parsed else start
    if phrase is not None and phrase.end >= parsed_end:
        mention = _phrase(phrase, start, text, scene)
        return (mention, _place_after(words, place, phrase.end)) if mention else None
    if parsed is None:
        return None
    nodes, after = _listed(words, *parsed)
    mention = _from_nodes(nodes, start, words.at(after - 1).end, text, scene)
    if mention is None:
        return None
    return replace(mention, score=_score(words, text, place, after, nodes)), after


def _vague(words: Words, place: int, text: str, scene: Scene) -> tuple[TimeMention, int] | None:
    """Early 2024, mid-November, the end of March, 6月底: read as the whole, and said so."""
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
    mention = _from_nodes([node], start, end, text, scene)
    return (replace(mention, assumption="vague_part", score=VAGUE), after) if mention else None


def _place_after(words: Words, place: int, end: int) -> int:
    while place < len(words.tokens) and words.at(place).start < end:
        place += 1
    return place


def _phrase(entry: Entry, start: int, text: str, scene: Scene) -> TimeMention | None:
    base = TimeMention(start, entry.end, text[start : entry.end], "grain")
    if entry.weak:
        base = replace(base, score=LIKELY)
    for sense, value in entry.senses.items():
        name = str(value)
        match sense:
            case "to_date" | "cumulative_to_date" | "cumulative" if name != "all":
                summed = name if sense != "to_date" or "cumulative" in entry.senses else None
                return _to_date(base, name, summed, scene)
            case "cumulative":
                return replace(base, kind="cumulative", cumulative=name)
            case "grain":
                return replace(base, kind="grain", grain=Grain(name))
            case "grain_weak":
                return replace(base, kind="grain", grain=Grain(name), score=LIKELY)
            case "average":
                return replace(base, kind="average", average_per=Grain(name))
            case "comparison":
                against: Against = "year" if name == "year" else "previous"
                return replace(base, kind="same_period", comparison=against)
            case "recent":
                return _recent(base, scene)
            case "whole_unit":
                node = Relative(name, 0, whole=True)
                return _from_nodes([node], start, entry.end, text, scene)
    return None


def _to_date(base: TimeMention, unit: str, summed: str | None, scene: Scene) -> TimeMention | None:
    period = resolve(ToDate(unit), scene)
    if period is None:
        return None
    return replace(
        base,
        kind="to_date",
        periods=(period,),
        unit=unit,
        cumulative=summed,
        incomplete=True,
        alternatives=_last_complete(unit, scene),
    )


def _recent(base: TimeMention, scene: Scene) -> TimeMention:
    days = complete_units_before(scene.today, RECENT_DAYS, Grain.DAY, scene.calendar)
    months = complete_units_before(scene.today, RECENT_TREND_MONTHS, Grain.MONTH, scene.calendar)
    return replace(
        base,
        kind="recent",
        periods=(days,),
        unit="day",
        assumption="recent_30_days",
        alternatives=(months,),
    )


def _last_complete(unit: str, scene: Scene) -> tuple[Period, ...]:
    period = resolve(Relative(unit, -1), scene)
    return (period,) if period else ()


def _compared(
    words: Words, place: int, text: str, folded: str, scene: Scene
) -> tuple[TimeMention, int] | None:
    """Vs last month, 较去年, 与上月相比: with what the answer is compared."""
    if not words.has(place, "compare_to"):
        return None
    after = place + 1
    start, inner = words.at(place).start, words.at(words.skip(after, "article")).start
    needs_tail = words.has(place, "and")
    phrase = longest(load_lexicon().phrases, folded, words.at(after).start) or longest(
        load_lexicon().phrases, folded, inner
    )
    found = words.once(statement, after)
    reach = words.at(found[1] - 1).end if found else 0
    if phrase and "comparison" in phrase.senses and not needs_tail and phrase.end >= reach:
        mention = _phrase(phrase, inner, text, scene)
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
    mention = _from_nodes([node], start, words.at(tail - 1).end, text, scene)
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


def _from_nodes(
    nodes: Sequence[Node], start: int, end: int, text: str, scene: Scene
) -> TimeMention | None:
    periods = tuple(period for node in nodes if (period := _period(node, scene)) is not None)
    if len(periods) < len(nodes):
        return None
    unit = _unit(nodes[0])
    running = any(is_current(node) or isinstance(node, ToDate) for node in nodes)
    return TimeMention(
        start,
        end,
        text[start:end],
        _kind(nodes[0]),
        periods,
        unit=unit,
        incomplete=running or any(_reaches(period, scene.today) for period in periods),
        alternatives=_last_complete(unit, scene) if unit and (running or _is_today(nodes)) else (),
    )


def _period(node: Node, scene: Scene) -> Period | None:
    if isinstance(node, Relative) and is_current(node):
        return to_date(node, scene)
    return resolve(node, scene)


def _is_today(nodes: Sequence[Node]) -> bool:
    return list(nodes) == [Relative("day", 0)]


def _reaches(period: Period, today: datetime) -> bool:
    return period.end is not None and period.end > today


def _kind(node: Node) -> Kind:
    match node:
        case Relative() if is_current(node):
            return "to_date"
        case ToDate():
            return "to_date"
        case Relative() | Away() | Nearest() | Rest() | Around():
            return "relative"
        case Rolling() | Run() | Beside():
            return "rolling"
        case Span():
            return "range"
        case Bound() | Both():
            return "open"
        case Feast():
            return "festival"
        case _:
            return _dated_kind(node)


def _dated_kind(node: Node) -> Kind:
    if needs(node) is not None:
        return "bare"
    while isinstance(node, Nth | Weekday) and node.of is not None:
        node = node.of
    return "relative" if isinstance(node, Relative) else "absolute"


def _unit(node: Node) -> str | None:
    match node:
        case Relative(unit=unit) | Nth(unit=unit) | Rolling(unit=unit) | Run(unit=unit):
            return unit
        case Away(unit=unit) | Beside(unit=unit) | Around(unit=unit) | ToDate(unit=unit):
            return unit
        case Year():
            return "year"
        case Weekday() | Feast():
            return "day"
        case _:
            return None


def _score(words: Words, text: str, place: int, after: int, nodes: Sequence[Node]) -> float:
    """How surely the words are about time, by the words around them."""
    node, token = nodes[0], words.at(place)
    led = any(words.has(place - 1, sense) for sense in ("at", "bound", "link"))
    single = after == place + 1
    if _counts_things(words, after - 1) or words.has(place - 1, "comparator") and single:
        return 0.0
    if single and token.weak:
        named = place > 0 and text[token.start].isupper()
        return SURE if led else LIKELY if named else WEAK
    if isinstance(node, Away) and node.anchor is None and node.count > 0:
        return WEAK
    if isinstance(node, Rolling) and (_hangs(words, place) or _is_within(words, place)):
        return WEAK
    if _is_ordinal_alone(words, after, node):
        return LIKELY if led else WEAK
    if isinstance(node, Nth) and node.unit == "day" and node.of is None and not led:
        return SURE if text[words.at(after - 1).start] in SURE_DAY_MARKS else VAGUE
    return _figure_score(node, led) if single and _is_figure(words, place) else SURE


def _counts_things(words: Words, last: int) -> bool:
    """2000 orders, 3 to 5 stores, 2016元: the figure at the end is an amount."""
    number = words.number(last, "number")
    if number is None or not words.has(last + 1, "quantity"):
        return False
    likely = FIRST_DATA_YEAR <= number <= LAST_DATA_YEAR and number % ROUND
    return not likely or words.tight(last + 1)


def _hangs(words: Words, place: int) -> bool:
    """首购后30天: counted from a word before, not from as_of."""
    before = words.at(place - 1).senses
    unknown = not before or before.keys() == {"mark"}
    return words.has(place, "tail") and place > 0 and unknown and words.tight(place)


def _is_within(words: Words, place: int) -> bool:
    """Within 30 days: rather a condition than the days to come."""
    return words.has(place, "less") and bool(count(words, place + 1))


def _is_ordinal_alone(words: Words, after: int, node: Node) -> bool:
    bare = isinstance(node, Nth) and node.of is None and node.unit == "day"
    return bare and words.has(after - 1, "ordinal")


def _is_figure(words: Words, place: int) -> bool:
    return words.has(place, "date") or words.has(place, "number")


def _figure_score(node: Node, led: bool) -> float:
    """A bare figure is less sure than one with a mark or a preposition."""
    if isinstance(node, Year) and not FIRST_LIKELY_YEAR <= node.number <= LAST_LIKELY_YEAR:
        return WEAK
    return SURE if led else LIKELY
