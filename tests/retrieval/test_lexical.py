from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.concepts import Concepts
from retrieval.documents import Document
from retrieval.lexical import LexicalIndex, top_three

KNOWN = Concepts({"rent": ("landlord", "租金"), "buy": ("purchase", "买")})
DOCUMENTS = (
    Document("rent", "name", "en", "landlord bill"),
    Document("rent", "example", "zh", "租金多少"),
    Document("orders", "name", "en", "purchase count"),
    Document("other", "name", "en", "nothing of the kind"),
)


@settings(deadline=None)
@given(st.lists(st.lists(st.floats(0, 1), min_size=1, max_size=5), min_size=1, max_size=6))
def test_top_three_of_each_group_as_by_hand(groups: list[list[float]]) -> None:
    values = np.array([value for group in groups for value in group])
    best, three = top_three(values, np.array([len(group) for group in groups]))
    assert best.tolist() == [max(group) for group in groups]
    by_hand = [sum(sorted(g)[-3:]) / len(sorted(g)[-3:]) for g in groups]
    np.testing.assert_allclose(three, by_hand)


def test_shared_ideas_and_words_count_for_their_metric() -> None:
    index = LexicalIndex.of(DOCUMENTS, KNOWN)
    assert index.metrics == ("rent", "orders", "other")
    idea = index.likeness("买").idea
    assert idea[1] > 0
    assert idea[0] == idea[2] == 0
    words = index.likeness("a bill").words
    assert words[0] > 0
    assert words[1] == words[2] == 0


def test_a_kept_index_is_the_same_and_only_for_the_same_words(tmp_path: Path) -> None:
    path = tmp_path / "lexical.npz"
    index = LexicalIndex.of(DOCUMENTS, KNOWN)
    index.save(path, "words")
    kept = LexicalIndex.load(path, "words", KNOWN)
    assert kept is not None
    for text in ("landlord purchase", "租金", "bill count", "unknown"):
        for one, other in zip(
            (index.likeness(text).idea, index.likeness(text).words),
            (kept.likeness(text).idea, kept.likeness(text).words),
            strict=True,
        ):
            np.testing.assert_array_equal(one, other)
    assert LexicalIndex.load(path, "other words", KNOWN) is None
    assert LexicalIndex.load(tmp_path / "missing", "words", KNOWN) is None
