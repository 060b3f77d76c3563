"""Owns the settings of the language model: where it is, and its name; all from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from metric_catalog.errors import CatalogError
from metric_catalog.issues import issue

URL_VARIABLE = "ASKMETRIC_LLM_URL"
MODEL_VARIABLE = "ASKMETRIC_LLM_MODEL"
KEY_VARIABLE = "ASKMETRIC_LLM_KEY"
PROVIDER_VARIABLE = "ASKMETRIC_LLM_PROVIDER"
SECONDS_VARIABLE = "ASKMETRIC_LLM_SECONDS"
DEFAULT_PROVIDER = "openai"
DEFAULT_SECONDS = 8.0
LONGEST_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """One model. `seconds` is the longest wait for a reply; the key is never shown."""

    url: str
    model: str
    key: str = field(default="", repr=False)
    provider: str = DEFAULT_PROVIDER
    seconds: float = DEFAULT_SECONDS


def read_settings(environment: Mapping[str, str]) -> ModelSettings | None:
    """Return the model that is configured, None where none is; raises CatalogError on half of one.

    A key alone configures nothing: it may be there for another program.
    """
    url = environment.get(URL_VARIABLE, "").strip()
    model = environment.get(MODEL_VARIABLE, "").strip()
    if not url and not model:
        return None
    for name, value in ((URL_VARIABLE, url), (MODEL_VARIABLE, model)):
        if not value:
            raise CatalogError((issue("language_model_incomplete", variable=name),))
    if not _is_endpoint(url):
        raise CatalogError((issue("invalid_value", key=URL_VARIABLE, reason=url),))
    return ModelSettings(
        url,
        model,
        environment.get(KEY_VARIABLE, "").strip(),
        environment.get(PROVIDER_VARIABLE, "").strip() or DEFAULT_PROVIDER,
        _seconds(environment.get(SECONDS_VARIABLE, "").strip()),
    )


def _is_endpoint(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _seconds(text: str) -> float:
    if not text:
        return DEFAULT_SECONDS
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= LONGEST_SECONDS:
        raise CatalogError((issue("invalid_value", key=SECONDS_VARIABLE, reason=text),))
    return seconds
