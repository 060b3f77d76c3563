"""The shop's generator and one generated file, for the tests of the examples."""

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pytest

SHOP = Path(__file__).parents[2] / "examples" / "shop"
SCALE = float(os.environ.get("ASKMETRIC_SHOP_SCALE", "0.25"))

Run = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="session")
def generate() -> ModuleType:
    """The module of examples/shop/generate.py, which is a script and in no package."""
    spec = importlib.util.spec_from_file_location("shop_generate", SHOP / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def shop_scale() -> float:
    return SCALE


@pytest.fixture(scope="session")
def run(generate: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Rows of a query on a shop of the scale in ASKMETRIC_SHOP_SCALE."""
    out = tmp_path_factory.mktemp("shop") / "shop.duckdb"
    assert generate.main(["--scale", str(SCALE), "--out", str(out)]) == 0
    with duckdb.connect(str(out), read_only=True) as connection:
        yield lambda sql: connection.execute(sql).fetchall()
