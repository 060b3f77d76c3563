"""Owns the text of a plan: one line per node, what it stands on indented below it."""

from typing import assert_never

from sqlglot import exp

from executors.compiler.plan import (
    CLOSED,
    Aggregate,
    Combine,
    Compute,
    Cube,
    Filter,
    Join,
    Named,
    Node,
    OrderLimit,
    Plan,
    Read,
    Series,
    Stack,
    TimeSpine,
    Visible,
    Window,
    inputs,
)

DIALECT = "duckdb"
INDENT = "  "


def explained(plan: Plan) -> str:
    """Return the plan as indented text; a node that comes again is only named."""
    lines: list[str] = []
    seen: set[str] = set()

    def visit(node: Node, depth: int) -> None:
        again = isinstance(node, CLOSED) and node.name in seen
        if isinstance(node, CLOSED):
            seen.add(node.name)
        lines.append(INDENT * depth + (f"{node.name} (see above)" if again else _line(node)))  # type: ignore[union-attr]
        for below in () if again else inputs(node):
            visit(below, depth + 1)

    visit(plan.root, 0)
    return "\n".join(lines)


def _line(node: Node) -> str:
    match node:
        case Read(model, table, alias):
            return f"read {table} as {alias}" + (f" ({model})" if model else "")
        case Visible(source, alias):
            return f"rows of {source.name} as {alias}"
        case Join(kind=kind, on=on):
            return f"{kind} join" + (f" on {_sql(on)}" if on is not None else "")
        case Filter(conditions=conditions):
            return "filter " + " and ".join(map(_sql, conditions))
        case Series(name, _, grain, start, end):
            return f"{name}: every {grain} from {_sql(start)} to {_sql(end)}"
        case TimeSpine(name=name, grain=grain, columns=columns, distinct=distinct):
            return (
                f"{name}: {'distinct ' if distinct else ''}moments by {grain} of {_named(columns)}"
            )
        case Aggregate(name=name, groups=groups, values=values):
            return f"{name}: aggregate {_named(values)} by {_named(groups) or 'nothing'}"
        case Compute(name=name, columns=columns, distinct=distinct):
            what = "distinct" if distinct else "compute"
            return f"{name}: {what} {_named(columns) or 'all columns'}"
        case Window(name=name, columns=columns):
            return f"{name}: window {_named(columns)}"
        case Combine(name=name, keys=keys, values=values):
            return f"{name}: combine by {', '.join(keys) or 'nothing'} into {_named(values)}"
        case Stack(name=name):
            return f"{name}: stack"
        case OrderLimit(name=name, keys=keys, limit=limit):
            order = ", ".join(f"{'-' if k.descending else ''}{k.column}" for k in keys)
            return f"{name}: order by {order or 'nothing'}" + (f" limit {limit}" if limit else "")
        case Cube(name=name, fields=fields, sets=sets):
            shown = sum(each.shown for each in sets)
            return f"{name}: cube of {', '.join(f.dimension for f in fields)} in {shown} sets"
        case _:
            assert_never(node)


def _sql(value: exp.Expr) -> str:
    return value.sql(dialect=DIALECT)


def _named(columns: tuple[Named, ...]) -> str:
    return ", ".join(
        column.name
        if isinstance(column.value, exp.Column)
        else f"{column.name} = {_sql(column.value)}"
        for column in columns
    )
