"""Owns the `Embedder` protocol: text to vectors, the seam for other models."""

from collections.abc import Sequence
from typing import Protocol

Vector = Sequence[float]


class Embedder(Protocol):
    """Makes a vector of unit length of each text. `name` changes whenever the vectors do."""

    @property
    def name(self) -> str:
        """The model and its version."""
        ...

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        """Return one vector per text, all of the same length."""
        ...
