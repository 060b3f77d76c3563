from retrieval.concepts import Concepts, common_concepts

KNOWN = Concepts({
    "again": ("回头客", "come back"), "reply": ("回", "answer"), "attempt": ("try to",),
    "trial": ("try",), "customer": ("客户",), "existing": ("老客户",), "share": ("率", "rate"),
})  # fmt: skip


def test_words_of_both_languages_mean_the_same() -> None:
    assert KNOWN.of("do they come back") == KNOWN.of("回头客") == {"again"}


def test_regular_forms_are_known() -> None:
    for text in ("coming back", "try", "tries", "trying", "tried", "answered", "answering"):
        assert KNOWN.of(text), text
    assert KNOWN.of("tryst") == frozenset()


def test_inside_a_longer_phrase_words_lose_their_meaning_but_chinese_words_keep_it() -> None:
    assert KNOWN.of("tries to pay") == {"attempt"}
    assert KNOWN.of("回头客") == {"again"}
    assert KNOWN.of("老客户") == {"existing", "customer"}


def test_every_common_concept_is_found_by_each_of_its_words() -> None:
    known = common_concepts()
    for words, concept in (("landlord", "rent"), ("复购", "again"), ("walked in", "visit")):
        assert concept in known.of(words)
