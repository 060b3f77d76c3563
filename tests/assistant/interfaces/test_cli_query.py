"""`query` as a user calls it: every option against the data, and what it turns down."""

from pathlib import Path

import pytest

from assistant.wiring import Assistant
from executors.compiler.rewrite import REWRITES
from prompts.render import sentences
from tests.assistant.interfaces.commands import Desk, check_table
from tests.assistant.interfaces.sites import make_site

MONTH = ("--start", "2026-10-01", "--end", "2026-11-01")
TABLE = ("columns", "rows", "truncated", "data_as_of")
OCTOBER = "is_paid and ordered_at >= '2026-10-01' and ordered_at < '2026-11-01'"


def table(desk: Desk, *words: str) -> list[dict[str, object]]:
    """The rows of a query by column name."""
    done = desk("query", *words, "--json")
    assert done.status == 0, done.out + done.err
    check_table({key: done.json[key] for key in TABLE})
    names = [column["name"] for column in done.json["columns"]]
    return [dict(zip(names, row, strict=True)) for row in done.json["rows"]]


def counted(shop: Assistant, where: str, by: str = "channel") -> dict[object, object]:
    sql = f"select {by}, count(*) from orders where {where} group by 1"
    return dict(shop.executor.fetch(sql, {}, 1000))


def test_grouped(desk: Desk, shop_session: Assistant) -> None:
    rows = table(desk, "--metrics", "orders,gmv", "--group-by", "channel", *MONTH)
    assert {row["channel"]: row["orders"] for row in rows} == counted(shop_session, OCTOBER)
    sql = f"select sum(paid_amount) from orders where {OCTOBER}"
    total = shop_session.executor.fetch(sql, {}, 1)[0][0]
    assert sum(row["gmv"] for row in rows) == pytest.approx(total)  # type: ignore[misc]


def test_filters_are_joined_by_and(desk: Desk, shop_session: Assistant) -> None:
    both = ("--where", "channel != 'store'", "--where", "is_first_order = true or channel = 'app'")
    rows = table(desk, "--metrics", "orders", "--group-by", "channel", *both, *MONTH)
    where = f"{OCTOBER} and channel != 'store' and (is_first_order or channel = 'app')"
    assert {row["channel"]: row["orders"] for row in rows} == counted(shop_session, where)


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("channel in ('app', 'web')", {"app", "web"}),
        ("not channel in ('app', 'web')", {"mini_program", "store"}),
        ("channel like 'mini%'", {"mini_program"}),
        ("channel = 'it''s'", set()),
        ("channel is null", set()),
        ("(channel = 'app' or channel = 'web') and channel <> 'web'", {"app"}),
    ],
)
def test_conditions(desk: Desk, condition: str, kept: set[str]) -> None:
    rows = table(desk, "--metrics", "orders", "--group-by", "channel", "--where", condition, *MONTH)
    assert {row["channel"] for row in rows} == kept


def test_conditions_on_metrics(desk: Desk, shop_session: Assistant) -> None:
    every = counted(shop_session, OCTOBER)
    edge = sorted(every.values())[1]  # type: ignore[type-var]
    words = ("--metrics", "orders", "--group-by", "channel", "--having", f"orders > {edge}")
    rows = table(desk, *words, *MONTH)
    assert {r["channel"]: r["orders"] for r in rows} == {
        k: v
        for k, v in every.items()
        if v > edge  # type: ignore[operator]
    }


def test_order_and_limit(desk: Desk, shop_session: Assistant) -> None:
    every = counted(shop_session, OCTOBER)
    words = ("--metrics", "orders", "--group-by", "channel", *MONTH)
    for order, reverse in (("-orders", True), ("orders", False)):
        rows = table(desk, *words, "--order", order, "--limit", "2")
        expected = sorted(every.values(), reverse=reverse)[:2]  # type: ignore[type-var]
        assert [row["orders"] for row in rows] == expected
    assert table(desk, *words, "--limit", "0") == []


@pytest.mark.parametrize(("kind", "start"), [("previous", "2026-09-01"), ("year", "2025-10-01")])
def test_compared(desk: Desk, kind: str, start: str) -> None:
    end = {"2026-09-01": "2026-10-01", "2025-10-01": "2025-11-01"}[start]
    (row,) = table(desk, "--metrics", "orders", *MONTH, "--compare", kind)
    (base,) = table(desk, "--metrics", "orders", "--start", start, "--end", end)
    assert row["orders__base"] == base["orders"]


