"""Owns the SQL of cubes."""

from sqlglot import exp

from executors.compiler.plan import Cube
from executors.compiler.syntax import Expr


def cube_select(node: Cube, source: Expr, ctes: dict[str, exp.Query]) -> exp.Query:
    """Return the SELECT of a cube over `source`."""
    raise NotImplementedError(node.name)
