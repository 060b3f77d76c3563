"""Fixtures of the commands: the shop, and a state that the whole session shares."""

from pathlib import Path

import pytest

from tests.assistant.interfaces.commands import Desk


@pytest.fixture(scope="session")
def shared_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for answers and index, so that the index is made once."""
    return tmp_path_factory.mktemp("desk") / "state"


@pytest.fixture(scope="session")
def desk(shop_folder: Path, shared_state: Path) -> Desk:
    """Runs commands on the shop."""
    return Desk(shop_folder, shared_state)


@pytest.fixture
def fresh_desk(shop_folder: Path, tmp_path: Path) -> Desk:
    """Runs commands on the shop with a state of its own."""
    return Desk(shop_folder, tmp_path / "state")
