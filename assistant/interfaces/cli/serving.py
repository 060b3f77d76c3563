"""Owns `demo` and `serve`: the chat on this machine."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from assistant.config import find_project
from assistant.interfaces.cli.desk import (
    WORLD_FAILED,
    LangOption,
    ProjectOption,
    command,
    environment_language,
    fail,
    language,
    open_assistant,
)
from prompts.render import render

PORT = 7860
PortOption = Annotated[int, typer.Option("--port", min=0, max=65535)]


@command
def serve(port: PortOption = PORT, project: ProjectOption = None, lang: LangOption = None) -> None:
    """Serve the chat of a project on 127.0.0.1."""
    from assistant.interfaces.chat.page import serve_chat

    assistant = open_assistant(project)
    chosen = language(lang) or environment_language()
    serve_chat(
        assistant,
        port,
        lambda address: typer.echo(render(chosen, "card", "serving", address=address)),
    )


@command
def demo(port: PortOption = PORT, project: ProjectOption = None, lang: LangOption = None) -> None:
    """Make the shop's data where it is missing, then serve its chat."""
    shop = project or Path(__file__).parents[3] / "examples" / "shop"
    found = find_project(shop, shop)
    if not found.database.exists():
        made = subprocess.run([sys.executable, str(shop / "generate.py")], check=False)
        if made.returncode:
            fail("demo_data_failed", WORLD_FAILED)
    serve(port=port, project=shop, lang=lang)
