"""Explanations: planted causes come back, placebos are normal, hostile tables are harmless."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest

from assistant.insights.explain_table import TableExplanation, explain_table
from assistant.insights.localise.leaves import TableProblem
from eval.bench_why import explain_leaf_table
from eval.leaf_tables import KINDS, generate_table

LEAVES = 1_000
TABLES_OF_FEW = 200
RATIO = ("now", "before")


def table(seed: int = 0) -> pd.DataFrame:
    """Unmoved leaves over two dimensions of awkward members and a number."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "a": rng.choice(["p", "q", "r", "s"], LEAVES),
            "b": rng.choice(np.array(["x=1", "y=", "=", None], dtype=object), LEAVES),
            "n": np.arange(LEAVES),
            "v": rng.normal(100, 3, LEAVES),
            "f": 100.0,
        }
    )


def explain(frame: pd.DataFrame, *denominators: str) -> TableExplanation:
    """The explanation over all three dimensions; any warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = explain_table(frame, ["a", "b", "n"], "v", "f", *denominators)
    assert isinstance(found, TableExplanation)
    return found


@pytest.mark.parametrize(
    ("segment", "elements"),
    [
        ({"b": None}, ("b=∅",)),
        ({"b": "x=1"}, ("b=x=1",)),
        ({"a": "q", "b": "="}, ("a=q", "b==")),
    ],
)
@pytest.mark.parametrize("factor", [0.0, 0.5, 0.9, 1.2, 3.0])
def test_single_cause_is_named_with_its_effect(
    segment: dict[str, str | None], elements: tuple[str, ...], factor: float
) -> None:
    frame = table()
    inside = np.ones(LEAVES, dtype=bool)
    for column, member in segment.items():
        inside &= frame[column].isna() if member is None else frame[column] == member
    frame.loc[inside, "v"] *= factor
    found = explain(frame)
    assert [cause.elements for cause in found.causes] == [elements]
    change = (frame["v"] - frame["f"])[inside].sum()
    assert found.causes[0].effect == pytest.approx(change)
    assert found.causes[0].score > 0 and not found.normal and found.seconds >= 0


def test_json_is_the_contract() -> None:
    frame = table()
    frame.loc[frame["a"] == "p", "v"] *= 2
    shown = json.loads(json.dumps(explain(frame).to_json("t.parquet")))
    assert list(shown) == ["file", "causes", "normal", "seconds", "unjudged"]
    assert list(shown["causes"][0]) == ["elements", "score", "effect"]
    scores = [cause["score"] for cause in shown["causes"]]
    assert scores == sorted(scores, reverse=True)
    assert shown["causes"][0]["elements"] == ["a=p"] and shown["normal"] is False


def test_elements_follow_the_order_asked_for() -> None:
    frame = table()
    frame.loc[(frame["a"] == "p") & (frame["b"] == "y="), "v"] *= 2
    found = explain_table(frame, ["b", "n", "a"], "v", "f")
    assert isinstance(found, TableExplanation)
    assert [cause.elements for cause in found.causes] == [("b=y=", "a=p")]


@pytest.mark.parametrize("cause", ["rate", "mix"])
def test_ratio_causes_are_found_in_rate_and_in_mix(cause: str) -> None:
    rng = np.random.default_rng(5)
    frame = table().assign(now=1_000.0, before=1_000.0)
    inside = frame["a"] == "q"
    frame["now"] *= np.where(inside & (cause == "mix"), 1.5, 1.0) * rng.normal(1, 0.02, LEAVES)
    rate = np.where(inside & (cause == "rate"), 0.3, 0.2)
    frame["v"] = frame["now"] * rate * rng.normal(1, 0.02, LEAVES)
    frame["f"] = frame["before"] * 0.2
    assert [c.elements for c in explain(frame, *RATIO).causes] == [("a=q",)]


HOSTILE = {
    "empty": table().head(0),
    "one row": table().head(1),
    "few rows": table().head(13),
    "unchanged": table().assign(v=100.0),
    "all zero": table().assign(v=0.0, f=0.0),
    "all null": pd.DataFrame({name: [None] * 50 for name in ("a", "b", "n", "v", "f")}),
    "negative": table().assign(v=lambda t: -t["v"], f=-100.0),
    "tiny": table().assign(v=1e-320, f=2e-320),
    "signs": table().assign(f=lambda t: t["v"].sample(frac=1, random_state=1).to_numpy() - 100),
    "duplicates": pd.concat([table(), table()]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_tables_are_normal(name: str) -> None:
    assert explain(HOSTILE[name]).normal


@pytest.mark.parametrize("bad", [0.0, -5.0, np.nan])
def test_ratio_without_denominators_is_a_problem(bad: float) -> None:
    frame = table().assign(now=bad, before=1.0)
    found = explain_table(frame, ["a"], "v", "f", *RATIO)
    assert found == TableProblem("no_denominator", "now")


def test_some_bad_denominators_are_absent_leaves() -> None:
    frame = table().assign(now=100.0, before=100.0).assign(v=20.0, f=20.0)
    frame.loc[::50, "now"] = [0.0, -1.0, np.nan, -9.0] * 5
    assert explain(frame, *RATIO).seconds >= 0


def test_one_denominator_alone_is_a_problem() -> None:
    found = explain_table(table(), ["a"], "v", "f", actual_denominator="n")
    assert isinstance(found, TableProblem)


def test_many_dimensions_and_many_members() -> None:
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({f"d{i}": rng.integers(0, 4, 8_000) for i in range(8)})
    frame = frame.assign(id=np.arange(8_000).astype(str), v=rng.normal(100, 5, 8_000), f=100.0)
    inside = (frame["d2"] == 1) & (frame["d5"] == 2) & (frame["d7"] == 0)
    frame.loc[inside, "v"] *= 0.5
    found = explain_table(frame, [*(f"d{i}" for i in range(8)), "id"], "v", "f")
    assert isinstance(found, TableExplanation)
    assert [cause.elements for cause in found.causes] == [("d2=1", "d5=2", "d7=0")]


@pytest.mark.parametrize("name", KINDS)
def test_generated_kinds_are_explained(name: str) -> None:
    """A few tables of every kind: nearly all causes, nearly nothing else, placebos normal."""
    kind = KINDS[name]
    missed = wrong = alarms = planted = 0
    for seed in range(3):
        made = generate_table(kind, 4_000 + seed)
        named = {cause.elements for cause in explain_leaf_table(made).causes}
        planted += len(made.causes)
        missed += len(set(made.causes) - named)
        wrong += len(named - set(made.causes))
        alarms += not explain_leaf_table(generate_table(kind, seed, planted=False)).normal
    assert planted > 0
    # Single leaves of the small grid may drown in its noise, which reaches 25 %.
    assert missed <= (planted // 3 if name == "grid small" else 1)
    assert wrong <= 1 and alarms <= 1


@pytest.mark.parametrize(
    ("actual", "expected", "rows", "unjudged"),
    [
        (1.0, 1.0, 0, "no_rows"),
        (1.0, 1.0, 3, "few_leaves"),
        (np.nan, 0.0, LEAVES, "no_values"),
        (1.0, np.nan, LEAVES, "no_expected"),
        (0.0, 1.0, LEAVES, "no_actual"),
        (1.0, 1.0, LEAVES, None),
    ],
)
def test_a_table_that_tells_nothing_says_why(
    actual: float, expected: float, rows: int, unjudged: str | None
) -> None:
    found = explain(table().head(rows).assign(v=actual, f=expected))
    assert found.normal
    assert found.unjudged == unjudged


def test_few_leaves_of_noise_are_no_cause() -> None:
    alarms = 0
    for seed in range(TABLES_OF_FEW):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame({"a": np.arange(15), "f": rng.lognormal(4.0, 1.0, 15)})
        frame["v"] = frame["f"] * rng.normal(1.0, 0.06, 15)
        found = explain_table(frame, ["a"], "v", "f")
        assert isinstance(found, TableExplanation)
        alarms += not found.normal
    assert alarms <= 0.05 * TABLES_OF_FEW


def test_members_that_stayed_are_no_cause_where_most_of_a_dimension_moved() -> None:
    rng = np.random.default_rng(3)
    places = np.indices((5, 8, 10, 6)).reshape(4, -1)
    frame = pd.DataFrame(dict(zip("abcd", places, strict=True)))
    frame["f"] = rng.lognormal(4.0, 1.0, len(frame))
    moved = np.where(frame["a"] < 3, 0.48, 1.0) * np.where(frame["c"] < 3, 0.72, 1.0)
    frame["v"] = frame["f"] * moved * rng.normal(1.0, 0.06, len(frame))
    found = explain_table(frame, list("abcd"), "v", "f")
    assert isinstance(found, TableExplanation)
    named = {cause.elements for cause in found.causes}
    assert named == {(f"{d}={i}",) for d in "ac" for i in range(3)}
