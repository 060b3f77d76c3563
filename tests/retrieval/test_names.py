from metric_catalog.catalog import Catalog
from metric_catalog.model.definition import Text, Words
from metric_catalog.model.goals import Goal
from metric_catalog.model.metrics import Metric, Simple
from metric_catalog.model.semantic_model import Dimension, Entity, SemanticModel
from metric_catalog.policy import EVERYTHING, Policy
from retrieval.names import FUZZY_SCORE, MOST_FUZZY, NameIndex

NONE = Words()


def metric(id: str, en: str, zh: str, synonyms: Words = NONE, private: bool = False) -> Metric:
    of = Simple(model="orders", measure="n")
    return Metric(id=id, name=Text(en=en, zh=zh), synonyms=synonyms, of=of, private=private)


CHANNEL = Dimension(name="channel", label=Text(en="channel", zh="渠道"))
CATEGORY = Dimension(name="category", label=Text(en="category", zh="品类"))
TOPIC = Dimension(name="category", label=Text(en="topic", zh="工单类别"))
ORDERS = SemanticModel(
    id="orders",
    table="orders",
    entities=(Entity(name="order", type="primary", label=Text(en="order", zh="订单")),),
    dimensions=(CHANNEL, CATEGORY),
)
TICKETS = SemanticModel(id="tickets", table="tickets", dimensions=(CHANNEL, TOPIC))
REPURCHASE = metric(
    "repurchase_rate", "Repurchase rate", "复购率", Words(en=("repeat rate",), zh=("回购率",))
)
CATALOG = Catalog(
    models={"orders": ORDERS, "tickets": TICKETS},
    metrics={
        "repurchase_rate": REPURCHASE,
        "orders": metric("orders", "Orders", "订单数", Words(en=("repeat rate",))),
        "inner": metric("inner", "Inner", "内部", private=True),
    },
    goals={"growth": Goal(id="growth", name=Text(en="Growth goal", zh="增长目标"))},
)
INDEX = NameIndex.of(CATALOG)


def test_names_are_found_with_their_place_and_evidence() -> None:
    text = "复購率 by 品類"
    rate, category = INDEX.occurrences(text, EVERYTHING)
    assert (rate.kind, rate.id, rate.evidence, rate.score) == (
        "metric",
        "repurchase_rate",
        "exact",
        1.0,
    )
    assert text[rate.start : rate.end] == rate.words == "复購率"
    assert (category.id, category.dimension, category.models) == (
        "category",
        "category",
        ("orders",),
    )


def test_two_meanings_of_one_word_are_both_returned() -> None:
    found = INDEX.occurrences("repeat rate", EVERYTHING)
    assert {o.id for o in found} == {"repurchase_rate", "orders"}
    assert {o.evidence for o in found} == {"synonym"}
    assert {o.kind for o in INDEX.occurrences("orders", EVERYTHING)} == {"metric", "entity"}


def test_a_dimension_of_several_models_is_one_with_the_models_that_say_it_so() -> None:
    (channel,) = INDEX.occurrences("渠道", EVERYTHING)
    assert channel.models == ("orders", "tickets")
    (topic,) = INDEX.occurrences("工单类别", EVERYTHING)
    assert (topic.id, topic.models) == ("category", ("tickets",))


def test_goals_are_names_too_and_private_metrics_are_not() -> None:
    assert [o.kind for o in INDEX.occurrences("增长目标", EVERYTHING)] == ["goal"]
    assert INDEX.occurrences("内部 inner", EVERYTHING) == ()


def test_a_misspelt_name_scores_lower() -> None:
    (found,) = INDEX.occurrences("repurchace rate", EVERYTHING)
    (right,) = INDEX.occurrences("repurchase rate", EVERYTHING)
    assert (found.id, found.evidence) == ("repurchase_rate", "fuzzy")
    assert FUZZY_SCORE < found.score <= MOST_FUZZY < right.score


def test_hidden_names_are_not_found() -> None:
    policy = Policy(
        "guest", hidden_metrics=frozenset({"orders"}), hidden_dimensions=frozenset({"channel"})
    )
    assert {o.kind for o in INDEX.occurrences("orders 渠道", policy)} == {"entity"}
    by_path = Policy("guest", hidden_dimensions=frozenset({"order__channel"}))
    assert INDEX.occurrences("渠道", by_path) == ()
