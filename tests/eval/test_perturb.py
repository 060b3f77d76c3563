import pytest

from assistant.asking import Conversation
from assistant.wiring import Assistant
from eval.case import Case
from eval.perturb import (
    all_members_are_no_filter,
    perturb,
    same_in_both_languages,
    slots_of,
)
from eval.perturbations import PERTURBATIONS, Source

QUESTIONS = ("上个月GMV是多少", "what was repurchase rate in October", "各渠道9月的订单数")


def source(text: str, shop: Assistant) -> Source:
    conversation = Conversation(shop, keep=False)
    question = conversation.question(text, None, None)
    return Source(text, question.language, conversation.read(question), shop.catalog)


def case(text: str, lang: str, pair: str | None = None) -> Case:
    return Case.model_validate({"id": text, "question": text, "lang": lang, "pair": pair})


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("polite_before", "上个月GMV是多少", "请问上个月GMV是多少"),
        ("polite_after", "what was GMV last month?", "what was GMV last month, thanks"),
        ("full_width", "上个月GMV", "上个月ＧＭＶ"),
        ("letter_case", "GMV last month", "GMV LAST MONTH"),
        ("traditional", "上个月复购率", "上個月復購率"),
        ("spacing", "上个月GMV多少", "上个月 GMV 多少"),
        ("typo", "repurchase rate in October", "reupurchase rate in October"),
        ("time_first", "repurchase rate in October", "in October, repurchase rate"),
        ("time_first", "上个月的GMV", "GMV，上个月"),
        ("month_named", "上个月GMV", "2026年10月GMV"),
        ("month_named", "GMV last month", "GMV in October 2026"),
        ("month_in_digits", "GMV in October", "GMV in 2026-10"),
        ("traditional", "GMV last month", None),
        ("typo", "上个月GMV", None),
        ("month_named", "近7天GMV", None),
        ("month_named", "2026年10月GMV", None),
    ],
)
def test_wordings(name: str, text: str, wanted: str | None, shop_session: Assistant) -> None:
    made = PERTURBATIONS[name](source(text, shop_session))
    if name == "typo" and wanted is not None:
        assert made is not None
        assert sorted(made) == sorted(text)
        assert made != text
    else:
        assert made == wanted


@pytest.mark.parametrize("name", ["synonym", "code_mix"])
def test_another_name_is_the_metrics_own(name: str, shop_session: Assistant) -> None:
    made = PERTURBATIONS[name](source("上个月复购率", shop_session))
    metric = shop_session.catalog.metric("repurchase_rate")
    assert made is not None
    assert made.removeprefix("上个月") in (metric.name.en, *metric.synonyms.all)


def test_perturbed_questions_are_read_alike(shop_session: Assistant) -> None:
    cases = [case(text, "en" if text.isascii() else "zh") for text in QUESTIONS]
    counts = perturb(cases, shop_session)
    assert {name: count.lost for name, count in counts.items() if count.lost} == {}
    assert all(counts[name].total == 3 for name in ("polite_before", "polite_after", "punctuation"))


def test_what_is_not_kept_is_counted(shop_session: Assistant) -> None:
    pair = [case("上个月GMV", "zh", "p"), case("orders last month", "en", "p")]
    count = same_in_both_languages(pair, shop_session)
    assert (count.kept, count.total) == (0, 1)
    assert count.lost == [("上个月GMV", "orders last month")]


def test_slots_leave_out_the_words(shop_session: Assistant) -> None:
    slots = slots_of(source("上个月GMV", shop_session).reading)
    assert "spans" not in slots
    assert slots["metrics"] == ["gmv"]


def test_all_members_are_no_filter(shop_session: Assistant) -> None:
    count = all_members_are_no_filter(("gmv", "repurchase_rate"), shop_session)
    assert count.total >= 6
    assert count.lost == []
