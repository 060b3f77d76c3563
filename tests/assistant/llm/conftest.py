"""The example shop with a language model beside it: a scripted server on the loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.config import find_project
from assistant.llm.settings import (
    KEY_VARIABLE,
    MODEL_VARIABLE,
    SECONDS_VARIABLE,
    URL_VARIABLE,
)
from assistant.wiring import Assistant
from tests.assistant.llm.scripted import Scripted, says, serving

SECONDS = "3"


@pytest.fixture(scope="session")
def endpoint() -> Iterator[Scripted]:
    """One server for all tests; each sets what it answers."""
    with serving(says({"readings": []})) as script:
        yield script


@pytest.fixture
def script(endpoint: Scripted) -> Scripted:
    """The server, as if nothing had been asked yet; it reads nothing unless a test says so."""
    endpoint.answer = says({"readings": []})
    for kept in (endpoint.requests, endpoint.headers, endpoint.paths):
        kept.clear()
    return endpoint


@pytest.fixture(scope="session")
def modelled(shop_folder: Path, endpoint: Scripted) -> Assistant:
    """The shop, wired to the server by its environment, which is clean again afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(URL_VARIABLE, endpoint.url)
        patch.setenv(MODEL_VARIABLE, "tiny-1")
        patch.setenv(KEY_VARIABLE, "secret-key")
        patch.setenv(SECONDS_VARIABLE, SECONDS)
        assistant = Assistant(find_project(None, shop_folder))
        assert assistant.line.assist is not None
        return assistant
