"""Owns the port: which one the chat takes on this machine."""

import socket

from executors.executor import ExecutorError

HOST = "127.0.0.1"
DEFAULT_PORT = 7860
PORTS_TRIED = 20


def take_port(port: int) -> socket.socket:
    """Return a socket bound to `port` of this machine, to a free one near where it is the default.

    Raises ExecutorError where the port is taken.
    """
    tried = range(port, port + PORTS_TRIED) if port == DEFAULT_PORT else (port,)
    for candidate in tried:
        taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind((HOST, candidate))
            return taken
        except OSError:
            taken.close()
    raise ExecutorError("port_taken", port=port)


def address_of(bound: socket.socket) -> str:
    """Return the address that a browser opens."""
    return f"http://{HOST}:{bound.getsockname()[1]}"
