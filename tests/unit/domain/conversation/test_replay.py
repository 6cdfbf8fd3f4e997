"""Whatever people and bots do: replay equals live, and a view with the events behind it equals the later view."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.event_codec import EventCodec, decode, encode
from domain.kinds.conversation.commands import COMMANDS
from domain.kinds.conversation.decider import CONVERSATION
from domain.kinds.conversation.fitting import VIEW_MAX_BYTES
from domain.kinds.conversation.state import MESSAGES_MAX, TURNS_MAX, Conversation
from domain.parts.json_merge import merged
from domain.record import Record
from domain.rejections import Rejection
from tests.unit.domain.conversation.samples import MAY_GIVE, SOME_ID, fields_of
from tests.unit.domain.conversation.talk import HAL, Talk
from tests.unit.domain.story import ADA, BEN, BOT, CLOCK, GUEST

PEOPLE = (ADA, BEN, BOT, HAL, CLOCK, GUEST)
codec = EventCodec({CONVERSATION.kind: CONVERSATION})
some = settings(max_examples=40, deadline=None)
"""A life is some thirty commands; a slow machine may take its time."""

texts = st.sampled_from(["short", "€ and 😀", "x" * 15_000])
objects = st.sampled_from([{"a": 1}, {"a": None, "b": {"c": 2}}, {"b": {"c": None}}, {"d": "y" * 9_000}])


def fields_for(story: Talk, verb: str) -> st.SearchStrategy[dict[str, Any]]:
    """Fields that often fit what the conversation holds, and sometimes do not."""
    state = story.state
    turns = st.sampled_from([*[turn.id for turn in state.turns] * 3, SOME_ID])
    ended = st.sampled_from([*[m.turn_id for m in state.messages if m.turn_id], SOME_ID])
    messages = st.sampled_from([*[message.id for message in state.messages[-3:]], SOME_ID])
    resumes = st.none() if state.turns == () else st.none() | turns
    by_verb: dict[str, st.SearchStrategy[dict[str, Any]]] = {
        "start": st.fixed_dictionaries({"context": st.sampled_from([{}, {"title": "T"}])}),
        "say": st.fixed_dictionaries({"text": texts}),
        "begin_turn": st.fixed_dictionaries({"resume_turn": resumes}),
        "append_turn": st.builds(lambda id, text: piece(story, id, text), turns, texts),
        "complete_turn": turns.map(story.whole),
        "stop_turn": st.fixed_dictionaries({"turn_id": turns}),
        "interrupt_turn": st.fixed_dictionaries({"turn_id": turns}),
        "fail_turn": st.builds(lambda id: {"turn_id": id, "attempt": attempt(story, id), "error": "no"}, turns),
        "rate_turn": st.fixed_dictionaries({"turn_id": ended, "rating": st.integers(1, 5)}),
        "annotate": st.fixed_dictionaries({"message_id": messages, "entities": st.just(({"a": "b"},))}),
        "set_context": st.fixed_dictionaries({"context": objects}),
        "set_requirements": st.fixed_dictionaries({"requirements": objects}),
    }
    return by_verb.get(verb, st.just(fields_of(verb)))


def attempt(story: Talk, turn_id: str) -> int:
    turn = story.state.turn(turn_id)
    return turn.attempt if turn else 1


def piece(story: Talk, turn_id: str, text: str) -> dict[str, Any]:
    return {"turn_id": turn_id, "attempt": attempt(story, turn_id), "position": len(story.told(turn_id)), "text": text}


def sensible(state: Conversation) -> list[str]:
    """Commands that lead on from here; ends come rarely."""
    if not state.is_there:
        return ["start"]
    verbs = ["say", "say", "begin_turn", "annotate", "rate_turn", "set_context", "set_requirements", "summarise"]
    return verbs + ["append_turn", "append_turn", "complete_turn", "stop_turn", "fail_turn", "interrupt_turn"] * bool(state.turns)


@st.composite
def lives(draw: st.DrawFn) -> Talk:
    """A random story: many commands, most of them sensible, some refused."""
    story = Talk()
    for _ in range(draw(st.integers(0, 40))):
        story.at_ms += draw(st.sampled_from([0, 1, 1_000, 40_000]))
        verb = draw(st.sampled_from(sensible(story.state)) if draw(st.integers(0, 9)) else st.sampled_from(sorted(COMMANDS)))
        who = MAY_GIVE[verb] if draw(st.integers(0, 7)) else draw(st.sampled_from(PEOPLE))
        give(story, who, verb, draw(fields_for(story, verb)))
    return story


def give(story: Talk, who: Any, verb: str, fields: dict[str, Any]) -> None:
    before = story.state
    try:
        story.when(who, verb, **fields)
    except Rejection as rejection:
        assert str(rejection)
        assert story.state is before


def fold(state: Conversation, records: list[Record]) -> Conversation:
    for record in records:
        state = CONVERSATION.evolve(state, record)
    return state


@some
@given(lives(), st.data())
def test_an_early_view_and_the_events_behind_it_are_the_later_view(story: Talk, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(story.records)))
    early = fold(CONVERSATION.initial(story.room), story.records[:at])
    from_snapshot = fold(decode(encode(early), Conversation), story.records[at:])

    assert encode(CONVERSATION.view(from_snapshot)) == encode(CONVERSATION.view(story.state))
    assert from_snapshot == story.state


@some
@given(lives())
def test_everything_stays_within_its_bounds(story: Talk) -> None:
    state = story.state

    assert len(encode(story.view)) <= VIEW_MAX_BYTES
    assert len(state.messages) <= MESSAGES_MAX
    assert len(state.turns) <= TURNS_MAX
    assert state.message_bytes == sum(len(encode(message)) for message in state.messages)
    assert set(story.folds) <= CONVERSATION.live_keys(state)


@some
@given(lives())
def test_what_is_due_is_named_once_and_live(story: Talk) -> None:
    deadlines = CONVERSATION.due(story.state)

    assert len({deadline.what for deadline in deadlines}) == len(deadlines)
    assert {deadline.quiet_key for deadline in deadlines if deadline.quiet_key} <= CONVERSATION.live_keys(story.state)


@some
@given(lives())
def test_the_conversation_is_what_a_plain_reader_of_its_log_makes_of_it(story: Talk) -> None:
    """The model: one dictionary, told as the documents say it."""
    model: dict[str, Any] = {}
    for record in story.records:
        read(model, record, msgspec.json.decode(record.body))
    view = msgspec.json.decode(encode(story.view))

    assert story.state.is_there == bool(model)
    if model:
        for key in ("status", "context", "requirements", "summary"):
            assert view["conversation"][key] == model[key]
        assert view["conversation"]["owner"]["id"] == model["owner"]
        shown = len(view["messages"])
        assert [(m["id"], m["text"], m["rating"]) for m in view["messages"]] == [tuple(m) for m in model["messages"][-shown:]][
            :shown
        ]
        assert [turn["id"] for turn in view["turns"]] == model["turns"]


def read(model: dict[str, Any], record: Record, event: dict[str, Any]) -> None:
    match event["type"]:
        case "conversation_started":
            model |= {"status": "active", "context": event.get("context", {}), "requirements": {}, "summary": ""}
            model |= {"owner": record.actor.id, "messages": [], "turns": []}
        case "message_added":
            model["messages"].append([record.id, event["text"], None])
        case "turn_started":
            model["turns"].append(record.id)
        case "turn_completed" | "turn_stopped" | "turn_failed":
            model["turns"].remove(event["turn_id"])
        case "turn_rated":
            next(message for message in model["messages"] if message[0] == event["message_id"])[2] = event["rating"]
        case "context_set":
            model["context"] = merged({}, event["context"])
        case "requirements_extracted":
            model["requirements"] = event["requirements"]
        case "conversation_summarised":
            model["summary"] = event["summary"]
        case "conversation_completed" | "conversation_abandoned":
            model["status"] = event["type"].removeprefix("conversation_")
        case "conversation_claimed":
            model["owner"] = event["user_id"]
        case "conversation_deleted":
            model.clear()
