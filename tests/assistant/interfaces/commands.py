"""Runs commands as a user does, and knows the shapes of what they print."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from assistant.interfaces.cli.app import app

INTENTS = (
    "value", "trend", "comparison", "breakdown", "ranking", "share", "growth", "cumulative",
    "average", "extreme", "threshold", "attainment", "explain", "anomaly", "forecast",
    "definition", "catalog",
)  # fmt: skip
OUTCOMES = ("answer", "clarification", "refusal")
ROLES = ("dimension", "time", "metric", "component")
DRIVER_KINDS = ("additive", "mix", "rate", "identity", "residual")
COMPARISONS = ("previous", "year", "period", "members")
READ = (
    "intent", "metrics", "group_by", "filters", "having", "period", "periods", "comparison",
    "grain", "order", "limit", "spans",
)  # fmt: skip
ASKED = (
    "answer_id", "outcome", "metric", "value", "rows", "change", "drivers", "segments", "findings",
    "recommendation", "recommendations", "clarification", "refusal", "sql", "receipt",
    "runners_up", "chart", "timings_ms",
)  # fmt: skip
Number = (int, float)


@dataclass(frozen=True)
class Printed:
    """What a command printed and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON value on standard output."""
        assert len(self.out.splitlines()) == 1, self.out
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """One JSON value per line."""
        return [json.loads(line) for line in self.out.splitlines()]

    def sentence(self) -> str:
        """The one sentence on standard error."""
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, self.err
        assert "Traceback" not in self.err
        return lines[0]


@dataclass(frozen=True)
class Desk:
    """Runs commands on a project; `state` keeps what they store."""

    project: Path
    state: Path | None = None

    def __call__(self, *words: str, env: dict[str, str] | None = None) -> Printed:
        """Run a command on the project, in this process."""
        return self.bare(*words, "--project", str(self.project), env=env)

    def bare(self, *words: str, env: dict[str, str] | None = None) -> Printed:
        """Run a command that names its project itself, or has none."""
        done = CliRunner().invoke(app, words, env=self._environment() | (env or {}))
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return Printed(done.exit_code, done.stdout, done.stderr)

    def alone(self, *words: str, cwd: Path | None = None, **env: str) -> Printed:
        """Run the installed command in a process of its own."""
        done = subprocess.run(
            [str(Path(sys.executable).with_name("askmetric")), *words],
            cwd=cwd or self.project,
            env={**os.environ, **self._environment(), **env},
            capture_output=True,
            timeout=120,
            check=False,
        )
        return Printed(done.returncode, done.stdout.decode(), done.stderr.decode())

    def _environment(self) -> dict[str, str]:
        state = {"ASKMETRIC_STATE": str(self.state)} if self.state else {}
        return {"LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", **state}


def check_bound(bound: Any) -> None:
    """A bound is null, a day, or a moment without offset."""
    if bound is None:
        return
    assert isinstance(bound, str)
    day, _, clock = bound.partition("T")
    assert len(day) == 10 and clock != "00:00:00" and "+" not in bound


def check_period(period: Any) -> None:
    assert set(period) == {"start", "end_exclusive"}
    check_bound(period["start"])
    check_bound(period["end_exclusive"])


def check_filter(condition: Any) -> None:
    if condition is None:
        return
    if condition["op"] in ("and", "or", "not"):
        assert set(condition) == {"op", "items"}
        for item in condition["items"]:
            check_filter(item)
    elif "metric" in condition:
        assert {"metric", "op", "values"} <= set(condition)
    else:
        assert set(condition) == {"dimension", "op", "values"}
        assert condition["op"] in (
            "=", "!=", "<", "<=", ">", ">=", "in", "contains", "prefix", "suffix", "is_null",
        )  # fmt: skip
        assert isinstance(condition["values"], list)


def check_reading(read: Any) -> None:
    """The object of `read --json`."""
    assert set(READ) <= set(read), set(READ) - set(read)
    assert read["intent"] in INTENTS
    for name in ("metrics", "group_by", "periods", "order", "spans"):
        assert isinstance(read[name], list), name
    assert all(isinstance(name, str) for name in (*read["metrics"], *read["group_by"]))
    check_filter(read["filters"])
    check_filter(read["having"])
    for period in read["periods"]:
        check_period(period)
    only = read["periods"][0] if len(read["periods"]) == 1 else None
    assert read["period"] == only
    comparison = read["comparison"]
    if comparison is not None:
        assert set(comparison) == {"kind", "period"}
        assert comparison["kind"] in COMPARISONS
    assert read["grain"] is None or isinstance(read["grain"], str)
    assert all(set(item) == {"by", "desc"} for item in read["order"])
    assert read["limit"] is None or isinstance(read["limit"], int)
    for span in read["spans"]:
        assert {"words", "means", "evidence", "score"} <= set(span)


def check_table(table: Any) -> None:
    assert set(table) == {"columns", "rows", "truncated", "data_as_of"}
    for column in table["columns"]:
        assert {"name", "role"} <= set(column) and column["role"] in ROLES
    assert all(len(row) == len(table["columns"]) for row in table["rows"])
    assert isinstance(table["truncated"], bool)
    check_bound(table["data_as_of"])


def check_asked(asked: Any) -> None:
    """The object of `ask --json`, whatever the outcome."""
    check_reading(asked)
    assert set(ASKED) <= set(asked), set(ASKED) - set(asked)
    assert asked["outcome"] in OUTCOMES
    assert isinstance(asked["answer_id"], str) and asked["answer_id"]
    assert (asked["clarification"] is not None) == (asked["outcome"] == "clarification")
    assert (asked["refusal"] is not None) == (asked["outcome"] == "refusal")
    for name in ("drivers", "segments", "findings", "recommendations", "runners_up"):
        assert isinstance(asked[name], list), name
    assert asked["value"] is None or isinstance(asked["value"], Number)
    assert isinstance(asked["timings_ms"], dict)
    _check_metric(asked)
    match asked["outcome"]:
        case "answer":
            _check_answer(asked)
        case "clarification":
            assert {"slot", "options"} <= set(asked["clarification"])
            assert isinstance(asked["clarification"]["options"], list)
            assert all({"label", "reask"} <= set(o) for o in asked["clarification"]["options"])
        case "refusal":
            assert {"reason", "missing", "nearest"} <= set(asked["refusal"])
            assert isinstance(asked["refusal"]["nearest"], list)


def _check_metric(asked: Any) -> None:
    """The first of metrics, with the definition in force; null where no metric was read."""
    if not asked["metrics"]:
        assert asked["metric"] is None
        return
    assert {"id", "version", "status", "hash"} <= set(asked["metric"])
    assert asked["metric"]["id"] == asked["metrics"][0]
    assert isinstance(asked["metric"]["version"], int) and asked["metric"]["hash"]


def _check_answer(asked: Any) -> None:
    if asked["rows"] is not None:
        check_table(asked["rows"])
        assert asked["sql"] and asked["receipt"]
    change = asked["change"]
    if change is not None:
        assert {
            "current", "previous", "absolute", "relative", "normal", "interval",
        } <= set(change)  # fmt: skip
        assert isinstance(change["normal"], bool)
        assert change["interval"] is None or len(change["interval"]) == 2
        if change["previous"] == 0:
            assert change["relative"] is None
    for driver in asked["drivers"]:
        assert {"dimension", "member", "kind", "effect"} <= set(driver)
        assert driver["kind"] in DRIVER_KINDS and isinstance(driver["effect"], Number)
    for segment in asked["segments"]:
        assert {"elements", "score", "effect"} <= set(segment)
        assert all("=" in element for element in segment["elements"])
    offered = asked["recommendations"]
    assert asked["recommendation"] == (offered[0] if offered else None)
    for item in offered:
        assert {"playbook", "text", "expected_effect", "action"} <= set(item)
