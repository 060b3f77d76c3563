"""The gallery in the docs shows every example, small, with its alt text."""

from pathlib import Path

import pytest

from assistant.insights.charts.gallery import LANGUAGES, examples

PAGE = Path(__file__).parents[4] / "docs" / "gallery.md"
MOST_BYTES = 60_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_example_is_on_the_page(language: str) -> None:
    text = PAGE.read_text("utf-8")
    for name, spec in examples(language).items():  # type: ignore[arg-type]
        file = PAGE.with_suffix("") / f"{name}_{language}.png"
        assert f"(gallery/{file.name})" in text
        assert spec.frame.alt in text
        assert file.stat().st_size <= MOST_BYTES
