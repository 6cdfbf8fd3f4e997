"""Lines of Claude Code's stream-json output become facts; whatever else comes through the pipe becomes none."""

import json

import pytest
from atrium_bot.claude_lines import Answered, Began, Called, Ended, Said, Thought, facts_of, timestamp_of


def line(**entry: object) -> str:
    return json.dumps(entry)


def test_the_first_line_says_which_session_began_where() -> None:
    began = facts_of(line(type="system", subtype="init", session_id="s1", cwd="/repo", model="sonnet", tools=["Bash"]))

    assert began == [Began(session_id="s1", cwd="/repo", model="sonnet")]


def test_blocks_of_one_message_become_facts_in_their_order() -> None:
    blocks = [
        {"type": "thinking", "thinking": "hm"},
        {"type": "text", "text": " I look. "},
        {"type": "tool_use", "id": "t1", "name": "Read", "input": {"file_path": "/repo/a.py"}},
    ]

    facts = facts_of(line(type="assistant", message={"content": blocks}, parent_tool_use_id=None))

    assert facts == [Thought(), Said("I look."), Called("t1", "Read", {"file_path": "/repo/a.py"})]


def test_a_call_inside_a_task_is_marked_as_the_subagents() -> None:
    blocks = [{"type": "tool_use", "id": "t2", "name": "Grep", "input": {}}]

    (call,) = facts_of(line(type="assistant", message={"content": blocks}, parent_tool_use_id="t1"))

    assert call == Called("t2", "Grep", {}, by_subagent=True)


@pytest.mark.parametrize(
    "content", ["12 passed", [{"type": "text", "text": "12 passed"}, {"type": "image", "source": {}}]], ids=["text", "blocks"]
)
def test_a_tools_answer_is_text_in_either_shape(content: object) -> None:
    blocks = [{"type": "tool_result", "tool_use_id": "t1", "content": content}]

    assert facts_of(line(type="user", message={"content": blocks})) == [Answered("t1", "12 passed", is_error=False)]


def test_a_result_says_how_long_and_how_much() -> None:
    (end,) = facts_of(
        line(type="result", subtype="success", is_error=False, result="Done.", num_turns=3, duration_ms=4500, total_cost_usd=0.02)
    )

    assert end == Ended(error="", summary="Done.", turns=3, duration_ms=4500, cost_usd=0.02)


@pytest.mark.parametrize(
    ("entry", "error"),
    [
        ({"subtype": "error_max_turns", "is_error": False}, "error_max_turns"),
        ({"subtype": "error_during_execution", "is_error": True, "error": "API overloaded"}, "API overloaded"),
        ({"subtype": "success", "is_error": True, "result": "Credit balance is too low"}, "Credit balance is too low"),
    ],
    ids=["turns used up", "broken", "success in name only"],
)
def test_every_way_of_failing_says_why(entry: dict[str, object], error: str) -> None:
    (end,) = facts_of(line(type="result", **entry))

    assert isinstance(end, Ended)
    assert end.error == error


@pytest.mark.parametrize(
    "noise",
    [
        "",
        "npm warn something",
        "[1, 2]",
        '"text"',
        "{",
        "[" * 100_000,
        line(type="stream_event", event={}),
        line(type="assistant"),
        line(type="assistant", message={"content": "plain"}),
        line(type="user", message={"content": ["x"]}),
        line(type="system", subtype="hook"),
    ],
    ids=[
        "empty",
        "warning",
        "list",
        "string",
        "half",
        "deep",
        "partial message",
        "no message",
        "plain content",
        "odd block",
        "hook",
    ],
)
def test_noise_is_no_fact(noise: str) -> None:
    assert facts_of(noise) == []


def test_what_no_database_takes_is_replaced() -> None:
    blocks = [{"type": "tool_result", "tool_use_id": "t1", "content": "a\0b\ud800c"}]

    assert facts_of(line(type="user", message={"content": blocks})) == [
        Answered("t1", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c")
    ]


def test_a_recorded_line_carries_its_time() -> None:
    assert timestamp_of(line(type="user", timestamp="2025-11-18T09:30:00.000Z")) == "2025-11-18T09:30:00.000Z"
    assert timestamp_of(line(type="user")) == ""
    assert timestamp_of("nothing") == ""
