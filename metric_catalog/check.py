"""Owns the check of a catalog: every rule in one tuple, every issue at once."""

from collections.abc import Callable, Iterable

from metric_catalog.catalog import Catalog
from metric_catalog.issues import Issue
from metric_catalog.rules import formulas, references

Rule = Callable[[Catalog], Iterable[Issue]]

BREAKING: tuple[Rule, ...] = (
    references.inputs_exist,
    references.models_exist,
    references.model_times_exist,
    references.conversion_entities_exist,
    references.dimensions_exist,
    references.conditions_hold,
    references.playbooks_exist,
    references.goals_exist,
    references.relatives_exist,
    references.saved_queries_exist,
    references.grains_exist,
    formulas.expressions_parse,
    formulas.derived_names_exist,
    formulas.names_are_unique,
    formulas.inputs_without_cycles,
    formulas.successors_without_cycles,
)
"""Rules whose breach makes a definition unusable."""

RULES: tuple[Rule, ...] = BREAKING


def check(catalog: Catalog) -> tuple[Issue, ...]:
    """Return every issue of every rule, errors first."""
    found = dict.fromkeys(problem for rule in RULES for problem in rule(catalog))
    return tuple(sorted(found, key=lambda problem: (problem.severity != "error", problem.place)))


def broken(catalog: Catalog) -> tuple[Issue, ...]:
    """Return the errors that keep definitions from being used at all."""
    found = (problem for rule in BREAKING for problem in rule(catalog))
    return tuple(dict.fromkeys(item for item in found if item.severity == "error"))
