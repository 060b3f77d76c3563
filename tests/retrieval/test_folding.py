from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.folding import fold, fold_name

TEXT = st.text(
    alphabet=st.one_of(
        st.sampled_from("aAbsS 's’-_7 ９十七日的率复購率ＡＢé㎡½.,~+·"),
        st.characters(codec="utf-8"),
    ),
    max_size=40,
)


@settings(deadline=None)
@given(TEXT)
def test_name_and_text_are_folded_alike(text: str) -> None:
    assert fold(text).text == fold_name(text)


@settings(deadline=None)
@given(TEXT)
def test_every_folded_letter_stands_for_a_stretch_of_the_source(text: str) -> None:
    folded = fold(text)
    assert len(folded.starts) == len(folded.ends) == len(folded.text)
    assert all(0 <= a < b <= len(text) for a, b in zip(folded.starts, folded.ends, strict=True))
    assert list(folded.starts) == sorted(folded.starts)


@settings(deadline=None)
@given(TEXT)
def test_tokens_cover_the_folded_text_without_a_gap(text: str) -> None:
    folded = fold(text)
    edges = [0]
    for token in folded.tokens:
        assert token.start == edges[-1]
        edges.append(token.end)
    assert edges[-1] == len(folded.text)


def test_spellings_of_one_name_are_equal() -> None:
    for spellings in (
        (
            "repurchase rate",
            "Repurchase-Rates",
            "REPURCHASE_RATE",
            "re purchase rate",
            "ＲＥpurchase rate",
        ),
        ("复购率", "復購率", "复购 率"),
        ("category", "categories", "category's"),
        ("Xi'an", "xian", "Xi’an", "XI'AN's"),
        ("7-day retention", "7 day retention", "seven-day retention", "7day retention"),
        ("café", "CAFE"),
        ("18-24", "18~24", "18–24"),
    ):
        assert len({fold_name(spelling) for spelling in spellings}) == 1, spellings


def test_different_names_stay_different() -> None:
    for one, other in (
        ("news", "new"),
        ("status", "statu"),
        ("analysis", "analysi"),
        ("sales, orders", "sales orders"),
        ("18-24", "1824"),
        ("goods", "good"),
    ):
        assert fold_name(one) != fold_name(other)


def test_a_respelt_word_stands_for_what_was_typed() -> None:
    folded = fold("the ordres today")
    token = folded.tokens[1]
    respelt = folded.replaced(token, "order")
    assert respelt.text == "theordertoday"
    assert respelt.place(3, 8) == (4, 10)
    assert respelt.place(8, 13) == (11, 16)
