"""Owns `LanguageModel`: what a provider of language models must do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from assistant.llm.settings import ModelSettings

Failure = Literal["unreachable", "too_slow", "too_large", "refused", "malformed"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is sent. `schema` is the JSON schema that its reply must satisfy."""

    system: str
    user: str
    schema: dict[str, Any]


class ModelFailed(Exception):
    """A model gave no reply that can be used; `reason` says how it failed."""

    def __init__(self, reason: Failure) -> None:
        super().__init__(reason)
        self.reason: Failure = reason


class LanguageModel(Protocol):
    """A model that completes one prompt."""

    def complete(self, prompt: Prompt) -> str:
        """Return the text of the reply; raises ModelFailed and nothing else of the world."""
        ...


Provider = Callable[[ModelSettings], LanguageModel]
"""Opens a model; registered under the entry point group `askmetric.language_models`."""
