"""Turns, rule by rule: told by one bot, taken over, stopped, failed, interrupted, rated."""

from typing import Any

import pytest

from domain.decider import Piece
from domain.ids import ThingId
from domain.kinds.conversation import events as did
from domain.kinds.conversation.rules_of_turns import RATED_WITHIN_MS
from domain.kinds.conversation.state import TURN_MAX_BYTES, TURNS_MAX
from domain.kinds.conversation.ticks import turn_key
from domain.limits import PIECE_MAX
from domain.rejections import LimitReached, Malformed, NotYet, NotYours, OutOfOrder, Rejection, UnknownThing, WrongStatus
from tests.unit.domain.conversation.samples import SOME_ID
from tests.unit.domain.conversation.talk import HAL, MODEL, Talk, answered, answering, interrupted, sha256_of, stopped, talk
from tests.unit.domain.story import ADA, BOT, CLOCK


def test_a_turn_answers_what_was_said_last() -> None:
    story = talk()
    said = story.say()

    assert story.when(BOT, "begin_turn") == (did.TurnStarted(reply_to=said, on_behalf_of=ADA.actor.id),)
    (turn,) = story.state.turns
    assert (turn.id, turn.teller, turn.attempt, turn.status) == (story.records[-1].id, BOT.actor, 1, "running")


def test_a_bot_may_speak_first() -> None:
    assert talk().when(BOT, "begin_turn") == (did.TurnStarted(),)


def test_a_piece_of_a_turn_passes_and_is_no_event() -> None:
    story, turn_id = answering("")
    command = story.command("append_turn", turn_id=turn_id, attempt=1, position=0, text="How ")
    decision = story.decide(BOT, command)

    assert decision.events == ()
    assert decision.pieces == (Piece(key=turn_key(turn_id), attempt=1, position=0, text="How "),)


def test_only_so_many_turns_are_open_at_once() -> None:
    story = talk()
    for _ in range(TURNS_MAX):
        story.begin()

    with pytest.raises(LimitReached, match="4 turns are open here"):
        story.begin()


def test_a_completed_turn_is_a_message_and_then_complete() -> None:
    story, turn_id = answering("How many people?", project_id=SOME_ID)
    more: dict[str, Any] = {"tokens": 7, "latency_ms": 900, "cost_usd": "0.0012", "confidence": 0.5, "actions": ({"type": "x"},)}

    added, completed = story.when(BOT, "complete_turn", **story.whole(turn_id, **more))

    assert added == did.MessageAdded(role="assistant", text="How many people?", turn_id=turn_id, attempt=1, author_id=BOT.actor.id)
    assert completed == did.TurnCompleted(
        turn_id=turn_id,
        message_id=story.records[-2].id,
        project_id=ThingId(SOME_ID),
        on_behalf_of=ADA.actor.id,
        **MODEL,
        **more,
    )
    message = story.state.message_of(turn_id)
    assert (message.text, message.by, message.model, message.tokens) == ("How many people?", BOT.actor, "claude-sonnet", 7)
    assert (message.actions, message.metric_id) == (({"type": "x"},), story.records[-1].id)
    assert story.state.turns == ()
    assert story.folds == {}


@pytest.mark.parametrize("length", [0, 3, 17, 400])
def test_a_turn_of_which_text_is_missing_here_is_not_completed(length: int) -> None:
    story, turn_id = answering("How many people?")

    with pytest.raises(OutOfOrder, match="go on with attempt 1 at position 16") as refused:
        story.when(BOT, "complete_turn", **story.whole(turn_id, length=length))

    assert (refused.value.expected_attempt, refused.value.expected_position) == (1, 16)


def test_a_turn_of_which_another_text_is_here_is_not_completed() -> None:
    story, turn_id = answering("How many people?")

    with pytest.raises(WrongStatus, match="another text was told"):
        story.when(BOT, "complete_turn", **story.whole(turn_id, sha256=sha256_of("How many peoplE?")))


def test_a_turn_without_a_word_is_not_completed() -> None:
    story, turn_id = answering("")

    with pytest.raises(WrongStatus, match="nothing was told"):
        story.when(BOT, "complete_turn", **story.whole(turn_id))


