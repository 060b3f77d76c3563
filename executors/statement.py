"""Owns `Statement`: one SELECT as a syntax tree with bound parameters and columns with roles."""

from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

from executors.literals import literal_of

Role = Literal["dimension", "time", "metric", "component"]
Parameter = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the result. `metric` names the metric that it is, or is a component of.

    Components of a ratio are called `<metric>__numerator` and `<metric>__denominator`; with a
    comparison `<metric>__base` is the value compared with.
    """

    name: str
    role: Role
    metric: str | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """A table that is put beside rows by `key`, inside equal members of the partitions `within`.

    `model` is its semantic model, "" where it is a time spine.
    """

    table: str
    key: str
    model: str = ""
    within: tuple[str, ...] = ()


@dataclass(frozen=True)
class Statement:
    """A SELECT (never text), its parameters by name (`$p0`, …), its columns and its plan's text.

    Dates and timestamps are bound as ISO text and cast in the tree.
    """

    select: exp.Query
    parameters: tuple[tuple[str, Parameter], ...]
    columns: tuple[Column, ...]
    plan: str = ""
    rewrites: tuple[str, ...] = ()
    joined: tuple[Joined, ...] = ()

    def runnable(self, dialect: str) -> str:
        """Return the text for `dialect` with every value as a literal, for people to run."""
        values = dict(self.parameters)

        def literal(node: exp.Expr) -> exp.Expr:
            known = isinstance(node, exp.Placeholder) and node.name in values
            return literal_of(values[node.name]) if known else node

        return self.select.transform(literal).sql(dialect=dialect, pretty=True)

    def sql(self, dialect: str, pretty: bool = False) -> str:
        """Return the text for `dialect`, with parameters as placeholders."""
        return self.select.sql(dialect=dialect, pretty=pretty)
