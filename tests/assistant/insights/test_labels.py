"""How members, above all those that are true or false, are said."""

import pytest

from assistant.insights.labels import Labels
from metric_catalog.catalog import Catalog
from metric_catalog.model.definition import Language
from metric_catalog.model.semantic_model import Dimension, SemanticModel


def labels(language: Language) -> Labels:
    gift = {"name": "gift", "label": {"en": "gift order", "zh": "礼品单"}}
    paid = {
        "name": "paid",
        "label": {"en": "payment", "zh": "支付"},
        "values": [
            {"value": True, "label": {"en": "paid orders", "zh": "已付订单"}},
            {"value": False, "label": {"en": "unpaid orders", "zh": "未付订单"}},
        ],
    }
    tier = {"name": "tier", "values": [{"value": 3, "label": {"en": "third", "zh": "三线"}}]}
    dimensions = [Dimension.model_validate(each) for each in (gift, paid, tier)]
    model = SemanticModel(id="orders", table="orders", dimensions=tuple(dimensions))
    return Labels(Catalog(models={"orders": model}), language)


@pytest.mark.parametrize("value", [True, "true"])
def test_a_truth_value_says_of_what(value: bool | str) -> None:
    assert labels("en").member("gift", value) == "gift order: yes"
    assert labels("zh").member("gift", value) == "礼品单：是"


@pytest.mark.parametrize("value", [False, "false"])
def test_what_is_not_so_is_said_as_no(value: bool | str) -> None:
    assert labels("en").member("gift", value) == "gift order: no"
    assert labels("zh").member("gift", value) == "礼品单：否"


def test_under_its_dimensions_name_the_word_alone_stands() -> None:
    assert labels("en").cell("gift", True) == "yes"
    assert labels("zh").cell("gift", False) == "否"


@pytest.mark.parametrize("value", [True, "true"])
def test_the_label_of_the_definition_wins_however_the_member_is_written(value: bool | str) -> None:
    assert labels("en").member("paid", value) == "paid orders"
    assert labels("en").cell("paid", value) == "paid orders"


def test_one_is_not_true() -> None:
    assert labels("en").member("paid", 1) == "1"


@pytest.mark.parametrize("value", [3, 3.0, "3"])
def test_a_number_has_its_label_as_a_member_too(value: float | str) -> None:
    assert labels("en").member("tier", value) == "third"


def test_behind_its_dimension_a_member_stands_once() -> None:
    assert labels("en").named("tier", 3) == "tier third"
    assert labels("en").named("gift", "true") == "gift order: yes"
    assert labels("en").named("paid", "true") == "paid orders"
    assert labels("en").named("tier", "∅") == "no tier"