def test_days_add_up_to_the_month(desk: Desk) -> None:
    (whole,) = table(desk, "--metrics", "orders", *MONTH)
    days = table(desk, "--metrics", "orders", *MONTH, "--grain", "day")
    assert len(days) == 31 and days[0]["metric_time__day"] == "2026-10-01"
    assert sum(day["orders"] for day in days) == whole["orders"]  # type: ignore[misc]
    months = table(desk, "--metrics", "orders", "--group-by", "metric_time__month", *MONTH)
    assert months == [{"metric_time__month": "2026-10-01", "orders": whole["orders"]}]


def test_moments_cut_inside_a_day(desk: Desk, shop_session: Assistant) -> None:
    cut = ("--start", "2026-10-01T12:30:00", "--end", "2026-10-02 09:00")
    (row,) = table(desk, "--metrics", "orders", *cut)
    where = "is_paid and ordered_at >= '2026-10-01 12:30' and ordered_at < '2026-10-02 09:00'"
    assert row["orders"] == sum(counted(shop_session, where).values())  # type: ignore[arg-type]


def test_open_bounds(desk: Desk) -> None:
    (before,) = table(desk, "--metrics", "orders", "--end", "2026-10-01")
    (since,) = table(desk, "--metrics", "orders", "--start", "2026-10-01")
    (every,) = table(desk, "--metrics", "orders")
    assert before["orders"] + since["orders"] == every["orders"]  # type: ignore[operator]


def test_a_ratio_brings_its_two_parts(desk: Desk) -> None:
    done = desk("query", "--metrics", "repurchase_rate", *MONTH, "--json").json
    assert [column["role"] for column in done["columns"]] == ["metric", "component", "component"]
    rate, above, below = done["rows"][0]
    assert rate == pytest.approx(above / below)


def test_a_path_and_a_date_part_name_groups(desk: Desk) -> None:
    names = "order_id__channel,metric_time__extract_dow"
    rows = table(desk, "--metrics", "orders", "--group-by", names, *MONTH)
    assert len(rows) == 4 * 7
    assert {row["metric_time__extract_dow"] for row in rows} == set(range(1, 8))


def test_members_without_a_metric(desk: Desk) -> None:
    rows = table(desk, "--group-by", "channel")
    assert [row["channel"] for row in rows] == ["app", "mini_program", "store", "web"]


def test_plain_text_has_a_header(desk: Desk) -> None:
    done = desk("query", "--metrics", "orders", "--group-by", "channel", *MONTH)
    header, *rows = done.out.splitlines()
    assert header.split("\t") == ["channel", "orders"] and len(rows) == 4


@pytest.mark.parametrize("value", ["app", "x'; drop table orders; --", "*/ it's $p0", "小\n"])
def test_printed_sql_runs_as_it_is(desk: Desk, shop_session: Assistant, value: str) -> None:
    """Values stand in it as literals: one SELECT, the rows of the query."""
    quoted = "'" + value.replace("'", "''") + "'"
    words = ("--metrics", "orders", "--group-by", "channel", *MONTH)
    where = ("--where", f"channel = {quoted} or channel != 'web'")
    done = desk("query", *words, *where, "--sql")
    assert done.status == 0 and "$p" not in done.out.replace("$p0'", "")
    found = dict(shop_session.executor.fetch(done.out, {}, 100))
    assert found == {row["channel"]: row["orders"] for row in table(desk, *words, *where)}


def test_the_sql_of_an_answer_runs_as_it_is(desk: Desk, shop_session: Assistant) -> None:
    answer = desk("ask", "2026年10月各渠道的订单数", "--json").json
    found = shop_session.executor.fetch(answer["sql"], {}, 100)
    names = [column["name"] for column in answer["rows"]["columns"]]
    assert names[:2] == ["channel", "orders"]
    assert {row[:2] for row in found} == {tuple(row[:2]) for row in answer["rows"]["rows"]}


