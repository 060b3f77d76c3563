"""A shop of its own to serve, so that its files and its state can be changed."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.config import find_project
from assistant.interfaces.chat.handlers import Desk
from assistant.interfaces.chat.served import Served
from assistant.interfaces.chat.visits import Visits
from assistant.wiring import Assistant


@pytest.fixture
def own_shop(shop_folder: Path, tmp_path: Path) -> Path:
    """A copy of the small shop without any state."""
    ignored = shutil.ignore_patterns(".askmetric", "ready")
    return Path(shutil.copytree(shop_folder, tmp_path / "shop", ignore=ignored))


@pytest.fixture
def desk(own_shop: Path) -> Iterator[Desk]:
    served = Served.load(Assistant(find_project(None, own_shop)))
    yield Desk(served, Visits(), ("md",))
    served.close()
