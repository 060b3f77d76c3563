"""Owns spelling: known words and names that differ from what was typed by one letter.

What was typed is no slip of the hand where the letter has a meaning of its own that names are
told apart by: 新 for 老, 日 for 月, 东 for 南, any digit; nor is a particle (的, 在) one.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from retrieval.folding import is_cjk

SHORTEST_WORD = 5
SHORTEST_NAME = 4
_CONTRASTING = frozenset(
    "新老旧首次复未已不无非有免日周月季年天时分秒上下左右前后本去今明昨当往"
    "东西南北中内外进出入高低大小多少长短轻重快慢早晚男女老少子母父单双总均"
    "一二三四五六七八九十百千万亿两零半第甲乙丙丁买卖收付增减升降加正负好坏"
    "开关线店退留流转回购销存发签客员货款额量率数价值人次元件甜咸冷热红黄蓝绿黑白紫金银铜省市区县"
    "各每另的了着过在是有和与及或而但就也都还又才只请吗呢吧啊么这那我你您他她它们为把被让从对向给"
)
# Phrases with these say something by every character: 卖了多少 is no slip of 花了多少.
_PHRASAL = frozenset("了多少几么吗的被没不过得")


@cache
def _ordinary() -> frozenset[str]:
    """English words that are no misspelling of the business word one letter away."""
    path = Path(__file__).with_name("ordinary_words.txt")
    return frozenset(path.read_text(encoding="utf-8").split())


class WordList:
    """Latin words of names; finds those one letter away: wrong, missing, extra, swapped."""

    def __init__(self, words: Iterable[str]) -> None:
        self._all = set(words)
        self._by_end: dict[tuple[str, int], list[str]] = {}
        for word in self._all:
            if len(word) >= SHORTEST_WORD:
                # One edit spares the first or the last letter of a word this long.
                self._by_end.setdefault((f"{word[0]}_", len(word)), []).append(word)
                self._by_end.setdefault((f"_{word[-1]}", len(word)), []).append(word)

    def near(self, word: str) -> tuple[str, ...]:
        """Return the words one edit away; none where `word` is short, known or an ordinary word."""
        if len(word) < SHORTEST_WORD or word in self._all or word in _ordinary():
            return ()
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        found: dict[str, None] = {}
        for length in range(max(SHORTEST_WORD, len(word) - 1), len(word) + 2):
            for end in (f"{word[0]}_", f"_{word[-1]}"):
                known = self._by_end.get((end, length), ())
                near = process.extract(word, known, scorer=OSA.distance, score_cutoff=1, limit=None)
                found |= dict.fromkeys(form for form, _, _ in near)
        return tuple(found)


class HalfIndex:
    """Chinese names by their halves: a name with one wrong character keeps one half."""

    def __init__(self, forms: Iterable[str]) -> None:
        self._heads: dict[str, dict[int, list[str]]] = {}
        self._tails: dict[str, dict[int, list[str]]] = {}
        for form in forms:
            if sum(map(is_cjk, form)) < SHORTEST_NAME or _PHRASAL & set(form):
                continue
            middle = len(form) // 2
            self._heads.setdefault(form[:middle], {}).setdefault(len(form), []).append(form)
            self._tails.setdefault(form[middle:], {}).setdefault(len(form), []).append(form)
        self._head_sizes = sorted({len(half) for half in self._heads})
        self._tail_sizes = sorted({len(half) for half in self._tails})

    def near(self, text: str) -> Iterator[tuple[int, str]]:
        """Return (start, name) where text[start:][:len(name)] is name but for one character."""
        for place in range(len(text)):
            for size in self._head_sizes:
                groups = self._heads.get(text[place : place + size])
                for length, forms in groups.items() if groups else ():
                    yield from _one_off(text, place, length, forms)
            for size in self._tail_sizes:
                groups = self._tails.get(text[place : place + size])
                for length, forms in groups.items() if groups else ():
                    yield from _one_off(text, place - (length - size), length, forms)


def _one_off(text: str, start: int, length: int, forms: list[str]) -> Iterator[tuple[int, str]]:
    typed = text[start : start + length] if start >= 0 else ""
    if len(typed) < length:
        return
    from rapidfuzz import process
    from rapidfuzz.distance import Hamming

    near = process.extract(typed, forms, scorer=Hamming.distance, score_cutoff=1, limit=None)
    for form, distance, _ in near:
        if distance == 1 and _is_slip(typed, form):
            yield start, form


def _is_slip(typed: str, form: str) -> bool:
    wrong, right = next((a, b) for a, b in zip(typed, form, strict=True) if a != b)
    return is_cjk(wrong) and is_cjk(right) and not {wrong, right} & _CONTRASTING