def test_explain_shows_plan_values_and_sql(desk: Desk) -> None:
    words = ("--metrics", "orders,aov", "--compare", "previous", *MONTH)
    for lang in ("en", "zh"):
        room = sentences(lang, "card")
        done = desk("query", *words, "--where", "channel = '小'", "--explain", "--lang", lang)
        assert done.status == 0
        assert "read orders" in done.out and "SELECT" in done.out and '= "小"' in done.out
        headings = [room[f"explain_{part}"] for part in ("plan", "done", "sql", "values")]
        assert [line for line in done.out.splitlines() if line in headings] == headings
        told = done.out.partition(headings[1])[2].partition(headings[2])[0].split()
        assert not {step.__name__ for step in REWRITES} & set(told)


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("--metrics", "order"), "orders"),
        (("--metrics", "orders", "--group-by", "chanel"), "channel"),
        (("--metrics", "orders", "--where", "channel = 'a'; drop table orders"), None),
        (("--metrics", "orders", "--where", "1 = 1"), None),
        (("--metrics", "orders", "--where", ""), None),
        (("--metrics", "orders", "--where", "channel = (select 1)"), None),
        (("--metrics", "orders", "--where", "(" * 3000), None),
        (("--metrics", "orders", "--having", "channel = 'app'"), None),
        (("--metrics", "orders", "--order", "gmw"), "orders"),
        (("--metrics", "orders", "--order", "nope"), "orders"),
        (("--metrics", "orders", "--grain", "foo"), "month"),
        (("--metrics", "orders", "--grain", "mnth"), "month"),
        (("--metrics", "orders", "--group-by", "metric_time__day", "--grain", "wek"), "week"),
        (("--metrics", "orders", "--group-by", "metric_time__mnth"), "metric_time__month"),
        (("--metrics", "orders", "--where", "metric_time__mnth = 1"), "metric_time__month"),
        (("--metrics", "orders", "--group-by", "metric_time__extract_foo"), "extract_do"),
        (("--metrics", "orders", "--group-by", "channel__month"), "metric_time__month"),
        (("--metrics", "orders", "--where", "chanel = 'app'"), "channel"),
        (("--metrics", "orders", "--where", "metric(orders, custmer) > 1"), "customer"),
        (("--metrics", "orders", "--having", "ordres > 1"), "orders"),
        (("--metrics", "ORDERS"), "orders"),
        (("--metrics", "zzz"), ""),
        (("--group-by", "chanel"), "channel"),
        (("--group-by", "opened_on__mnth"), "opened_on__month"),
        (("--group-by", "channel", "--grain", "mnth"), "month"),
        (("--group-by", "channel", "--having", "orders > 1"), None),
        (("--group-by", "channel", "--compare", "year"), None),
        (("--metrics", "orders", "--compare", "year"), "--start 2026-10-01 --end 2026-11-01"),
        (("--group-by", "channel,category"), "channel"),
        (("--metrics", "orders", "--where", "channel = 5"), "'"),
        (("--metrics", "orders", "--where", "is_first_order = 'abc'"), "true"),
        (("--metrics", "orders", "--where", "metric_time > '2026/10/3'"), "2026-10-03"),
        (("--metrics", "orders", "--where", "channel ="), None),
        (("--metrics", "orders", "--where", "date_trunc('mnth', metric_time) = 1"), "month"),
    ],
)
def test_an_impossible_query_ends_with_1(
    desk: Desk, words: tuple[str, ...], near: str | None
) -> None:
    said = []
    for lang in ("en", "zh"):
        done = desk("query", *words, "--lang", lang)
        assert done.status == 1 and not done.out
        said.append(done.sentence())
        refused = desk("query", *words, "--lang", lang, "--json")
        assert refused.status == 1
        assert refused.json["outcome"] == "refusal"
        nearest = refused.json["refusal"]["nearest"]
        assert near is None or any(near in name for name in nearest)
    assert said[0] != said[1]


@pytest.mark.parametrize(
    ("option", "condition", "names"),
    [
        ("--where", "metric_time > 'abc'", ("metric_time", "2026-10-31")),
        ("--where", "metric_time__month = '2026-13-45'", ("2026-13-45",)),
        ("--where", "metric_time > 5", ("metric_time",)),
        ("--where", "metric_time = true", ("metric_time",)),
        ("--where", "metric_time >= '2026-10'", ("2026-10",)),
        ("--where", "metric_time >= '2026-10-01T00:00:00+08:00'", ("+08:00",)),
        ("--where", "metric_time__extract_dow = 'monday'", ("monday",)),
        ("--where", "channel = 7", ("VARCHAR", "'7'")),
        ("--where", "channel in ('app', 7.5)", ("VARCHAR",)),
        ("--where", "channel != true", ("VARCHAR",)),
        ("--where", "order_id__channel > 99999999999999999999", ("VARCHAR",)),
        ("--where", "is_first_order = 7", ("BOOLEAN",)),
        ("--where", "is_first_order = 'abc'", ("BOOLEAN",)),
        ("--where", "not (customer = 'abc' or channel = 'app')", ("customer",)),
        ("--where", "customer in (1, 'x')", ("customer", "x")),
        ("--where", "customer = true", ("customer",)),
        ("--where", "customer = '3.5'", ("customer",)),
        ("--where", "customer = '99999999999999999999'", ("customer",)),
        ("--where", "metric(orders, customer) > 'x'", ("orders",)),
        ("--having", "orders > 'x'", ("orders",)),
        ("--having", "orders > true", ("orders",)),
        ("--having", "orders > 'nan'", ("orders",)),
    ],
)
def test_values_of_the_wrong_type_end_with_1(
    desk: Desk, option: str, condition: str, names: tuple[str, ...]
) -> None:
    said = []
    for lang in ("en", "zh"):
        words = ("query", "--metrics", "orders", option, condition, "--lang", lang)
        done = desk(*words)
        assert done.status == 1 and not done.out, done.out + done.err
        said.append(done.sentence())
        assert all(name in said[-1] for name in names), said
        refused = desk(*words, "--json")
        assert (refused.status, refused.json["outcome"]) == (1, "refusal")
        assert refused.json["refusal"]["issues"][0]["code"].startswith("value_")
    assert said[0] != said[1]


