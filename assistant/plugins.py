"""Owns the seams: every built-in and every plugin is found here, by entry point, nowhere else."""

from importlib.metadata import entry_points
from typing import Any

from assistant.insights.rounds import ForIntents

GROUPS = {
    "executor": "askmetric.executors",
    "embedder": "askmetric.embedders",
    "language_pack": "askmetric.language_packs",
    "detector": "askmetric.detectors",
    "exporter": "askmetric.exporters",
    "chart": "askmetric.charts",
    "language_model": "askmetric.language_models",
}


def find(seam: str) -> dict[str, Any]:
    """Return what is registered for `seam` by name, loaded; raises KeyError on an unknown seam."""
    return {point.name: point.load() for point in entry_points(group=GROUPS[seam])}


def detectors() -> tuple[ForIntents, ...]:
    """Return one detector of each registered kind."""
    return tuple(make() for _, make in sorted(find("detector").items()))
