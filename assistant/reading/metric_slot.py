"""Owns the metric slot: which metrics a question means, by name, goal, example or meaning."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from assistant.reading.candidates import Lexicons
from assistant.reading.cover import FILLERS
from assistant.reading.leftovers import search_text
from assistant.reading.spans import Span
from assistant.reading.value_slots import KEYS
from metric_catalog.catalog import Catalog
from metric_catalog.model.metrics import Metric
from metric_catalog.policy import Policy
from retrieval.folding import fold_name, is_cjk
from retrieval.match import MetricMatch

Search = Callable[[str, Policy], tuple[MetricMatch, ...]]
Confidence = Callable[[tuple[MetricMatch, ...]], float]

Asked = tuple[frozenset[str], ...]
"""Per dimension or member named, the short names of the dimensions that it may be."""

NAMED = ("exact", "synonym", "fuzzy", "picked")
JOINING = frozenset(
    ("and", "&", "plus", "vs", "vs.", "versus", "with", "as well as", "the", "their", "also", "or",
     "和", "与", "及", "以及", "跟", "还有", "并", "、", "同时", "或")
)  # fmt: skip
ALSO = frozenset(("their", "its", "它们", "他们", "它", "其", "以及", "along with", "as well as"))
LINKING = (*FILLERS, "follow.add", "follow.swap")
SORTING = frozenset(("by", "ranked by", "sorted by", "sort by", "rank by", "按", "按照"))
# Before a count these say that it is the base of a quotient, not what is asked for.
SINGLE = frozenset(("per", "each", "every", "one", "a single", "single", "every single",
                    "每", "每个", "每一", "每一个", "每张", "一张", "每笔", "一笔",
                    "平均每", "平均每一", "平均一", "平均每个"))  # fmt: skip
# What is counted one by one, where it names no metric.
COUNTED = frozenset(("单", "件", "人", "客户", "用户", "顾客", "订单", "order", "customer", "buyer",
                     "user", "visit", "item"))  # fmt: skip
COUNT_UNITS = ("count", "number")
SURE = ("exact", "synonym", "picked")
RATES = frozenset(("rate", "rates", "ratio", "ratios", "率"))
# How sure the meaning of a whole question must be to speak against a name found inside it.
RIVAL_CONFIDENCE = 0.9
# How many times the odds of one metric are "far more" than those of another.
FAR_MORE = 7.0


@dataclass(frozen=True, slots=True)
class Meaning:
    """The stage that finds metrics by meaning: its search, and how sure its first match is."""

    search: Search
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class MetricSlot:
    """The metrics meant, best first. `verbatim` = the question is an example of the definition.

    `contested` = a name stands in the question, but the question as a whole means another one;
    `agreed` = the question as a whole surely means the one that is named.
    """

    matches: tuple[MetricMatch, ...] = ()
    verbatim: bool = False
    contested: bool = False
    agreed: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """What kind of figure is asked for.

    `units`: the units that it may have, empty where any will do. `counted`: a number of people or
    things; a name may be what is counted. `share`: a rate, unless it is one of members or groups.
    """

    units: frozenset[str] = frozenset()
    counted: bool = False
    share: bool = False


def examples_of(catalog: Catalog) -> dict[str, str]:
    """Return folded example question → metric, without those that several metrics give."""
    found: dict[str, set[str]] = {}
    for metric in catalog.metrics.values():
        if not metric.private:
            for example in metric.examples.all:
                found.setdefault(_plain(example), set()).add(metric.id)
    return {text: metrics.pop() for text, metrics in found.items() if len(metrics) == 1}


def _plain(text: str) -> str:
    return "".join(letter for letter in fold_name(text) if letter.isalnum())


def fill_metric_slot(
    text: str,
    cover: Sequence[Span],
    asked: Asked,
    figure: Figure,
    leftovers: Sequence[str],
    lexicons: Lexicons,
    meaning: Meaning,
    policy: Policy,
) -> MetricSlot:
    """Return the metrics that a question means; meaning is searched where names leave doubt.

    `asked`: the dimensions that it names or whose members it names, see `Asked`.
    """
    catalog, units = lexicons.catalog, figure.units
    example = lexicons.examples.get(_plain(text))
    if example is not None and example not in policy.hidden_metrics:
        return MetricSlot((MetricMatch(example, 1.0, "synonym", text),), verbatim=True)
    named = _named(cover, catalog)
    if figure.share and len(named) > 1 and not any(_joins(span) for span in cover):
        # Of sign-ups who come back a share is asked for: that is a rate.
        rates = tuple(m for m in named if catalog.metrics[m.metric].unit == "ratio")
        named = rates if len(rates) == 1 else named
    if len(named) == 1:
        named = _look_alike(named[0], asked, lexicons, policy) or named
    if figure.share and not (named and _has_any(named[0].metric, asked, catalog)):
        units = units | {"ratio"}
    misfit = len(named) == 1 and units and catalog.metrics[named[0].metric].unit not in units
    summed = len(named) == 1 and not is_quotient(catalog.metrics[named[0].metric])
    misfit = misfit or (summed and named[0].evidence != "exact" and _has_base(cover, catalog))
    sure = named and all(match.evidence in SURE for match in named)
    if sure and not leftovers and not misfit:
        named = _without_things(named, cover, catalog)
        return MetricSlot(named, contested=_run_together(named, cover))
    if not named:
        goal = _by_goal(cover, asked, catalog, policy)
        if goal.matches:
            return goal
    short = () if named else _short_for(leftovers, asked, lexicons, policy)
    counted = figure.counted and not named
    heard = _by_meaning(text, cover, bool(named), counted, meaning, policy)
    found = _that_fit(heard, asked, catalog)
    similar = tuple(match for match in found if match.evidence not in NAMED)
    if short:
        ranked = [m for m in similar if m.metric in short]
        rest = [
            MetricMatch(m, 0.0, "vector", leftovers[0])
            for m in short
            if m not in {match.metric for match in ranked}
        ]
        return MetricSlot((*ranked, *rest), contested=True)
    fitting = tuple(match for match in similar if catalog.metrics[match.metric].unit in units)
    if misfit and not fitting:
        fitting = tuple(m for m in similar if is_quotient(catalog.metrics[m.metric]))
    if not named:
        if figure.counted and not fitting:
            fitting = tuple(m for m in similar if catalog.metrics[m.metric].unit in COUNT_UNITS)
        return _as_quotient(fitting or found, cover, catalog)
    if misfit and fitting:
        clear = meaning.confidence(fitting) >= RIVAL_CONFIDENCE
        order = (*fitting, *named) if clear else (*named, *fitting)
        return MetricSlot(order, contested=not clear)
    return _weigh(named, similar, meaning.confidence)


def _by_meaning(
    text: str,
    cover: Sequence[Span],
    named: bool,
    counted: bool,
    meaning: Meaning,
    policy: Policy,
) -> tuple[MetricMatch, ...]:
    """Return what is found by the words without members, or with them where that is surer.

    Members are mostly whose figure is asked for; in 老顾客流失 they are what it is about.
    """
    # "How many users" alone says too little for its words to count.
    counted = counted and search_text(text, cover).lower().rstrip("s") not in KEYS
    wanted = search_text(text, cover, counted=counted)
    found = meaning.search(wanted, policy) if wanted else ()
    if named or not wanted or not any(span.kind == "value" for span in cover):
        return found
    whole = search_text(text, cover, members=True, counted=counted)
    other = meaning.search(whole, policy) if whole else ()
    return other if meaning.confidence(other) > meaning.confidence(found) else found


def _as_quotient(
    found: tuple[MetricMatch, ...], cover: Sequence[Span], catalog: Catalog
) -> MetricSlot:
    """Return what was found by meaning; "per order" asks for a quotient, no sum will do."""
    if not _has_base(cover, catalog):
        return MetricSlot(found)
    quotients = tuple(m for m in found if is_quotient(catalog.metrics[m.metric]))
    return MetricSlot(quotients or found, contested=not quotients)


def is_quotient(metric: Metric) -> bool:
    """Return whether a metric is a rate or a mean: its members' figures do not add up."""
    return metric.unit == "ratio" or metric.of.type in ("ratio", "interval", "retention")


