"""Owns the gallery: one example of every kind of chart in both languages, and its page.

`python -m assistant.insights.charts.gallery docs/gallery.md` writes the page and its pictures.
"""

import argparse
import io
from dataclasses import fields, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from assistant.insights.charts import spec as kinds
from assistant.insights.charts.alt import alt_text
from assistant.insights.charts.matplotlib import draw
from assistant.insights.charts.spec import ChartSpec, Frame, kind_of
from metric_catalog.model.definition import Language
from prompts.render import render

LANGUAGES: tuple[Language, ...] = ("en", "zh")
WIDTH, COLOURS = 720, 48


def examples(language: Language) -> dict[str, ChartSpec]:
    """Return the example charts by name, in `language`."""
    text = files("assistant.insights.charts").joinpath("gallery.yml").read_text("utf-8")
    return {entry["name"]: _example(entry, language) for entry in yaml.safe_load(text)}


def _example(entry: dict[str, Any], language: Language) -> ChartSpec:
    given = {key: _value(value, language) for key, value in entry.items()}
    kind = getattr(kinds, str(given["kind"]))
    given["frame"] = Frame(alt="", language=language, **_of_language(entry["frame"], language))
    known = {field.name for field in fields(kind)}
    spec: ChartSpec = kind(**{key: value for key, value in given.items() if key in known})
    return replace(spec, frame=replace(spec.frame, alt=alt_text(spec)))


def _of_language(frame: dict[str, Any], language: Language) -> dict[str, Any]:
    return {key: _value(value, language) for key, value in frame.items()}


def _value(value: Any, language: Language) -> Any:
    if isinstance(value, dict) and set(value) == set(LANGUAGES):
        return _value(value[language], language)
    if isinstance(value, list):
        return tuple(_value(item, language) for item in value)
    return value


def write_gallery(page: Path) -> None:
    """Write the page and, in a folder of its name beside it, its pictures."""
    folder = page.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"# {render('en', 'exports', 'gallery_title')}", ""]
    lines += [render("en", "exports", "gallery_intro"), ""]
    for name in examples("en"):
        shown = {language: examples(language)[name] for language in LANGUAGES}
        kind = render("en", "charts", f"kind_{kind_of(shown['en'])}")
        lines += [f"## {kind}: {name.replace('_', ' ')}", ""]
        for language, spec in shown.items():
            file = folder / f"{name}_{language}.png"
            file.write_bytes(lightened(draw(spec, "png", WIDTH)))
            alt = " ".join(spec.frame.alt.split()).replace("[", "(").replace("]", ")")
            lines += [f"![{alt}]({folder.name}/{file.name})", ""]
    page.write_text("\n".join(lines), "utf-8")


def lightened(picture: bytes) -> bytes:
    """Return a PNG with few colours, a third of the size; no text inside."""
    from PIL import Image

    buffer = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as opened:
        few = opened.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path, help="the Markdown page to write")
    write_gallery(parser.parse_args().page)
