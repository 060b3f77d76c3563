"""Owns detours: ways to a dimension over joins that multiply rows, named instead of taken."""

from collections import deque

from metric_catalog.catalog import Catalog
from metric_catalog.model.semantic_model import SemanticModel


def detour(catalog: Catalog, base: str, name: str) -> str | None:
    """Return the shortest chain of tables from `base` to a dimension called `name`, None if none.

    `<` marks a step to many rows, `>` one to a single row; the key stands behind the table:
    `orders < order_items (order) > products (product)`. `name` may spell a path of entities: its
    last part is what is looked for.
    """
    short = name.rpartition("__")[2]
    pending, seen = deque([(base, base)]), {base}
    while pending:
        here, text = pending.popleft()
        model = catalog.models.get(here)
        if model is None:
            continue
        if here != base and (model.dimension(name) or model.dimension(short)):
            return text if "<" in text else None
        for other in catalog.models.values():
            step = _step(model, other)
            if step is not None and other.id not in seen:
                seen.add(other.id)
                sign, key = step
                pending.append((other.id, f"{text} {sign} {other.id} ({key})"))
    return None


def _step(left: SemanticModel, right: SemanticModel) -> tuple[str, str] | None:
    """Return how a row of `left` finds rows of `right`: one (`>`) or many (`<`), and by which key.

    Two foreign keys share no row of their own: what both point at lies between them.
    """
    steps = [
        (">" if there.type in ("primary", "unique") else "<", there.name)
        for there in right.entities
        for here in left.entities
        if here.name == there.name and not here.type == there.type == "foreign"
    ]
    return max(steps, default=None)  # `>` comes after `<`
