"""Imports point down, rooms are the seven, and modules say what they own."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT, modules

BROAD = {"Exception", "BaseException"}
FORBIDDEN_NAMES = {
    "core", "common", "utils", "util", "base", "manager", "handler", "helper", "helpers", "service",
    "processor", "context", "info", "legacy",
}  # fmt: skip


def test_the_contracts_of_imports_hold() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(command)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


def test_there_are_seven_packages_and_no_eighth() -> None:
    found = {file.parent.name for file in ROOT.glob("*/__init__.py")}
    assert found | {"tests"} == {*PACKAGES, "tests"}


@pytest.mark.parametrize("path", sorted(modules()))
def test_a_module_is_named_by_a_noun_and_says_what_it_owns(path: str) -> None:
    assert not {part.removesuffix(".py") for part in Path(path).parts} & FORBIDDEN_NAMES
    if not path.endswith("__init__.py"):
        assert ast.get_docstring(modules()[path]), path


@pytest.mark.parametrize("path", sorted(modules()))
def test_no_error_is_swallowed(path: str) -> None:
    """`except Exception` stands once per interface, where it is told; never to go on."""
    for node in ast.walk(modules()[path]):
        if not isinstance(node, ast.ExceptHandler):
            continue
        assert node.type is not None, (path, node.lineno)
        if {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)} & BROAD:
            assert path.startswith("assistant/interfaces/"), (path, node.lineno)


def test_no_module_imports_a_package_for_a_name() -> None:
    """An import names the module that owns the name, never a package."""
    packages = {
        str(Path(p).parent).replace("/", ".") for p in modules() if p.endswith("__init__.py")
    }
    wrong = [
        (path, node.lineno)
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module in packages
        and any(not _is_module(node.module, name.name) for name in node.names)
    ]
    assert wrong == []


def _is_module(package: str, name: str) -> bool:
    place = ROOT / package.replace(".", "/") / name
    return place.is_dir() or place.with_suffix(".py").is_file()
