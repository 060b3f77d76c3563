"""Owns the check of a catalog: every rule in one tuple, every issue at once."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping

from metric_catalog.catalog import Catalog
from metric_catalog.issues import Issue
from metric_catalog.repeats import Repeat
from metric_catalog.rules import (
    conditions,
    formulas,
    governance,
    grains,
    likeness,
    references,
    sources,
    words,
)

Rule = Callable[[Catalog], Iterable[Issue]]

BREAKING: tuple[Rule, ...] = (
    references.inputs_exist,
    references.models_exist,
    references.model_times_exist,
    references.conversion_entities_exist,
    references.constant_properties_exist,
    references.dimensions_exist,
    conditions.conditions_hold,
    references.playbooks_exist,
    references.goals_exist,
    references.relatives_exist,
    conditions.saved_queries_hold,
    grains.grains_exist,
    formulas.expressions_parse,
    formulas.derived_names_exist,
    formulas.names_are_unique,
    formulas.identities_fit,
    formulas.inputs_without_cycles,
    formulas.successors_without_cycles,
)
"""Rules whose breach makes a definition unusable."""

RULES: tuple[Rule, ...] = (
    *BREAKING,
    governance.owners_named,
    governance.authors_named,
    governance.units_given,
    governance.words_in_both_languages,
    governance.approvals_given,
    governance.approvals_by_others,
    governance.approvals_used,
    governance.successors_named,
    governance.inputs_in_use,
    governance.targets_smart,
    words.words_do_not_collide,
    words.synonyms_say_something,
    words.dimensions_do_not_collide,
    likeness.formulas_differ,
    likeness.filters_differ_clearly,
)


def check(catalog: Catalog) -> tuple[Issue, ...]:
    """Return every issue of every rule, errors first."""
    return _sorted(problem for rule in RULES for problem in rule(catalog))


def check_sources(
    catalog: Catalog,
    columns_by_table: Mapping[str, Mapping[str, str]],
    last_days: Mapping[str, dt.date],
    repeats: Iterable[Repeat] = (),
    as_of: dt.date | None = None,
) -> tuple[Issue, ...]:
    """Return what the actual tables do not bear out.

    `columns_by_table` are the types of the columns by table and name; `last_days` the last day
    of data by table, for the tables where it is known; `repeats` the rows that share a key which
    should have one row each; `as_of` the project's day, by which data is due.
    """
    found = sources.sources_hold(catalog, columns_by_table, last_days, repeats, as_of)
    return _sorted(found)


def _sorted(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    found = dict.fromkeys(issues)
    return tuple(sorted(found, key=lambda problem: (problem.severity != "error", problem.place)))


def broken(catalog: Catalog) -> tuple[Issue, ...]:
    """Return the errors that keep definitions from being used at all."""
    found = (problem for rule in BREAKING for problem in rule(catalog))
    return tuple(dict.fromkeys(item for item in found if item.severity == "error"))
