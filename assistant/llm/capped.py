"""Owns the transport to a model's endpoint: no more bytes, and no longer, than a reply needs."""

import time
from collections.abc import Iterator

import httpx

from assistant.llm.model import ModelFailed

MOST_BYTES = 200_000


class CappedTransport(httpx.BaseTransport):
    """HTTP whose responses end with ModelFailed beyond `most_bytes` or after `seconds` in all.

    A time-out per read alone would wait for ever on a server that sends a byte now and then.
    """

    def __init__(self, seconds: float, most_bytes: int = MOST_BYTES) -> None:
        self._seconds, self._most_bytes = seconds, most_bytes
        self._inner = httpx.HTTPTransport(retries=0)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the response with a capped body."""
        deadline = time.monotonic() + self._seconds
        response = self._inner.handle_request(request)
        assert isinstance(response.stream, httpx.SyncByteStream)
        body = _Capped(response.stream, deadline, self._most_bytes)
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            stream=body,
            extensions=response.extensions,
        )

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


class _Capped(httpx.SyncByteStream):
    def __init__(self, inner: httpx.SyncByteStream, deadline: float, most_bytes: int) -> None:
        self._inner, self._deadline, self._most_bytes = inner, deadline, most_bytes

    def __iter__(self) -> Iterator[bytes]:
        left = self._most_bytes
        for chunk in self._inner:
            left -= len(chunk)
            if left < 0:
                raise ModelFailed("too_large")
            if time.monotonic() > self._deadline:
                raise ModelFailed("too_slow")
            yield chunk

    def close(self) -> None:
        self._inner.close()
