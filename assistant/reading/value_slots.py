"""Owns what the names of members and dimensions fill: filters, group-bys, members compared."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.reading.conditions import RANKS
from assistant.reading.cover import FILLERS
from assistant.reading.reading import Ambiguity
from assistant.reading.spans import Span
from metric_catalog.catalog import Catalog
from metric_catalog.joins import DimensionPath
from metric_catalog.query import Compare, Filter, GroupBy, Not, Scalar, both
from retrieval.folding import fold_name

NAMING_GAP = 4
# Words after which several members of a dimension are compared, or at least told apart.
COMPARING = frozenset(("intent.comparison", "intent.growth"))
APART = frozenset(("intent.breakdown", "intent.ranking", "rel.which", *RANKS))
LISTING = frozenset(("and", "&", "和", "与", "跟", "及", "、"))
POOLING = frozenset(("together", "combined", "in total", "total", "or", "or not", "或", "或者",
                     "一共", "合在一起", "合计", "加起来", "一起", "合起来", "总共",
                     "总体"))  # fmt: skip
# Words that make a place of a dimension: what happens there, not where.
INSIDE = frozenset(("里", "里面", "内", "里边"))
INTO = frozenset(("our", "my", "into", "inside", "我们", "咱们", "我", "咱", "本"))
# What is counted and has no names to be told apart by, and the words that ask to do so.
KEYS = frozenset(("customer", "user", "buyer", "person", "order", "shopper", "客户", "用户", "顾客",
                  "人", "订单", "消费者"))  # fmt: skip
SPLITTING = frozenset(("by", "by each", "by every", "for each", "for every", "each", "every", "按",
                       "按照", "各", "各个", "每个", "分"))  # fmt: skip
# Words that ask for groups wherever they stand.
GROUPING = (*RANKS, "intent.breakdown", "intent.ranking", "intent.share")


@dataclass(frozen=True, slots=True)
class ValueSlots:
    """Filters and group-bys. `members` = members of one dimension are to be compared."""

    filters: Filter | None = None
    group_by: tuple[GroupBy, ...] = ()
    members: bool = False
    ambiguities: tuple[Ambiguity, ...] = ()
    unfit: tuple[str, ...] = ()
    impossible: tuple[str, ...] = ()


@dataclass
class _Members:
    """Values said per dimension, those excluded apart; in order of appearance."""

    kept: dict[str, list[Scalar]] = field(default_factory=dict)
    excluded: dict[str, list[Scalar]] = field(default_factory=dict)
    ambiguities: list[Ambiguity] = field(default_factory=list)
    unfit: list[str] = field(default_factory=list)
    own: frozenset[str] = frozenset()
    impossible: list[str] = field(default_factory=list)


def read_value_slots(
    cover: Sequence[Span],
    candidates: Sequence[Span],
    metrics: Sequence[str],
    catalog: Catalog,
    words: frozenset[str],
) -> ValueSlots:
    """Return the slots of a cover for `metrics` (empty = not known yet).

    `words`: the meanings seen.
    """
    names = dimension_names(metrics, catalog)
    members = _Members(own=_own_dimensions(metrics, catalog))
    excluding, outside = False, _left_out(cover)
    for index, span in enumerate(cover):
        if span.kind == "word" and span.name == "rel.exclude":
            excluding = _points_ahead(cover, index) or excluding
        if span.kind == "value":
            beside = _named_beside(cover, index, names)
            left_out = excluding or index in outside
            _add_value(span, candidates, names, members, left_out, beside)
        elif span.kind in ("metric", "time") or span.name in ("rel.by", "rel.which"):
            excluding = False
    valued = {*members.kept, *members.excluded}
    group_by = _group_by(_without_owners(cover, metrics, catalog), names, valued, members)
    shown = next((d for d, v in members.kept.items() if len(v) > 1), None)
    compare_members = shown is not None and bool(words & COMPARING)
    told_apart = compare_members or (
        not group_by and (bool(words & APART) or (_are_rates(metrics, catalog) and _is_list(cover)))
    )
    if shown is not None and told_apart and GroupBy(shown) not in group_by:
        group_by = (*group_by, GroupBy(shown))
    return ValueSlots(
        _filters(members),
        group_by,
        compare_members,
        tuple(members.ambiguities),
        _not_said_by(metrics, members.unfit, catalog),
        tuple(members.impossible),
    )


def _are_rates(metrics: Sequence[str], catalog: Catalog) -> bool:
    return bool(metrics) and all(catalog.metrics[m].unit == "ratio" for m in metrics)


def _is_list(cover: Sequence[Span]) -> bool:
    """Whether members are listed (月卡和年卡), not taken together or as alternatives.

    One rate of two members says little about either.
    """
    said = {span.words.strip().lower() for span in cover}
    return bool(said & LISTING) and not said & POOLING


def _not_said_by(metrics: Sequence[str], unfit: Sequence[str], catalog: Catalog) -> tuple[str, ...]:
    """Return the members that the metrics cannot have, but those that their own names speak of.

    The return rate of old customers has no kinds of customers, and needs none.
    """
    known = [catalog.metrics[metric] for metric in metrics]
    names = " ".join(fold_name(n) for m in known for n in (m.name.en, m.name.zh, *m.synonyms.all))
    return tuple(w for w in unfit if fold_name(w).removeprefix("the ") not in names)


def _own_dimensions(metrics: Sequence[str], catalog: Catalog) -> frozenset[str]:
    """Return the dimensions of the metrics' own tables: nearer than what a join reaches."""
    return frozenset(
        catalog.canonical(path)
        for metric in metrics
        for path in catalog.dimensions_of(metric)
        if not path.steps
    )