def _without_things(
    named: tuple[MetricMatch, ...], cover: Sequence[Span], catalog: Catalog
) -> tuple[MetricMatch, ...]:
    """Return the metrics without what one right beside it is a number of: 还有多少件|库存."""
    beside = {
        (one.words, other.words) for one, other in pairwise(cover)
        if one.kind == other.kind == "metric" and other.start - one.end <= 1
    }  # fmt: skip

    def is_thing(one: MetricMatch, other: MetricMatch) -> bool:
        thing, names = fold_name(one.words), catalog.metrics[other.metric].name.both
        if one.metric == other.metric:
            return False
        return (other.words, one.words) in beside and any(thing in fold_name(n) for n in names)

    return tuple(m for m in named if not any(is_thing(m, other) for other in named))


def with_rates(cover: tuple[Span, ...], folded: str) -> tuple[Span, ...]:
    """Return the cover with a goal's words together with the "rate" right behind them: 利润|率."""
    found = []
    for span in cover:
        after = folded[span.end : span.end + 1]
        free = not any(other.start <= span.end < other.end for other in cover)
        if span.kind == "goal" and after in RATES and free:
            found.append(replace(span, end=span.end + 1, words=span.words + after))
        else:
            found.append(span)
    return tuple(found)


def _run_together(named: Sequence[MetricMatch], cover: Sequence[Span]) -> bool:
    """Whether two names stand side by side: "inventory turnover" is neither of them."""
    words = {match.words for match in named}
    spans = [span for span in cover if span.kind == "metric" and span.words in words]
    return any(
        b.start - a.end <= (1 if a.words.isascii() and b.words.isascii() else 0)
        for a, b in pairwise(spans)
    )


