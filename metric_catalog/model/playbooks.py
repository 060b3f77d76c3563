"""Owns playbooks: what to do about a driver of a metric, with its expected effect."""

from typing import Literal

from metric_catalog.model.definition import BilingualText, Definition, Name, Names, Text


class Trigger(Definition):
    """When a playbook fits: the metrics, the side and the drivers it answers to.

    `dimension` empty = any; `members` empty = any; `kinds` as in a driver's kind. `move`: the
    member got worse or better, either, falls short of others (`level`), or does best (`best`).
    """

    metrics: Names
    dimension: str | None = None
    members: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    move: Literal["worse", "better", "any", "level", "best"] = "worse"


class ExpectedEffect(Definition):
    """The share of the driver's effect that the action is expected to win back, 0–1.

    `basis` says where the figure comes from, for people.
    """

    share: float
    basis: BilingualText = Text()


class Playbook(Definition):
    """A concrete recommendation: texts may name {member}, {metric}, {effect}, {dimension}."""

    id: Name
    title: BilingualText
    text: BilingualText
    action: BilingualText
    triggers: tuple[Trigger, ...]
    expected: ExpectedEffect
    owner: str = ""
    due_days: int = 14
    guard_metric: Name | None = None
    changed_by: str = ""
