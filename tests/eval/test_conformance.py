"""Outside requests are answered as expected; the run itself tells right from wrong and errors."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.compare import json_row, same_rows
from eval.conformance import Folder, Report, conformance, read_requests, write_rows
from eval.conformance_requests import Request, to_query
from metric_catalog.interchange.dbt import import_manifest
from metric_catalog.query import Compare, GroupBy, Order
from tests.metric_catalog.manifests import legacy

OUTSIDE = os.environ.get("ASKMETRIC_CONFORMANCE")
Json = dict[str, Any]

ORDERS = [
    ("a", "2026-01-01", "web", 1, 10.0),
    ("b", "2026-01-01", "app", 1, 20.0),
    ("c", "2026-01-02", "web", 2, 30.5),
    ("d", "2026-02-01", "app", 9, 40.0),
]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A folder with our own small manifest, three tables and no request yet."""
    tables, manifests = tmp_path / "tables", tmp_path / "manifests"
    tables.mkdir()
    manifests.mkdir()
    (manifests / "simple.json").write_text(json.dumps(legacy()))
    values = ", ".join(
        f"('{key}', date '{day}', '{channel}', {store}, {amount}, false)"
        for key, day, channel, store, amount in ORDERS
    )
    with duckdb.connect() as connection:
        for name, sql in {
            "fct_orders": f"select * from (values {values}) as t"
            '("order", ordered_at, channel, store_id, amount, refunded)',
            "dim_stores": "select * from (values (1, 'Suzhou'), (2, 'Wuxi')) as t(id, city)",
            "spine": "select day::date as day, date_trunc('quarter', day) as season_start "
            "from range(date '2026-01-01', date '2026-03-01', interval 1 day) as t(day)",
        }.items():
            connection.sql(sql).write_parquet(str(tables / f"{name}.parquet"))
    return Folder.of(tmp_path)


def run(folder: Folder, *requests: Json) -> Report:
    lines = (json.dumps({"model": "SIMPLE_MODEL", **item}) for item in requests)
    folder.cases.write_text("\n".join(lines))
    return conformance(folder)


def expecting(columns: list[str], rows: list[list[Any]] | None, count: int | None = None) -> Json:
    return {"expected": {"columns": columns, "rows": rows, "n_rows": count}}


BY_CITY = {"metrics": ["orders"], "group_bys": ["store__city"]}
CITIES: list[list[Any]] = [["Suzhou", 2], ["Wuxi", 1], [None, 1]]
BY_DAY = {"metrics": ["sales"], "group_bys": ["metric_time"]}


def test_right_rows_pass_and_wrong_ones_do_not(folder: Folder) -> None:
    report = run(
        folder,
        {**BY_CITY, **expecting(["store__city", "orders"], CITIES), "features": ["join"]},
        {**BY_CITY, **expecting(["store__city", "orders"], CITIES[:2])},
        {**BY_CITY, **expecting(["store__city", "orders"], None, 3)},
        {**BY_CITY, **expecting(["store__city", "orders"], None, 4)},
        {**BY_CITY, **expecting(["store__town", "orders"], CITIES)},
        BY_CITY,
    )
    verdicts = [item.verdict for item in report.results]
    assert verdicts == ["pass", "wrong", "pass", "wrong", "wrong", "unjudged"]
    assert report.to_json()["features"]["join"]["pass"] == 1
    assert not report.passed


def test_times_are_widened_and_named_by_their_grain(folder: Folder) -> None:
    days = [["2026-01-01 00:00:00", 30.0], ["2026-01-02 00:00:00", 30.5]]
    months = [["2026-01-01 00:00:00", 60.5]]
    report = run(
        folder,
        {
            **BY_DAY,
            "time_constraint": ["2026-01-01", "2026-01-02"],
            **expecting(["metric_time__day", "sales"], days),
        },
        {
            **BY_DAY,
            "group_bys": ["metric_time__month"],
            "time_constraint": ["2026-01-15", "2026-01-16"],
            **expecting(["metric_time__month", "sales"], months),
        },
    )
    assert [item.reason for item in report.results] == ["", ""]
    assert report.passed


def test_order_counts_only_where_it_is_asked(folder: Folder) -> None:
    rows: list[list[Any]] = [["Suzhou", 2], [None, 1], ["Wuxi", 1]]
    expected = expecting(["store__city", "orders"], rows[::-1])
    ordered = {**BY_CITY, "order_bys": ["-orders"], **expected}
    report = run(folder, ordered, {**ordered, "check_order": True})
    assert [item.verdict for item in report.results] == ["pass", "wrong"]


def test_a_saved_query_brings_its_own_parts(folder: Folder) -> None:
    report = run(
        folder,
        {
            "saved_query_name": "by_channel",
            "where_filter_rendered": "{{ Dimension('store__city', entity_path=()) }} = 'Suzhou'",
        },
    )
    catalog = import_manifest(legacy()).catalog
    query = to_query(report.results[0].request, catalog)
    assert query.metrics == ("sales",)
    assert query.group_by == (GroupBy("metric_time", "month"), GroupBy("order__channel"))
    assert query.order == (Order("metric_time__month", descending=True),)
    assert query.limit == 5
    assert query.filters is not None
    assert Compare("store__city", "=", ("Suzhou",)) in getattr(query.filters, "items", ())


