"""Fixtures that several rooms share: the example shop, small, made once per run."""

import importlib.util
import shutil
import sys
from pathlib import Path

import pytest

from assistant.asking import Conversation
from assistant.config import find_project
from assistant.wiring import Assistant

ROOT = Path(__file__).parents[1]
SHOP = ROOT / "examples" / "shop"
SCALE = 0.1


@pytest.fixture(scope="session")
def shop_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shop's project with small data of its own; made once, shared by workers."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "popen" in base.name else base
    folder = shared / "shop_project"
    lock = shared / "shop_project.lock"
    try:
        lock.mkdir()
    except FileExistsError:
        _wait_for(folder / "ready")
        return folder
    shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns("data", ".askmetric"))
    (folder / "data").mkdir()
    _generator().main(["--scale", str(SCALE), "--out", str(folder / "data" / "shop.duckdb")])
    (folder / "ready").touch()
    return folder


def _wait_for(file: Path) -> None:
    import time

    deadline = time.monotonic() + 300
    while not file.exists():
        assert time.monotonic() < deadline, "the shop was not made in time"
        time.sleep(0.2)


def _generator():  # type: ignore[no-untyped-def]
    spec = importlib.util.spec_from_file_location("shop_generate", SHOP / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["shop_generate"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def shop_session(shop_folder: Path) -> Assistant:
    """The shop at work, for tests that only read."""
    return Assistant(find_project(None, shop_folder))


@pytest.fixture
def shop(shop_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Assistant:
    """The shop at work with a state of its own."""
    monkeypatch.setenv("ASKMETRIC_STATE", str(tmp_path / "state"))
    return Assistant(find_project(None, shop_folder))


@pytest.fixture
def conversation(shop: Assistant) -> Conversation:
    """A conversation with the shop."""
    return Conversation(shop)
