"""Owns the rules on likeness: metrics that seem to be the same, or to conflict."""

from collections import defaultdict
from collections.abc import Iterator

from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.issues import Issue, issue
from metric_catalog.model.metrics import Metric
from metric_catalog.normal_filters import Clause, Clauses, Condition
from metric_catalog.normal_form import Form, form_of
from metric_catalog.rules.places import place_of

SHARED = 2
"""From how many equal conditions on, one more on one side is worth a look."""
EXCLUDING = frozenset({"out", "no contains", "no prefix", "no suffix"})
"""What leaves something out: one more of these keeps nearly everything, whatever else there is."""
BOUNDS = frozenset("<>")


def _forms(catalog: Catalog) -> Iterator[tuple[Metric, Form]]:
    for metric in catalog.metrics.values():
        if metric.private or metric.status == "retired":
            continue
        try:
            yield metric, form_of(catalog, metric)
        except (CatalogError, KeyError):  # other rules say what is wrong with it
            continue


def formulas_differ(catalog: Catalog) -> Iterator[Issue]:
    """No two metrics mean exactly the same under different names."""
    groups: dict[str, list[Metric]] = defaultdict(list)
    for metric, form in _forms(catalog):
        groups[form.text].append(metric)
    for first, *others in groups.values():
        for metric in others:
            if metric.id == first.successor or first.id == metric.successor:
                continue
            place = place_of(catalog, "metrics", metric.id)
            given = {"metric": metric.id, "other": first.id}
            yield issue("same_formula", place, severity="warning", **given)


def filters_differ_clearly(catalog: Catalog) -> Iterator[Issue]:
    """Two metrics of one formula whose conditions are nearly the same are worth a look."""
    groups: dict[str, list[tuple[Metric, Form]]] = defaultdict(list)
    for metric, form in _forms(catalog):
        groups[form.bare].append((metric, form))
    for members in groups.values():
        for index, (metric, form) in enumerate(members):
            for other, there in members[:index]:
                if form.text != there.text and _nearly(form, there):
                    place = place_of(catalog, "metrics", metric.id, "filter")
                    given = {"metric": metric.id, "other": other.id}
                    yield issue("similar_filters", place, severity="warning", **given)


def _nearly(one: Form, other: Form) -> bool:
    """Whether some conditions differ, and each of them only nearly."""
    here, there = dict(one.clauses), dict(other.clauses)
    pairs = [(here[key], there[key]) for key in here if key in there and here[key] != there[key]]
    return bool(pairs) and all(_overlap(mine, yours) for mine, yours in pairs)


def _overlap(one: Clauses, other: Clauses) -> bool:
    """Whether all conditions are the same but one, and that one is nearly the same."""
    mine, yours = one - other, other - one
    shared = len(one & other)
    if len(mine) == len(yours) == 1:
        (left,), (right,) = mine, yours
        return _near(left, right, shared)
    if len(mine) + len(yours) != 1:
        return False
    (more,) = mine | yours
    return shared >= SHARED or all(condition.kind in EXCLUDING for condition in more)


def _near(one: Clause, other: Clause, shared: int) -> bool:
    """Whether two conditions beside `shared` equal ones choose nearly the same.

    They do where lists overlap, bounds point the same way or each leaves out a value of its own;
    with other values, where another condition is the same: two values that are all there is to
    two metrics are their point, and true and false are a pair made on purpose.
    """
    mine, yours, beside = one - other, other - one, shared + len(one & other)
    if len(mine) > 1 or len(yours) > 1:
        return False
    if not mine or not yours:
        return True  # one alternative more
    (left,), (right,) = mine, yours
    if left.name != right.name:
        return False
    if {left.kind, right.kind} <= EXCLUDING:
        return True
    if left.kind[0] in BOUNDS and left.kind[0] == right.kind[0]:
        return True
    alike = left.kind[0] == right.kind[0] and not (left.kind == "known" and right.kind == "null")
    return alike and (bool(_plain(left) & _plain(right)) or (beside > 0 and _single(left, right)))


def _single(one: Condition, other: Condition) -> bool:
    """Whether each chooses one value, and not true and false."""
    kinds = {kind for kind, _ in one.values | other.values}
    alone = len(one.values) == len(other.values) == 1
    return one.kind == other.kind == "in" and alone and "b" not in kinds


def _plain(condition: Condition) -> set[object]:
    """Return the values compared with, texts without case and outer blanks."""
    return {v.strip().casefold() if kind == "s" else v for kind, v in condition.values}