def test_faults_of_one_request_or_model_stay_its_own(folder: Folder) -> None:
    (folder.manifests / "scd.json").write_text("{")
    (folder.tables / "dim_stores.parquet").unlink()
    good = {**BY_DAY, "group_bys": []}
    report = run(
        folder,
        {**good, **expecting(["sales"], [[100.5]])},
        {**good, "metrics": ["slaes"]},
        {**good, "where_filter_rendered": "{{ Dimension('a').delete() }} = 1"},
        BY_CITY,
        {**good, "model": "SCD_MODEL"},
        {**good, "model": "NOWHERE_MODEL"},
    )
    verdicts = [item.verdict for item in report.results]
    assert verdicts == ["pass", "unsupported", "unsupported", "error", "error", "error"]
    assert "dim_stores" in report.results[3].reason
    assert all(item.reason for item in report.results[1:])
    assert report.results[1].issues[0].code == "unknown_metric"


def test_rows_are_written_as_the_contract_says(folder: Folder, tmp_path: Path) -> None:
    report = run(folder, {"index": 7, **BY_DAY, "limit": 1}, {"metrics": ["nothing"]})
    write_rows(report, tmp_path / "rows.jsonl")
    told, refused = (json.loads(line) for line in (tmp_path / "rows.jsonl").open())
    assert set(told) == {"index", "status", "columns", "rows", "reason"}
    assert (told["index"], told["status"], told["columns"]) == (
        7,
        "ok",
        ["metric_time__day", "sales"],
    )
    assert told["rows"][0][0].endswith(" 00:00:00")
    assert (refused["index"], refused["status"], refused["rows"]) == (1, "unsupported", None)


def test_no_table_of_the_project_is_touched(folder: Folder) -> None:
    before = {file: file.read_bytes() for file in folder.tables.iterdir()}
    run(folder, BY_CITY)
    assert {file: file.read_bytes() for file in folder.tables.iterdir()} == before


cells = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["a", "b"]), st.floats(-1, 1)
)
tables = st.lists(st.tuples(cells, cells), max_size=8)


@given(tables, st.randoms())
def test_shuffled_rows_are_the_same_multiset(rows: list[Any], chance: Any) -> None:
    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert same_rows(rows, shuffled, ordered=False)
    # False and 0 are equal in Python, and are not in a result.
    typed = [[[(type(cell), cell) for cell in row] for row in each] for each in (rows, shuffled)]
    assert same_rows(rows, shuffled, ordered=True) or typed[0] != typed[1]


@given(tables, tables)
def test_rows_are_the_same_only_where_a_matching_exists(left: list[Any], right: list[Any]) -> None:
    """Brute force: the comparison equals a search over pairs that takes matches off one by one."""
    rest = list(right)
    for row in left:
        found = next((r for r in rest if same_rows([row], [r], ordered=True)), None)
        if found is not None:
            rest.remove(found)
    expected = len(left) == len(right) and not rest
    assert same_rows(left, right, ordered=False) == expected


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (1, 1.0, True),
        (0.1 + 0.2, 0.3, True),
        (1.0, 1.001, False),
        (True, 1, False),
        (None, 0, False),
        (None, None, True),
        ("1", 1, False),
        ("a", "a", True),
    ],
)
def test_cells(left: Any, right: Any, same: bool) -> None:
    assert same_rows([(left,)], [(right,)], ordered=False) is same


def test_not_a_number_is_null_in_json() -> None:
    assert json_row([float("nan"), float("inf"), 1.5, "x"]) == [None, None, 1.5, "x"]


def _outside(check: Callable[[Report], None]) -> None:
    if not OUTSIDE:
        pytest.skip("ASKMETRIC_CONFORMANCE is not set: there are no outside requests to run")
    check(conformance(Folder.of(Path(OUTSIDE) / "metricflow")))


def test_outside_requests_are_answered_as_expected() -> None:
    def check(report: Report) -> None:
        told = report.to_json()
        assert (told["wrong"], told["error"]) == (0, 0), told["failures"]
        assert report.passed, told["failures"]

    _outside(check)


def test_every_outside_manifest_can_be_imported() -> None:
    if not OUTSIDE:
        pytest.skip("ASKMETRIC_CONFORMANCE is not set: there are no outside manifests to import")
    files = sorted((Path(OUTSIDE) / "metricflow" / "manifests").glob("*.json"))
    assert files
    for file in files:
        result = import_manifest(file)
        named = {item["name"] for item in json.loads(file.read_text())["metrics"]}
        assert named <= set(result.catalog.metrics)


def test_requests_without_an_index_get_their_place(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text('{"a": 1}\n\n{"index": 9}\n')
    assert read_requests(file) == (Request(0, {"a": 1}), Request(9, {"index": 9}))
