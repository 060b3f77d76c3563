"""Rewrites by the lines of the plan before and after, and that the answer stays the same."""

import pytest
from sqlglot import exp

from executors.compiler.build import build
from executors.compiler.compile import compile_query
from executors.compiler.explain import explained
from executors.compiler.plan import (
    Aggregate,
    Combine,
    Compute,
    Filter,
    Named,
    OrderLimit,
    Plan,
    Read,
)
from executors.compiler.rewrite import REWRITES, rewrite
from executors.compiler.rewrites.flatten_combines import flatten_combines
from executors.compiler.rewrites.inline_computes import inline_computes
from executors.compiler.rewrites.merge_scans import merge_scans
from executors.compiler.rewrites.prune_columns import prune_columns
from executors.compiler.rewrites.push_filters import push_filters
from executors.compiler.syntax import column, divide
from metric_catalog.policy import EVERYTHING
from metric_catalog.query import GroupBy, MetricQuery
from tests.executors.compiler.catalogs import shop_catalog

READ = Read("sales", "sales", "s")
BY_CHANNEL = (Named("channel", column("s", "channel")),)


def total(name: str, measured: str, source: Read | Filter = READ) -> Aggregate:
    return Aggregate(name, source, BY_CHANNEL, (Named(name, exp.Sum(this=column("s", measured))),))


def lines(plan: Plan) -> list[str]:
    return explained(plan).splitlines()


def both() -> tuple[Aggregate, Aggregate]:
    return total("amount", "amount"), total("cost", "cost")


def test_two_measures_of_the_same_rows_are_read_once() -> None:
    values = (
        Named("amount", column("amount", "amount")),
        Named("cost", column("cost", "cost")),
    )
    plan = Plan(Combine("answer", both(), ("channel",), values))
    assert lines(plan) == [
        "answer: combine by channel into amount, cost",
        '  amount: aggregate amount = SUM("s"."amount") by channel',
        "    read sales as s (sales)",
        '  cost: aggregate cost = SUM("s"."cost") by channel',
        "    read sales as s (sales)",
    ]
    assert lines(merge_scans(plan)) == [
        "answer: compute channel, amount, cost",
        '  amount: aggregate amount = SUM("s"."amount"), cost = SUM("s"."cost") by channel',
        "    read sales as s (sales)",
    ]


def test_rows_under_other_filters_are_another_scan() -> None:
    paid = Filter(READ, (column("s", "is_paid"),))
    nodes = (total("amount", "amount"), total("paid", "amount", paid))
    values = tuple(Named(n.name, column(n.name, n.name)) for n in nodes)
    plan = Plan(Combine("answer", nodes, ("channel",), values))
    assert merge_scans(plan) is plan


def test_a_source_of_a_sorted_result_keeps_its_columns() -> None:
    amount, _ = both()
    plan = Plan(OrderLimit("result", amount, ()))
    assert merge_scans(plan) is plan


def test_a_combination_inside_another_is_opened() -> None:
    amount, cost = both()
    rate = Named("rate", divide(column("amount", "amount"), column("cost", "cost")))
    inner = Combine("rate", (amount, cost), ("channel",), (rate,))
    more = total("tax", "tax")
    values = (Named("rate", column("rate", "rate")), Named("tax", column("tax", "tax")))
    plan = Plan(Combine("answer", (inner, more), ("channel",), values))
    after = lines(flatten_combines(plan))
    assert after[0].startswith("answer: combine by channel into rate = CAST(")
    assert [line.split(":")[0] for line in after if "aggregate" in line] == [
        "  amount",
        "  cost",
        "  tax",
    ]


def test_a_value_that_is_not_null_without_rows_is_not_opened() -> None:
    amount, cost = both()
    filled = Named(
        "filled", exp.Coalesce(this=column("amount", "amount"), expressions=[exp.Literal.number(0)])
    )
    inner = Compute("filled", amount, (Named("channel", column("amount", "channel")), filled))
    values = (Named("filled", column("filled", "filled")), Named("cost", column("cost", "cost")))
    plan = Plan(Combine("answer", (inner, cost), ("channel",), values))
    assert flatten_combines(plan) is plan


def test_what_is_computed_of_an_aggregate_is_computed_in_it() -> None:
    amount, _ = both()
    value = exp.Mul(this=column("amount", "amount"), expression=exp.Literal.number(2))
    columns = (Named("channel", column("amount", "channel")), Named("twice", value))
    plan = Plan(Compute("twice", amount, columns))
    assert lines(inline_computes(plan)) == [
        'twice: aggregate twice = SUM("s"."amount") * 2 by channel',
        "  read sales as s (sales)",
    ]


def test_conditions_on_groups_go_to_the_rows_and_others_stay() -> None:
    amount, _ = both()
    by_key = exp.EQ(this=column("amount", "channel"), expression=exp.Placeholder(this="p0"))
    by_value = exp.GT(this=column("amount", "amount"), expression=exp.Placeholder(this="p1"))
    columns = (Named("amount", column("amount", "amount")),)
    plan = Plan(Compute("kept", Filter(amount, (by_key, by_value)), columns))
    assert lines(push_filters(plan)) == [
        "kept: compute amount",
        '  filter "amount"."amount" > $p1',
        '    amount: aggregate amount = SUM("s"."amount") by channel',
        '      filter "s"."channel" = $p0',
        "        read sales as s (sales)",
    ]


def test_unread_values_are_not_made() -> None:
    amount, cost = both()
    wide = Aggregate("wide", READ, BY_CHANNEL, (*amount.values, *cost.values))
    columns = (Named("channel", column("wide", "channel")), Named("cost", column("wide", "cost")))
    plan = Plan(Compute("narrow", wide, columns))
    assert lines(prune_columns(plan))[1] == '  wide: aggregate cost = SUM("s"."cost") by channel'


QUERIES = (
    MetricQuery(("amount", "orders", "aov"), (GroupBy("channel"),)),
    MetricQuery(("aov", "buyers"), (GroupBy("region"), GroupBy("metric_time", "month"))),
)


@pytest.mark.parametrize("query", QUERIES)
def test_rewrites_name_what_they_changed_and_rest_afterwards(query: MetricQuery) -> None:
    plan = build(query, shop_catalog(), EVERYTHING).plan
    after, names = rewrite(plan)
    assert "merge_scans" in names and set(names) <= {step.__name__ for step in REWRITES}
    assert rewrite(after)[0] == after
    statement = compile_query(query, shop_catalog(), EVERYTHING, explain=True)
    assert statement.rewrites == names and statement.plan == explained(after)
