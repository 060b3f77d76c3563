"""Owns `Repeat`: rows of a table that share what should be one row's alone."""

from dataclasses import dataclass
from typing import Literal

from metric_catalog.issues import Issue, Severity, issue

Kind = Literal["key", "partition", "moment"]
CODES: dict[Kind, str] = {
    "key": "source_key_repeated",
    "partition": "source_partition_repeated",
    "moment": "source_moments_overlap",
}


@dataclass(frozen=True, slots=True)
class Repeat:
    """So many rows share the key `key` of a table with one before them.

    `kind`: anywhere, inside a partition, or by being valid at the same moment. `model` is the
    semantic model of the table, "" where it is a time spine.
    """

    table: str
    key: str
    rows: int
    kind: Kind = "key"
    model: str = ""

    def told(self, place: str = "", severity: Severity = "error") -> Issue:
        """Return the issue that says so."""
        given = {"entity": self.key, "table": self.table, "rows": self.rows}
        return issue(CODES[self.kind], place, (), severity, **given)
