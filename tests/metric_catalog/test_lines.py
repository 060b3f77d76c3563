"""A place leads to the line where its value stands, or where it should."""

from pathlib import Path

import pytest

from metric_catalog.lines import line_of
from metric_catalog.load import load

ROOT = Path(__file__).parents[2] / "examples" / "shop"
TEXT = """
semantic_models:
  - id: orders
    table: orders
    measures:
      - {name: amount, agg: sum}
      - name: count
        agg: count
metrics:
  - id: orders
    owner: sales
    numerator: {metric: a}
    denominator: {metric: b}
    targets:
      - value: 1
        start: 2026-01-01
time_spines:
  - table: days
    column: ds
"""
PLACES = (
    ("orders.measures.count.agg", "        agg: count"),
    ("orders.measures.amount", "      - {name: amount, agg: sum}"),
    ("orders.table", "    table: orders"),
    ("orders.owner", "    owner: sales"),
    ("orders.unit", "  - id: orders"),
    ("orders", "  - id: orders"),
    ("orders.inputs[1]", "    denominator: {metric: b}"),
    ("orders.inputs[1].filter", "    denominator: {metric: b}"),
    ("orders.targets[0].start", "        start: 2026-01-01"),
    ("orders.targets[0].end", "      - value: 1"),
    ("orders.targets[7]", "    targets:"),
    ("days.column", "    column: ds"),
    ("metrics[0]", "  - id: orders"),
    ("time_spines", "time_spines:"),
)


@pytest.mark.parametrize(("inside", "line"), PLACES)
def test_a_place_has_its_line(tmp_path: Path, inside: str, line: str) -> None:
    (tmp_path / "a.yml").write_text(TEXT, "utf-8")
    found = line_of(tmp_path, f"a.yml: {inside}")
    assert found is not None
    assert TEXT.splitlines()[found - 1] == line
    if inside == "orders":  # the metric, not the model of the same name
        assert found > TEXT.splitlines().index("metrics:")


@pytest.mark.parametrize("place", ["a.yml", "b.yml: orders", "a.yml: nothing", "", ": ", "a: b: c"])
def test_what_stands_nowhere_has_no_line(tmp_path: Path, place: str) -> None:
    (tmp_path / "a.yml").write_text(TEXT, "utf-8")
    assert line_of(tmp_path, place) is None


def test_what_is_no_yaml_has_no_line(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("metrics: [", "utf-8")
    assert line_of(tmp_path, "a.yml: orders") is None


def test_every_definition_of_the_shop_stands_where_its_place_leads() -> None:
    catalog = load((ROOT / "metrics").glob("*.yml"), ROOT)
    for key, place in catalog.places.items():
        section, _, name = key.partition(":")
        inside, wanted = {
            "metrics": (place, f"- id: {name}"), "semantic_models": (f"{place}.table", "table: "),
        }.get(section, (None, None))  # fmt: skip
        if inside is not None:
            line = line_of(ROOT, inside)
            assert line is not None
            text = (ROOT / place.partition(": ")[0]).read_text("utf-8").splitlines()
            assert text[line - 1].strip().startswith(wanted), place
