"""Owns the way in: `serve_chat` serves a project's chat on this machine."""

import os
from collections.abc import Callable
from contextlib import closing

from assistant.interfaces.chat.ports import take_port
from assistant.wiring import Assistant


def serve_chat(assistant: Assistant, port: int, announce: Callable[[str], None]) -> None:
    """Serve until interrupted; calls `announce` with the address once it is really serving.

    0 takes any free port; the default port gives way to the next free one. Raises ExecutorError
    (`port_taken`, a missing database, …) and CatalogError with every issue.
    """
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from assistant.interfaces.chat.served import Served

    with closing(take_port(port)) as bound:
        from assistant.interfaces.chat import server  # gradio, after what can fail at once

        server.run(Served.load(assistant), bound, announce)
