"""Claude by the SDK's streaming interface, without the SDK: what it is asked, what is noted, what it costs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from atrium_bot.claude_model import GO_ON, ClaudeModel, Prices, claude_from_environment, prompt_of
from atrium_bot.conversation import Said
from atrium_bot.models import ModelFailed

ASKED = [Said("1", "user", "We need 120 desks")]


class ApiError(Exception):
    pass


class FakeClient:
    """``rounds`` are (words, tool input or None); ``asked`` are the messages of each request."""

    def __init__(self, *rounds: tuple[list[str], dict[str, Any] | None], error: str = "") -> None:
        self._rounds = list(rounds)
        self._error = error
        self.asked: list[list[dict[str, Any]]] = []
        self.messages = self

    @asynccontextmanager
    async def stream(self, *, messages: list[dict[str, Any]], **_: Any) -> AsyncIterator[Any]:
        self.asked.append([dict(message) for message in messages])
        if self._error:
            raise ApiError(self._error)
        words, noted = self._rounds.pop(0)
        calls = [SimpleNamespace(type="tool_use", id="call", name="note", input=noted)] if noted is not None else []

        async def text_stream() -> AsyncIterator[str]:
            for word in words:
                yield word

        async def get_final_message() -> Any:
            return SimpleNamespace(
                model="claude-sonnet-5-20260901",
                usage=SimpleNamespace(input_tokens=1_000, output_tokens=100),
                stop_reason="tool_use" if calls else "end_turn",
                content=[
                    SimpleNamespace(type="thinking", thinking="Hm", signature="s"),
                    SimpleNamespace(type="redacted_thinking", data="d"),
                    SimpleNamespace(type="text", text="".join(words)),
                    *calls,
                ],
            )

        yield SimpleNamespace(text_stream=text_stream(), get_final_message=get_final_message)


async def answer(client: FakeClient, history: list[Said], so_far: str = "", prices: Prices | None = None) -> tuple[str, Any]:
    model = ClaudeModel(client, ApiError, prices=prices)
    findings = model.findings()
    return "".join([word async for word in model.answer(history, so_far, findings)]), findings


async def test_words_come_as_they_are_streamed_and_the_answer_is_measured() -> None:
    text, findings = await answer(FakeClient((["For ", "whom?"], None)), ASKED, prices=Prices("3", "15"))

    assert text == "For whom?"
    assert (findings.model, findings.model_version, findings.tokens) == ("claude-sonnet-5", "claude-sonnet-5-20260901", 1_100)
    assert findings.cost_usd == "0.0045"


async def test_what_the_model_notes_is_found_and_it_goes_on_speaking() -> None:
    noted = {"intent": "requirement", "requirements": {"desks": 120}}
    client = FakeClient((["One moment. "], noted), (["Noted."], None))

    text, findings = await answer(client, ASKED)

    assert text == "One moment. Noted."
    assert (findings.intent, findings.requirements, findings.tokens) == ("requirement", {"desks": 120}, 2_200)
    assert findings.entities == [{"type": "number", "field": "desks", "value": 120}]
    assert [message["role"] for message in client.asked[1]] == ["user", "assistant", "user"]
    assert client.asked[1][1]["content"] == [
        {"type": "thinking", "thinking": "Hm", "signature": "s"},
        {"type": "redacted_thinking", "data": "d"},
        {"type": "text", "text": "One moment. "},
        {"type": "tool_use", "id": "call", "name": "note", "input": noted},
    ]
    assert client.asked[1][-1]["content"] == [{"type": "tool_result", "tool_use_id": "call", "content": "noted"}]


async def test_a_model_that_only_notes_comes_to_an_end() -> None:
    client = FakeClient(*[([""], {"requirements": {}})] * 9)

    await answer(client, ASKED)

    assert len(client.asked) == 4


async def test_a_failure_of_the_service_is_one_sentence() -> None:
    with pytest.raises(ModelFailed, match="the model could not answer: overloaded"):
        await answer(FakeClient(error="overloaded"), ASKED)


async def test_an_answer_that_was_cut_off_is_to_be_continued() -> None:
    client = FakeClient((["many?"], None))

    await answer(client, ASKED, "How ")

    assert client.asked[0] == [
        {"role": "user", "content": "We need 120 desks"},
        {"role": "assistant", "content": "How"},
        {"role": "user", "content": GO_ON},
    ]


def test_neither_side_speaks_twice_in_a_row_and_a_person_begins() -> None:
    history = [
        Said("1", "assistant", "Hello!"),
        Said("2", "user", "a"),
        Said("3", "system", "The price list has changed"),
        Said("4", "user", "b"),
        Said("5", "assistant", ""),
    ]

    assert prompt_of(history, "") == [
        {"role": "user", "content": "(the beginning of the conversation)"},
        {"role": "assistant", "content": "Hello!"},
        {"role": "user", "content": "a\n\n(system) The price list has changed\n\nb"},
    ]


def test_a_model_is_always_asked_something() -> None:
    assert [message["role"] for message in prompt_of([], "")] == ["user"]
    assert [message["role"] for message in prompt_of([Said("1", "user", "a"), Said("2", "assistant", "b")], "")] == [
        "user",
        "assistant",
        "user",
    ]


def test_without_the_sdk_the_bot_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "anthropic", None)

    with pytest.raises(ModelFailed, match=r"pip install 'atrium-bot\[claude\]'"):
        claude_from_environment("claude-sonnet-5", None)


def test_with_the_sdk_its_client_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    sdk = SimpleNamespace(AsyncAnthropic=lambda: "client", APIError=ApiError)
    monkeypatch.setitem(__import__("sys").modules, "anthropic", sdk)

    assert claude_from_environment("claude-sonnet-5", None).findings().model == "claude-sonnet-5"
