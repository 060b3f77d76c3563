from collections.abc import Sequence
from pathlib import Path

import pytest

from metric_catalog.catalog import Catalog
from metric_catalog.model.definition import Text, Words
from metric_catalog.model.metrics import Metric, Simple
from metric_catalog.policy import EVERYTHING, Policy
from retrieval.documents import Document, documents_of
from retrieval.match import MetricMatch
from retrieval.search import MetricIndex, confidence


class Letters:
    """Embeds by counting letters; counts the texts it was given."""

    def __init__(self) -> None:
        self.name = "letters"
        self.embedded = 0

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        self.embedded += len(texts)
        return [_letters(text) for text in texts]


def _letters(text: str) -> list[float]:
    counts = [0.01] * 64
    for letter in text.casefold():
        counts[ord(letter) % 64] += 1.0
    length = sum(count * count for count in counts) ** 0.5
    return [count / length for count in counts]


def metric(id: str, en: str, zh: str, unit: str, description: str, **more: object) -> Metric:
    return Metric.model_validate({
        "id": id, "name": {"en": en, "zh": zh}, "unit": unit, "description": {"en": description},
        "of": Simple(model="m", measure="x"), **more,
    })  # fmt: skip


REPURCHASE = metric(
    "repurchase_rate", "repurchase rate", "复购率", "ratio",
    "Share of buyers who order again.", examples=Words(en=("why did repurchase rate drop",)),
)  # fmt: skip
BUYERS = metric("buyers", "buyers", "购买用户数", "count", "People with a paid order.")
RENT = metric("store_rent", "store rent", "门店租金", "currency", "Paid for the stores.")
SECRET = metric("secret", "secret", "秘密", "count", "Nobody knows.", private=True)
CATALOG = Catalog(metrics={m.id: m for m in (REPURCHASE, BUYERS, RENT, SECRET)})


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> MetricIndex:
    return MetricIndex.open(CATALOG, tmp_path_factory.mktemp("index"), Letters())


def test_documents_are_the_sentences_of_the_shown_metrics() -> None:
    documents = documents_of(CATALOG)
    assert {d.metric for d in documents} == {"repurchase_rate", "buyers", "store_rent"}
    own = [(d.part, d.language) for d in documents if d.metric == "repurchase_rate"]
    assert own == [("name", "en"), ("description", "en"), ("example", "en"), ("name", "zh")]
    assert len({d.id for d in documents}) == len(documents)


def test_a_sentence_is_a_document_of_its_own() -> None:
    text = Text(en="First one. Second one, 3.5 long!", zh="第一句话。第二句话")
    both = RENT.model_copy(update={"description": text})
    texts = [d.text for d in documents_of(Catalog(metrics={"r": both})) if d.part == "description"]
    assert texts == ["First one.", "Second one, 3.5 long!", "第一句话。", "第二句话"]


def test_a_name_settles_it_without_a_vector(tmp_path: Path) -> None:
    embedder = Letters()
    index = MetricIndex.open(CATALOG, tmp_path, embedder)
    (match,) = index.search("Repurchase Rates", 1, EVERYTHING)
    assert (match.metric, match.evidence, match.score) == ("repurchase_rate", "exact", 1.0)
    assert embedder.embedded == 0
    assert list(tmp_path.iterdir()) == []


def test_other_words_are_found_by_their_ideas_in_both_languages(index: MetricIndex) -> None:
    for text, meant in (
        ("what part of shoppers come back for a second buy", "repurchase_rate"),
        ("有几成顾客会再来买", "repurchase_rate"),
        ("how many people made a purchase", "buyers"),
        ("what do we pay the landlords", "store_rent"),
        ("铺子的房租花了多少钱", "store_rent"),
    ):
        first, *_ = index.search(text, 3, EVERYTHING)
        assert first.metric == meant, text
        assert first.evidence in ("vector", "example")


def test_matches_are_ordered_and_each_once(index: MetricIndex) -> None:
    found = index.search("how many shoppers", 9, EVERYTHING)
    assert [m.score for m in found] == sorted((m.score for m in found), reverse=True)
    assert {m.metric for m in found} == {"repurchase_rate", "buyers", "store_rent"}
    assert len(index.search("how many shoppers", 2, EVERYTHING)) == 2
    assert index.search(" ", 3, EVERYTHING) == ()


def test_a_name_among_many_words_is_no_more_than_a_hint(index: MetricIndex) -> None:
    text = "what part of all the buyers come back again for a second purchase"
    assert index.search(text, 1, EVERYTHING)[0].metric == "repurchase_rate"


def test_hidden_metrics_are_never_returned(index: MetricIndex) -> None:
    policy = Policy("guest", hidden_metrics=frozenset({"buyers"}))
    for text in ("buyers", "how many people made a purchase"):
        assert "buyers" not in {m.metric for m in index.search(text, 9, policy)}


def test_an_index_opened_again_embeds_only_what_is_new(tmp_path: Path) -> None:
    question = "how many shoppers"
    first = Letters()
    before = MetricIndex.open(CATALOG, tmp_path, first).search(question, 3, EVERYTHING)
    assert first.embedded == len(documents_of(CATALOG)) + 1
    second = Letters()
    assert MetricIndex.open(CATALOG, tmp_path, second).search(question, 3, EVERYTHING) == before
    assert second.embedded == 1
    told = BUYERS.model_copy(update={"description": Text(en="Shoppers in the period.")})
    changed = Catalog(metrics={**CATALOG.metrics, "buyers": told})
    third = Letters()
    MetricIndex.open(changed, tmp_path, third).search(question, 3, EVERYTHING)
    assert third.embedded == 2


def test_broken_index_files_are_made_anew(tmp_path: Path) -> None:
    question = "how many shoppers"
    before = MetricIndex.open(CATALOG, tmp_path, Letters()).search(question, 3, EVERYTHING)
    (tmp_path / "lexical.npz").write_bytes(b"rubbish")
    home = next(path for path in (tmp_path / "vectors").iterdir() if path.is_dir())
    other = tmp_path / "other"
    (other / "vectors" / "v1").mkdir(parents=True)
    (other / "vectors" / "v1" / "chroma.sqlite3").write_bytes(b"rubbish" * 1000)
    assert home.name == "v1"
    assert MetricIndex.open(CATALOG, tmp_path, Letters()).search(question, 3, EVERYTHING) == before
    assert MetricIndex.open(CATALOG, other, Letters()).search(question, 3, EVERYTHING) == before
    assert (other / "vectors" / "current").read_text() == "v2"


def test_an_empty_catalog_finds_nothing(tmp_path: Path) -> None:
    assert MetricIndex.open(Catalog(), tmp_path, Letters()).search("buyers", 3, EVERYTHING) == ()


def test_confidence_grows_with_the_score_and_the_lead() -> None:
    def sure(*scores: float) -> float:
        return confidence(tuple(MetricMatch(f"m{s}", s, "vector", "") for s in scores))

    assert confidence(()) == 0.0
    assert sure(0.9, 0.1) > sure(0.9, 0.8) > sure(0.9, 0.89)
    assert sure(0.9, 0.1) > sure(0.5, 0.01)
    assert 0.0 < sure(0.001) < sure(0.999) < 1.0
    assert confidence((MetricMatch("m", 1.0, "exact", "m"),)) == 1.0


def test_equal_content_has_equal_ids() -> None:
    one = Document("m", "name", "en", "a")
    assert one.id == Document("m", "name", "en", "a").id
    assert one.id != Document("m", "synonym", "en", "a").id
