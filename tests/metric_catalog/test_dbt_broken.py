"""Manifests broken at random: all issues with their places, or files that load; nothing between."""

import copy
import json
import os
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.resolve.unanswerable import explain_issue
from metric_catalog.errors import CatalogError
from metric_catalog.interchange.dbt import import_manifest
from metric_catalog.interchange.written import write_catalog
from metric_catalog.load import load
from tests.metric_catalog.manifests import legacy, newest

OUTSIDE = Path(os.environ.get("ASKMETRIC_CONFORMANCE", "")) / "metricflow" / "manifests"
SOUND: tuple[Any, ...] = (
    legacy(),
    newest(),
    *(json.loads(file.read_text("utf-8")) for file in sorted(OUTSIDE.glob("*.json"))),
)
JUNK: tuple[Any, ...] = (
    None, True, 0, -1, 1e308, "", "a b", "__x", "select", "1; drop table x", "{{", "{% raw %}",
    "{{ Dimension('x__y') }}", "\x00", "é" * 300, "x" * 5_000, [], {}, [[]], [{}], {"name": "x"},
    [None], 10**30, "metric_time", "month", "sum", {"a": {"b": {"c": 1}}},
)  # fmt: skip
QUICK, THOROUGH = 60, 2_000

Way = tuple[str | int, ...]


def places(tree: Any, at: Way = ()) -> list[Way]:
    """Where every node of a tree stands, the root first."""
    pairs = tree.items() if isinstance(tree, dict) else ()
    inner = enumerate(tree) if isinstance(tree, list) else pairs
    return [at, *(place for key, node in inner for place in places(node, (*at, key)))]


def at(tree: Any, place: Way) -> Any:
    for step in place:
        tree = tree[step]
    return tree


def spoil(tree: Any, random: Random) -> None:
    """Take away, replace, repeat or rename a node, or put another one in its place."""
    known = places(tree)[1:]
    if not known:
        return
    place = random.choice(known)
    around, key = at(tree, place[:-1]), place[-1]
    match random.choice(("delete", "junk", "junk", "repeat", "rename", "other")):
        case "delete":
            del around[key]
        case "junk":
            around[key] = copy.deepcopy(random.choice(JUNK))
        case "repeat" if isinstance(around, list):
            around.insert(key, copy.deepcopy(around[key]))
        case "rename" if isinstance(around, dict):
            around[random.choice(("nam", "", "name", "type", "filter"))] = around.pop(key)
        case _:
            around[key] = copy.deepcopy(at(tree, random.choice(known)))


def check(folder: Path, random: Random) -> None:
    """Import one broken manifest into a folder that is not there yet."""
    tree = copy.deepcopy(random.choice(SOUND))
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        spoil(tree, random)
    text = json.dumps(tree)
    if random.random() < 0.05:
        text = text[: random.randrange(len(text))]
    file, out = folder / "manifest.json", folder / "out"
    file.write_text(text, "utf-8")
    try:
        files = write_catalog(import_manifest(file).catalog, out)
    except CatalogError as error:
        assert error.issues and all(item.place for item in error.issues)
        assert all(explain_issue(item, lang) for item in error.issues for lang in ("en", "zh"))
        assert not out.exists()
    else:
        assert load(files, out).metrics
        assert sorted(files) == sorted(out.iterdir())


def try_out(count: int) -> None:
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]

    @settings(max_examples=count, deadline=None, suppress_health_check=slow)
    @given(st.randoms(use_true_random=False))
    def holds(random: Random) -> None:
        with TemporaryDirectory() as folder:
            check(Path(folder), random)

    holds()


def test_a_broken_manifest_is_issues_or_files() -> None:
    try_out(QUICK)


@pytest.mark.slow
def test_a_broken_manifest_is_issues_or_files_often() -> None:
    try_out(THOROUGH)
