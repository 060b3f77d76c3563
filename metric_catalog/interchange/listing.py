"""Owns the metric list (指标清单): one row per metric, ready for a table in either language."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from metric_catalog.catalog import Catalog
from metric_catalog.interchange.formulas import Formulas
from metric_catalog.metric_grains import shown_grain
from metric_catalog.model.definition import Language
from metric_catalog.model.governance import Target
from metric_catalog.model.metrics import Metric

COLUMNS = (
    "domain", "id", "name", "type", "description", "caliber", "formula", "source", "dimensions",
    "grain", "unit", "direction", "owner", "tier", "nature", "status", "version", "effective_from",
    "synonyms", "targets", "hash",
)  # fmt: skip


@dataclass(frozen=True)
class Listing:
    """The rows of a metric list; `columns` are keys whose headings live in the prompts."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def listing(
    catalog: Catalog, language: Language, words: Mapping[str, str] = MappingProxyType({})
) -> Listing:
    """Return all metrics that are not private, ordered by domain and tier.

    `words` say codes as people do (`status.draft`, `agg.sum`); what has none stays a code.
    """
    metrics = [metric for metric in catalog.metrics.values() if not metric.private]
    metrics.sort(key=lambda metric: (metric.domain, metric.tier or 99, metric.id))
    formulas = Formulas(catalog, language, words)
    return Listing(COLUMNS, tuple(_row(formulas, metric) for metric in metrics))


def _row(formulas: Formulas, metric: Metric) -> tuple[str, ...]:
    catalog, language, word = formulas.catalog, formulas.language, formulas.word
    comma, grain = word("op", "comma"), shown_grain(catalog, metric)
    dimensions = [
        formulas.dimension(catalog.canonical(p)) for p in catalog.dimensions_of(metric.id)
    ]
    cells: Mapping[str, str] = {
        "domain": word("domain", metric.domain),
        "id": metric.id,
        "name": metric.name[language],
        "type": word("type", metric.of.type),
        "description": metric.description[language],
        "caliber": metric.caliber[language],
        "formula": formulas.formula(metric),
        "source": comma.join(_tables(catalog, metric)),
        "dimensions": comma.join(dict.fromkeys(dimensions)),
        "grain": word("grain", grain) if grain else "",
        "unit": metric.unit_label[language] or word("unit", metric.currency or metric.unit),
        "direction": word("direction", metric.direction),
        "owner": metric.owner,
        "tier": "" if metric.tier is None else word("tier", str(metric.tier)),
        "nature": word("nature", metric.nature) if metric.nature else "",
        "status": word("status", catalog.status_of(metric.id)),
        "version": str(metric.version),
        "effective_from": "" if metric.effective_from is None else str(metric.effective_from),
        "synonyms": comma.join(metric.synonyms[language]),
        "targets": "; ".join(_target(formulas, metric, each) for each in metric.targets),
        "hash": catalog.hash_of(metric.id),
    }
    return tuple(cells[key] for key in COLUMNS)


def _target(formulas: Formulas, metric: Metric, target: Target) -> str:
    """Return the value, of a share in percent, and the days, first and last, of a target."""
    last = target.end - dt.timedelta(days=1)
    share = metric.unit == "ratio"
    value = f"{target.value * 100:,.12g} %" if share else f"{target.value:,.12g}"
    text = f"{value} ({target.start} {formulas.word('op', 'until')} {last})"
    return f"{text} [{formulas.condition(target.filter)}]" if target.filter else text


def _tables(catalog: Catalog, metric: Metric) -> tuple[str, ...]:
    bases = (m for m in catalog.base_models(metric.id) if m in catalog.models)
    return tuple(dict.fromkeys(catalog.models[model].table for model in bases))


def formula(catalog: Catalog, metric: Metric, language: Language, words: Mapping[str, str]) -> str:
    """Return the formula as readers of `language` know it; `words` as for `listing`."""
    return Formulas(catalog, language, words).formula(metric)


def to_markdown(table: Listing, headings: Mapping[str, str]) -> str:
    """Return the list as a Markdown table; `headings` name the columns."""
    head = [_escaped(headings.get(key, key)) for key in table.columns]
    lines = [head, ["---"] * len(head), *([_escaped(cell) for cell in row] for row in table.rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _escaped(text: str) -> str:
    """Keep a cell inside its column, and its text from becoming markup."""
    flat = " ".join(text.split())
    return flat.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
