"""The page on metric files: its examples load and hold, and no key of the format is left out."""

import re
from pathlib import Path
from typing import get_args

import pytest

from metric_catalog.check import check
from metric_catalog.load import load
from metric_catalog.model.definition import Definition
from metric_catalog.model.metrics import (
    ConstantProperty,
    DriverEdge,
    Metric,
    MetricInput,
    MetricType,
    Window,
)
from metric_catalog.model.playbooks import ExpectedEffect, Playbook, Trigger
from metric_catalog.model.semantic_model import (
    Aggregation,
    CustomGrain,
    Dimension,
    Entity,
    Measure,
    NonAdditive,
    TimeSpine,
    ValueLabel,
)
from metric_catalog.schema import SECTIONS

PAGE = (Path(__file__).parents[2] / "docs" / "writing_metrics.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
TYPES: tuple[type[Definition], ...] = get_args(get_args(MetricType)[0])
PARTS: tuple[type[Definition], ...] = (
    *SECTIONS.values(), *TYPES, Window, MetricInput, ConstantProperty, DriverEdge, Trigger,
    ExpectedEffect, Playbook, Metric, Entity, Dimension, ValueLabel, NonAdditive, Measure,
    TimeSpine, CustomGrain,
)  # fmt: skip


def test_examples_hold_together(tmp_path: Path) -> None:
    for number, block in enumerate(BLOCKS):
        (tmp_path / f"{number:02}.yml").write_text(block, encoding="utf-8")
    catalog = load(tmp_path.glob("*.yml"), tmp_path)
    assert {metric.of.type for metric in catalog.metrics.values()} == {
        kind.model_fields["type"].default for kind in TYPES
    }
    unapproved = {"approval_missing"}
    assert [item for item in check(catalog) if item.code not in unapproved] == []


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_key_is_written_about(part: type[Definition]) -> None:
    for key in part.model_fields:
        assert re.search(rf"\b{key}\b", PAGE), f"{part.__name__}.{key}"


@pytest.mark.parametrize("agg", list(Aggregation))
def test_every_aggregation_is_written_about(agg: Aggregation) -> None:
    assert f"`{agg.value}`" in PAGE