def test_characters_are_counted_and_bytes_are_hashed() -> None:
    story, turn_id = answering("für 😀 Leute")

    story.given(BOT, "complete_turn", **story.whole(turn_id, length=11, sha256=sha256_of("für 😀 Leute")))
    assert story.state.messages[-1].text == "für 😀 Leute"


@pytest.mark.parametrize(
    "action,path",
    [
        ({}, r"\$\.actions\[1\]\.type"),
        ({"type": 5}, r"\$\.actions\[1\]\.type"),
        ({"type": "x" * 101}, r"\$\.actions\[1\]\.type"),
        ({"type": "update_project"}, r"\$\.actions\[1\]\.updates"),
    ],
)
def test_an_action_without_its_form_is_refused_with_its_path(action: dict[str, Any], path: str) -> None:
    story, turn_id = answering()

    with pytest.raises(Malformed, match=path):
        story.when(BOT, "complete_turn", **story.whole(turn_id, actions=({"type": "note"}, action)))


def test_changing_a_project_is_refused_at_once_where_there_is_none() -> None:
    story, turn_id = answering()
    actions = ({"type": "update_project", "updates": {"name": "x"}},)

    events = story.when(BOT, "complete_turn", **story.whole(turn_id, actions=actions))

    assert events[2:] == (
        did.ActionRefused(turn_id=turn_id, action="update_project", reason="this conversation belongs to no project"),
    )


def test_changing_a_project_is_refused_at_once_where_nobody_had_asked() -> None:
    story = talk(project_id=SOME_ID)
    turn_id = story.begin()
    story.tell(turn_id, "Hello")

    events = story.when(BOT, "complete_turn", **story.whole(turn_id, actions=({"type": "update_project", "updates": {}},)))

    assert events[-1] == did.ActionRefused(
        turn_id=turn_id, action="update_project", reason="nobody had said anything before this turn"
    )


@pytest.mark.parametrize("who", ["the owner", "while it waits for a takeover"])
def test_what_a_stopped_turn_had_said_is_a_message(who: str) -> None:
    story, turn_id = answering() if who == "the owner" else interrupted()

    added, ended = story.when(ADA, "stop_turn", turn_id=turn_id)

    assert added == did.MessageAdded(
        role="assistant", text="How many ", metadata={"ended": "stopped"}, turn_id=turn_id, attempt=1, author_id=BOT.actor.id
    )
    assert ended == did.TurnStopped(turn_id=turn_id, message_id=story.records[-2].id)
    assert story.state.messages[-1].by == BOT.actor


def test_a_turn_that_had_said_nothing_leaves_no_message() -> None:
    story, turn_id = answering("")

    assert story.when(ADA, "stop_turn", turn_id=turn_id) == (did.TurnStopped(turn_id=turn_id),)
    assert len(story.state.messages) == 1


def test_what_a_failed_turn_had_said_is_a_message() -> None:
    story, turn_id = answering()

    added, failed = story.when(BOT, "fail_turn", turn_id=turn_id, attempt=1, error="overloaded")

    assert added == did.MessageAdded(
        role="assistant", text="How many ", metadata={"ended": "failed"}, turn_id=turn_id, attempt=1, author_id=BOT.actor.id
    )
    assert failed == did.TurnFailed(turn_id=turn_id, error="overloaded", message_id=story.records[-2].id)


TELLING = ("append_turn", "complete_turn", "fail_turn")


def fields_for(story: Talk, verb: str, turn_id: str, attempt: int = 1) -> dict[str, Any]:
    match verb:
        case "append_turn":
            return {"turn_id": turn_id, "attempt": attempt, "position": len(story.told(turn_id)), "text": "more"}
        case "complete_turn":
            return story.whole(turn_id, attempt=attempt)
        case _:
            return {"turn_id": turn_id, "attempt": attempt, "error": "no"}


@pytest.mark.parametrize("verb", TELLING)
def test_a_turn_has_one_teller(verb: str) -> None:
    story, turn_id = answering()

    with pytest.raises(NotYours, match="told by Claude"):
        story.when(HAL, verb, **fields_for(story, verb, turn_id))


