"""A taken port is said in one sentence; the default one gives way to the next."""

import socket
from contextlib import closing

import pytest

from assistant.interfaces.chat.ports import DEFAULT_PORT, address_of, take_port
from executors.executor import ExecutorError
from prompts.render import render


def test_any_free_port_can_be_taken() -> None:
    with closing(take_port(0)) as bound:
        port = bound.getsockname()[1]
        assert port > 0
        assert address_of(bound) == f"http://127.0.0.1:{port}"


def test_a_taken_port_is_named() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ExecutorError) as failed:
            take_port(port)
    assert failed.value.code == "port_taken"
    assert str(port) in render("en", "errors", "port_taken", **failed.value.arguments)


def test_the_default_port_gives_way() -> None:
    with closing(take_port(DEFAULT_PORT)) as first:
        first.listen()
        with closing(take_port(DEFAULT_PORT)) as second:
            assert second.getsockname()[1] > first.getsockname()[1] >= DEFAULT_PORT
