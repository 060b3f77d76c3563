from hypothesis import given, settings
from hypothesis import strategies as st

from metric_catalog.policy import EVERYTHING, Policy, RowFilter
from metric_catalog.query import And, Compare, MetricCondition, Not, Or
from retrieval.values import WEAK_SCORE, ValueEntry, ValueIndex

ENTRIES = (
    ValueEntry("region", "east", ("East", "华东"), model="stores"),
    ValueEntry("region", "south", ("South", "华南"), model="stores"),
    ValueEntry("city", "上海", ("Shanghai",), ("魔都",), model="stores"),
    ValueEntry("city", "广州", ("Guangzhou",), model="stores"),
    ValueEntry("store", "上海中心店", ("Shanghai Central",), model="stores"),
    ValueEntry("store", "上海南湖店", ("Shanghai South Lake",), model="stores"),
    ValueEntry("channel", "app", ("App",), model="orders"),
    ValueEntry("channel", "mini_program", ("小程序",), model="orders"),
    ValueEntry("channel", "app", ("App",), model="payments"),
    ValueEntry("gender", "男", model="customers"),
    ValueEntry("week", 7, model="orders"),
    ValueEntry("flag", True, model="orders"),
)
INDEX = ValueIndex(ENTRIES)
EAST_ONLY = Policy("guest", rows=(RowFilter("stores", Compare("region", "=", ("east",))),))


def found(text: str, policy: Policy = EVERYTHING) -> list[tuple[str, object]]:
    return [(o.words, o.value) for o in INDEX.occurrences(text, policy)]


def test_values_are_found_inside_a_question() -> None:
    assert found("华东小程序 sales in shanghai") == [
        ("华东", "east"),
        ("小程序", "mini_program"),
        ("shanghai", "上海"),
    ]
    assert found("上海中心店") == [("上海中心店", "上海中心店"), ("上海", "上海")]


def test_one_value_of_two_models_is_one_occurrence() -> None:
    (app,) = INDEX.occurrences("App", EVERYTHING)
    assert (app.id, app.value, app.models) == ("channel", "app", ("orders", "payments"))


def test_evidence_and_score_say_how_sure() -> None:
    (label,) = INDEX.occurrences("Shanghai", EVERYTHING)
    (nick,) = INDEX.occurrences("魔都", EVERYTHING)
    (typo,) = INDEX.occurrences("Guangzhuo", EVERYTHING)
    (letter,) = INDEX.occurrences("男", EVERYTHING)
    (number,) = INDEX.occurrences("7", EVERYTHING)
    assert label.score > nick.score > typo.score > letter.score == number.score == WEAK_SCORE
    assert (label.evidence, nick.evidence, typo.evidence) == ("exact", "synonym", "fuzzy")


def test_truth_values_are_no_words() -> None:
    assert found("true") == []


def test_search_ranks_equal_before_beginning_before_ending_before_containing() -> None:
    index = ValueIndex(
        ValueEntry("d", v) for v in ("new york", "new", "brand new", "a new day", "old")
    )
    assert [o.value for o in index.search("new", EVERYTHING)] == [
        "new",
        "new york",
        "brand new",
        "a new day",
    ]
    assert [o.value for o in index.search("neew york", EVERYTHING)] == []
    assert [o.value for o in index.search("old", EVERYTHING)] == ["old"]
    assert len(index.search("new", EVERYTHING, count=2)) == 2


def test_search_forgives_one_letter() -> None:
    assert [o.value for o in INDEX.search("Guangzhou ", EVERYTHING)] == ["广州"]
    assert [o.value for o in INDEX.search("上海南胡店", EVERYTHING)] == ["上海南湖店"]


def test_hidden_dimensions_have_no_values() -> None:
    for hidden in ("city", "store__city"):
        policy = Policy("guest", hidden_dimensions=frozenset({hidden}))
        assert found("上海 华东", policy) == [("华东", "east")]
        assert INDEX.search("上海", policy)[0].dimension == "store"


def test_row_filters_hide_values_outside_them() -> None:
    assert found("华东 华南 小程序", EAST_ONLY) == [("华东", "east"), ("小程序", "mini_program")]


def test_other_dimensions_of_narrowed_rows_need_the_values_of_these_rows() -> None:
    assert found("上海 广州", EAST_ONLY) == []
    visible = {("stores", "city"): frozenset({"上海"}), ("stores", "region"): frozenset({"east"})}
    seen = INDEX.occurrences("上海 广州 华南", EAST_ONLY, visible)
    assert [o.value for o in seen] == ["上海"]


def test_a_filter_on_a_joined_dimension_hides_its_values() -> None:
    policy = Policy("guest", rows=(RowFilter("orders", Compare("store__region", "=", ("east",))),))
    assert found("华东 华南", policy) == [("华东", "east")]


def test_conditions_are_read_with_three_truths() -> None:
    region_not_south = Not(Compare("region", "in", ("south",)))
    unknown = MetricCondition("gmv", ">", (1,), ("store",))
    for condition, expected in (
        (region_not_south, ["east"]),
        (And((region_not_south, unknown)), []),
        (Or((region_not_south, unknown)), ["east"]),
        (Compare("region", "prefix", ("so",)), ["south"]),
        (Compare("region", "<", ("f",)), ["east"]),
        (Compare("region", "is_null", ()), []),
    ):
        policy = Policy("guest", rows=(RowFilter("stores", condition),))
        assert [o.value for o in INDEX.occurrences("华东 华南", policy)] == expected


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("de"), st.text("上海店ab", min_size=1, max_size=4)), max_size=8
    )
)
def test_every_value_is_found_by_itself(pairs: list[tuple[str, str]]) -> None:
    index = ValueIndex(ValueEntry(dimension, value) for dimension, value in pairs)
    for dimension, value in pairs:
        exact = [o for o in index.occurrences(value, EVERYTHING) if o.words == value]
        assert (dimension, value) in {(o.dimension, o.value) for o in exact}
        assert (dimension, value) in {
            (o.dimension, o.value) for o in index.search(value, EVERYTHING, 99)
        }
