"""Owns the measure of retrieval: how often the metric meant comes first, or among the first three.

`python -m eval.retrieval [fit|held] [FOLDER]`: the questions of `eval/cases/retrieval_*.yml` are
in other words than the definitions. Of the shop's metrics half of the questions are for tuning:
those at even places of a metric and language in `retrieval_shop.yml`, those of every other metric
in `retrieval_rest.yml`; the others are held out. `fit` prints the weights of
`retrieval/ranking.py` fitted on the tuning halves and on `retrieval_mixed.yml`.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.optimize import minimize

from metric_catalog.catalog import Catalog
from metric_catalog.load import load
from metric_catalog.model.definition import Language, Text, Words
from metric_catalog.model.metrics import Metric, Simple
from metric_catalog.policy import EVERYTHING
from retrieval.match import MetricMatch
from retrieval.ranking import LEVEL, Evidence, Weights, combine, leads, score_of
from retrieval.search import MetricIndex, confidence

CASES = Path(__file__).parent / "cases"
SHOP = Path(__file__).parent.parent / "examples" / "shop"
TAKEN = 5
RIDGE = 0.001
LANGUAGES: tuple[Language, ...] = ("en", "zh")
VOICES = tuple(Weights.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the metric it means; `metric` empty = the catalog has none."""

    metric: str
    language: Language
    text: str
    tuning: bool


@dataclass(frozen=True)
class Yardstick:
    """Questions about one catalog, with the index that is to find their metrics."""

    name: str
    asked: tuple[Asked, ...]
    index: MetricIndex

    @cached_property
    def evidence(self) -> NDArray[Any]:
        """Per question and metric the evidence, voices last."""
        rows = []
        for asked in self.asked:
            found = self.index.evidence(asked.text)
            rows.append(np.stack([getattr(found, voice) for voice in VOICES], axis=1))
        return np.stack(rows)

    @cached_property
    def meant(self) -> NDArray[Any]:
        """Per question the place of its metric; -1 = none."""
        place = {metric: number for number, metric in enumerate(self.index.metrics)}
        return np.array([place.get(asked.metric, -1) for asked in self.asked])

    def part(self, tuning: bool | None, language: Language | None = None) -> NDArray[Any]:
        """Return which questions are in the half and the language."""
        return np.array([
            (tuning is None or asked.tuning == tuning) and language in (None, asked.language)
            for asked in self.asked
        ])  # fmt: skip


def shop(folder: Path, cases: str = "retrieval_shop.yml") -> Yardstick:
    """Return the yardstick on the shop example."""
    files = sorted((SHOP / "metrics").glob("*.yml"))
    catalog = load(files, SHOP)
    listed = _listed(cases)
    index = MetricIndex.open(catalog, folder / "shop")
    asked = tuple(a for a in _asked(listed) if a.metric in index.metrics)
    return Yardstick("shop" if cases == "retrieval_shop.yml" else "rest", asked, index)


def mixed(folder: Path) -> Yardstick:
    """Return the yardstick on metrics of many trades, defined beside their questions."""
    listed = _listed("retrieval_mixed.yml")
    metrics = {item["id"]: _metric(item) for item in listed}
    index = MetricIndex.open(Catalog(metrics=metrics), folder / "mixed")
    return Yardstick("mixed", tuple(_asked(listed)), index)


def strangers(known: Yardstick, other: Yardstick) -> Yardstick:
    """Return the questions of `other`, put to the catalog of `known`, where they mean nothing."""
    lost = {item["id"] for item in _listed("retrieval_mixed.yml") if item.get("only_here")}
    asked = tuple(Asked("", a.language, a.text, a.tuning) for a in other.asked if a.metric in lost)
    return Yardstick("strangers", asked, known.index)


def ranks(scores: NDArray[Any], meant: NDArray[Any]) -> NDArray[Any]:
    """Return the rank of the metric meant per question, 1 = first."""
    own = scores[np.arange(len(meant)), meant]
    places: NDArray[Any] = (scores > own[:, None]).sum(axis=1) + 1
    return places


