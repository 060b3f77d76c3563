"""Owns the only door for definitions: YAML files in, one `Catalog` out, or every issue at once."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from metric_catalog.calendars import Calendar
from metric_catalog.catalog import Catalog
from metric_catalog.check import check
from metric_catalog.errors import CatalogError
from metric_catalog.issues import Issue, issue, nearest_names
from metric_catalog.model.definition import Definition
from metric_catalog.schema import SECTIONS, issues_of, nest_type, unknown_type

_ITEM = re.compile(r"(.*?)\[(\d+)\](.*)")
MAX_FILE_BYTES = 5_000_000
MAX_DEPTH = 40
"""How deep definitions may nest; the parser fails without an error on 100,000 levels."""


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """Safe YAML without duplicate keys."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key, line = loader.construct_object(key_node), key_node.start_mark.line + 1
        if isinstance(key, list | dict):
            raise yaml.YAMLError(f"a list or mapping as key in line {line}")
        if key in seen:
            raise yaml.YAMLError(f"duplicate key {key!r} in line {line}")
        seen.add(key)
    return dict(loader.construct_pairs(node, deep=True))


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


@dataclass
class _Gathered:
    """What was read so far: definitions by section and id, their places, and all issues."""

    items: dict[str, dict[str, Any]] = field(default_factory=lambda: {s: {} for s in SECTIONS})
    places: dict[str, str] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    malformed: set[str] = field(default_factory=set)
    left_out: dict[str, list[int]] = field(default_factory=dict)
    """Positions of faulty items by the place of their list, ascending."""


def load(
    files: Iterable[Path], root: Path, name: str = "", calendar: Calendar | None = None
) -> Catalog:
    """Return the catalog of `files` (places are relative to `root`); raises CatalogError.

    The error carries every issue of every file: unreadable YAML, unknown or missing keys, wrong
    values, the same id twice, and what the rules find in the definitions that can be read.
    """
    catalog, issues = load_all(files, root, name, calendar)
    if issues:
        raise CatalogError(issues)
    return catalog


def load_all(
    files: Iterable[Path], root: Path, name: str = "", calendar: Calendar | None = None
) -> tuple[Catalog, tuple[Issue, ...]]:
    """Return the catalog of what can be read in `files`, and why the rest cannot.

    Where something cannot be read, the issues of the rules on all else are there too, but for
    those that only say that what cannot be read is missing.
    """
    gathered = _Gathered()
    for file in sorted(files):
        _read_file(file, _relative(file, root), gathered)
    catalog = Catalog(
        name=name,
        calendar=calendar or Calendar(),
        models=gathered.items["semantic_models"],
        metrics=gathered.items["metrics"],
        playbooks=gathered.items["playbooks"],
        goals=gathered.items["goals"],
        time_spines=tuple(gathered.items["time_spines"].values()),
        saved_queries=gathered.items["saved_queries"],
        approvals=tuple(gathered.items["approvals"].values()),
        places=gathered.places,
    )
    if not gathered.issues:
        return catalog, ()
    more = (found for found in check(catalog) if not _about(found, gathered.malformed))
    return catalog, (*gathered.issues, *(_as_written(item, gathered.left_out) for item in more))


def _about(found: Issue, names: set[str]) -> bool:
    return any(value in names for _, value in found.arguments)


def _as_written(found: Issue, left_out: Mapping[str, list[int]]) -> Issue:
    """Return `found` with the position that its item has in the file, faulty ones counted."""
    match = _ITEM.match(found.place)
    if match is None or match[1] not in left_out:
        return found
    position = int(match[2])
    for each in left_out[match[1]]:
        position += each <= position
    return replace(found, place=f"{match[1]}[{position}]{match[3]}")


