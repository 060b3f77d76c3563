"""A scripted OpenAI-compatible server on the loopback, for tests."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[BaseHTTPRequestHandler, dict[str, Any]], None]


@dataclass
class Scripted:
    """The server: `answer` writes each response, `requests` are the bodies that came."""

    answer: Answer
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    url: str = ""

    @property
    def sent(self) -> str:
        """Everything that was ever sent to it, as one text."""
        return json.dumps(self.requests, ensure_ascii=False)


@contextmanager
def serving(answer: Answer) -> Iterator[Scripted]:
    """Run a server that answers so, until the block ends."""
    script = Scripted(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            body = json.loads(self.rfile.read(length))
            script.requests.append(body)
            script.headers.append({k.lower(): v for k, v in self.headers.items()})
            script.paths.append(self.path)
            # The client hangs up on a reply that is too long or too slow.
            with suppress(BrokenPipeError, ConnectionResetError):
                script.answer(self, body)

        do_GET = do_POST

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    script.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()


def says(content: object) -> Answer:
    """A chat completion with `content`, JSON unless it is a text."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return sends(
        {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    )


def sends(
    body: object, status: int = 200, kind: str = "application/json", **headers: str
) -> Answer:
    """A response with this body, JSON unless it is bytes."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    def write(handler: BaseHTTPRequestHandler, _: dict[str, Any]) -> None:
        handler.send_response(status)
        handler.send_header("content-type", kind)
        handler.send_header("content-length", str(len(data)))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(data)

    return write


def drips(seconds: float, in_headers: bool = False) -> Answer:
    """A response that never ends: a byte now and then."""

    def write(handler: BaseHTTPRequestHandler, _: dict[str, Any]) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        if not in_headers:
            handler.wfile.write(b"content-type: application/json\r\ncontent-length: 9000\r\n\r\n")
        stop = time.monotonic() + seconds
        while time.monotonic() < stop:
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.05)

    return write


def reading(words: str, means: str, start: str | None = None, end: str | None = None) -> Answer:
    """A reply that reads `words` as `means`."""
    return says(
        {"readings": [{"words": words, "means": means, "start": start, "end_exclusive": end}]}
    )
