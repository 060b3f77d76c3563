"""The project's own source as syntax trees, for the tests of its rules."""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("metric_catalog", "executors", "retrieval", "prompts", "assistant", "eval")


@lru_cache(maxsize=1)
def modules() -> dict[str, ast.Module]:
    """Every module by its path from the root."""
    files = (file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py")))
    return {str(f.relative_to(ROOT)): ast.parse(f.read_text("utf-8")) for f in files}


def calls(*names: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a function or method of one of these names, with its module."""
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _called(node.func) in names:
                yield path, node


def literal(call: ast.Call, position: int) -> str | None:
    """The text given at `position`, None where it is no plain text."""
    if position >= len(call.args):
        return None
    node = call.args[position]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def texts(tree: ast.Module) -> Iterator[ast.Constant]:
    """Every text in a module that is no docstring."""
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node


def document(name: str) -> str:
    """The text of a document."""
    return (ROOT / name).read_text("utf-8")


def blocks(text: str, kind: str) -> list[str]:
    """The fenced blocks of one kind in a document."""
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


def _called(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
