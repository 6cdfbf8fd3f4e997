"""Claude answers: the Anthropic SDK (an optional extra), streaming, with one tool by which it notes what people want."""

import importlib
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from typing import Any

from atrium_bot.conversation import Said
from atrium_bot.models import VERSION_MAX, Findings, ModelFailed

DEFAULT_MODEL = "claude-sonnet-5"
MAX_TOKENS = 4_096
ROUNDS_MAX = 4
"""How often the model may note something in one answer and go on speaking."""

SYSTEM = """You answer in a conversation with people who plan something: a room, an office, a gift. Be brief, concrete and friendly,
and ask for one missing thing at a time. When people say what they want (counts, sizes, budget, dates, styles), note it with the
tool `note` before you answer. Everything you write is shown while you write it."""

GO_ON = "Your answer was cut off behind these words. Go on exactly there: repeat nothing, and do not mention the interruption."

NOTE: dict[str, Any] = {
    "name": "note",
    "description": "Note what the person wants, as small keys with values, and what their message is about.",
    "input_schema": {
        "type": "object",
        "properties": {
            "intent": {"type": "string", "description": "requirement, question, correction, thanks, or another single word"},
            "requirements": {"type": "object", "description": 'Such as {"desks": 120, "budget": 50000}; null takes a key back'},
        },
        "required": ["requirements"],
    },
}


class Prices:
    """US dollars per million tokens, in and out: what an answer has cost."""

    def __init__(self, tokens_in: str, tokens_out: str) -> None:
        self._in, self._out = Decimal(tokens_in), Decimal(tokens_out)

    def cost(self, tokens_in: int, tokens_out: int) -> str:
        return str(((self._in * tokens_in + self._out * tokens_out) / 1_000_000).quantize(Decimal("0.0001")))


class ClaudeModel:
    """``client`` is an ``AsyncAnthropic``; made by ``claude_from_environment``."""

    def __init__(self, client: Any, failure: type[Exception], name: str = DEFAULT_MODEL, prices: Prices | None = None) -> None:
        self._client = client
        self._failure = failure
        self._name = name
        self._prices = prices

    def findings(self) -> Findings:
        return Findings(model=self._name, model_version=self._name[:VERSION_MAX])

    async def answer(self, history: Sequence[Said], so_far: str, findings: Findings) -> AsyncIterator[str]:
        messages = prompt_of(history, so_far)
        spent = _Spent()
        try:
            for _ in range(ROUNDS_MAX):
                async with self._client.messages.stream(
                    model=self._name, max_tokens=MAX_TOKENS, system=SYSTEM, tools=[NOTE], messages=messages
                ) as stream:
                    async for text in stream.text_stream:
                        yield text
                    final = await stream.get_final_message()
                spent.add(final.usage)
                self._fill(findings, final, spent)
                calls = [block for block in final.content if block.type == "tool_use"]
                if final.stop_reason != "tool_use" or not calls:
                    return
                messages += _noted(final.content, calls, findings)
        except self._failure as failure:
            raise ModelFailed(f"the model could not answer: {failure}") from failure

    def _fill(self, findings: Findings, final: Any, spent: "_Spent") -> None:
        findings.model_version = str(final.model)[:VERSION_MAX]
        findings.tokens = spent.tokens_in + spent.tokens_out
        if self._prices is not None:
            findings.cost_usd = self._prices.cost(spent.tokens_in, spent.tokens_out)


class _Spent:
    """Tokens over all rounds of an answer."""

    def __init__(self) -> None:
        self.tokens_in = self.tokens_out = 0

    def add(self, usage: Any) -> None:
        self.tokens_in += usage.input_tokens
        self.tokens_out += usage.output_tokens


def prompt_of(history: Sequence[Said], so_far: str) -> list[dict[str, Any]]:
    """The API wants a person's message first, and neither side twice in a row; what the system said stands with the person's."""
    messages: list[dict[str, Any]] = []
    for said in history:
        role = "assistant" if said.role == "assistant" else "user"
        text = f"(system) {said.text}" if said.role == "system" else said.text
        _append(messages, role, text)
    if so_far.strip():
        _append(messages, "assistant", so_far.rstrip())
        _append(messages, "user", GO_ON)
    if not messages or messages[-1]["role"] == "assistant":
        _append(messages, "user", "(nobody has said anything new: begin, or go on)")
    return messages


def _append(messages: list[dict[str, Any]], role: str, text: str) -> None:
    if not text.strip():
        return
    if messages and messages[-1]["role"] == role:
        messages[-1]["content"] += f"\n\n{text}"
    elif messages or role == "user":
        messages.append({"role": role, "content": text})
    else:
        messages += [{"role": "user", "content": "(the beginning of the conversation)"}, {"role": role, "content": text}]


def _noted(content: Any, calls: Sequence[Any], findings: Findings) -> list[dict[str, Any]]:
    """What the model has noted goes into the findings; the two messages that let it go on speaking."""
    for call in calls:
        given = call.input if isinstance(call.input, dict) else {}
        requirements = given.get("requirements")
        findings.requirements |= requirements if isinstance(requirements, dict) else {}
        findings.intent = str(given.get("intent") or findings.intent)[:100]
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": "noted"} for call in calls]
    said = [block for each in content if (block := _block(each))]
    return [{"role": "assistant", "content": said}, {"role": "user", "content": results}]


def _block(block: Any) -> dict[str, Any]:
    """A block of an answer as it is given back; the SDK's own has fields that the API does not take."""
    match block.type:
        case "text" if block.text.strip():
            return {"type": "text", "text": block.text}
        case "tool_use":
            return {"type": "tool_use", "id": block.id, "name": block.name, "input": block.input}
        case "thinking":
            return {"type": "thinking", "thinking": block.thinking, "signature": block.signature}
        case "redacted_thinking":
            return {"type": "redacted_thinking", "data": block.data}
    return {}


def claude_from_environment(name: str, prices: Prices | None) -> ClaudeModel:
    """With the key of ``ANTHROPIC_API_KEY``. Raises ``ModelFailed`` where the SDK is not installed."""
    try:
        anthropic = importlib.import_module("anthropic")
    except ImportError:
        raise ModelFailed("ANTHROPIC_API_KEY is set, but the SDK is not there: pip install 'atrium-bot[claude]'") from None
    return ClaudeModel(anthropic.AsyncAnthropic(), anthropic.APIError, name, prices)