@pytest.mark.parametrize("verb", TELLING)
def test_a_wrong_attempt_is_refused_with_the_expected_place(verb: str) -> None:
    story, turn_id = answering()

    with pytest.raises(OutOfOrder, match="attempt 1 of this turn is being told, not 2") as refused:
        story.when(BOT, verb, **fields_for(story, verb, turn_id, attempt=2))

    assert (refused.value.expected_attempt, refused.value.expected_position) == (1, 9)


@pytest.mark.parametrize("position", [0, 8, 10, 4_000])
def test_a_wrong_position_is_refused_with_the_expected_one(position: int) -> None:
    story, turn_id = answering()

    with pytest.raises(OutOfOrder) as refused:
        story.when(BOT, "append_turn", turn_id=turn_id, attempt=1, position=position, text="zzz")

    assert (refused.value.expected_attempt, refused.value.expected_position) == (1, 9)
    assert "go on with attempt 1 at position 9" in str(refused.value)


@pytest.mark.parametrize("verb", TELLING)
def test_a_stopped_turn_is_told_no_further(verb: str) -> None:
    story, turn_id = stopped()

    with pytest.raises(WrongStatus, match="this turn has ended: it was stopped"):
        story.when(BOT, verb, **fields_for(story, verb, turn_id))


@pytest.mark.parametrize("verb", TELLING)
def test_an_interrupted_turn_is_told_further_only_by_who_takes_it_over(verb: str) -> None:
    story, turn_id = interrupted()

    with pytest.raises(WrongStatus, match="take it over first"):
        story.when(BOT, verb, **fields_for(story, verb, turn_id))


@pytest.mark.parametrize("verb", ["stop_turn", "append_turn"])
def test_a_turn_that_nobody_knows_has_its_own_sentence(verb: str) -> None:
    story = talk()
    who = ADA if verb == "stop_turn" else BOT
    fields = {"turn_id": SOME_ID} if verb == "stop_turn" else fields_for(story, verb, SOME_ID)

    with pytest.raises(UnknownThing, match="it has ended, or was never begun"):
        story.when(who, verb, **fields)


def test_another_bot_takes_an_interrupted_turn_over_with_all_that_was_said() -> None:
    story, turn_id = interrupted()
    command = story.command("begin_turn", resume_turn=turn_id)

    decision = story.decide(HAL, command)
    story.give(HAL, command)

    assert decision.events == (did.TurnResumed(turn_id=turn_id, attempt=2, position=9),)
    assert decision.pieces == (Piece(key=turn_key(turn_id), attempt=2, position=0, text="How many "),)
    story.tell(turn_id, "people?", HAL)
    story.given(HAL, "complete_turn", **story.whole(turn_id))
    message = story.state.message_of(turn_id)
    assert (message.text, message.by, message.attempt) == ("How many people?", HAL.actor, 2)


def test_a_turn_that_had_said_nothing_is_taken_over_from_its_beginning() -> None:
    story, turn_id = answering("")
    story.interrupt(turn_id)
    command = story.command("begin_turn", resume_turn=turn_id)

    assert story.decide(HAL, command).pieces == ()
    story.give(HAL, command)
    story.tell(turn_id, "Hello", HAL)
    assert story.told(turn_id) == "Hello"


@pytest.mark.parametrize("verb", TELLING)
def test_a_superseded_bot_cannot_write(verb: str) -> None:
    story, turn_id = interrupted()
    story.given(HAL, "begin_turn", resume_turn=turn_id)

    with pytest.raises(NotYours, match="told by Hal"):
        story.when(BOT, verb, **fields_for(story, verb, turn_id))


def test_a_bot_that_was_started_again_fences_its_old_process() -> None:
    story, turn_id = answering()
    story.given(BOT, "begin_turn", resume_turn=turn_id)

    with pytest.raises(OutOfOrder) as refused:
        story.when(BOT, "append_turn", turn_id=turn_id, attempt=1, position=9, text="old")
    assert refused.value.expected_attempt == 2
    story.tell(turn_id, "people?")
    assert story.told(turn_id) == "How many people?"


