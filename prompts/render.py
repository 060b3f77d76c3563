"""Owns rendering: a key and its arguments in, a sentence in the asked language out."""

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

LANGUAGES = ("en", "zh")
_SLOT = re.compile(r"\{([a-z_]+)\}")


@lru_cache(maxsize=16)
def sentences(language: str, room: str) -> Mapping[str, Any]:
    """Return the texts of `prompts/<language>/<room>.yml`; raises FileNotFoundError."""
    text = files("prompts").joinpath(language, f"{room}.yml").read_text("utf-8")
    loaded: Mapping[str, Any] = yaml.safe_load(text)
    return loaded


def render(language: str, room: str, key: str, /, **arguments: object) -> str:
    """Return the sentence `key` with its {slots} filled; raises KeyError on an unknown key.

    Only the template's own slots are filled, once: braces inside an argument stay as they are.
    """
    return fill(str(sentences(language, room)[key]), arguments)


def fill(template: str, arguments: Mapping[str, object]) -> str:
    """Return `template` with {name} replaced by the arguments of that name."""
    return _SLOT.sub(
        lambda match: str(arguments[match[1]]) if match[1] in arguments else match[0], template
    )


def has(language: str, room: str, key: str) -> bool:
    """Whether there is a sentence `key`."""
    return key in sentences(language, room)
