"""A dbt manifest becomes a catalog; what is lost is told, and every fault is found at once."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metric_catalog.conditions import parse_condition
from metric_catalog.errors import CatalogError
from metric_catalog.interchange.dbt import import_manifest
from metric_catalog.interchange.jinja import condition_of, condition_text, reference_of
from metric_catalog.interchange.written import write_catalog
from metric_catalog.issues import Issue
from metric_catalog.load import load
from metric_catalog.model.metrics import Conversion, Cumulative, Derived, Ratio, Simple
from metric_catalog.query import Compare, GroupBy, MetricCondition
from tests.metric_catalog.manifests import legacy, newest


def faults(data: object) -> tuple[Issue, ...]:
    with pytest.raises(CatalogError) as caught:
        import_manifest(data)  # type: ignore[arg-type]
    return caught.value.issues


def test_legacy_metrics_read_their_measures() -> None:
    catalog = import_manifest(legacy()).catalog
    assert catalog.trusted
    of = catalog.metrics["flash_sales"].of
    assert of == Simple(
        model="orders", measure="amount", fill_nulls_with=0, join_to_time_spine=True
    )
    assert catalog.metrics["flash_sales"].filter is not None
    assert parse_condition(catalog.metrics["flash_sales"].filter) == parse_condition(
        "metric_time__day >= '2026-01-01' and order__channel = 'flash'"
    )
    assert catalog.metrics["flash_sales"].name["zh"] == "闪购销售额"


def test_every_type_arrives() -> None:
    metrics = import_manifest(legacy()).catalog.metrics
    ratio, derived = metrics["aov"].of, metrics["sales_growth"].of
    assert isinstance(ratio, Ratio) and isinstance(derived, Derived)
    assert (ratio.numerator.metric, ratio.denominator.metric) == ("sales", "orders")
    before = derived.inputs[1]
    assert before.name == "before" and before.filter == "metric(orders, store) > 2"
    assert before.offset_window is not None
    assert (before.offset_window.count, before.offset_window.grain) == (1, "month")
    week = metrics["orders_week"].of
    assert isinstance(week, Cumulative) and week.window is not None
    assert (week.metric.metric, week.window.count, week.window.grain) == ("orders", 7, "day")
    conversion = metrics["orders_to_sales"].of
    assert isinstance(conversion, Conversion)
    assert (conversion.base.metric, conversion.conversion.metric) == ("orders", "sales")
    assert conversion.constant_properties[0].base == "channel"


def test_a_measure_used_alone_gets_a_metric_of_its_own() -> None:
    metrics = import_manifest(legacy()).catalog.metrics
    total = metrics["refund_total"].of
    assert isinstance(total, Cumulative)
    assert metrics[total.metric.metric].of == Simple(model="orders", measure="refund")


def test_percentiles_of_both_specs_are_fractions() -> None:
    old = import_manifest(legacy()).catalog.models["orders"].measure("amount_p90")
    new = import_manifest(newest()).catalog.models["orders"].measure("p90")
    assert old is not None and new is not None
    assert old.percentile == new.percentile == 0.9


def test_an_ambiguous_percentile_is_told() -> None:
    data = newest()
    data["metrics"][2]["type_params"]["metric_aggregation_params"]["agg_params"]["percentile"] = 0.9
    result = import_manifest(data)
    assert "loss_percentile_scale" in {item.reason for item in result.report}


def test_aggregations_of_metrics_become_measures() -> None:
    catalog = import_manifest(newest()).catalog
    measures = {measure.name: measure for measure in catalog.models["orders"].measures}
    assert measures["orders"].expr == "1"
    assert measures["amount"].expr is None
    assert measures["stock"].non_additive is not None
    assert catalog.metrics["stock"].of == Simple(model="orders", measure="stock")


def test_nothing_is_lost_silently() -> None:
    report = import_manifest(legacy()).report
    dropped = {item.place: item.reason for item in report if item.outcome == "dropped"}
    assert dropped == {
        "semantic_models.orders.config": "loss_config",
        "semantic_models.orders.entities.store.role": "loss_no_place",
        "saved_queries.by_channel.exports": "loss_no_place",
        "saved_queries.by_channel.tags": "loss_no_place",
    }
    kept = {item.place for item in report if item.outcome == "kept"}
    for section in ("semantic_models", "metrics", "saved_queries"):
        for item in legacy()[section]:
            assert f"{section}.{item['name']}" in kept


def test_the_database_of_a_table_is_told_as_approximated() -> None:
    result = import_manifest(legacy())
    (spine,) = result.catalog.time_spines
    assert (spine.table, spine.custom_grains[0].column) == ("main.spine", "season_start")
    assert [i.detail for i in result.report if i.reason == "loss_database"] == ["prod"]


def test_saved_queries_arrive_in_our_words() -> None:
    saved = import_manifest(legacy()).catalog.saved_queries["by_channel"]
    assert saved.group_by == ("metric_time__month", "order__channel")
    assert saved.order == ("-metric_time__month",)
    assert saved.where == ("order__channel__day = 'a'",)


@pytest.mark.parametrize("make", [legacy, newest])
def test_written_files_load_to_the_same_meaning(make: object, tmp_path: Path) -> None:
    catalog = import_manifest(make()).catalog  # type: ignore[operator]
    files = write_catalog(catalog, tmp_path / "out")
    again = load(files, tmp_path)
    assert {m: catalog.hash_of(m) for m in catalog.metrics} == {
        m: again.hash_of(m) for m in again.metrics
    }
    assert again.metrics == catalog.metrics
    assert again.models == catalog.models
    assert again.saved_queries == catalog.saved_queries
    assert again.time_spines == catalog.time_spines


def test_existing_files_are_never_overwritten(tmp_path: Path) -> None:
    catalog = import_manifest(newest()).catalog
    (tmp_path / "metrics.yml").write_text("mine")
    with pytest.raises(CatalogError):
        write_catalog(catalog, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["metrics.yml"]
    assert (tmp_path / "metrics.yml").read_text() == "mine"


def test_a_key_without_letters_has_its_place() -> None:
    (found,) = faults({**newest(), "": 1})
    assert (found.code, found.place) == ("unknown_key", '""')


def test_where_one_file_cannot_be_written_none_is(tmp_path: Path) -> None:
    catalog = import_manifest(newest()).catalog
    (tmp_path / ".metrics.yml.new").mkdir()
    with pytest.raises(OSError):
        write_catalog(catalog, tmp_path)
    assert [item.name for item in tmp_path.iterdir()] == [".metrics.yml.new"]


def test_every_fault_is_found_at_once() -> None:
    data = legacy()
    data["metrics"][0]["type_params"]["measure"]["name"] = "order_cuont"
    data["metrics"][3]["colour"] = "red"
    data["metrics"][4]["type_params"]["expr"] = "sales - (select 1)"
    data["semantic_models"][0]["measures"][1]["agg"] = "mode"
    data["semantic_models"][0]["dimensions"][0]["type"] = "shape"
    data["semantic_models"][1]["node_relation"] = None
    data["saved_queries"][0]["query_params"]["group_by"].append("Dimension(open('x'))")
    found = {item.code: item for item in faults(data)}
    assert found["unknown_measure"].nearest[0] == "order_count"
    assert found["unknown_measure"].place == "metrics.orders.type_params.measure"
    assert found["unknown_key"].place == "metrics.sales.colour"
    assert found["unknown_aggregation"].place == "semantic_models.orders.measures.amount.agg"
    assert found["missing_key"].place == "semantic_models.stores.node_relation"
    assert any(code.startswith("value_") for code in found)
    assert {"expression_not_allowed", "unknown_input"} & set(found) == {"expression_not_allowed"}
    assert dict(found["template_function"].arguments)["text"] == "open"


def test_faults_between_definitions_are_found() -> None:
    data = legacy()
    derived = data["metrics"][4]["type_params"]
    derived["metrics"][0]["name"] = "sales_growth"
    derived["expr"] = "sales_growth + before + other"
    data["semantic_models"][0]["measures"][2]["expr"] = "repeat('x', 9)"
    data["metrics"][1]["filter"]["where_filters"][0]["where_sql_template"] = (
        "{{ Dimension('order__chanel') }} = 1"
    )
    found = {item.code: item for item in faults(data)}
    assert dict(found["metric_cycle"].arguments)["path"] == "sales_growth → sales_growth"
    assert dict(found["unknown_input"].arguments)["name"] == "other"
    assert dict(found["expression_function"].arguments)["name"] == "repeat"
    assert "order__channel" in found["unknown_dimension"].nearest


def test_duplicates_are_faults() -> None:
    data = legacy()
    data["metrics"].append(data["metrics"][0])
    data["semantic_models"].append(data["semantic_models"][1])
    found = faults(data)
    assert [item.code for item in found] == ["duplicate_id", "duplicate_id"]
    assert all(dict(item.arguments)["other"] not in item.place for item in found)


def test_long_cycles_are_found() -> None:
    data = newest()
    count = 2_000
    for number in range(count):
        data["metrics"].append(
            {
                "name": f"m{number}",
                "type": "derived",
                "type_params": {
                    "expr": "a",
                    "metrics": [{"name": f"m{(number + 1) % count}", "alias": "a"}],
                },
            }
        )
    assert {item.code for item in faults(data)} == {"metric_cycle"}


def test_truncated_and_foreign_files_are_refused(tmp_path: Path) -> None:
    text = json.dumps(legacy())
    file = tmp_path / "semantic_manifest.json"
    for content, code in (
        (text[: len(text) // 2], "unreadable_file"),
        ("", "unreadable_file"),
        ("[1]", "not_a_manifest"),
        ('{"nodes": {}}', "not_a_manifest"),
        ("[" * 100_000, "unreadable_file"),
    ):
        file.write_text(content)
        (problem,) = faults(file)
        assert (problem.code, problem.place) == (code, file.name)
    file.unlink()
    assert faults(file)[0].code == "unreadable_file"


@pytest.mark.parametrize(
    "broken", [None, 1, "x", [], {"a": 1}, [None], [1], [["x"]], [{"name": None}], [{"name": ""}]]
)
@pytest.mark.parametrize(
    "key", ["semantic_models", "metrics", "saved_queries", "project_configuration"]
)
def test_wrong_shapes_are_issues_and_never_crash(key: str, broken: object) -> None:
    data = legacy()
    data[key] = broken
    try:
        import_manifest(data)
    except CatalogError as error:
        assert all(item.code for item in error.issues)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("absent", "missing_key"),
        (None, "missing_key"),
        ({}, "manifest_wrong_value"),
        ({"a": 1}, "manifest_wrong_value"),
        ("x", "manifest_wrong_value"),
        (3, "manifest_wrong_value"),
        ([], "manifest_without_metrics"),
    ],
)
def test_a_manifest_without_metrics_is_an_issue(given: object, code: str) -> None:
    data = newest()
    data["saved_queries"] = []
    data["metrics"] = given
    if given == "absent":
        del data["metrics"]
    found = faults(data)
    assert [(item.code, item.place) for item in found if item.place == "metrics"] == [
        (code, "metrics")
    ]


@pytest.mark.parametrize("data", [None, [], "x", 3, {}, {"metrics": []}])
def test_what_is_no_manifest_is_an_issue(data: object) -> None:
    assert faults(data)[0].code in ("not_a_manifest", "manifest_not_an_object", "missing_key")


TEMPLATES = {
    "{{ Dimension('a__b') }} > 2": Compare("a__b", ">", (2,)),
    "{{ Dimension('b', entity_path=['a', 'c']) }} = 'x'": Compare("a__c__b", "=", ("x",)),
    "{{ TimeDimension('ds', 'MONTH') }} = '2020-01-01'": Compare("ds__month", "=", ("2020-01-01",)),
    "{{ TimeDimension('ds', entity_path=()) }} is null": Compare("ds", "is_null", ()),
    "{{ Dimension('ds').grain('week') }} is null": Compare("ds__week", "is_null", ()),
    "{{ Dimension('ds').date_part('dow') }} = 1": Compare("ds__extract_dow", "=", (1,)),
    "{{ TimeDimension('ds', date_part_name='year') }} = 1": Compare("ds__extract_year", "=", (1,)),
    "{{Entity('listing')}} is null": Compare("listing", "is_null", ()),
    "{{ Metric('m', ['e']) }} > 2": MetricCondition("m", ">", (2,), ("e",)),
    "date_trunc('month', {{ Dimension('o__ds') }}) >= date '2026-01-01'": Compare(
        "o__ds__month", ">=", ("2026-01-01",)
    ),
    "DATE_TRUNC('year', {{ TimeDimension('ds', 'day') }}) = '2026-01-01'": Compare(
        "ds__year", "=", ("2026-01-01",)
    ),
    "{{ Metric('m', group_by=['e', 'f']) }} > 2": MetricCondition("m", ">", (2,), ("e", "f")),
}


@pytest.mark.parametrize("template", TEMPLATES)
def test_templates_become_conditions(template: str) -> None:
    assert condition_of(template) == TEMPLATES[template]
    assert parse_condition(condition_text(template)) == TEMPLATES[template]


@pytest.mark.parametrize(
    "template",
    [
        "{{ Dimension('a' + 'b') }} = 1",
        "{{ Dimension(open('/etc/passwd').read()) }} = 1",
        "{{ Dimension('a; drop table b') }} = 1",
        "{{ Dimension('a b') }} = 1",
        "{{ Dimension('a').__class__ }} = 1",
        "{{ Dimension('a').lower('b') }} = 1",
        "{{ Dimension(*['a']) }} = 1",
        "{{ Dimension(**{'name': 'a'}) }} = 1",
        "{{ ''.__class__.__mro__ }} = 1",
        "{{ config.items() }} = 1",
        "{{ var('x') }} = 1",
        "{% for i in range(10) %} x {% endfor %}",
        "{# a #} x = 1",
        "{{ Dimension('a') = 1",
        "{{ }} = 1",
        "{{ Dimension('a') }} = 1; drop table b",
        "{{ Dimension('a') }} in (select 1)",
        "{{ " + "(" * 300 + " }} = 1",
    ],
)
def test_hostile_templates_are_refused(template: str) -> None:
    with pytest.raises(CatalogError):
        condition_of(template)


def test_running_values_keep_their_way_of_looking_back() -> None:
    running = import_manifest(legacy()).catalog.metrics["orders_week"].of
    assert isinstance(running, Cumulative)
    assert running.looks_back == "asked"


BEYOND = (
    "lower({{ Dimension('order__channel') }}) = 'flash'",
    "{{ Dimension('order__channel') }} ilike 'f%'",
    "{{ Dimension('order__channel') }} = {{ Dimension('store__city') }}",
    "{{ Dimension('order__channel') }} like 'f_a%'",
    "coalesce({{ Dimension('order__channel') }}, '') <> ''",
    "date_trunc('month', {{ TimeDimension('metric_time', 'week') }}) = '2026-01-01'",
    "{{ TimeDimension('metric_time', 'day') }} >= current_date - interval 7 day",
    "{{ Dimension('order__channel') }} in (select channel from big)",
    "case when {{ Dimension('order__channel') }} = 'a' then true else false end",
    "1 = 1",
)


def outcomes(data: object) -> dict[str, tuple[str, str, str]]:
    """Return what became of each place, with reason and detail."""
    report = import_manifest(data).report  # type: ignore[arg-type]
    return {item.place: (item.outcome, item.reason, item.detail) for item in report}


@pytest.mark.parametrize("template", BEYOND)
def test_a_filter_we_have_no_words_for_drops_its_metric_and_what_needs_it(
    template: str, tmp_path: Path
) -> None:
    data = legacy()
    data["metrics"][3]["filter"] = {"where_filters": [{"where_sql_template": template}]}  # sales
    told = outcomes(data)
    outcome, reason, detail = told["metrics.sales"]
    assert (outcome, reason) == ("dropped", "loss_filter")
    assert detail.startswith("metrics.sales.filter: ") and detail.endswith(template[-20:])
    assert told["metrics.aov"] == ("dropped", "loss_depends", "sales")
    assert told["metrics.sales_growth"][:2] == ("dropped", "loss_depends")
    assert told["metrics.orders"][0] == "kept"
    catalog = import_manifest(data).catalog
    assert {"orders", "orders_week", "flash_sales"} <= set(catalog.metrics)
    assert not {"sales", "aov", "sales_growth"} & set(catalog.metrics)
    assert set(load(write_catalog(catalog, tmp_path), tmp_path).metrics) == set(catalog.metrics)


@pytest.mark.parametrize("template", BEYOND)
def test_wherever_a_filter_stands_only_its_metric_is_dropped(template: str) -> None:
    where = {"where_filters": [{"where_sql_template": template}]}
    for index, ways in (
        (1, ("type_params", "measure")),
        (2, ("type_params", "numerator")),
        (4, ("type_params", "metrics", 1)),
        (5, ("type_params", "measure")),
        (8, ("type_params", "conversion_type_params", "conversion_measure")),
    ):
        data: Any = legacy()
        name, inner = data["metrics"][index]["name"], data["metrics"][index]
        for way in ways:
            inner = inner[way]
        inner["filter"] = where
        result = import_manifest(data)
        public = {name for name, metric in result.catalog.metrics.items() if not metric.private}
        everything = {each["name"] for each in legacy()["metrics"]}
        assert everything - public == {name}
        assert outcomes(data)[f"metrics.{name}"][:2] == ("dropped", "loss_filter")


def test_saved_queries_go_with_their_metrics_and_filters() -> None:
    data: Any = legacy()
    (name,) = (query["name"] for query in data["saved_queries"])
    data["saved_queries"][0]["query_params"]["where"] = {
        "where_filters": [{"where_sql_template": BEYOND[0]}]
    }
    assert outcomes(data)[f"saved_queries.{name}"][:2] == ("dropped", "loss_filter")
    data = legacy()
    for used in data["saved_queries"][0]["query_params"]["metrics"]:
        broken: Any = legacy()
        (metric,) = (each for each in broken["metrics"] if each["name"] == used)
        metric["filter"] = {"where_filters": [{"where_sql_template": BEYOND[0]}]}
        assert outcomes(broken)[f"saved_queries.{name}"][:2] == ("dropped", "loss_depends")
        assert not import_manifest(broken).catalog.saved_queries


def test_where_no_metric_is_left_the_filters_are_the_faults() -> None:
    data: Any = legacy()
    data["saved_queries"] = []
    for measure in (each for model in data["semantic_models"] for each in model["measures"]):
        measure["create_metric"] = False
    for metric in data["metrics"]:
        metric["filter"] = {"where_filters": [{"where_sql_template": BEYOND[0]}]}
    found = faults(data)
    assert {item.code for item in found} == {"condition_function"}
    assert {item.place for item in found} == {
        f"metrics.{m['name']}.filter" for m in data["metrics"]
    }


@pytest.mark.parametrize(
    "template",
    [
        "{{ Dimension('order__channel') }} = = 'a'",
        "({{ Dimension('order__channel') }} = 'a'",
        "{{ Dimension('order__channel') }} = 'a'; drop table orders",
        "select 1",
        "{{ Dimension('order__channel') }} = 'a' group by 1",
        "   ",
        "{{ Foo('order__channel') }} = 'a'",
        "lower({{ Dimension('order__channel') = 'a'",
    ],
)
def test_a_filter_that_is_broken_is_an_issue(template: str) -> None:
    data: Any = legacy()
    data["metrics"][3]["filter"] = {"where_filters": [{"where_sql_template": template}]}
    assert {item.place for item in faults(data)} == {"metrics.sales.filter"}


@given(st.text(alphabet="{}()'\",.DimensoTE[]=*_ab12 ", max_size=60))
def test_no_template_breaks_the_reader(template: str) -> None:
    for read in (condition_of, reference_of):
        try:
            read(template)
        except CatalogError as error:
            assert error.issues


def test_descending_references_are_read() -> None:
    reference = reference_of("TimeDimension('metric_time', 'day').descending(True)")
    assert reference.descending
    assert reference.group_by == GroupBy("metric_time", "day")


def test_a_name_that_cannot_be_one_is_an_issue_with_its_place() -> None:
    data = json.loads(json.dumps(legacy()))
    data["semantic_models"][0]["name"] = "a b"
    data["semantic_models"][0]["measures"][0]["create_metric"] = True
    assert "value_no_name" in {item.code for item in faults(data)}


def test_a_key_that_hides_another_one_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "manifest.json"
    text = json.dumps(legacy())
    file.write_text(f'{text[:-1]}, "metrics": []}}', encoding="utf-8")
    found = faults(file)
    assert [item.code for item in found] == ["unreadable_file"]
    assert "metrics" in dict(found[0].arguments)["reason"]


def test_values_that_cannot_be_are_issues_with_places() -> None:
    given = newest()
    own = next(
        item["type_params"]["metric_aggregation_params"]
        for item in given["metrics"]
        if "metric_aggregation_params" in item["type_params"]
    )
    own["agg"], own["agg_params"] = "percentile", {"percentile": 950}
    assert all(found.place for found in faults(given))
    listed = legacy()
    listed["metrics"][0]["name"] = ["orders"]
    assert "metrics[0].name" in {found.place for found in faults(listed)}


@pytest.mark.parametrize(
    ("window", "grain"),
    [
        ("7 days", "day"),
        ("7 day", "day"),
        ({"count": 7, "granularity": "DAYS"}, "day"),
        ({"count": 7, "granularity": "month"}, "month"),
        ("7 seasons", "season"),
        ("7 dues", "dues"),
    ],
)
def test_the_grain_of_a_window_may_be_in_the_plural(window: object, grain: str) -> None:
    """A grain of an own calendar may itself end in an s."""
    data = legacy()
    spine = data["project_configuration"]["time_spines"][0]
    spine["custom_granularities"].append({"name": "dues"})
    running = {"measure": {"name": "order_count"}, "cumulative_type_params": {"window": window}}
    data["metrics"].append({"name": "running", "type": "cumulative", "type_params": running})
    of = import_manifest(data).catalog.metrics["running"].of
    assert isinstance(of, Cumulative) and of.window is not None
    assert (of.window.count, of.window.grain) == (7, grain)