@pytest.mark.parametrize(
    ("option", "condition"),
    [
        ("--where", "customer in ('1', 2)"),
        ("--where", "customer < 99999999999999999999999999999999999999999999"),
        ("--where", "customer > 99999999999999999999"),
        ("--where", "customer > 3.5"),
        ("--where", "is_first_order = 'true' or is_first_order = 0"),
        ("--where", "metric_time >= '2026-10-01 08:00' and metric_time__extract_dow = '1'"),
        ("--having", "orders > '5' and orders < 99999999999999999999999999999999999999999999"),
    ],
)
def test_values_that_fit_are_compared(desk: Desk, option: str, condition: str) -> None:
    assert table(desk, "--metrics", "orders", option, condition) is not None


@pytest.mark.parametrize(
    "words",
    [
        ("--compare", "sideways"),
        ("--start", "2026-11-01", "--end", "2026-10-01"),
        ("--start", "2026-10-01", "--end", "2026-10-01"),
        ("--start", "last month"),
        ("--start", "2026-02-30"),
        ("--start", "2026-10-01T00:00:00+08:00"),
        ("--start", "2026-10-01+08:00"),
        ("--end", "20261001"),
        ("--role", "ghost"),
    ],
)
def test_wrong_usage_ends_with_2(desk: Desk, words: tuple[str, ...]) -> None:
    sentences = [
        desk("query", "--metrics", "orders", *words, "--lang", lang) for lang in ("en", "zh")
    ]
    assert [done.status for done in sentences] == [2, 2]
    assert sentences[0].sentence() != sentences[1].sentence()


def test_cohorts_that_are_not_over_are_marked(desk: Desk) -> None:
    months = ("--group-by", "metric_time__month", "--start", "2026-07-01")
    rows = table(desk, "--metrics", "d7_retention", *months, "--end", "2026-11-01")
    running = [row["d7_retention__incomplete"] for row in rows]
    assert running[:-1] == [0] * (len(running) - 1) and running[-1]


def test_a_limit_is_a_count(desk: Desk) -> None:
    for limit in ("-1", "many", "99999999999999999999"):
        done = desk("query", "--metrics", "orders", "--limit", limit)
        assert done.status == 2 and "Traceback" not in done.err


@pytest.mark.parametrize(
    ("status", "approved", "code"),
    [
        ("published", True, None),
        ("published", False, "draft_tried"),
        ("in_review", True, "draft_tried"),
        ("deprecated\n    successor: views", True, "deprecated_tried"),
        ("retired", True, "retired_tried"),
    ],
)
def test_rows_say_how_their_metrics_stand(
    tmp_path: Path, status: str, approved: bool, code: str | None
) -> None:
    site = make_site(tmp_path, approved=False)
    file = tmp_path / "metrics" / "visits.yml"
    text = file.read_text("utf-8")
    twin = text[text.index("  - id: visits\n    name") :].replace("id: visits", "id: views")
    text = text.replace("status: published", f"status: {status}") + twin
    file.write_text(text, "utf-8")
    if approved:
        site("catalog", "approve", "visits", "--by", "owner")
    for lang in ("en", "zh"):
        done = site("query", "--metrics", "visits", "--json", "--lang", lang)
        (metric,), warnings = done.json["metrics"], done.json["warnings"]
        in_force = status.partition("\n")[0] if approved else "draft"
        assert (metric["id"], metric["status"]) == ("visits", in_force)
        assert [each["code"] for each in warnings] == ([code] if code else [])
        assert [each["text"] for each in warnings] == done.err.strip().splitlines()
        near = ["views"] if "successor" in status else []
        assert all(each["nearest"] == near for each in warnings)
