from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.folding import fold
from retrieval.phrases import PhraseIndex

LETTERS = st.text(alphabet="ab店利润 -", min_size=1, max_size=5)


@settings(deadline=None)
@given(st.lists(LETTERS, max_size=8), st.text(alphabet="ab店利润 -", max_size=25))
def test_hits_are_those_of_a_plain_search(phrases: list[str], text: str) -> None:
    folded, expected = fold(text), set()
    for number, phrase in enumerate(phrases):
        form = fold(phrase).text
        for start in range(len(folded.text)):
            end = start + len(form)
            fits = form and folded.text[start:end] == form
            if fits and folded.opens[start] and folded.closes[end - 1]:
                expected.add((*folded.place(start, end), number))
    found = {(h.start, h.end, h.phrase) for h in PhraseIndex(phrases).hits(text, fuzzy=False)}
    assert found == expected


def _words(phrases: list[str], text: str) -> list[tuple[str, str, bool]]:
    return [
        (text[h.start : h.end], phrases[h.phrase], h.fuzzy) for h in PhraseIndex(phrases).hits(text)
    ]


def test_words_are_found_whole() -> None:
    assert _words(["rate", "order"], "corporate reorders") == []
    assert _words(["7"], "d7 17 7.5 7") == [("7", "7", False)]
    assert _words(["5.2"], "5.2.0") == []
    assert _words(["web shop"], "in the web-shops, please") == [("web-shops", "web shop", False)]


def test_numbers_may_be_spelt() -> None:
    assert _words(["7日留存率"], "七日留存率") == [("七日留存率", "7日留存率", False)]
    assert _words(["一线城市"], "1线城市") == [("1线城市", "一线城市", False)]
    assert _words(["一线城市"], "周一一线城市") == [("一线城市", "一线城市", False)]
    assert _words(["7日留存率"], "十七日留存率") == []
    assert _words(["7日留存率"], "17日留存率") == []


def test_a_particle_inside_a_name_does_not_hide_it() -> None:
    assert _words(["门店利润"], "门店的利润") == [("门店的利润", "门店利润", False)]
    assert _words(["美的"], "美的利润") == [("美的", "美的", False)]
    assert _words(["利润"], "的利润") == [("利润", "利润", False)]


def test_one_wrong_letter_is_forgiven() -> None:
    assert _words(["repurchase rate"], "repurchse rates") == [
        ("repurchse rates", "repurchase rate", True)
    ]
    assert _words(["orders"], "ordres") == [("ordres", "orders", True)]
    assert _words(["商品毛利率"], "商品毛力率") == [("商品毛力率", "商品毛利率", True)]
    assert _words(["商品毛利率"], "上品毛利率") == []
    assert _words(["毛利率"], "毛力率") == []
    assert _words(["repurchase rate"], "repuchse rate") == []


def test_what_means_something_else_is_no_slip() -> None:
    assert _words(["新用户留存率"], "老用户留存率") == []
    assert _words(["7日用户留存"], "1日用户留存") == []
    assert _words(["store"], "score") == []
    assert _words(["付款金额"], "退款金额") == []
