"""Owns the lines of places: where in its file the value stands that an issue speaks of."""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STEP = re.compile(r"[^.\[\]]+|\[\d+\]")
NAMES = ("id", "table", "name")
"""What items of a list are called by."""
INPUTS = ("numerator", "denominator", "base", "conversion", "metric")
"""Keys of metrics that places tell as `inputs`, in their order."""


def line_of(root: Path, place: str) -> int | None:
    """Return the line, from 1, of a place `file: id.key[2].key` below `root`.

    What is missing stands where it should be: at the definition, or as far as the place leads.
    None where the place names no definition of a file that can be read.
    """
    name, _, inside = place.partition(": ")
    steps, file = _STEP.findall(inside), root / name
    if not steps or not file.is_file():
        return None
    node = _tree(file, file.stat().st_mtime_ns)
    if not isinstance(node, yaml.MappingNode):
        return None
    found = [way for key, section in node.value for way in _ways(key, section, steps)]
    return max(found)[-1] if found else None


def _ways(key: yaml.Node, section: yaml.Node, steps: list[str]) -> Iterator[tuple[int, bool, int]]:
    """Yield how many steps lead into a section, whether it is that of metrics, and the line.

    A model and a metric may have one name: the way that leads further is meant, else the metric.
    """
    own = key.value == "metrics"
    if steps[0] == key.value:
        yield _deepest(section, key, steps[1:], own)
    item = _called(section, steps[0])
    if item is not None:
        yield _deepest(item, item, steps[1:], own)


@lru_cache(maxsize=64)
def _tree(file: Path, changed: int) -> yaml.Node | None:
    try:
        return yaml.compose(file.read_text("utf-8-sig"), Loader=_LOADER)
    except (yaml.YAMLError, OSError, ValueError):
        return None


def _deepest(node: yaml.Node, at: yaml.Node, steps: list[str], own: bool) -> tuple[int, bool, int]:
    """Return how many steps can be made from `node`, which stands at `at`, and the last's line."""
    made = 0
    for step in steps:
        found = _next(node, step)
        if found is None:
            break
        node, at = found
        made += 1
    return made, own, int(at.start_mark.line) + 1


def _next(node: yaml.Node, step: str) -> tuple[yaml.Node, yaml.Node] | None:
    """Return the node that a step leads to, and where it stands: at its key, if it has one."""
    if isinstance(node, yaml.MappingNode):
        keys = {key.value: (value, key) for key, value in node.value}
        if step == "inputs":
            return keys.get(step) or _inputs(node)
        return keys.get(step)
    if not isinstance(node, yaml.SequenceNode):
        return None
    if step.startswith("["):
        place = int(step[1:-1])
        return (node.value[place], node.value[place]) if place < len(node.value) else None
    item = _called(node, step)
    return (item, item) if item is not None else None


def _inputs(node: yaml.MappingNode) -> tuple[yaml.Node, yaml.Node] | None:
    keys = {key.value: value for key, value in node.value}
    given = [keys[name] for name in INPUTS if name in keys]
    listed = yaml.SequenceNode("tag:yaml.org,2002:seq", given, node.start_mark)
    return (listed, given[0]) if given else None


def _called(section: yaml.Node, name: str) -> yaml.Node | None:
    """Return the item of a list that is called `name`."""
    items: list[yaml.Node] = section.value if isinstance(section, yaml.SequenceNode) else []
    for item in items:
        for key, value in item.value if isinstance(item, yaml.MappingNode) else ():
            if key.value in NAMES and value.value == name:
                return item
    return None