def _has_any(metric: str, asked: Asked, catalog: Catalog) -> bool:
    own = {path.short for path in catalog.dimensions_of(metric)}
    return any(names & own for names in asked)


def _that_fit(
    found: tuple[MetricMatch, ...], asked: Asked, catalog: Catalog
) -> tuple[MetricMatch, ...]:
    """Return the metrics that have the dimensions asked for: "profit of Beijing East"."""
    fitting = tuple(match for match in found if _fits(match.metric, asked, catalog))
    if not fitting:
        return found
    # One without them that is meant far more stays behind, and speaks against the first.
    most = max(_odds(match) for match in fitting)
    rest = tuple(m for m in found if m not in fitting and _odds(m) > most * FAR_MORE)
    return (*fitting, *rest)


def _odds(match: MetricMatch) -> float:
    return match.score / max(1.0 - match.score, 1e-9)


def _fits(metric: str, asked: Asked, catalog: Catalog) -> bool:
    own = {path.short for path in catalog.dimensions_of(metric)}
    return all(names & own for names in asked)


def _short_for(
    leftovers: Sequence[str], asked: Asked, lexicons: Lexicons, policy: Policy
) -> tuple[str, ...]:
    """Return the metrics that one word left over is short for, where it is for several.

    "Conversion" is short for conversion to paid and for that of the stores.
    """
    if len(leftovers) != 1:
        return ()
    word, known = leftovers[0].lower(), lexicons.catalog.metrics
    fitting = tuple(
        metric
        for metric in lexicons.said
        if any(_ends_in(_without_rate(name.lower()), word) for name in known[metric].name.both)
        and metric not in policy.hidden_metrics
        and _fits(metric, asked, lexicons.catalog)
    )
    return fitting if len(fitting) > 1 else ()


def _without_rate(name: str) -> str:
    head, _, last = name.rpartition(" ")
    return head if last in RATES else name


def _ends_in(name: str, word: str) -> bool:
    """Whether a name is `word` with something before it; a Latin one by whole words."""
    if not name.endswith(word) or name == word:
        return False
    return not word.isascii() or not name[-len(word) - 1].isalnum()


def _look_alike(
    named: MetricMatch, asked: Asked, lexicons: Lexicons, policy: Policy
) -> tuple[MetricMatch, ...]:
    """Return the one metric of a like name that has the dimensions asked for, if `named` has not.

    "Stock of bedding" is the stock by category, though the stock by store is called just "stock".
    """
    if not asked or _fits(named.metric, asked, lexicons.catalog):
        return ()
    words = fold_name(named.words)
    alike = [
        metric
        for metric, names in lexicons.said.items()
        if any(words in name for name in names)
        and metric not in policy.hidden_metrics
        and _fits(metric, asked, lexicons.catalog)
    ]
    return (replace(named, metric=alike[0]),) if len(alike) == 1 else ()


