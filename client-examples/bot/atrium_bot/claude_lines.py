"""What Claude Code prints with ``claude -p … --output-format stream-json --verbose``: one JSON object per line, read into facts.

============  =========================================================  ==============================================
``type``      carries                                                    becomes
============  =========================================================  ==============================================
system        ``subtype: init``, ``session_id``, ``cwd``, ``model``      ``Began``
assistant     ``message.content``: text, thinking and tool_use blocks    ``Said``, ``Thought``, ``Called``
user          ``message.content``: tool_result blocks                    ``Answered``
result        ``subtype: success`` or ``error_…``, turns, time, price    ``Ended``
============  =========================================================  ==============================================

Anything else (hooks, partial messages, kinds that come later) is no fact, and a line that is no JSON is none either: Claude's
warnings reach the same pipe. Lines may carry a ``timestamp`` (``--record`` writes one), by which a replay finds its pace.
"""

import json
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Began:
    """Claude is ready. ``cwd`` is the folder it works in; paths in later lines stand below it."""

    session_id: str
    cwd: str
    model: str


@dataclass(frozen=True)
class Said:
    text: str


@dataclass(frozen=True)
class Thought:
    pass


@dataclass(frozen=True)
class Called:
    """A tool is asked for. ``by_subagent`` is true inside a Task, whose to-do list is its own."""

    call_id: str
    tool: str
    arguments: dict[str, Any] = field(default_factory=dict)
    by_subagent: bool = False


@dataclass(frozen=True)
class Answered:
    """What the tool gave back, as text."""

    call_id: str
    text: str
    is_error: bool = False


@dataclass(frozen=True)
class Ended:
    """The run is over: ``error`` is empty where it succeeded."""

    error: str
    summary: str
    turns: int
    duration_ms: int
    cost_usd: float


Fact: TypeAlias = Began | Said | Thought | Called | Answered | Ended


def facts_of(line: str) -> list[Fact]:
    """The facts of one line, in order; none for a line that says nothing to us."""
    entry = _entry(line)
    match entry.get("type"):
        case "system" if entry.get("subtype") == "init":
            return [Began(_text(entry, "session_id"), _text(entry, "cwd"), _text(entry, "model"))]
        case "assistant":
            return [fact for block in _blocks(entry) for fact in _of_assistant(block, bool(entry.get("parent_tool_use_id")))]
        case "user":
            return [_answer(block) for block in _blocks(entry) if block.get("type") == "tool_result"]
        case "result":
            return [_end(entry)]
    return []


def timestamp_of(line: str) -> str:
    """The line's ``timestamp`` (ISO 8601), or ``""``."""
    return _text(_entry(line), "timestamp")


def _entry(line: str) -> dict[str, Any]:
    """The line's object, or an empty one where it holds none."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return _printable(entry) if isinstance(entry, dict) else {}


def _printable(value: Any) -> Any:
    """The same without NUL and lone surrogates, which a tool may print and no database takes."""
    match value:
        case str():
            return value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [_printable(item) for item in value]
        case dict():
            return {key: _printable(item) for key, item in value.items()}
    return value


def _blocks(entry: dict[str, Any]) -> list[dict[str, Any]]:
    message = entry.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []


def _of_assistant(block: dict[str, Any], by_subagent: bool) -> list[Fact]:
    match block.get("type"):
        case "text" if _text(block, "text").strip():
            return [Said(_text(block, "text").strip())]
        case "thinking":
            return [Thought()]
        case "tool_use":
            arguments = block.get("input")
            return [Called(_text(block, "id"), _text(block, "name"), arguments if isinstance(arguments, dict) else {}, by_subagent)]
    return []


def _answer(block: dict[str, Any]) -> Answered:
    return Answered(_text(block, "tool_use_id"), _content_text(block.get("content")), block.get("is_error") is True)


def _content_text(content: object) -> str:
    """A tool's result is text, or a list of blocks of which the text ones count."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(_text(block, "text") for block in content if isinstance(block, dict) and block.get("type") == "text")
    return ""


def _end(entry: dict[str, Any]) -> Ended:
    summary = _text(entry, "result")
    error = ""
    if entry.get("is_error") or entry.get("subtype") != "success":
        error = _text(entry, "error") or summary or _text(entry, "subtype") or "Claude stopped without saying why"
    return Ended(
        error=error,
        summary=summary,
        turns=int(_number(entry, "num_turns")),
        duration_ms=int(_number(entry, "duration_ms")),
        cost_usd=_number(entry, "total_cost_usd"),
    )


def _text(entry: dict[str, Any], key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""


def _number(entry: dict[str, Any], key: str) -> float:
    value = entry.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
