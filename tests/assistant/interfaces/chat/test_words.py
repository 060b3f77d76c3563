"""The page says the same in both languages, and speaks the browser's."""

import re

import pytest

from assistant.feedback import REASONS
from assistant.interfaces.chat.words import browser_language, say, translations
from prompts.render import LANGUAGES, sentences

SLOT = re.compile(r"\{([a-z_]+)\}")


def test_both_languages_have_the_same_texts_with_the_same_slots() -> None:
    english, chinese = (sentences(language, "chat") for language in ("en", "zh"))
    assert list(english) == list(chinese)
    for key in english:
        slots = [set(SLOT.findall(str(texts[key]))) for texts in (english, chinese)]
        assert slots[0] == slots[1], key


def test_every_reason_has_words() -> None:
    for language in LANGUAGES:
        texts = sentences(language, "chat")
        assert [r for r in REASONS if f"reason_{r}" not in texts] == []


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("en;q=0.3,zh;q=0.7", "zh"),
        ("fr-FR,fr;q=0.9,en;q=0.2", "en"),
        ("fr", "zh"),
        ("", "zh"),
        ("en;q=high,zh", "zh"),
    ],
)
def test_the_page_speaks_the_language_the_browser_likes_best(accepted: str, language: str) -> None:
    assert browser_language(accepted, "zh") == language


def test_the_browser_is_given_texts_for_its_locales() -> None:
    texts = translations()
    assert texts["zh-CN"]["page_ask"] == say("zh", "page_ask")
    assert texts["en"]["page_ask"] == say("en", "page_ask")
