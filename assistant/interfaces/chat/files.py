"""Owns the files of an answer: written when asked for, for whom it was given, kept nowhere."""

import re
import tempfile
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

from assistant.exports.answers import report_of
from assistant.exports.report import Exporter
from assistant.insights.answer import Answer
from assistant.insights.charts.matplotlib import BUILT_IN, Drawer
from assistant.insights.labels import Labels

OFFERED = ("png", "pptx", "md")
MEDIA = {
    "png": "image/png",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "md": "text/markdown; charset=utf-8",
}
_PICTURE = re.compile(r"\]\(<([\w.-]+\.png)>\)")


def offered(exporters: Mapping[str, Exporter]) -> tuple[str, ...]:
    """Return the endings that the page offers, of those that can be written."""
    return tuple(ending for ending in OFFERED if ending in exporters)


def file_name(answer: Answer, ending: str) -> str:
    """Return what the file of an answer is called."""
    return f"askmetric-{answer.id}.{ending}"


def write_answer(
    answer: Answer,
    labels: Labels,
    ending: str,
    write: Exporter,
    drawers: Mapping[str, Drawer] = BUILT_IN,
) -> bytes:
    """Return the bytes of an answer in one format; Markdown carries its picture inside.

    Raises OSError.
    """
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / file_name(answer, ending)
        write(report_of((answer,), labels, drawers=drawers), file)
        if ending == "md":
            return _with_pictures(file).encode()
        return file.read_bytes()


def _with_pictures(file: Path) -> str:
    def inside(match: re.Match[str]) -> str:
        picture = file.with_name(match[1])
        if not picture.is_file():
            return match[0]
        return f"](data:image/png;base64,{b64encode(picture.read_bytes()).decode()})"

    return _PICTURE.sub(inside, file.read_text("utf-8"))