def recall(places: NDArray[Any]) -> str:
    """Return R@1, R@3 and the mean reciprocal rank as text."""
    first, third = (places <= 1).mean(), (places <= 3).mean()
    return f"R@1 {first:.3f}  R@3 {third:.3f}  MRR {(1 / places).mean():.3f}"


def fit(yardsticks: Sequence[tuple[NDArray[Any], NDArray[Any]]]) -> NDArray[Any]:
    """Return the weights that make the metrics meant most likely, with an L2 penalty.

    Every metric counts alike, however many questions it has.
    """
    parts = [(x, y, 1.0 / np.array([(y == one).sum() for one in y])) for x, y in yardsticks]

    def loss(weights: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        total, slope, count = 0.0, np.zeros_like(weights), 0.0
        for evidence, meant, part in parts:
            odds = evidence @ weights
            odds = odds - odds.max(axis=1, keepdims=True)
            chance = np.exp(odds)
            chance /= chance.sum(axis=1, keepdims=True)
            rows = np.arange(len(meant))
            total -= float((part * np.log(chance[rows, meant] + 1e-12)).sum())
            gain = evidence[rows, meant] - (chance[..., None] * evidence).sum(axis=1)
            slope -= (part[:, None] * gain).sum(axis=0)
            count += float(part.sum())
        penalty = RIDGE * float((weights**2).sum())
        return total / count + penalty, slope / count + 2 * RIDGE * weights

    found: NDArray[Any] = minimize(loss, np.zeros(len(VOICES)), jac=True).x
    return found


def fit_sureness(
    parts: Iterable[Sequence[tuple[tuple[MetricMatch, ...], bool]]], ridge: float = 0.005
) -> NDArray[Any]:
    """Return base, lead, meaning, idea, unsaid from (matches by meaning, was the first right?).

    The penalty is on weights of standardised features; the base goes free.
    """
    pairs = [pair for part in parts for pair in part]
    raw = np.array([leads(matches) for matches, _ in pairs])
    truth = np.array([right for _, right in pairs], dtype=float)
    mean, spread = raw.mean(axis=0), raw.std(axis=0) + 1e-9
    features = np.column_stack([np.ones(len(raw)), (raw - mean) / spread])

    def loss(weights: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        chance = 1 / (1 + np.exp(-features @ weights))
        fits = truth * np.log(chance + 1e-9) + (1 - truth) * np.log(1 - chance + 1e-9)
        kept = weights * (np.arange(len(weights)) > 0)
        slope = features.T @ (chance - truth) / len(truth) + 2 * ridge * kept
        return -float(fits.mean()) + ridge * float((kept**2).sum()), slope

    found: NDArray[Any] = minimize(loss, np.zeros(features.shape[1]), jac=True).x
    plain = found[1:] / spread
    return np.concatenate([[found[0] - plain @ mean], plain])


def by_meaning(
    yardstick: Yardstick, tuning: bool | None
) -> list[tuple[tuple[MetricMatch, ...], bool]]:
    """Return what is found by meaning for each question of a half, and if the first is right."""
    chosen = yardstick.part(tuning)
    return [
        (matches, matches[0].metric == asked.metric)
        for matches, asked, taken in zip(searched(yardstick), yardstick.asked, chosen, strict=True)
        if taken and matches[0].voices is not None
    ]


def searched(yardstick: Yardstick) -> list[tuple[MetricMatch, ...]]:
    """Return what the whole search finds for every question, names included."""
    return [yardstick.index.search(a.text, TAKEN, EVERYTHING) for a in yardstick.asked]


def _listed(name: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = yaml.safe_load((CASES / name).read_text(encoding="utf-8"))
    return listed


def _asked(listed: list[dict[str, Any]]) -> Iterator[Asked]:
    for number, item in enumerate(listed):
        for language in LANGUAGES:
            texts = item["questions"].get(language, ())
            for place, text in enumerate(texts):
                half = place if len(texts) > 1 else number
                yield Asked(item["id"], language, text, half % 2 == 0)


def _metric(item: dict[str, Any]) -> Metric:
    return Metric(
        id=item["id"],
        name=Text(**item["name"]),
        description=Text(**item["description"]),
        synonyms=Words(**item["synonyms"]),
        unit=item["unit"],
        of=Simple(model="none", measure="none"),
    )


def _report(yardstick: Yardstick, tuning: bool | None, half: str) -> None:
    for language in LANGUAGES:
        chosen = yardstick.part(tuning, language)
        if not chosen.any():
            continue
        evidence, meant = yardstick.evidence[chosen], yardstick.meant[chosen]
        label = f"{yardstick.name:6} {half:8} {language} ({chosen.sum()})"
        print(f"{label} vectors alone  {recall(ranks(evidence[..., 0], meant))}")
        lexical = Weights(
            **(dict.fromkeys(VOICES, 0.0) | {"idea": 1.0, "ideas": 1.0, "words": 1.0})
        )
        spread = Evidence(*np.moveaxis(evidence, 2, 0))
        print(f"{label} ideas, words   {recall(ranks(combine(spread, lexical), meant))}")
        print(f"{label} ranking        {recall(ranks(combine(spread), meant))}")
        _report_search(yardstick, chosen, label)


def _report_search(yardstick: Yardstick, chosen: NDArray[Any], label: str) -> None:
    asked = [a for a, taken in zip(yardstick.asked, chosen, strict=True) if taken]
    found = [yardstick.index.search(a.text, 99, EVERYTHING) for a in asked]
    names = [m for m in found if m[0].evidence not in ("vector", "example")]
    by_name = sum(
        m[0].metric == a.metric and m[0].evidence not in ("vector", "example")
        for m, a in zip(found, asked, strict=True)
    )
    places = np.array([
        next((i for i, m in enumerate(matches, 1) if m.metric == a.metric), 999)
        for matches, a in zip(found, asked, strict=True)
    ])  # fmt: skip
    print(f"{label} names alone    R@1 {by_name / len(asked):.3f}  ({len(names)} had a name)")
    print(f"{label} names+vectors  {recall(places)}")


def _report_confidence(yardstick: Yardstick, tuning: bool | None) -> None:
    chosen = yardstick.part(tuning)
    pairs = [
        (confidence(matches), matches[0].metric == asked.metric)
        for matches, asked, taken in zip(searched(yardstick), yardstick.asked, chosen, strict=True)
        if taken
    ]
    for low, high in ((0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 0.9), (0.9, 1.01)):
        inside = [(sure, right) for sure, right in pairs if low <= sure < high]
        if inside:
            mean = sum(sure for sure, _ in inside) / len(inside)
            hit = sum(right for _, right in inside) / len(inside)
            print(f"{yardstick.name:9} sure {low:.2f}-{high:.2f}: {len(inside):4}  "
                  f"mean {mean:.2f}  right {hit:.2f}")  # fmt: skip


def _fit(first: Yardstick, rest: Yardstick, second: Yardstick) -> None:
    parts = [(y.evidence[y.part(True)], y.meant[y.part(True)]) for y in (first, rest)]
    parts.append((second.evidence, second.meant))
    weights = fit(parts)
    print(dict(zip(VOICES, weights.round(2).tolist(), strict=True)))
    lost = strangers(first, second)
    halves = ((first, True), (rest, True), (second, None), (lost, True))
    found = fit_sureness(by_meaning(yardstick, half) for yardstick, half in halves)
    print("sureness", found.round(2).tolist(), "score", score_of(LEVEL))


def main() -> None:
    """Print the measures, or the fitted weights."""
    folder = Path(sys.argv[2] if len(sys.argv) > 2 else "/tmp/askmetric-retrieval")  # noqa: S108
    first, rest = shop(folder), shop(folder, "retrieval_rest.yml")
    second = mixed(folder)
    if sys.argv[1:2] == ["fit"]:
        _fit(first, rest, second)
        return
    halves: tuple[tuple[bool, str], ...] = ((True, "tuning"), (False, "held out"))
    for tuning, half in halves if sys.argv[1:2] == ["held"] else halves[:1]:
        for yardstick in (first, rest):
            _report(yardstick, tuning, half)
            _report_confidence(yardstick, tuning)
    _report(second, None, "all")
    _report_confidence(strangers(first, second), None)


if __name__ == "__main__":
    main()
