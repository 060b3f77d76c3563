"""Owns the places of issues: `file: id.field`, and the texts of conditions with their places."""

from collections.abc import Iterator

from metric_catalog.catalog import Catalog
from metric_catalog.model.metrics import Metric, Retention, inputs_of


def place_of(catalog: Catalog, section: str, key: str, field: str = "") -> str:
    """Return where `field` of the definition `key` stands."""
    start = catalog.places.get(f"{section}:{key}", key)
    return f"{start}.{field}" if field else start


def conditions_of(metric: Metric) -> Iterator[tuple[str, str]]:
    """Yield every condition text of `metric` with the field that holds it."""
    if metric.filter is not None:
        yield "filter", metric.filter
    for index, given in enumerate(inputs_of(metric)):
        if given.filter is not None:
            yield f"inputs[{index}].filter", given.filter
    if isinstance(metric.of, Retention):
        for field in ("cohort_filter", "return_filter"):
            text = getattr(metric.of, field)
            if text is not None:
                yield field, text
    for index, target in enumerate(metric.targets):
        if target.filter is not None:
            yield f"targets[{index}].filter", target.filter
