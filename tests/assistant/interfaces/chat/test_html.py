"""Whatever text is put into markup comes out as text."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from assistant.interfaces.chat.html import Html, button, join, list_of, markup, tag

TEXTS = st.text(
    st.sampled_from("<>&\"'`{}$/=! abscriptonerror\n中") | st.characters(exclude_categories=["Cs"]),
    max_size=60,
).filter(lambda text: not any(c in text for c in "\r\x00"))


class _Parsed(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words += data


@given(TEXTS, TEXTS)
def test_text_stays_text(words: str, title: str) -> None:
    parsed = _Parsed(tag("p", words, title=title))
    assert parsed.tags == ["p"]
    assert parsed.words == words
    assert parsed.attributes == [("title", title)]


@given(TEXTS)
def test_a_button_carries_its_question_unchanged(text: str) -> None:
    parsed = _Parsed(button(text, "am-ask", do="ask", text=text))
    assert parsed.tags == ["button"]
    assert dict(parsed.attributes)["data-text"] == text


def test_markup_is_not_escaped_twice() -> None:
    inner = tag("b", "a & b")
    assert join([inner, "<"]) == "<b>a &amp; b</b>&lt;"
    assert isinstance(markup("x"), Html)
    assert tag("p", inner, hidden=True, id=None, data_do="x") == (
        '<p hidden data-do="x"><b>a &amp; b</b></p>'
    )


def test_nothing_makes_no_list() -> None:
    assert list_of([]) == ""
    assert list_of(["<"]) == "<ul><li>&lt;</li></ul>"
