"""Owns the order in which rewrites are applied to a plan."""

from collections.abc import Callable

from executors.compiler.plan import Plan
from executors.compiler.rewrites.flatten_combines import flatten_combines
from executors.compiler.rewrites.inline_computes import inline_computes
from executors.compiler.rewrites.merge_scans import merge_scans
from executors.compiler.rewrites.prune_columns import prune_columns
from executors.compiler.rewrites.push_filters import push_filters

REWRITES: tuple[Callable[[Plan], Plan], ...] = (
    merge_scans,
    flatten_combines,
    push_filters,
    inline_computes,
    prune_columns,
)


def rewrite(plan: Plan) -> tuple[Plan, tuple[str, ...]]:
    """Return the plan after all rewrites, and the names of those that changed it."""
    applied = []
    for step in REWRITES:
        changed = step(plan)
        if changed is not plan:
            applied.append(step.__name__)
        plan = changed
    return plan, tuple(applied)