def read_yaml(file: Path) -> Any:
    """Return the plain content of one YAML file; raises yaml.YAMLError, ValueError or OSError.

    ValueError: letters that are not UTF-8, a day that does not exist, a number without end.
    """
    if file.stat().st_size > MAX_FILE_BYTES:
        raise yaml.YAMLError("file is too large")
    text = file.read_text(encoding="utf-8")
    _check_shape(text)
    return yaml.load(text, Loader=_Loader)  # noqa: S506 (safe loader)


def _check_shape(text: str) -> None:
    """Raise yaml.YAMLError on aliases (expansion bombs) and on nesting beyond `MAX_DEPTH`."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise yaml.YAMLError(f"aliases are not allowed, as in line {line}")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise yaml.YAMLError(f"nested deeper than {MAX_DEPTH} levels in line {line}")


def _relative(file: Path, root: Path) -> str:
    return str(file.relative_to(root)) if file.is_relative_to(root) else file.name


def _read_file(file: Path, place: str, gathered: _Gathered) -> None:
    try:
        content = read_yaml(file)
    except (yaml.YAMLError, OSError, ValueError) as error:
        gathered.issues.append(issue("unreadable_file", place, reason=" ".join(str(error).split())))
        return
    if content is None:
        return
    if not isinstance(content, Mapping):
        gathered.issues.append(issue("not_a_definition_file", place))
        return
    for section, items in content.items():
        if section not in SECTIONS:
            near = nearest_names(str(section), SECTIONS)
            gathered.issues.append(issue("unknown_section", place, near, section=section))
        elif not isinstance(items, list):
            gathered.issues.append(issue("not_a_list", f"{place}: {section}", section=section))
        else:
            for position, item in enumerate(items):
                _read_item(str(section), item, position, place, gathered)


def _read_item(section: str, item: Any, position: int, file: str, gathered: _Gathered) -> None:
    if not isinstance(item, Mapping):
        place = f"{file}: {section}[{position}]"
        gathered.issues.append(issue("not_a_definition", place, section=section))
        return
    key = str(item.get("id") or item.get("table") or f"{section}[{position}]")
    place = f"{file}: {key}"
    if section == "metrics" and (found := unknown_type(item, place)) is not None:
        gathered.issues.append(found)
        gathered.malformed.add(key)
        return
    shaped = nest_type(item) if section == "metrics" else dict(item)
    try:
        value: Definition | None = SECTIONS[section].model_validate(shaped)
    except ValidationError as error:
        gathered.issues.extend(issues_of(error, section, place))
        value = _sound_part(section, shaped, error, place, gathered)
    if value is None:
        gathered.malformed.add(key)
    else:
        _keep(section, value, position, place, gathered)


def _sound_part(
    section: str, item: dict[str, Any], error: ValidationError, place: str, gathered: _Gathered
) -> Definition | None:
    """Return the definition without what is faulty, None where it is none without that.

    Of a list only its faulty items are left out, so that the rules see all others.
    """
    places = [fault["loc"] for fault in error.errors() if fault["loc"]]
    faulty = {str(where[0]) for where in places}
    sound = {key: value for key, value in item.items() if key not in faulty}
    lists = {key: item[key] for key in faulty if isinstance(item.get(key), list)}
    gaps = {key: sorted({int(p[1]) for p in places if p[0] == key and p[1:]}) for key in lists}
    few = {key: [each for n, each in enumerate(lists[key]) if n not in gaps[key]] for key in lists}
    for kept in (few, {}):
        try:
            value = SECTIONS[section].model_validate(sound | kept)
        except ValidationError:
            continue
        gathered.left_out |= {f"{place}.{key}": gaps[key] for key in kept}
        return value
    return None


def _keep(section: str, value: Definition, position: int, place: str, gathered: _Gathered) -> None:
    key = str(getattr(value, "id", None) or f"{place}[{position}]")
    if key in gathered.items[section]:
        other = gathered.places[f"{section}:{key}"]
        gathered.issues.append(issue("duplicate_id", place, id=key, other=other))
        return
    gathered.items[section][key] = value
    gathered.places[f"{section}:{key}"] = place
