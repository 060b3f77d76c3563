"""Owns the text of a plan."""

from executors.compiler.plan import Plan


def explained(plan: Plan) -> str:
    """Return the plan as indented text."""
    return type(plan.root).__name__
