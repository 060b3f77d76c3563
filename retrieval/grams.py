"""Owns the small parts of a text that two texts may share: Latin words and Chinese letter pairs."""

from retrieval.folding import fold, is_cjk


def grams_of(text: str) -> frozenset[str]:
    """Return the folded Latin words of `text` and every pair of neighbouring Chinese characters."""
    folded = fold(text)
    letters = folded.text
    words = {letters[token.start : token.end] for token in folded.tokens if token.is_word}
    pairs = {
        letters[i : i + 2]
        for i in range(len(letters) - 1)
        if is_cjk(letters[i]) and is_cjk(letters[i + 1])
    }
    return frozenset(words | pairs)
