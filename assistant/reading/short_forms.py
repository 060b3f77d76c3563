"""Owns short forms: what people type for a longer word (yday, ppl, 俩月), written out in full."""

import re
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("packs") / "short_forms.yml"


def write_out(text: str) -> str:
    """Return `text` with every short form in full, whatever its case."""
    for pattern, full in _forms():
        text = pattern.sub(full, text)
    return text


@cache
def _forms() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the patterns with their full forms; raises OSError, re.error on a broken file."""
    listed = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    spaced = {rf"(?<![a-z0-9]){short}(?![a-z0-9])": full for short, full in listed["en"].items()}
    return tuple(
        (re.compile(pattern, re.IGNORECASE), full)
        for pattern, full in (*spaced.items(), *listed["zh"].items())
    )
