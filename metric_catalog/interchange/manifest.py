"""Owns the reading of foreign JSON: every key is read, reported as lost, or an issue."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from metric_catalog.errors import CatalogError
from metric_catalog.issues import Issue, issue, nearest_names

Outcome = Literal["kept", "approximated", "dropped"]


@dataclass(frozen=True, slots=True)
class LossItem:
    """What became of one item of the source; `reason` is a code with a sentence in the prompts."""

    place: str
    outcome: Outcome
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A filter that is sound, but says what our conditions cannot: whatever has it is dropped."""

    place: str
    text: str
    issues: tuple[Issue, ...]


@dataclass
class Findings:
    """All that was found while reading: issues, and what was kept, approximated or dropped."""

    issues: list[Issue] = field(default_factory=list)
    losses: list[LossItem] = field(default_factory=list)
    unsaid: list[Unsaid] = field(default_factory=list)

    def kept(self, place: str) -> None:
        """Note that the item at `place` was taken over."""
        self.losses.append(LossItem(place, "kept"))

    def lost(self, place: str, outcome: Outcome, reason: str, detail: object = "") -> None:
        """Note that something at `place` was approximated or dropped, and why."""
        self.losses.append(LossItem(place, outcome, reason, str(detail)[:200]))

    def dropped(self, place: str, reason: str, detail: str) -> None:
        """Note that the item at `place`, which was kept so far, is dropped."""
        self.losses = [each for each in self.losses if each != LossItem(place, "kept")]
        self.lost(place, "dropped", reason, detail)

    def without(self, place: str, since: int) -> bool:
        """Note that the item at `place` is dropped for filters unsaid `since` then, if any were."""
        for filter_ in self.unsaid[since:]:
            self.lost(place, "dropped", "loss_filter", f"{filter_.place}: {filter_.text}")
        return len(self.unsaid) > since

    def raised(self, error: CatalogError) -> None:
        """Note every issue of `error`."""
        self.issues.extend(error.issues)


class Node:
    """One object of the source. Keys that nobody asked for are reported by `close`."""

    def __init__(self, data: Any, place: str, findings: Findings) -> None:
        self.place, self.findings = place, findings
        self._data: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        self._seen: set[str] = set()
        if not isinstance(data, Mapping):
            findings.issues.append(issue("manifest_not_an_object", place))

    def at(self, key: str) -> str:
        """Return the place of `key`; one without letters is shown in quotes."""
        shown = key or '""'
        return f"{self.place}.{shown}" if self.place else shown

    def raw(self, key: str) -> Any:
        """Return the value of `key`, None where it is missing."""
        self._seen.add(key)
        return self._data.get(key)

    def text(self, key: str, required: bool = False) -> str | None:
        """Return a text; numbers count as texts (an `expr` of 1)."""
        value = self.raw(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, str) and (value.strip() or not required):
            return value
        if value is not None or required:
            self.problem("manifest_wrong_value" if value is not None else "missing_key", key)
        return None

    def name(self, key: str = "name") -> str:
        """Return a required text, empty where it is missing (which is an issue)."""
        return self.text(key, required=True) or ""

    def flag(self, key: str) -> bool:
        """Return a boolean, false where it is missing."""
        value = self.raw(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        self.problem("manifest_wrong_value", key)
        return False

    def number(self, key: str) -> int | float | None:
        """Return a number, None where it is missing."""
        value = self.raw(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        if value is not None:
            self.problem("manifest_wrong_value", key)
        return None

    def child(self, key: str) -> "Node | None":
        """Return the object under `key`, None where it is missing; a bare text is its name."""
        value = self.raw(key)
        if isinstance(value, str):
            value = {"name": value}
        return None if value is None else Node(value, self.at(key), self.findings)

    def children(self, key: str) -> "tuple[Node, ...]":
        """Return the objects of the list under `key`, placed by their names."""
        value = self.raw(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.problem("manifest_wrong_value", key)
            return ()
        names = [_name_of(item) for item in value]
        return tuple(
            Node(item, _placed(self.at(key), names, index), self.findings)
            for index, item in enumerate(value)
        )

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the texts of the list under `key`."""
        value = self.raw(key)
        items = [value] if isinstance(value, str) else (value or [])
        if isinstance(items, list) and all(isinstance(item, str) for item in items):
            return tuple(items)
        self.problem("manifest_wrong_value", key)
        return ()

    def drop(self, reason: str, *keys: str) -> None:
        """Report every one of `keys` that says something as dropped."""
        for key in keys:
            value = self.raw(key)
            if value not in (None, "", [], {}, False):
                self.findings.lost(self.at(key), "dropped", reason, value)

    def ignore(self, *keys: str) -> None:
        """Pass over `keys` that only repeat what is said elsewhere."""
        self._seen.update(keys)

    def problem(self, code: str, key: str, near: Iterable[str] = (), **arguments: object) -> None:
        """Note an issue at `key`."""
        given = (("key", key), *((name, str(value)) for name, value in arguments.items()))
        self.findings.issues.append(Issue(code, given, self.at(key), tuple(near)))

    def close(self) -> None:
        """Report the keys that nobody read: issues where they say something."""
        for key, value in self._data.items():
            if key in self._seen:
                continue
            if value in (None, [], {}):
                self.findings.lost(self.at(str(key)), "dropped", "loss_unknown_empty")
            else:
                near = nearest_names(str(key), self._seen)
                self.problem("unknown_key", str(key), near)


def _name_of(item: Any) -> str:
    name = item.get("name") if isinstance(item, Mapping) else None
    return name if isinstance(name, str) else ""


def _placed(place: str, names: list[str], index: int) -> str:
    """Return the place of an item by its name; a name that comes again is told by its number."""
    name = names[index]
    again = not name or name in names[:index]
    return f"{place}[{index}]" + (f".{name}" if name else "") if again else f"{place}.{name}"