def _named(cover: Sequence[Span], catalog: Catalog) -> tuple[MetricMatch, ...]:
    """Return the metrics named together: "GMV and orders" are two, "AOV of new buyers" is one.

    Of several that are not joined, the one after "by" counts, else the head of the phrase: the
    first in English, the last in Chinese.
    """
    groups = _joined(
        [s for s in cover if not (_is_rate_of(s, cover, catalog) or _is_base(s, cover, catalog))]
    )
    if not groups:
        return ()
    ordered = [g for g in groups if _is_sorted_by(cover, g[0])]
    chinese = any(is_cjk(letter) for span in groups[-1] for letter in span.words)
    chosen = ordered[0] if ordered else groups[-1] if chinese else groups[0]
    matches: dict[str, MetricMatch] = {}
    for span in chosen:
        match = MetricMatch(span.name, span.score, span.evidence, span.words)  # type: ignore[arg-type]
        matches.setdefault(span.name, match)
    return tuple(matches.values())


def _is_base(span: Span, cover: Sequence[Span], catalog: Catalog) -> bool:
    """Whether a count is only what another figure is told of: items in one *order*, 每*单*."""
    if span.kind != "metric" or catalog.metrics[span.name].unit != "count":
        return False
    before = [s for s in cover if s.end <= span.start][-1:]
    return bool(before) and before[0].words.strip().lower() in SINGLE


def _has_base(cover: Sequence[Span], catalog: Catalog) -> bool:
    """Whether a figure per order, per buyer … is asked for: 每一单, "in one order"."""
    return any(
        _is_base(span, cover, catalog)
        or (
            span.name == "weak"
            and span.words.strip().lower() in COUNTED
            and "".join(s.words for s in cover[max(0, index - 2) : index]).strip().lower() in SINGLE
        )
        for index, span in enumerate(cover)
    )


def _is_rate_of(span: Span, cover: Sequence[Span], catalog: Catalog) -> bool:
    """Whether a rate is asked for by the name of what is no rate: "turnover rate" of employees."""
    if span.kind != "metric" or catalog.metrics[span.name].unit == "ratio":
        return False
    return any(
        s.words.lower() in RATES and 0 <= s.start - span.end <= 1 for s in cover if s.kind == "word"
    )


def _joined(cover: Sequence[Span]) -> list[list[Span]]:
    """Return the metric spans in groups whose members are joined by "and", a comma, or nothing.

    What is told of the same groups joins from afar: "cities with most orders, with their AOV".
    """
    groups: list[list[Span]] = []
    open_group = False
    linked: list[str] = []
    for span in cover:
        if span.kind == "metric":
            if groups and (open_group or ALSO & set(linked)):
                groups[-1].append(span)
            else:
                groups.append([span])
            open_group, linked = True, []
        elif span.kind == "word" and span.name in LINKING:
            linked.append(span.words.strip().lower())
            open_group = open_group and linked[-1] in JOINING
        else:
            open_group, linked = open_group and _joins(span), []
    return groups


def _joins(span: Span) -> bool:
    return span.kind == "word" and span.words.strip().lower() in JOINING


def _is_sorted_by(cover: Sequence[Span], metric: Span) -> bool:
    before = [span for span in cover if span.end <= metric.start][-1:]
    return bool(before) and before[0].words.lower() in SORTING


def _by_goal(cover: Sequence[Span], asked: Asked, catalog: Catalog, policy: Policy) -> MetricSlot:
    """Return the metric of the first goal named that has the dimensions asked for.

    Where the goal's words are short for several that have them, all, contested.
    """
    for span in cover:
        if span.kind != "goal":
            continue
        goal = catalog.goals[span.name]
        seen = [m for m in goal.metrics if m not in policy.hidden_metrics]
        if span.words[-1:] in RATES:
            seen = [m for m in seen if catalog.metrics[m].unit == "ratio"]
        fitting = [m for m in seen if _fits(m, asked, catalog)] or seen
        matches = tuple(MetricMatch(m, span.score, "synonym", span.words) for m in fitting)
        if matches:
            open_ended = goal.ask and len(matches) > 1
            return MetricSlot(matches if open_ended else matches[:1], contested=open_ended)
    return MetricSlot()


def _weigh(
    named: tuple[MetricMatch, ...],
    similar: tuple[MetricMatch, ...],
    confidence: Confidence,
) -> MetricSlot:
    """Return the names, contested where the rest of the question surely means another metric."""
    if len(named) > 1 or not similar:
        return MetricSlot(named)
    if similar[0].metric == named[0].metric:
        return MetricSlot(named, agreed=confidence(similar) >= RIVAL_CONFIDENCE)
    if confidence(similar) < RIVAL_CONFIDENCE:
        return MetricSlot(named)
    if named[0].evidence == "fuzzy":
        return MetricSlot((*similar[:1], *named, *similar[1:]))
    return MetricSlot((*named, *similar), contested=True)
