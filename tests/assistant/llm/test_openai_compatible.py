import socket

import pytest

from assistant.llm.model import ModelFailed, Prompt
from assistant.llm.openai_compatible import open_model
from assistant.llm.settings import ModelSettings
from tests.assistant.llm.scripted import Answer, Scripted, drips, says, sends

PROMPT = Prompt("rules", "question", {"type": "object"})
SECONDS = 1.0
HUGE = 3_000_000


def model(url: str, key: str = "secret-key", seconds: float = 20.0):  # type: ignore[no-untyped-def]
    return open_model(ModelSettings(url, "tiny-1", key, seconds=seconds))


def test_reply_is_returned_as_it_is(script: Scripted) -> None:
    script.answer = says('{"readings": []}')
    assert model(script.url).complete(PROMPT) == '{"readings": []}'
    body = script.requests[0]
    assert script.paths == ["/v1/chat/completions"]
    assert script.headers[0]["authorization"] == "Bearer secret-key"
    assert body["model"] == "tiny-1"
    assert [m["content"] for m in body["messages"]] == ["rules", "question"]
    assert body["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert not body.get("tools")


def test_endpoint_without_schemas_is_asked_plainly(script: Scripted) -> None:
    def once(handler, body):  # type: ignore[no-untyped-def]
        error = {"error": {"message": "response_format is not supported"}}
        answer = sends(error, 400) if "response_format" in body else says("[]")
        answer(handler, body)

    script.answer = once
    assert model(script.url).complete(PROMPT) == "[]"
    assert ["response_format" in body for body in script.requests] == [True, False]


REPLIES = {
    "refused: server error": ("refused", sends({"error": {"message": "boom"}}, 500)),
    "refused: wrong key": ("refused", sends({"error": {"message": "no"}}, 401)),
    "refused: too many": ("refused", sends({"error": {"message": "slow down"}}, 429)),
    "refused: bad twice": ("refused", sends({"error": {"message": "no"}}, 400)),
    "no JSON": ("malformed", sends(b"<html>hello</html>")),
    "HTML": ("malformed", sends(b"<html>hello</html>", kind="text/html")),
    "empty": ("malformed", sends(b"")),
    "null": ("malformed", sends(None)),
    "a list": ("malformed", sends([])),
    "no choices": ("malformed", sends({"choices": []})),
    "choices of another kind": ("malformed", sends({"choices": "all"})),
    "huge": ("too_large", says("x" * HUGE)),
}


@pytest.mark.parametrize("name", REPLIES)
def test_reply_that_is_none_is_a_failure(name: str, script: Scripted) -> None:
    reason, script.answer = REPLIES[name]
    with pytest.raises(ModelFailed) as failure:
        model(script.url).complete(PROMPT)
    assert failure.value.reason == reason


@pytest.mark.parametrize("answer", [drips(4), drips(4, in_headers=True)], ids=["body", "headers"])
def test_slow_endpoint_is_given_up(answer: Answer, script: Scripted) -> None:
    script.answer = answer
    with pytest.raises(ModelFailed) as failure:
        model(script.url, seconds=SECONDS).complete(PROMPT)
    assert failure.value.reason == "too_slow"


def test_nobody_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(ModelFailed) as failure:
        model(url).complete(PROMPT)
    assert failure.value.reason == "unreachable"


def test_redirect_is_not_followed(script: Scripted) -> None:
    def elsewhere(handler, body):  # type: ignore[no-untyped-def]
        if handler.path == "/elsewhere":
            says("{}")(handler, body)
        else:
            sends({}, 307, Location="/elsewhere")(handler, body)

    script.answer = elsewhere
    with pytest.raises(ModelFailed):
        model(script.url).complete(PROMPT)
    assert "/elsewhere" not in script.paths


def test_key_is_never_shown() -> None:
    assert "secret-key" not in repr(ModelSettings("http://x/v1", "m", "secret-key"))
