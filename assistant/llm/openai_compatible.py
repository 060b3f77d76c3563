"""Owns the provider for endpoints that speak OpenAI's chat completions; imports it when asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from assistant.llm.model import ModelFailed, Prompt
from assistant.llm.settings import ModelSettings
from metric_catalog.errors import CatalogError
from metric_catalog.issues import issue

if TYPE_CHECKING:
    from langchain_openai import ChatOpenAI

NO_KEY = "none"
"""Local endpoints need no key, but the client insists on one."""
SCHEMA_NAME = "readings"


def open_model(settings: ModelSettings) -> OpenAICompatible:
    """Return the model of `settings`; raises CatalogError where its packages are missing."""
    if find_spec("langchain_openai") is None:
        raise CatalogError((issue("language_model_not_installed", extra="llm"),))
    return OpenAICompatible(settings)


@dataclass
class OpenAICompatible:
    """One model behind an OpenAI-compatible URL. Nothing is loaded before the first prompt."""

    settings: ModelSettings

    def complete(self, prompt: Prompt) -> str:
        """Return the text of the reply; raises ModelFailed."""
        import httpx
        import openai

        client = self._client  # made before the clock starts: its packages take seconds to load
        pool = ThreadPoolExecutor(1)
        try:
            return pool.submit(_ask, client, prompt).result(timeout=self.settings.seconds)
        except (TimeoutError, openai.APITimeoutError) as error:
            raise ModelFailed("too_slow") from error
        except openai.APIConnectionError as error:
            raise _cause(error) from error
        except (openai.APIStatusError, httpx.HTTPStatusError) as error:
            raise ModelFailed("refused") from error
        except (openai.OpenAIError, httpx.HTTPError) as error:
            raise ModelFailed("unreachable") from error
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            # The client builds its objects from the reply without checking its shape.
            raise ModelFailed("malformed") from error
        finally:
            pool.shutdown(wait=False)

    @cached_property
    def _client(self) -> ChatOpenAI:
        import httpx
        from langchain_openai import ChatOpenAI
        from pydantic import SecretStr

        from assistant.llm.capped import CappedTransport

        seconds = self.settings.seconds
        return ChatOpenAI(
            model=self.settings.model,
            base_url=self.settings.url,
            api_key=SecretStr(self.settings.key or NO_KEY),
            temperature=0,
            max_retries=0,
            timeout=seconds,
            use_responses_api=False,
            http_client=httpx.Client(
                transport=CappedTransport(seconds), timeout=seconds, follow_redirects=False
            ),
        )


def _ask(client: ChatOpenAI, prompt: Prompt) -> str:
    """Ask for the schema; plainly where the endpoint does not know how to keep to one."""
    import openai
    from langsmith import tracing_context

    messages = [("system", prompt.system), ("user", prompt.user)]
    schema = {"name": SCHEMA_NAME, "strict": True, "schema": prompt.schema}
    kept = {"type": "json_schema", "json_schema": schema}
    # What people ask goes to the endpoint they chose and to nobody else.
    with tracing_context(enabled=False):
        try:
            reply = client.invoke(messages, response_format=kept)
        except (openai.BadRequestError, openai.UnprocessableEntityError):
            reply = client.invoke(messages)
    return _text(reply.content)


def _text(content: Any) -> str:
    if not isinstance(content, str):
        raise ModelFailed("malformed")
    return content


def _cause(error: BaseException) -> ModelFailed:
    """Return what the transport said where it is behind the client's own error."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ModelFailed):
            return cause
        cause = cause.__cause__ or cause.__context__
    return ModelFailed("unreachable")
