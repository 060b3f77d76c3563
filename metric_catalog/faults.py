"""Owns what is wrong with a value of a file: pydantic's faults as issues with sentences of ours."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from metric_catalog.issues import Issue, issue, nearest_names

Location = tuple[int | str, ...]
LONGEST_SHOWN = 40
"""Letters of a wrong value that are repeated."""
UNION_TAGS = ("str", "int", "float", "bool", "date")
"""What pydantic puts behind the place of a value that may be of several types."""
KEY_FAULTS = ("missing", "extra_forbidden")
NUMBERS = {"int", "float"}
CODES: Mapping[str, str] = {
    "missing": "missing_key",
    "extra_forbidden": "unknown_key",
    "union_tag_not_found": "missing_key",
    "union_tag_invalid": "unknown_metric_type",
    "string_type": "value_no_text",
    "string_pattern_mismatch": "value_no_name",
    "string_too_long": "value_too_long",
    "string_too_short": "value_empty",
    "int_type": "value_no_integer",
    "int_parsing": "value_no_integer",
    "int_parsing_size": "value_no_integer",
    "int_from_float": "value_no_integer",
    "float_type": "value_no_number",
    "float_parsing": "value_no_number",
    "finite_number": "value_no_number",
    "bool_type": "value_no_truth",
    "bool_parsing": "value_no_truth",
    "date_type": "value_no_day",
    "date_parsing": "value_no_day",
    "date_from_datetime_parsing": "value_no_day",
    "date_from_datetime_inexact": "value_no_day",
    "greater_than_equal": "value_out_of_bounds",
    "less_than_equal": "value_out_of_bounds",
    "dict_type": "value_no_mapping",
    "model_type": "value_no_mapping",
    "model_attributes_type": "value_no_mapping",
    "tuple_type": "value_no_list",
    "literal_error": "value_not_listed",
    "enum": "value_not_listed",
}
"""The code of each kind of fault; `invalid_value` is that of any other."""
_QUOTED = re.compile(r"'([^']+)'")


def value_issues(
    faults: Iterable[Any], place: str, known: Iterable[str], named: "Naming"
) -> tuple[Issue, ...]:
    """Return one issue per faulty key, unknown keys first: a misspelt key is why one is missing.

    `faults`: what `ValidationError.errors()` gives. `place` goes before every key, which `named`
    makes of pydantic's location. `known`: the keys that an unknown one may have meant.
    """
    by_key: dict[Location, list[Any]] = {}
    for fault in faults:
        by_key.setdefault(_key_of(fault), []).append(fault)
    names = tuple(known)
    found = [
        _issue(group, named(where), f"{place}{named(where)}", names)
        for where, group in by_key.items()
    ]
    return tuple(sorted(found, key=lambda item: item.code != "unknown_key"))


class Naming:
    """How a location is written: as `a.b[0]`, without the parts in `hidden`."""

    def __init__(self, hidden: Iterable[str] = (), otherwise: str = "") -> None:
        self.hidden = frozenset(hidden)
        self.otherwise = otherwise

    def __call__(self, where: Location) -> str:
        """Return the key as people write it, `otherwise` where nothing is left of it."""
        text = ""
        for part in where:
            if isinstance(part, int):
                text += f"[{part}]"
            elif part not in self.hidden:
                text += f".{part}" if text else part
        return text or self.otherwise


def _key_of(fault: Any) -> Location:
    where: Location = fault["loc"]
    return where[:-1] if _tag(fault) else where


def _tag(fault: Any) -> str:
    """Return the type that a value was tried as where it may be of several; empty otherwise."""
    last = str(fault["loc"][-1]) if fault["loc"] else ""
    several = last in UNION_TAGS or last.startswith("literal[")
    return last if several and fault["type"] not in KEY_FAULTS else ""


def _issue(group: list[Any], key: str, place: str, known: tuple[str, ...]) -> Issue:
    fault, tags = group[0], {_tag(fault) for fault in group} - {""}
    if fault["type"] == "union_tag_not_found":
        return issue("missing_key", place, key=key)
    if fault["type"] in KEY_FAULTS:
        whole = any("." in name for name in known)
        near = nearest_names(key if whole else str(fault["loc"][-1]), known)
        if fault["type"] == "missing":
            return issue("missing_key", place, key=key)
        return issue("unknown_key", place, near, key=key)
    if fault["type"] == "union_tag_invalid":
        near = nearest_names(fault["ctx"]["tag"], _listed(fault["ctx"]["expected_tags"]))
        return issue("unknown_metric_type", place, near, type=fault["ctx"]["tag"])
    if fault["input"] is None or not _shown(fault["input"]):
        return issue("value_empty", place, key=key)
    listed = [word for each in group for word in _listed(_context(each, "expected"))]
    code = _code(fault, tags, bool(listed))
    arguments = {"key": key, "value": _shown(fault["input"]), "known": _join(listed)}
    said = {name: text for name, text in {**arguments, **_limits(fault)}.items() if text}
    return Issue(code, tuple(said.items()), place, nearest_names(str(fault["input"]), listed))


def _code(fault: Any, tags: set[str], listed: bool) -> str:
    if not tags:
        return CODES.get(fault["type"], "invalid_value")
    if listed:
        return "value_no_day_or_word"
    return "value_no_number" if tags <= NUMBERS else "value_no_cell"


def _limits(fault: Any) -> dict[str, str]:
    """Return the bounds that a value is beyond, in signs; what else a sentence may name."""
    for name, sign in (("ge", "≥"), ("le", "≤")):
        if bound := _context(fault, name):
            return {"bound": f"{sign} {bound}"}
    limit = _context(fault, "max_length")
    return {"limit": limit} if limit else {"reason": _shown(fault["input"])}


def _context(fault: Any, name: str) -> str:
    return str((fault.get("ctx") or {}).get(name, ""))


def _listed(text: str) -> list[str]:
    return _QUOTED.findall(text)


def _join(words: list[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _shown(value: object) -> str:
    """Return a value as short text: of lists and mappings only that they are ones."""
    if isinstance(value, dict | list | tuple):
        return "{…}" if isinstance(value, dict) else "[…]"
    text = " ".join(str(value).lower().split() if isinstance(value, bool) else str(value).split())
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
