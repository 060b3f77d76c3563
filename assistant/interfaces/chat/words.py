"""Owns the page's words: what it says itself, and which language a browser wants."""

from metric_catalog.model.definition import Language
from prompts.render import LANGUAGES, has, render, sentences

ROOM = "chat"
LOCALES = {"en": "en", "zh": "zh-CN"}


def say(language: Language, key: str, /, **arguments: object) -> str:
    """Return one of the page's texts."""
    return render(language, ROOM, key, **arguments)


def say_if_known(language: Language, key: str, otherwise: str) -> str:
    """Return one of the page's texts, `otherwise` where there is none."""
    return render(language, ROOM, key) if has(language, ROOM, key) else otherwise


def language_for(value: str) -> Language:
    """Return a stored language as one of the two."""
    return "zh" if value == "zh" else "en"


def browser_language(accepted: str, default: Language) -> Language:
    """Return the language that an `Accept-Language` header puts first among ours."""
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted.split(",")):
        name, _, weight = part.strip().partition(";q=")
        try:
            ranked.append((-float(weight or 1), place, name.lower()[:2]))
        except ValueError:
            continue
    known = [name for _, _, name in sorted(ranked) if name in LANGUAGES]
    return language_for(known[0]) if known else default


def translations() -> dict[str, dict[str, str]]:
    """Return the page's texts by locale, for what the browser translates itself."""
    texts = {}
    for language in LANGUAGES:
        words = {key: str(text) for key, text in sentences(language, ROOM).items()}
        texts[language] = words
        texts[LOCALES[language]] = words
    return texts
