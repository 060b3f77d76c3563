"""Owns the seams: every built-in and every plugin is found here, by entry point, nowhere else."""

from importlib.metadata import entry_points
from typing import Any

from assistant.insights.rounds import ForIntents
from assistant.llm.model import LanguageModel, Provider
from assistant.llm.settings import ModelSettings
from metric_catalog.errors import CatalogError
from metric_catalog.issues import issue, nearest_names

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


def language_model(settings: ModelSettings) -> LanguageModel:
    """Return the model of `settings`; raises CatalogError where nobody provides it."""
    providers: dict[str, Provider] = find("language_model")
    if settings.provider not in providers:
        near = nearest_names(settings.provider, providers) or tuple(sorted(providers))
        raise CatalogError(
            (issue("unknown_language_model", nearest=near, provider=settings.provider),)
        )
    return providers[settings.provider](settings)
