"""Owns the fonts of drawn charts: complete in Chinese, loaded by path, no system step."""

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

CHINESE_PACKAGE = "pylopdf_fonts_zh_cn"
CHINESE_FILE = "NotoSansSC-Regular.otf"
FALLBACK = "DejaVu Sans"
"""Comes with matplotlib; has the Latin, Greek and Cyrillic letters that Noto Sans SC lacks."""
MISSING = "□"
INVISIBLE = "\ufe0e\ufe0f\u200d\u200b"
"""Joiners and selectors of emoji, which say nothing on their own."""


def chinese_font() -> Path:
    """Return the file of Noto Sans SC (OFL 1.1); raises FileNotFoundError where it is missing."""
    found = find_spec(CHINESE_PACKAGE)
    if found is None or found.origin is None:
        raise FileNotFoundError(f"{CHINESE_PACKAGE}/{CHINESE_FILE}")
    return Path(found.origin).parent / CHINESE_FILE


@lru_cache(maxsize=1)
def families() -> tuple[str, ...]:
    """Return the font families to draw with, best first; registers the shipped font once."""
    from matplotlib.font_manager import FontProperties, fontManager

    path = chinese_font()
    fontManager.addfont(str(path))
    return FontProperties(fname=str(path)).get_name(), FALLBACK


@lru_cache(maxsize=1)
def _known() -> frozenset[int]:
    from matplotlib.font_manager import findfont
    from matplotlib.ft2font import FT2Font

    files = (str(chinese_font()), str(findfont(FALLBACK)))
    return frozenset(code for file in files for code in FT2Font(file).get_charmap())


@lru_cache(maxsize=4096)
def drawable(text: str) -> str:
    """Return `text` with what no font can draw replaced by a box, and controls by spaces."""
    return "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character in INVISIBLE:
        return ""
    if character.isspace() or not character.isprintable():
        return " "
    return character if ord(character) in _known() else MISSING