def test_a_running_turn_is_not_taken_from_another() -> None:
    story, turn_id = answering()

    with pytest.raises(WrongStatus, match="told by Claude: it can be taken over once it was interrupted"):
        story.when(HAL, "begin_turn", resume_turn=turn_id)


def test_a_turn_holds_so_much_text_and_says_so() -> None:
    story, turn_id = answering("")
    piece = "x" * PIECE_MAX
    for _ in range(TURN_MAX_BYTES // PIECE_MAX - 1):
        story.tell(turn_id, piece)

    with pytest.raises(LimitReached, match="a turn holds 128 KiB of text"):
        story.tell(turn_id, piece)
    story.when(BOT, "append_turn", turn_id=turn_id, attempt=1, position=0, text=piece)
    story.given(BOT, "complete_turn", **story.whole(turn_id))
    assert len(story.state.messages[-1].text) == TURN_MAX_BYTES - PIECE_MAX


def test_the_bound_of_a_turn_counts_what_json_makes_of_it() -> None:
    story, turn_id = answering("")
    story.tell(turn_id, "\x01" * 16_000)

    with pytest.raises(LimitReached):
        story.tell(turn_id, "\x01" * 6_000)


def test_the_clock_interrupts_a_silent_turn_and_no_other() -> None:
    story, turn_id = answering()
    heard_at = story.at_ms
    story.at_ms += 29_999
    with pytest.raises(NotYet) as early:
        story.when(CLOCK, "interrupt_turn", turn_id=turn_id)
    assert early.value.at_ms == heard_at + 30_000

    story.at_ms += 1
    assert story.when(CLOCK, "interrupt_turn", turn_id=turn_id) == (
        did.TurnInterrupted(turn_id=turn_id, attempt=1, owner_id=ADA.actor.id),
    )
    with pytest.raises(WrongStatus, match="interrupted already"):
        story.when(CLOCK, "interrupt_turn", turn_id=turn_id)


def test_an_answer_is_rated_and_rated_again() -> None:
    story, turn_id = answered()
    message = story.state.message_of(turn_id)

    (rated,) = story.when(ADA, "rate_turn", turn_id=turn_id, rating=4)
    assert rated == did.TurnRated(turn_id=turn_id, message_id=message.id, metric_id=message.metric_id, rating=4)
    (rated,) = story.when(ADA, "rate_turn", turn_id=turn_id, accepted=True)
    assert (rated.rating, rated.accepted) == (4, True)  # type: ignore[attr-defined]  # a rating's own
    message = story.state.message_of(turn_id)
    assert (message.rating, message.accepted) == (4, True)


def test_an_answer_of_long_ago_is_not_rated_any_more() -> None:
    story, turn_id = answered()
    story.at_ms += RATED_WITHIN_MS
    story.when(ADA, "rate_turn", turn_id=turn_id, rating=4)
    story.at_ms += 1

    with pytest.raises(WrongStatus, match="older than 300 days"):
        story.when(ADA, "rate_turn", turn_id=turn_id, rating=5)


def test_a_rating_that_says_nothing_is_refused() -> None:
    story, turn_id = answered()

    with pytest.raises(Malformed, match="nothing to rate"):
        story.when(ADA, "rate_turn", turn_id=turn_id)


@pytest.mark.parametrize(
    "made,refusal,sentence",
    [
        (answering, WrongStatus, "still being told"),
        (stopped, WrongStatus, "only a turn that was told to its end"),
        (lambda: (talk(), SOME_ID), UnknownThing, "no turn among the newest 0 messages"),
    ],
)
def test_only_a_completed_turn_is_rated(made: Any, refusal: type[Rejection], sentence: str) -> None:
    story, turn_id = made()

    with pytest.raises(refusal, match=sentence):
        story.when(ADA, "rate_turn", turn_id=turn_id, rating=1)


def test_a_refusal_of_another_room_is_told() -> None:
    story, turn_id = answered()

    events = story.when(CLOCK, "note_refusal", turn_id=turn_id, action="update_project", reason="not there")

    assert events == (did.ActionRefused(turn_id=turn_id, action="update_project", reason="not there"),)
