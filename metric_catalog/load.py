"""Owns the only door for definitions: YAML files in, one `Catalog` out, or every issue at once."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from metric_catalog.calendars import Calendar
from metric_catalog.catalog import Catalog
from metric_catalog.check import check
from metric_catalog.errors import CatalogError
from metric_catalog.issues import Issue, issue, nearest_names
from metric_catalog.model.definition import Definition
from metric_catalog.model.semantic_model import SemanticModel
from metric_catalog.schema import SECTIONS, issues_of, nest_type, unknown_type
from metric_catalog.yaml_files import BrokenYaml, names_in, read_yaml, unreadable

MEANING_MOVED = "approval_"
"""Issues that a file which cannot be read causes in metrics that are made of what it holds."""
_ITEM = re.compile(r"(.*?)\[(\d+)\](.*)")


@dataclass
class _Gathered:
    """What was read so far: definitions by section and id, their places, and all issues."""

    items: dict[str, dict[str, Any]] = field(default_factory=lambda: {s: {} for s in SECTIONS})
    places: dict[str, str] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    malformed: set[str] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)
    """Files of which nothing could be read."""
    left_out: dict[str, list[int]] = field(default_factory=dict)
    """Positions of faulty items by the place of their list, ascending."""

    def beyond_reach(self) -> set[str]:
        """What is defined, but to where the way may lead through a file that cannot be read."""
        models: Iterable[SemanticModel] = self.items["semantic_models"].values()
        if not self.unread:
            return set()
        dimensions = {item.name for model in models for item in model.dimensions}
        return dimensions | {item.name for model in models for item in model.entities}


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
    more = (found for found in check(catalog) if not _follows(found, gathered))
    return catalog, (*gathered.issues, *(_as_written(item, gathered.left_out) for item in more))


def _follows(found: Issue, gathered: _Gathered) -> bool:
    """Whether an issue only says that something which cannot be read is missing."""
    if gathered.unread and found.code.startswith(MEANING_MOVED):
        return True
    parts = {part for _, value in found.arguments for part in (value, *value.split("__"))}
    return bool(parts & (gathered.malformed | gathered.beyond_reach()))


def _as_written(found: Issue, left_out: Mapping[str, list[int]]) -> Issue:
    """Return `found` with the position that its item has in the file, faulty ones counted."""
    match = _ITEM.match(found.place)
    if match is None or match[1] not in left_out:
        return found
    position = int(match[2])
    for each in left_out[match[1]]:
        position += each <= position
    return replace(found, place=f"{match[1]}[{position}]{match[3]}")


def _relative(file: Path, root: Path) -> str:
    return str(file.relative_to(root)) if file.is_relative_to(root) else file.name


def _read_file(file: Path, place: str, gathered: _Gathered) -> None:
    try:
        content = read_yaml(file)
    except (BrokenYaml, OSError) as error:
        gathered.issues.append(unreadable(error, place))
        gathered.malformed |= names_in(file)
        gathered.unread.append(place)
        return
    if content is None:
        return
    if not isinstance(content, Mapping):
        gathered.issues.append(issue("not_a_definition_file", place))
        return
    for section, items in content.items():
        if section not in SECTIONS:
            near = nearest_names(str(section), SECTIONS)
            where = f"{place}: {section}"
            gathered.issues.append(issue("unknown_section", where, near, section=section))
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
        if other == place:
            place = f"{place.rpartition(': ')[0]}: {section}[{position}]"
        gathered.issues.append(issue("duplicate_id", place, id=key, other=other))
        return
    gathered.items[section][key] = value
    gathered.places[f"{section}:{key}"] = place
