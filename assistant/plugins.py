"""Owns the seams: every built-in and every plugin is found here, by entry point, nowhere else."""

from importlib.metadata import EntryPoint, entry_points
from typing import Any

from assistant.config import FILE
from assistant.insights.rounds import ForIntents
from assistant.llm.model import LanguageModel, Provider
from assistant.llm.settings import ModelSettings
from assistant.reading.lexicon import LanguagePack
from metric_catalog.errors import CatalogError
from metric_catalog.issues import issue, nearest_names

OWN = "askmetric"
"""The distribution that the built-ins come with."""

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
    """Return what is registered for `seam` by name, loaded; raises KeyError on an unknown seam.

    What another package registers stands in for a built-in of the same name.
    """
    points = sorted(entry_points(group=GROUPS[seam]), key=_is_foreign)
    return {point.name: point.load() for point in points}


def _is_foreign(point: EntryPoint) -> bool:
    return point.dist is None or point.dist.name != OWN


def chosen(seam: str, name: str, key: str) -> Any:
    """Return what is registered as `name`, as the setting `key` asks; raises CatalogError."""
    known = find(seam)
    if name not in known:
        near = nearest_names(name, known) or tuple(sorted(known))
        raise CatalogError((issue("unknown_plugin", f"{FILE}: {key}", near, key=key, name=name),))
    return known[name]


def language_packs() -> tuple[LanguagePack, ...]:
    """Return the registered packs, by name."""
    return tuple(pack for _, pack in sorted(find("language_pack").items()))


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
