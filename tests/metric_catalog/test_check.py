"""Every rule speaks where its rule is broken, and is silent on a catalog that keeps them all."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metric_catalog.calendars import Calendar
from metric_catalog.catalog import Catalog
from metric_catalog.check import RULES, broken, check, check_sources
from metric_catalog.issues import Issue
from metric_catalog.model.goals import Goal
from metric_catalog.model.governance import Approval
from metric_catalog.model.playbooks import Playbook
from metric_catalog.model.semantic_model import SavedQuery, SemanticModel, TimeSpine
from tests.metric_catalog.shops import AUTHOR, approval, catalog, metric, model

RATIO = {"type": "ratio", "numerator": {"metric": "gmv"}, "denominator": {"metric": "orders"}}


def orders(**changes: Any) -> Any:
    of = {"type": "simple", "model": "orders", "measure": "orders"}
    return metric("orders", of=of, unit="count", **changes)


def only(found: tuple[Issue, ...]) -> Issue:
    assert len(found) == 1, found
    return found[0]


def test_a_sound_catalog_has_no_issue() -> None:
    sound = catalog(
        metric(
            filter="channel = 'app' and day__month >= '2026-01-01'",
            dimensions=["channel"],
            targets=[{"value": 5, "start": "2026-02-01", "end": "2026-03-01"}],
            playbooks=["push"],
            drivers=[{"kind": "product", "metrics": ["orders", "aov"]}],
        ),
        orders(),
        metric("aov", of=RATIO),
        playbooks={"push": _playbook()},
        goals={"grow": Goal.model_validate({"id": "grow", "name": "Grow", "metrics": "gmv"})},
    )
    assert check(sound) == ()


def _playbook(**changes: Any) -> Playbook:
    content = {
        "id": "push",
        "title": "Push",
        "text": "Push it",
        "action": "push",
        "triggers": [{"metrics": "gmv", "dimension": "channel"}],
        "expected": {"share": 0.5},
    }
    return Playbook.model_validate({**content, **changes})


SIMPLE = {"type": "simple", "model": "orders"}
BROKEN: dict[str, tuple[dict[str, Any], str, str]] = {
    "no such model": (
        {"of": {"type": "simple", "model": "order", "measure": "amount"}},
        "unknown_model",
        "model",
    ),
    "no such measure": ({"of": {**SIMPLE, "measure": "amuont"}}, "unknown_measure", "measure"),
    "no such dimension": ({"dimensions": ["chanel"]}, "unknown_dimension", "dimensions[0]"),
    "no such name in a filter": ({"filter": "chanel = 'a'"}, "unknown_dimension", "filter"),
    "no such metric in a filter": (
        {"filter": "metric(gvm, customer) > 1"},
        "unknown_metric",
        "filter",
    ),
    "no such time": ({"time_dimension": "dya"}, "unknown_time_dimension", "time_dimension"),
    "no such grain": ({"default_grain": "mnoth"}, "unknown_grain", "default_grain"),
    "no such playbook": ({"playbooks": ["psuh"]}, "unknown_playbook", "playbooks[0]"),
    "no such successor": ({"successor": "gmv2"}, "unknown_metric", "successor[0]"),
    "no such driver": (
        {"drivers": [{"kind": "influence", "metrics": ["a"]}]},
        "unknown_metric",
        "drivers[0][0]",
    ),
    "no such entity": (
        {"of": {"type": "interval", "entity": "custmer", "model": "orders"}},
        "unknown_entity",
        "entity",
    ),
    "a filter that is no condition": (
        {"filter": "channel = f(1)"},
        "condition_function",
        "filter",
    ),
    "a filter of a target": (
        {"targets": [{"value": 1, "start": "2026-02-01", "end": "2026-03-01", "filter": "x = 1"}]},
        "unknown_dimension",
        "targets[0].filter",
    ),
    "nobody owns it": ({"owner": " "}, "missing_owner", "owner"),
    "nobody changed it": ({"changed_by": ""}, "missing_changed_by", "changed_by"),
    "money without currency": ({"currency": None}, "missing_currency", "currency"),
    "no name in Chinese": ({"name": {"en": "x"}}, "missing_translation", "name.zh"),
    "an English name as Chinese": ({"name": "net sales"}, "missing_translation", "name.zh"),
    "no caliber": ({"caliber": {}}, "missing_caliber", "caliber"),
    "deprecated, nothing after it": ({"status": "deprecated"}, "missing_successor", "successor"),
    "a target that ends before it starts": (
        {"targets": [{"value": 1, "start": "2026-03-01", "end": "2026-02-01"}]},
        "target_without_end",
        "targets[0]",
    ),
    "a target without a finite value": (
        {"targets": [{"value": "inf", "start": "2026-03-01", "end": "2026-04-01"}]},
        "target_without_value",
        "targets[0]",
    ),
    "a target before the metric": (
        {"targets": [{"value": 1, "start": "2025-03-01", "end": "2025-04-01"}]},
        "target_before_effective",
        "targets[0]",
    ),
    "a target without direction": (
        {
            "targets": [{"value": 1, "start": "2026-03-01", "end": "2026-04-01"}],
            "direction": "none",
        },
        "target_without_direction",
        "targets[0]",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_one_fault_gives_one_issue_with_its_place(case: str) -> None:
    changes, code, field = BROKEN[case]
    found = only(check(catalog(metric(**changes))))
    assert found.code == code
    assert found.place == f"metrics/orders.yml: gmv.{field}"
    assert found.severity == "error"


def test_the_nearest_names_are_told() -> None:
    found = only(check(catalog(metric(dimensions=["chanel"]))))
    assert "channel" in found.nearest[0]
    assert dict(found.arguments) == {"metric": "gmv", "dimension": "chanel"}


def test_a_missing_unit_is_told_even_though_there_is_a_default() -> None:
    content = metric().model_dump(exclude={"unit", "currency"})
    bare = type(metric()).model_validate(content)
    assert [item.code for item in check(catalog(bare))] == ["missing_unit"]


def test_drafts_may_be_incomplete_but_not_broken() -> None:
    draft = metric(status="draft", owner="", changed_by="", caliber={}, dimensions=["nothing"])
    issues = check(catalog(draft))
    assert [i.code for i in issues if i.severity == "error"] == ["unknown_dimension"]
    warned = {i.code for i in issues if i.severity == "warning"}
    assert warned == {"missing_owner", "missing_changed_by"}


@pytest.mark.parametrize(
    ("kind", "count", "fits"),
    [
        ("ratio", 1, False),
        ("ratio", 2, True),
        ("ratio", 3, False),
        ("difference", 1, False),
        ("difference", 3, True),
        ("sum", 1, False),
        ("sum", 3, True),
        ("product", 1, False),
        ("influence", 1, True),
    ],
)
def test_identities_have_as_many_drivers_as_they_need(kind: str, count: int, fits: bool) -> None:
    names = ["orders", "buyers", "visits"][:count]
    others = [metric(name, of=orders().of, filter=f"channel = '{name}'") for name in names]
    found = check(catalog(metric(drivers=[{"kind": kind, "metrics": names}]), *others))
    assert [item.code for item in found] == ([] if fits else ["driver_count"])


def test_no_metric_drives_itself() -> None:
    own = metric(drivers=[{"kind": "influence", "metrics": ["gmv"]}])
    assert only(check(catalog(own))).code == "driver_of_itself"


def test_inputs_must_exist_and_must_not_turn_in_circles() -> None:
    a = metric("a", of={**RATIO, "numerator": {"metric": "b"}})
    b = metric("b", of={**RATIO, "numerator": {"metric": "a"}})
    codes = [item.code for item in broken(catalog(a, b, orders()))]
    assert codes == ["metric_cycle"]
    missing = broken(catalog(metric("a", of=RATIO), orders()))
    assert [(i.code, dict(i.arguments)["metric"]) for i in missing] == [("unknown_metric", "gmv")]


def test_a_chain_is_no_cycle_and_a_diamond_neither() -> None:
    top = metric(
        "top",
        of={"type": "ratio", "numerator": {"metric": "aov"}, "denominator": {"metric": "gmv"}},
    )
    assert broken(catalog(top, metric("aov", of=RATIO), metric(), orders())) == ()


def test_successors_must_not_turn_in_circles_and_must_be_in_use() -> None:
    a = metric("a", status="deprecated", successor="b")
    b = metric("b", status="deprecated", successor="a", of=orders().of)
    codes = {item.code for item in check(catalog(a, b))}
    assert {"metric_cycle", "successor_not_in_use"} <= codes


def test_expressions_of_models_are_checked() -> None:
    hostile = model(measures=[{"name": "amount", "agg": "sum", "expr": "repeat('x', 9)"}])
    found = only(check(catalog(metric(), models={"orders": hostile})))
    assert (found.code, found.place) == ("expression_function", "orders.measures.amount.expr")


def test_derived_metrics_use_their_inputs_and_nothing_else() -> None:
    of = {
        "type": "derived",
        "expr": "gmv + nothing",
        "inputs": [{"metric": "gmv"}, {"metric": "orders"}],
    }
    codes = {item.code: item for item in check(catalog(metric("a", of=of), metric(), orders()))}
    assert dict(codes["unknown_input"].arguments)["name"] == "nothing"
    assert dict(codes["unused_input"].arguments)["name"] == "orders"
    assert codes["unused_input"].severity == "warning"


def test_words_collide_within_and_across_languages() -> None:
    first = metric(synonyms={"en": ["Net Sales"], "zh": ["销售额"]})
    within = orders(synonyms={"zh": ["销售额"]})
    across = orders(synonyms={"zh": ["ｎｅｔ_sales"]})
    for second in (within, across):
        found = only(check(catalog(first, second)))
        assert (found.code, found.severity) == ("synonym_collision", "error")
        assert found.place.endswith("orders.synonyms.zh[0]")
    named = orders(name={"en": "THE  GMV", "zh": "订单"})
    assert only(check(catalog(first, named))).code == "name_collision"


def test_a_successor_may_keep_the_words() -> None:
    old = metric(
        "old", status="deprecated", successor="gmv", synonyms={"zh": ["销售额"]}, filter="day = '1'"
    )
    found = only(check(catalog(old, metric(synonyms={"zh": ["销售额"]}))))
    assert (found.code, found.severity) == ("synonym_collision", "warning")


def test_repeated_and_empty_synonyms_and_dimension_names_are_told() -> None:
    found = check(catalog(metric(synonyms={"en": ["The GMV", " "], "zh": ["渠道"]})))
    codes = ["dimension_named_like_metric", "synonym_empty", "synonym_repeated"]
    assert sorted(item.code for item in found) == codes


def test_the_same_formula_under_two_names_is_told() -> None:
    found = only(check(catalog(metric(), metric("sales"))))
    assert (found.code, found.severity) == ("same_formula", "warning")
    spelled = check(
        catalog(
            metric(filter="status in ('b', 'a') and channel = 'x'"),
            metric("sales", filter="channel in ('x') and (status in ('a', 'b'))"),
        )
    )
    assert only(spelled).code == "same_formula"


def test_overlapping_filters_are_told_and_disjoint_ones_are_not() -> None:
    paid = metric("paid", filter="status in ('paid', 'done')")
    done = metric("done", filter="status = 'done'")
    web = metric("web", filter="status = 'new'")
    assert only(check(catalog(paid, done))).code == "similar_filters"
    assert check(catalog(paid, web)) == ()


def test_approvals_bind_to_the_meaning() -> None:
    known = catalog(metric(), approved=False)
    assert only(check(known)).code == "approval_missing"
    stale = approval(known, "gmv")
    moved = catalog(metric(filter="channel = 'a'"), approved=False, approvals=(stale,))
    outdated = only(check(moved))
    assert (outdated.code, outdated.severity) == ("approval_outdated", "warning")


def test_an_own_change_cannot_be_approved_in_the_file_either() -> None:
    known = catalog(metric(), approved=False)
    own = catalog(metric(), approved=False, approvals=(approval(known, "gmv", by=AUTHOR),))
    assert only(check(own)).code == "approved_by_author"
    assert own.status_of("gmv") == "draft"
    upper = catalog(
        metric(), approved=False, approvals=(approval(known, "gmv", by=AUTHOR.upper()),)
    )
    assert only(check(upper)).code == "approved_by_author"


def test_approvals_of_nothing_are_told() -> None:
    ghost = Approval(metric="ghost", version=1, hash="x", by="y", at=dt.date(2026, 1, 1))
    known = catalog(metric())
    both = catalog(metric(), approved=False, approvals=(*known.approvals, ghost))
    assert only(check(both)).code == "approval_unknown_metric"


def test_playbooks_goals_and_saved_queries_name_what_exists() -> None:
    found = check(
        catalog(
            metric(),
            playbooks={"push": _playbook(triggers=[{"metrics": "x"}], guard_metric="y")},
            goals={"g": Goal.model_validate({"id": "g", "name": "g", "metrics": ["z"]})},
            saved_queries={"s": SavedQuery(id="s", metrics=("gvm",), where=("a = f(b)",))},
        )
    )
    assert sorted(item.place for item in found) == [
        "g.metrics[0]",
        "push.guard_metric[0]",
        "push.triggers[0].metrics[0]",
        "s.metrics[0]",
        "s.where[0]",
    ]


def test_custom_grains_count_as_grains() -> None:
    spine = TimeSpine.model_validate(
        {"table": "spine", "column": "day", "custom_grains": [{"name": "season"}]}
    )
    seasonal = metric(default_grain="season", filter="day__season = 'a'")
    assert check(catalog(seasonal, time_spines=(spine,))) == ()
    periods = Calendar(custom=(("season", (dt.datetime(2026, 1, 1),)),))
    assert check(catalog(seasonal, calendar=periods)) == ()


def test_imported_catalogs_need_no_approval() -> None:
    known = catalog(metric(), approved=False)
    assert check(Catalog(models=known.models, metrics=known.metrics, trusted=True)) == ()


def test_every_rule_is_registered_once() -> None:
    assert len(RULES) == len(set(RULES))


COLUMNS = {
    "order_id": "BIGINT",
    "customer_id": "BIGINT",
    "ordered_at": "TIMESTAMP",
    "channel": "VARCHAR",
    "STATUS": "VARCHAR",
    "amount": "DECIMAL(18,2)",
}


def test_sources_that_hold_give_no_issue() -> None:
    assert check_sources(catalog(metric()), {"main.orders": COLUMNS}, {}) == ()


def test_vanished_tables_and_columns_are_told() -> None:
    gone = only(check_sources(catalog(metric()), {"ordrs": COLUMNS}, {}))
    assert (gone.code, gone.nearest) == ("source_table_missing", ("ordrs",))
    fewer = {name: kind for name, kind in COLUMNS.items() if name != "amount"}
    found = only(check_sources(catalog(metric()), {"orders": {**fewer, "amuont": "DOUBLE"}}, {}))
    assert (found.code, found.place) == ("source_column_missing", "orders.measures.amount")
    assert found.nearest[0] == "amuont"


@pytest.mark.parametrize(
    ("column", "kind"), [("amount", "VARCHAR"), ("ordered_at", "VARCHAR"), ("ordered_at", "BIGINT")]
)
def test_changed_types_are_told(column: str, kind: str) -> None:
    found = only(check_sources(catalog(metric()), {"orders": {**COLUMNS, column: kind}}, {}))
    wanted = "number" if column == "amount" else "time"
    assert found.code == f"source_column_no_{wanted}"
    assert dict(found.arguments)["type"] == kind


def test_stale_tables_are_told() -> None:
    fresh, old = dt.date(2026, 1, 20), dt.date(2026, 1, 1)
    known = catalog(metric())
    late = check_sources(known, {"orders": COLUMNS}, {"orders": old, "stores": fresh})
    assert only(late).code == "source_stale"
    assert check_sources(known, {"orders": COLUMNS}, {"orders": fresh, "stores": fresh}) == ()


@pytest.mark.parametrize(
    ("last", "newest", "as_of", "grain", "stale"),
    [
        ("2026-01-19", "2026-12-31", "2026-01-20", "day", False),  # others plan ahead
        ("2026-01-12", "2026-12-31", "2026-01-20", "day", True),
        ("2026-01-13", "2026-01-13", "2026-01-20", "day", False),
        ("2026-01-12", "2026-01-12", "2026-01-20", "day", True),  # all of them stopped
        ("2026-03-01", "2026-01-01", "2026-01-20", "day", False),  # it reaches beyond
        ("2025-12-01", "2026-01-19", "2026-01-20", "month", False),  # January is not over
        ("2025-11-01", "2026-01-19", "2026-01-20", "month", True),
        ("2026-01-19", "2026-01-19", "2026-01-20", "hour", False),
    ],
)
def test_data_is_due_by_the_day_asked(
    last: str, newest: str, as_of: str, grain: str, stale: bool
) -> None:
    plain = model()
    timed = plain.dimensions[0].model_copy(update={"grain": grain})
    dated = plain.model_copy(update={"dimensions": (timed, *plain.dimensions[1:])})
    known = catalog(metric(), models={"orders": dated})
    days = {"orders": dt.date.fromisoformat(last), "stores": dt.date.fromisoformat(newest)}
    found = check_sources(known, {"orders": COLUMNS}, days, (), dt.date.fromisoformat(as_of))
    assert [item.code for item in found] == ["source_stale"] * stale


def wide() -> SemanticModel:
    """Orders that can be chosen by amount and by a truth, too."""
    more = ({"name": "amount"}, {"name": "vip"})
    return model(dimensions=[*model().model_dump()["dimensions"], *more])


NEAR = (
    ("amount > 100", "amount >= 100"),
    ("amount > 100", "amount > 120"),
    ("day >= '2026-01-01'", "day >= '2026-02-01'"),
    ("channel = 'app' and amount > 1", "channel = 'App ' and amount > 1"),
    ("channel = 'app' and status = 'paid'", "channel = 'web' and status = 'paid'"),
    ("channel in ('app', 'web')", "channel in ('app', 'store')"),
    ("channel = 'app'", "channel in ('app', 'web')"),
    ("channel != 'test'", None),
    ("status != 'cancelled'", "status not in ('cancelled', 'refunded')"),
    ("status != 'cancelled'", "status != 'refunded'"),
    ("not channel contains 'test'", None),
    ("channel = 'app' or status = 'paid'", "channel = 'app' or status = 'done'"),
    ("channel = 'app' and status = 'paid' and amount > 1", "channel = 'app' and status = 'paid'"),
)  # fmt: skip
FAR = (
    ("channel = 'app'", "channel = 'web'"),
    ("channel = 'app'", None),
    ("amount > 100", "amount < 100"),
    ("status = 'paid'", "channel = 'paid'"),
    ("status = 'paid'", "status = 'paid' and channel = 'app'"),
    ("vip = true and status = 'paid'", "vip = false and status = 'paid'"),
    ("channel in ('app', 'web')", "channel in ('store', 'mail')"),
    ("status = 'paid' and channel = 'app'", "status = 'done' and channel = 'web'"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [(*pair, True) for pair in NEAR] + [(*pair, False) for pair in FAR],
)
def test_filters_that_are_nearly_the_same_are_worth_a_look(
    one: str, other: str | None, near: bool
) -> None:
    known = {"orders": wide()}
    for mine, yours in ((one, other), (other, one)):
        pair = metric(filter=mine), metric("second", filter=yours)
        found = check(catalog(*pair, models=known))
        assert [item.code for item in found] == ["similar_filters"] * near


@pytest.mark.parametrize(
    ("op", "value", "measure", "code"),
    [
        (">=", 3, "orders", "similar_filters"),
        (">", 2, "orders", "similar_filters"),
        (">=", 2, "orders", "same_formula"),
        ("<", 2, "orders", None),
        (">=", 3, "amount", None),
    ],
)
def test_thresholds_of_shares_are_conditions_too(
    op: str, value: int, measure: str, code: str | None
) -> None:
    of = {"type": "entity_share", "entity": "customer", "model": "orders"}
    often = metric(of={**of, "measure": "orders", "op": ">=", "value": 2}, unit="ratio")
    other = {**of, "measure": measure, "op": op, "value": value}
    found = check(catalog(often, metric("second", of=other, unit="ratio")))
    assert [item.code for item in found] == ([code] if code else [])


@given(st.data())
def test_what_is_nearly_the_same_is_so_both_ways_and_beside_one_more(data: st.DataObject) -> None:
    conditions = [text for pair in (*NEAR, *FAR) for text in pair if text]
    one, other = (data.draw(st.sampled_from(conditions)) for _ in range(2))
    known = {"orders": wide()}

    def near(mine: str, yours: str) -> bool:
        found = check(catalog(metric(filter=mine), metric("second", filter=yours), models=known))
        return any(item.code == "similar_filters" for item in found)

    assert near(one, other) == near(other, one)
    more = "customer = 7"
    if near(one, other):
        assert near(f"({one}) and {more}", f"({other}) and {more}")


def test_constant_properties_are_those_of_their_events() -> None:
    def found(base: str, conversion: str) -> list[tuple[str, str]]:
        of = {
            "type": "conversion",
            "entity": "customer",
            "base": {"metric": "gmv"},
            "conversion": {"metric": "gmv"},
            "constant_properties": [{"base": base, "conversion": conversion}],
        }
        known = catalog(metric(), metric("rate", of=of))
        issues = [item for item in check(known) if item.code == "unknown_dimension"]
        return [(dict(item.arguments)["dimension"], item.place) for item in issues]

    assert found("channel", "customer") == []
    ((name, place),) = found("chanel", "status")
    assert name == "chanel" and place.endswith("constant_properties[0].base")
    assert [name for name, _ in found("a", "b")] == ["a", "b"]
