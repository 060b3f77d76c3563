"""Owns the server on this machine: its port, its routes, what every response carries."""

import asyncio
import contextlib
import secrets
import socket
import threading
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.exports.report import Exporter
from assistant.insights.charts.fonts import chinese_font
from assistant.interfaces.chat.files import MEDIA, file_name, offered, write_answer
from assistant.interfaces.chat.handlers import Desk
from assistant.interfaces.chat.layout import (
    COOKIE,
    FONT_PATH,
    build_page,
    head,
    style,
    theme,
    words,
)
from assistant.interfaces.chat.ports import HOST, address_of
from assistant.interfaces.chat.served import Served
from assistant.interfaces.chat.visits import Visits
from assistant.plugins import find

GRACE_SECONDS = 2
HOSTS = frozenset({"127.0.0.1", "localhost"})
FORBIDDEN, MISSING = 403, 404
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
KEPT = {"cache-control": "public, max-age=31536000, immutable"}
SENT_ALONG = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


def build_app(served: Served) -> FastAPI:
    """Return the application: the page, and the files of answers."""
    import gradio as gr

    exporters: dict[str, Exporter] = find("exporter")
    desk = Desk(served, Visits(), offered(exporters))
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/export/{visit}/{name}")
    def export(visit: str, name: str, request: Request) -> Response:
        """Return a file of an answer to the browser that was given the answer."""
        return _export(desk, exporters, visit, name, request.cookies.get(COOKIE, ""))

    @app.get(FONT_PATH)
    def font() -> Response:
        """Return the font of Chinese, for browsers whose system has none."""
        return FileResponse(chinese_font(), media_type="font/otf", headers=KEPT)

    word = words()
    gr.mount_gradio_app(
        app, build_page(desk, word), path="/", server_name=HOST, footer_links=[],
        run_history=False, allowed_paths=[], show_error=False, ssr_mode=False, pwa=False,
        mcp_server=False, enable_monitoring=False, i18n=word, theme=theme(), css=style(),
        head=head(), app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
    )  # fmt: skip
    app.add_middleware(_Guard)
    return app


def _export(
    desk: Desk, exporters: dict[str, Exporter], visit: str, name: str, browser: str
) -> Response:
    key, _, ending = name.partition(".")
    mine = desk.visits.owned(visit, browser)
    answer = mine.answer(key) if mine else None
    view = desk.view(mine, key) if mine else None
    if answer is None or view is None or ending not in desk.endings:
        return Response(status_code=MISSING)
    content = write_answer(answer, view.labels, ending, exporters[ending], find("chart"))
    disposition = f'attachment; filename="{file_name(answer, ending)}"'
    sent = {"content-disposition": disposition, "cache-control": "no-store"}
    return Response(content, media_type=MEDIA[ending], headers=sent)


class _Guard:
    """Answers this machine's names only; gives each browser a cookie and each response a policy."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if headers.get("host", "").rsplit(":", 1)[0] not in HOSTS:
            await Response(status_code=FORBIDDEN)(scope, receive, send)
            return
        known = COOKIE in cookie_parser(headers.get("cookie", ""))

        async def send_along(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = MutableHeaders(scope=message)
                for name, value in SENT_ALONG.items():
                    sent[name] = value
                if not known and scope["path"] == "/":
                    value = f"{COOKIE}={secrets.token_urlsafe(24)}"
                    sent.append("set-cookie", f"{value}; Path=/; HttpOnly; SameSite=Strict")
            await send(message)

        await self.app(scope, receive, send_along)


class _Server(uvicorn.Server):
    """A server that says when it is really serving."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._say_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._say_started()


def run(served: Served, bound: socket.socket, announce: Callable[[str], None]) -> None:
    """Serve until interrupted; loads in the background what the first vague question needs."""

    def started() -> None:
        announce(address_of(bound))
        threading.Thread(target=served.warm, name="warm", daemon=True).start()

    config = uvicorn.Config(
        build_app(served), log_level="warning", timeout_graceful_shutdown=GRACE_SECONDS,
        server_header=False, ws="none", lifespan="on",
    )  # fmt: skip
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_Server(config, started).serve(sockets=[bound]))
    finally:
        served.close()
