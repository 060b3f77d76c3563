"""The vector index finds what comparing with every document would find."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from retrieval.chroma import ChromaIndex
from retrieval.documents import Document

DIMENSIONS, ASKED = 64, 200


class Drawn:
    """Embeds a number by a vector drawn with it as the seed."""

    name = "drawn"

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        return [np.random.default_rng(int(t)).normal(size=DIMENSIONS).tolist() for t in texts]


def test_nearly_all_of_the_nearest_are_found_nearest_first(tmp_path: Path) -> None:
    documents = [Document(f"m{n % 40}", "name", "en", str(n)) for n in range(3000)]
    index = ChromaIndex.open(tmp_path, documents, Drawn(), "one")
    vectors = np.array(Drawn().embed([d.text for d in documents]))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = np.array([d.id for d in documents])
    parts = []
    for seed in range(10_000, 10_030):
        (asked,) = Drawn().embed([str(seed)])
        found = index.nearest(asked, ASKED)
        cosines = [cosine for _, cosine in found]
        assert cosines == sorted(cosines, reverse=True)
        true = set(ids[np.argsort(-(vectors @ np.array(asked)))[:ASKED]])
        parts.append(len(true & {id for id, _ in found}) / ASKED)
    assert np.mean(parts) > 0.99


def test_what_was_kept_for_other_documents_is_refreshed(tmp_path: Path) -> None:
    first = [Document("m", "name", "en", str(n)) for n in range(5)]
    ChromaIndex.open(tmp_path, first, Drawn(), "one")
    again = ChromaIndex.open(tmp_path, first[:3], Drawn(), "two")
    (asked,) = Drawn().embed(["4"])
    assert {id for id, _ in again.nearest(asked, 3)} == {d.id for d in first[:3]}
