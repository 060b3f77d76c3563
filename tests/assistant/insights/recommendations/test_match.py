"""Playbooks answer to causes, never to normal variation; effects in the metric's own unit."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest

from assistant.insights.answer import Recommendation
from assistant.insights.finding import Change, Driver, Finding
from assistant.insights.recommendations.match import Wording, recommend
from metric_catalog.model.metrics import Metric
from metric_catalog.model.playbooks import Playbook
from tests.assistant.insights.tables import AS_OF, metric

WORDING = Wording("zh", lambda d, m: f"[{d}/{m}]", lambda d: f"<{d}>", lambda e: f"{e:+.1f}")


def playbook(name: str = "fix", share: float = 0.5, **trigger: Any) -> Playbook:
    """A playbook for `sales` with one trigger."""
    texts = {
        key: {"en": "e", "zh": "{metric} {member} {dimension} {effect} {else}"}
        for key in ("title", "text", "action")
    }
    return Playbook(
        id=name, **texts, triggers=({"metrics": "sales", **trigger},),
        expected={"share": share}, due_days=10, guard_metric="refunds",
    )  # fmt: skip


def change(absolute: float, normal: bool = False) -> Finding:
    moved = Change(100 + absolute, 100, absolute, absolute / 100, normal, (95, 105), 100, "x")
    return Finding("change", "sales", absolute, significance=0.99, change=moved)


def drivers(dimension: str, special: float, *parts: tuple[str, str, float]) -> Finding:
    found = tuple(Driver(dimension, member, kind, effect) for member, kind, effect in parts)  # type: ignore[arg-type]
    return Finding(
        "drivers", dimension, special, facts=(("special_share", special),), drivers=found
    )


def gap(kind: str, *parts: tuple[str, float]) -> Finding:
    found = tuple(Driver("store", member, "additive", effect) for member, effect in parts)
    return Finding(kind, "sales", significance=0.9, drivers=found)  # type: ignore[arg-type]


def offered(
    books: Sequence[Playbook], findings: Sequence[Finding], of: Metric | None = None
) -> tuple[Recommendation, ...]:
    return recommend(
        books, of or metric(direction="up_good", owner="sales team"), findings, WORDING, AS_OF
    )


FALL = (change(-20), drivers("channel", 0.8, ("app", "additive", -18.0), ("web", "additive", -2.0)))


def test_the_driver_is_answered_with_its_share() -> None:
    (found,) = offered([playbook(dimension="channel", members=("app",))], FALL)
    assert (found.expected_effect, found.segment) == (9.0, "channel=app")
    assert found.text == "sales [channel/app] <channel> -18.0 {else}"
    assert found.due == AS_OF + dt.timedelta(days=10)
    assert (found.owner, found.guard_metric) == ("sales team", "refunds")


def test_where_down_is_good_the_effect_is_a_fall() -> None:
    worse = (
        change(20),
        drivers("channel", 0.8, ("app", "additive", 18.0), ("web", "additive", 2.0)),
    )
    of = metric(direction="down_good")
    (found,) = offered([playbook(dimension="channel")], worse, of)
    assert (found.expected_effect, found.segment) == (-9.0, "channel=app")
    assert offered([playbook(dimension="channel")], worse) == ()


def test_normal_variation_is_left_alone_but_gaps_are_not() -> None:
    normal = (change(-20, normal=True), FALL[1], gap("opportunity", ("s1", -30.0)))
    every = [playbook("any", move="any"), playbook("worse", dimension="channel")]
    assert offered(every, normal) == ()
    (found,) = offered([*every, playbook("level", dimension="store", move="level")], normal)
    assert (found.playbook, found.expected_effect) == ("level", 15.0)


def test_members_singled_out_count_as_worse() -> None:
    book = playbook(dimension="store")
    assert offered([book], [gap("opportunity", ("s1", -30.0))]) == ()
    (found,) = offered([book], [gap("cross_section", ("s1", -30.0), ("s2", -60.0))])
    assert (found.segment, found.expected_effect) == ("store=s2", 45.0)


def test_members_that_weigh_alike_are_named_together() -> None:
    parts = drivers("channel", 0.9, ("app", "additive", -12.0), ("web", "additive", -6.0),
                    ("shop", "additive", -1.0), ("call", "additive", 5.0))  # fmt: skip
    (found,) = offered([playbook(dimension="channel")], (change(-14), parts))
    assert "[channel/app], [channel/web]" in found.text and "-18.0" in found.text
    assert (found.segment, found.expected_effect) == ("channel=app", 9.0)


def test_kinds_take_their_part_of_the_effect() -> None:
    parts = drivers("tier", 0.9, ("t3", "rate", -8.0), ("t3", "mix", -2.0))
    (rate,) = offered([playbook(kinds=("rate",))], (change(-10), parts))
    (both,) = offered([playbook(dimension="tier")], (change(-10), parts))
    assert (rate.expected_effect, both.expected_effect) == (4.0, 5.0)
    assert offered([playbook(kinds=("identity",))], (change(-10), parts)) == ()


def test_an_identity_edge_is_a_cause_too() -> None:
    edge = Finding("drivers", "sales", drivers=(Driver(None, "orders", "identity", -7.0),))
    (found,) = offered([playbook(kinds=("identity",), members=("orders",))], (change(-10), edge))
    assert (found.segment, found.expected_effect) == ("orders", 3.5)


@pytest.mark.parametrize("member", ["other", None])
def test_neither_other_nor_the_residual_is_a_cause(member: str | None) -> None:
    rest = Finding("drivers", "d", drivers=(Driver("d", member, "additive", -9.0),))
    assert offered([playbook(dimension="d")], (change(-10), rest)) == ()


def test_a_playbook_without_driver_answers_to_the_change() -> None:
    (found,) = offered([playbook()], FALL)
    assert (found.segment, found.expected_effect) == (None, 10.0)


def test_a_dimension_that_explains_nothing_holds_no_cause() -> None:
    dull = drivers("city", 0.01, ("c1", "additive", -10.0))
    assert offered([playbook(dimension="city")], (change(-20), dull)) == ()


def test_the_order_is_effect_times_evidence_times_telling_times_record() -> None:
    second = drivers("city", 0.4, ("c1", "additive", -19.0))
    books = [playbook("city", dimension="city"), playbook("app", dimension="channel")]
    found = offered(books, (*FALL, second))
    assert [r.playbook for r in found] == ["app", "city"]
    of = metric(direction="up_good")
    again = recommend(books, of, (*FALL, second), WORDING, AS_OF, {"app": 0.1})
    assert [r.playbook for r in again] == ["city", "app"]


def test_other_metrics_playbooks_are_silent() -> None:
    assert (
        offered([playbook(dimension="channel")], FALL, metric("visits", direction="up_good")) == ()
    )


def test_who_does_best_is_answered_with_the_gap_of_the_weakest() -> None:
    weak = (Driver("store", "s1", "rate", -30.0), Driver("store", "s2", "rate", -10.0))
    room = Finding("opportunity", "sales", -40.0, significance=0.9, drivers=weak,
                   facts=(("dimension", "store"), ("best_member", "s9")))  # fmt: skip
    more, less = (
        playbook("more", dimension="store", move="best"),
        playbook("less", dimension="store", move="level"),
    )
    (found,) = offered([more], [room])
    assert (found.segment, found.expected_effect) == ("store=s9", 15.0)
    assert "[store/s9]" in found.text and "s1" not in found.text
    (found,) = offered([less], [room])
    assert found.segment == "store=s1" and "s9" not in found.text


def test_a_best_member_that_the_playbook_does_not_know_is_left_alone() -> None:
    weak = (Driver("store", "s1", "rate", -30.0),)
    room = Finding("opportunity", "sales", -30.0, significance=0.9, drivers=weak,
                   facts=(("dimension", "store"), ("best_member", "s9")))  # fmt: skip
    book = playbook(dimension="store", members=("s8",), move="best")
    assert offered([book], [room]) == ()


def test_a_member_whose_share_shrank_is_not_repaired() -> None:
    """The healthy old version made room for a worse new one: the new one is acted on."""
    old = Driver("version", "old", "mix", -9.0, 0.5, 0.5, (0.1, 0.6))
    new = Driver("version", "new", "mix", -4.0, 0.3, 0.3, (0.9, 0.4))
    found = Finding("drivers", "version", 0.8, facts=(("special_share", 0.8),), drivers=(old, new))
    for book in (playbook(dimension="version"), playbook(dimension="version", kinds=("mix",))):
        (offer,) = offered([book], (change(-13), found))
        assert (offer.segment, offer.expected_effect) == ("version=new", 2.0)
    alone = Finding("drivers", "version", 0.8, facts=(("special_share", 0.8),), drivers=(old,))
    assert offered([playbook(dimension="version")], (change(-9), alone)) == ()


def test_a_member_that_shrank_is_acted_on_for_its_own_rate() -> None:
    mix = Driver("version", "old", "mix", -1.0, 0.3, 0.5, (0.5, 0.6))
    rate = Driver("version", "old", "rate", -9.0, 0.3, 0.5, (0.5, 0.6))
    found = Finding("drivers", "version", 0.8, facts=(("special_share", 0.8),), drivers=(rate, mix))
    (offer,) = offered([playbook(dimension="version")], (change(-10), found))
    assert (offer.segment, offer.expected_effect) == ("version=old", 4.5)
