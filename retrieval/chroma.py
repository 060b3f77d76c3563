"""Owns `ChromaIndex`: the documents of all metrics as vectors, in a folder of their own.

Built once and refreshed by content: only documents that are new or gone cost anything. A folder
that cannot be read is left behind for a fresh one; the file `current` names the one in force.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from retrieval.documents import Document
from retrieval.embedders.embedder import Embedder, Vector

# The name changes where `_NEAREST` does: what was kept another way is made anew.
COLLECTION = "metric_documents_2"
BATCH = 1000
_CURRENT = "current"
_LOCK = "lock"
# Searching wider than the answer costs little and finds what a full search would. Several threads
# would link the documents in another order each time, and a question might be read another way.
_NEAREST = {
    "hnsw": {"space": "cosine", "ef_search": 1000, "ef_construction": 200, "num_threads": 1}
}


class ChromaIndex:
    """Vectors of documents by document id, and the embedder that made them."""

    def __init__(self, collection: Any, embedder: Embedder) -> None:
        self._collection = collection
        self._embedder = embedder

    @classmethod
    def open(
        cls, folder: Path, documents: Sequence[Document], embedder: Embedder, fingerprint: str
    ) -> "ChromaIndex":
        """Return the index of exactly `documents`, kept in `folder`, made or refreshed if needed.

        `fingerprint` stands for the documents: where the folder was left with the same one,
        nothing is compared. Raises OSError where the folder cannot be written.
        """
        from chromadb.errors import ChromaError

        stamp = sha256(f"{COLLECTION}\n{embedder.name}\n{fingerprint}".encode()).hexdigest()
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder / _LOCK):
            home = _current(folder)
            try:
                return cls._refreshed(home, documents, embedder, stamp)
            except ChromaError:
                fresh = _fresh(folder, home)
                index = cls._refreshed(fresh, documents, embedder, stamp)
                _point(folder, fresh)
                shutil.rmtree(home, ignore_errors=True)
                return index

    @classmethod
    def _refreshed(
        cls, home: Path, documents: Sequence[Document], embedder: Embedder, stamp: str
    ) -> "ChromaIndex":
        collection = _collection(home, embedder)
        mark = home / "stamp"
        if not mark.exists() or mark.read_text(encoding="ascii") != stamp:
            _refresh(collection, documents, embedder)
            mark.write_text(stamp, encoding="ascii")
        return cls(collection, embedder)

    def search(self, text: str, count: int) -> tuple[tuple[str, float], ...]:
        """Return the ids of the `count` documents nearest to `text`, with their cosine."""
        (vector,) = self._embedder.embed([text])
        return self.nearest(vector, count)

    def nearest(self, vector: Vector, count: int) -> tuple[tuple[str, float], ...]:
        """Return the ids of the `count` documents nearest to `vector` with their cosine."""
        found = self._collection.query(
            query_embeddings=[vector], n_results=count, include=["distances"]
        )
        distances = found["distances"][0]
        near = [(i, 1.0 - float(d)) for i, d in zip(found["ids"][0], distances, strict=True)]
        return tuple(sorted(near, key=lambda pair: (-pair[1], pair[0])))


def _collection(home: Path, embedder: Embedder) -> Any:
    import chromadb
    from chromadb.config import Settings

    home.mkdir(parents=True, exist_ok=True)
    client = chromadb.PersistentClient(str(home), settings=Settings(anonymized_telemetry=False))
    name = f"{COLLECTION}-{sha256(embedder.name.encode()).hexdigest()[:8]}"
    return client.get_or_create_collection(name, embedding_function=None, configuration=_NEAREST)  # type: ignore[arg-type]


def _refresh(collection: Any, documents: Sequence[Document], embedder: Embedder) -> None:
    wanted = {document.id: document for document in documents}
    kept = set(collection.get(include=[])["ids"])
    gone = sorted(kept - wanted.keys())
    for start in range(0, len(gone), BATCH):
        collection.delete(ids=gone[start : start + BATCH])
    missing = [document for id, document in wanted.items() if id not in kept]
    for start in range(0, len(missing), BATCH):
        batch = missing[start : start + BATCH]
        collection.add(
            ids=[document.id for document in batch],
            embeddings=embedder.embed([document.text for document in batch]),
            documents=[document.text for document in batch],
            metadatas=[{"metric": d.metric, "part": d.part, "language": d.language} for d in batch],
        )


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One process at a time makes or refreshes; the lock goes with the process."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)


def _current(folder: Path) -> Path:
    try:
        name = (folder / _CURRENT).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        name = ""
    return folder / (name if name.isalnum() else "v1")


def _fresh(folder: Path, old: Path) -> Path:
    number = int(old.name[1:]) + 1 if old.name[1:].isdecimal() else 1
    while (folder / f"v{number}").exists():
        number += 1
    return folder / f"v{number}"


def _point(folder: Path, home: Path) -> None:
    note = folder / f"{_CURRENT}.{os.getpid()}"
    note.write_text(home.name, encoding="ascii")
    note.replace(folder / _CURRENT)