def dimension_names(metrics: Sequence[str], catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """Return short name → canonical names that all `metrics` share (all metrics where empty)."""
    shared: list[set[str]] = []
    found: dict[str, dict[str, None]] = {}
    for metric in metrics or tuple(catalog.metrics):
        names = set()
        for path in catalog.dimensions_of(metric):
            canonical = catalog.canonical(path)
            names.add(canonical)
            found.setdefault(path.short, {})[canonical] = None
        shared.append(names)
    common = set.intersection(*shared) if metrics and shared else None
    return {
        short: tuple(n for n in names if common is None or n in common)
        for short, names in found.items()
    }


def _left_out(cover: Sequence[Span]) -> frozenset[int]:
    """Return the places of the members that a word after them leaves out: 一线城市以外."""
    places: set[int] = set()
    for index, span in enumerate(cover):
        if span.name != "rel.exclude" or _points_ahead(cover, index):
            continue
        before, of = index - 1, cover[index - 1].name if index else ""
        while before >= 0 and cover[before].name in FILLERS:
            before -= 1
        of = cover[before].name if before >= 0 else of
        while before >= 0 and (cover[before].name == of or cover[before].name in FILLERS):
            places.add(before)
            before -= 1
    return frozenset(places)


def _points_ahead(cover: Sequence[Span], index: int) -> bool:
    """Whether an excluding word has its members after it.

    以外 and 之外 follow theirs, and so does any other that has none after it: 北京的不要算.
    """
    if cover[index].words in ("以外", "之外", "外", "以外的", "之外的", "外的"):
        return False
    before = any(span.kind == "value" for span in cover[:index])
    return not before or any(span.kind == "value" for span in cover[index + 1 :])


def _add_value(
    span: Span,
    candidates: Sequence[Span],
    names: dict[str, tuple[str, ...]],
    members: _Members,
    excluding: bool,
    beside: frozenset[str],
) -> None:
    rivals = [
        c
        for c in candidates
        if c.kind == "value" and (c.start, c.end) == (span.start, span.end)
        and c.score >= span.score - 0.05
    ]  # fmt: skip
    options = {(name, rival.value): None for rival in rivals for name in names.get(rival.name, ())}
    if not options:
        members.unfit.append(span.words)
        return
    dimensions = list(dict.fromkeys(name for name, _ in options))
    dimensions = [name for name in dimensions if name in beside] or dimensions
    own = [name for name in dimensions if name in members.own]
    if len(own) == 1:
        dimensions = own
    if len(dimensions) > 1:
        already = [d for d in dimensions if d in members.kept or d in members.excluded]
        if not already:
            labels = tuple((f"{d} = {span.words}", d) for d in dimensions)
            members.ambiguities.append(Ambiguity("filter", span.words, labels))
        dimensions = already or dimensions
    target = members.excluded if excluding else members.kept
    for name, value in options:
        if name == dimensions[0] and value not in target.setdefault(name, []):
            target[name].append(value)


def _named_beside(
    cover: Sequence[Span], index: int, names: dict[str, tuple[str, ...]]
) -> frozenset[str]:
    """Return the dimensions named right before or after a value: they say which one it is of."""
    return frozenset(
        name
        for other in _neighbours(cover, index)
        if other.kind == "dimension"
        for name in names.get(other.name, ())
    )


def _neighbours(cover: Sequence[Span], index: int) -> list[Span]:
    """Return the spans right before and after one, fillers left out ("income of 50-74K")."""
    before = [s for s in reversed(cover[:index]) if not _is_between(s)][:1]
    after = [s for s in cover[index + 1 :] if not _is_between(s)][:1]
    return [s for s in (*before, *after) if _gap(cover[index], s) <= NAMING_GAP]


def _is_between(span: Span) -> bool:
    return span.name in FILLERS and span.words.strip().lower() not in LISTING


def _gap(one: Span, other: Span) -> int:
    """How many characters stand between two spans."""
    return max(one.start, other.start) - min(one.end, other.end)


def _filters(members: _Members) -> Filter | None:
    result: Filter | None = None
    for dimension, values in members.kept.items():
        result = both(result, _one_of(dimension, values))
    for dimension, values in members.excluded.items():
        one = _one_of(dimension, values)
        negated: Filter = Compare(dimension, "!=", one.values) if one.op == "=" else Not(one)
        result = both(result, negated)
    return result


def _one_of(dimension: str, values: list[Scalar]) -> Compare:
    return Compare(dimension, "=" if len(values) == 1 else "in", tuple(values))


def _group_by(
    cover: Sequence[Span],
    names: dict[str, tuple[str, ...]],
    valued: set[str],
    members: _Members,
) -> tuple[GroupBy, ...]:
    found: list[GroupBy] = []
    asked_for = any(span.name in GROUPING for span in cover)
    chosen = any(s.kind == "dimension" and _is_asked_for(cover, i) for i, s in enumerate(cover))
    for index, span in enumerate(cover):
        if span.name == "weak" and _is_split_by(cover, index):
            members.impossible.append(span.words)
        if span.kind != "dimension":
            continue
        options = names.get(span.name, ())
        if not options:
            if asked_for or _is_asked_for(cover, index):
                members.impossible.append(span.words)
            continue
        if _is_asked_for(cover, index):
            pass
        elif (
            _is_inside(cover, index)
            if asked_for and chosen
            else not asked_for and _is_a_place(cover, index)
        ):
            continue
        naming = [o for o in options if o in valued]
        if naming and _names_a_value(cover, index) and not _is_asked_for(cover, index):
            continue
        item = GroupBy(options[0])
        if item not in found:
            found.append(item)
    return tuple(found)


def _without_owners(
    cover: Sequence[Span], metrics: Sequence[str], catalog: Catalog
) -> Sequence[Span]:
    """Return the cover without the things whose groups are asked for: 各城市|门店 is by city.

    They stand right beside the dimension, which is one of theirs: a store has a city, "product
    departments".
    """
    paths = {path.short: path for metric in metrics for path in catalog.dimensions_of(metric)}
    kept: list[Span] = []
    for span in cover:
        before = kept[-1] if kept else None
        if before is not None and before.kind == span.kind == "dimension":
            one, other = paths.get(before.name), paths.get(span.name)
            alike = one is not None and other is not None and one.model == other.model
            if alike and other and before.end == span.start and _is_its_key(other, catalog):
                continue
            beside = span.words.isascii() and span.start - before.end == 1
            if beside and one and other and one.steps and _leads_to(one, other):
                kept.pop()  # "product departments" are departments
        kept.append(span)
    return kept


def _leads_to(one: DimensionPath, other: DimensionPath) -> bool:
    """Whether `other` is said of the same things as `one`, or of what they belong to."""
    return other.steps[: len(one.steps)] == one.steps


def _is_its_key(path: DimensionPath, catalog: Catalog) -> bool:
    """Whether every row of the dimension's table is a member of its own."""
    keys = {key.expr or key.name for key in catalog.models[path.model].entities}
    return (getattr(path.element, "expr", None) or path.short) in keys


def _is_split_by(cover: Sequence[Span], index: int) -> bool:
    """Whether groups are asked for that are no dimension: GMV by customer, 各客户."""
    before = cover[index - 1].words.strip().lower() if index else ""
    return before in SPLITTING and cover[index].words.strip().lower().rstrip("s") in KEYS


def _is_a_place(cover: Sequence[Span], index: int) -> bool:
    """Whether a dimension asks for no groups: Chengdu stores, 店里来了多少人, "into our stores"."""
    before = cover[index - 1].words.lower() if index else ""
    return _is_head_noun(cover, index) or _is_inside(cover, index) or before in INTO


def _is_inside(cover: Sequence[Span], index: int) -> bool:
    """Whether what happens there is asked about: 店里."""
    return index + 1 < len(cover) and cover[index + 1].words in INSIDE


def _is_head_noun(cover: Sequence[Span], index: int) -> bool:
    """Whether a dimension only says what its neighbour is one of: Chengdu stores, 成都那几家店."""
    for neighbour in (index - 1, index - 2, index - 3):
        if neighbour >= 0 and cover[neighbour].kind == "value":
            between = cover[neighbour + 1 : index]
            return all(span.name in FILLERS for span in between)
    return False


def _names_a_value(cover: Sequence[Span], index: int) -> bool:
    return any(other.kind == "value" for other in _neighbours(cover, index))


def _is_asked_for(cover: Sequence[Span], index: int) -> bool:
    """Whether "by", "per", 各 or 按 stands right before the dimension."""
    if index == 0:
        return False
    before = cover[index - 1]
    return before.kind == "word" and before.name in ("rel.by", "rel.which")
