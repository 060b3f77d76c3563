"""Owns the metric list (指标清单): one row per metric, ready for a table in either language."""

from collections.abc import Mapping
from dataclasses import dataclass

from metric_catalog.catalog import Catalog
from metric_catalog.model.definition import Language
from metric_catalog.model.metrics import Metric, inputs_of

COLUMNS = (
    "domain", "id", "name", "description", "caliber", "formula", "source", "dimensions", "grain",
    "unit", "direction", "owner", "tier", "nature", "status", "version", "effective_from",
    "synonyms", "targets", "hash",
)  # fmt: skip


@dataclass(frozen=True)
class Listing:
    """The rows of a metric list; `columns` are keys whose headings live in the prompts."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def listing(catalog: Catalog, language: Language) -> Listing:
    """Return all metrics that are not private, ordered by domain and tier."""
    metrics = [metric for metric in catalog.metrics.values() if not metric.private]
    metrics.sort(key=lambda metric: (metric.domain, metric.tier or 99, metric.id))
    return Listing(COLUMNS, tuple(_row(catalog, metric, language) for metric in metrics))


def _row(catalog: Catalog, metric: Metric, language: Language) -> tuple[str, ...]:
    cells: Mapping[str, str] = {
        "domain": metric.domain,
        "id": metric.id,
        "name": metric.name[language],
        "description": metric.description[language],
        "caliber": metric.caliber[language],
        "formula": formula(catalog, metric),
        "source": ", ".join(_tables(catalog, metric)),
        "dimensions": ", ".join(catalog.canonical(p) for p in catalog.dimensions_of(metric.id)),
        "grain": metric.default_grain or "",
        "unit": metric.unit_label[language] or metric.currency or metric.unit,
        "direction": metric.direction,
        "owner": metric.owner,
        "tier": "" if metric.tier is None else str(metric.tier),
        "nature": metric.nature,
        "status": catalog.status_of(metric.id),
        "version": str(metric.version),
        "effective_from": "" if metric.effective_from is None else str(metric.effective_from),
        "synonyms": ", ".join(metric.synonyms[language]),
        "targets": "; ".join(f"{t.value:g} [{t.start}, {t.end})" for t in metric.targets),
        "hash": catalog.hash_of(metric.id),
    }
    return tuple(cells[key] for key in COLUMNS)


def _tables(catalog: Catalog, metric: Metric) -> tuple[str, ...]:
    bases = (m for m in catalog.base_models(metric.id) if m in catalog.models)
    return tuple(dict.fromkeys(catalog.models[model].table for model in bases))


def formula(catalog: Catalog, metric: Metric) -> str:
    """Return the formula in the symbols that every reader of either language knows."""
    text = _formula(catalog, metric)
    return f"{text} [{metric.filter}]" if metric.filter else text


def _formula(catalog: Catalog, metric: Metric) -> str:
    of = metric.of
    match of.type:
        case "simple":
            model = catalog.models.get(of.model)
            measure = model.measure(of.measure) if model else None
            if measure is None:
                return f"{of.model}.{of.measure}"
            return f"{measure.agg.value}({measure.expr or measure.name})"
        case "ratio":
            return f"{of.numerator.name} / {of.denominator.name}"
        case "derived":
            return of.expr
        case "entity_share":
            measured = f"{of.measure} {of.op} {of.value:g}"
            return f"count({of.entity}: {measured}) / count({of.entity})"
        case "interval":
            return f"{of.aggregate}({of.entity}: t[n] - t[n-1]) ({of.unit})"
        case "retention":
            way = f"{of.cohort_model} → {of.return_model} {of.from_day}-{of.to_day}d"
            return f"count({of.entity}: {way}) / count({of.entity})"
        case "cumulative":
            over = f"{of.window.count} {of.window.grain}" if of.window else of.grain_to_date or "∞"
            return f"cumulative({of.metric.name}, {over})"
        case "conversion":
            window = f", {of.window.count} {of.window.grain}" if of.window else ""
            parts = " → ".join(given.name for given in inputs_of(metric))
            return f"{of.calculation}({of.entity}: {parts}{window})"


def to_markdown(table: Listing, headings: Mapping[str, str]) -> str:
    """Return the list as a Markdown table; `headings` name the columns."""
    head = [_escaped(headings.get(key, key)) for key in table.columns]
    lines = [head, ["---"] * len(head), *([_escaped(cell) for cell in row] for row in table.rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _escaped(text: str) -> str:
    """Keep a cell inside its column, and its text from becoming markup."""
    flat = " ".join(text.split())
    return flat.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
