"""Turns: answers that are seen while they are told. One bot tells a turn; who takes it over begins the next attempt.

::

    begin ─▶ running ── complete ─▶ its text is a message, with model, tokens, cost and actions
              │  ▲   └── stop, fail ─▶ what was said of it is a message, marked
              │  └────── begin with resume_turn (attempt + 1) ──────┐
              └───────── interrupt (the bot is silent) ─▶ interrupted ── stop ─▶ as above
"""

import hashlib
from typing import Any

from domain.decider import Context, Decision, Piece
from domain.event_codec import encode
from domain.ids import ThingId
from domain.kinds.conversation import commands as ask
from domain.kinds.conversation import events as did
from domain.kinds.conversation.clock import check_silence
from domain.kinds.conversation.state import TURN_MAX_BYTES, TURNS_MAX, Conversation
from domain.kinds.conversation.ticks import turn_key
from domain.kinds.conversation.view import Message, Turn
from domain.record import Event
from domain.rejections import LimitReached, Malformed, NotYours, OutOfOrder, UnknownThing, WrongStatus

UPDATE_PROJECT = "update_project"
RATED_WITHIN_MS = 300 * 24 * 60 * 60 * 1000
"""A rating stands in the turn's metric, and metrics are summed up by week after a year."""
JSON_WORST = 6
"""Bytes that one character takes in JSON at most: ``\\u0001``."""


def begin_turn(state: Conversation, command: ask.BeginTurn, context: Context) -> Decision:
    """The turn has the event's id; it answers what was said last."""
    if command.resume_turn is not None:
        return _resume(state, find_open(state, command.resume_turn), context)
    if len(state.turns) >= TURNS_MAX:
        raise LimitReached(f"{TURNS_MAX} turns are open here: one of them has to end first, or to be taken over (resume_turn)")
    reply_to, on_behalf_of = state.last_said or (None, None)
    return Decision((did.TurnStarted(reply_to=reply_to, on_behalf_of=on_behalf_of),))


def _resume(state: Conversation, turn: Turn, context: Context) -> Decision:
    """The new attempt begins with all that was kept, so whoever listens sees it go on."""
    if turn.status == "running" and turn.teller.id != context.actor.id:
        raise WrongStatus(f"this turn is being told by {_name(turn)}: it can be taken over once it was interrupted")
    kept = context.told.get(turn_key(turn.id), "")
    event = did.TurnResumed(turn_id=turn.id, attempt=turn.attempt + 1, position=len(kept))
    pieces = (Piece(key=turn_key(turn.id), attempt=event.attempt, position=0, text=kept),) if kept else ()
    return Decision((event,), pieces=pieces)


def append_turn(state: Conversation, command: ask.AppendTurn, context: Context) -> Decision:
    """The attempt is checked here, the position by the fold of the stream (``domain.parts.streams``)."""
    turn = _told_by(state, command.turn_id, command.attempt, context)
    told = context.told.get(turn_key(turn.id), "")
    _check_size(told, command)
    piece = Piece(key=turn_key(turn.id), attempt=command.attempt, position=command.position, text=command.text)
    return Decision(pieces=(piece,))


def complete_turn(state: Conversation, command: ask.CompleteTurn, context: Context) -> Decision:
    """Refused while text is missing here: after a crash of the server the last second of it may be gone."""
    turn = _told_by(state, command.turn_id, command.attempt, context)
    _check_actions(command.actions)
    told = context.told.get(turn_key(turn.id), "")
    if not told and not command.length:
        raise WrongStatus("nothing was told in this turn: tell something, or end it (conversation.fail_turn)")
    _check_whole(told, command)
    completed = did.TurnCompleted(
        turn_id=turn.id,
        message_id=context.id_of_event(),
        model=command.model,
        model_version=command.model_version,
        tokens=command.tokens,
        latency_ms=command.latency_ms,
        cost_usd=command.cost_usd,
        confidence=command.confidence,
        actions=command.actions,
        project_id=state.face.project_id,
        on_behalf_of=turn.on_behalf_of,
    )
    return Decision((_message(turn, told), completed, *_refused_at_once(completed)))


def stop_turn(state: Conversation, command: ask.StopTurn, context: Context) -> Decision:
    return Decision(stopped(find_open(state, command.turn_id), context, 0))


def stopped(turn: Turn, context: Context, ordinal: int) -> tuple[Event, ...]:
    """The end of a turn that somebody stops, as the events of a decision from ``ordinal`` on."""
    message = _what_was_said(turn, context, "stopped")
    message_id = context.id_of_event(ordinal) if message else None
    return (*message, did.TurnStopped(turn_id=turn.id, message_id=message_id))


def fail_turn(state: Conversation, command: ask.FailTurn, context: Context) -> Decision:
    turn = _told_by(state, command.turn_id, command.attempt, context)
    message = _what_was_said(turn, context, "failed")
    message_id = context.id_of_event() if message else None
    return Decision((*message, did.TurnFailed(turn_id=turn.id, error=command.error, message_id=message_id)))


def interrupt_turn(state: Conversation, command: ask.InterruptTurn, context: Context, *, silent_ms: int) -> Decision:
    """Said by the clock when nothing was heard of the bot."""
    turn = find_open(state, command.turn_id)
    if turn.status != "running":
        raise WrongStatus("this turn was interrupted already: it waits for its takeover")
    check_silence(turn, context, silent_ms)
    return Decision((did.TurnInterrupted(turn_id=turn.id, attempt=turn.attempt, owner_id=state.face.owner.id),))


def rate_turn(state: Conversation, command: ask.RateTurn, context: Context) -> Decision:
    if command.rating is None and command.accepted is None:
        raise Malformed("nothing to rate: give a rating or accepted - at `$`")
    message = _ended_message(state, command.turn_id)
    if message.metric_id is None:
        raise WrongStatus("only a turn that was told to its end is rated")
    if context.now_ms > message.at + RATED_WITHIN_MS:
        raise WrongStatus("this answer is older than 300 days: how it did is summed up already")
    event = did.TurnRated(
        turn_id=ThingId(command.turn_id),
        message_id=message.id,
        metric_id=message.metric_id,
        rating=message.rating if command.rating is None else command.rating,
        accepted=message.accepted if command.accepted is None else command.accepted,
    )
    return Decision((event,))


def note_refusal(state: Conversation, command: ask.NoteRefusal, context: Context) -> Decision:
    return Decision((did.ActionRefused(turn_id=ThingId(command.turn_id), action=command.action, reason=command.reason),))


def find_open(state: Conversation, turn_id: str) -> Turn:
    turn = state.turn(turn_id)
    if turn is not None:
        return turn
    message = state.message_of(turn_id)
    if message is not None:
        raise WrongStatus(f"this turn has ended: it was {message.metadata.get('ended', 'completed')}")
    raise UnknownThing(f"no open turn of this conversation has the id {turn_id}: it has ended, or was never begun")


def _told_by(state: Conversation, turn_id: str, attempt: int, context: Context) -> Turn:
    """The running turn, if the actor tells it in this attempt."""
    turn = find_open(state, turn_id)
    if turn.teller.id != context.actor.id:
        raise NotYours(f"this turn is told by {_name(turn)}: a conversation's turn has one teller")
    if turn.status != "running":
        raise WrongStatus("this turn was interrupted: take it over first (conversation.begin_turn with resume_turn)")
    if attempt != turn.attempt:
        expected = len(context.told.get(turn_key(turn.id), ""))
        sentence = f"attempt {turn.attempt} of this turn is being told, not {attempt}"
        raise _out_of_order(sentence, turn.attempt, expected)
    return turn


def _check_size(told: str, command: ask.AppendTurn) -> None:
    end = command.position + len(command.text)
    # Speed: most turns are far from the bound, and measuring one costs as much as its length.
    if end <= len(told) or end * JSON_WORST <= TURN_MAX_BYTES:
        return
    if len(encode(told[: command.position])) + len(encode(command.text)) > TURN_MAX_BYTES:
        kib = TURN_MAX_BYTES // 1024
        raise LimitReached(f"a turn holds {kib} KiB of text: complete it here, and go on in another one")


def _check_whole(told: str, command: ask.CompleteTurn) -> None:
    """Raises ``OutOfOrder`` with the position that the teller has to go on at."""
    if len(told) != command.length:
        raise _out_of_order(f"{len(told)} of {command.length} characters of this turn are here", command.attempt, len(told))
    if hashlib.sha256(told.encode()).hexdigest() != command.sha256:
        raise WrongStatus("another text was told than the one that is completed: end this turn as failed, and tell it in another")


def _out_of_order(why: str, attempt: int, position: int) -> OutOfOrder:
    """The same words as the fold of a stream has for where a teller has to go on."""
    sentence = f"{why}; go on with attempt {attempt} at position {position}"
    return OutOfOrder(sentence, expected_attempt=attempt, expected_position=position)


def _check_actions(actions: tuple[dict[str, Any], ...]) -> None:
    for place, action in enumerate(actions):
        word = action.get("type")
        if not isinstance(word, str) or not 0 < len(word) <= ask.INTENT_MAX:
            raise Malformed(f"an action says what it is, in 1 to {ask.INTENT_MAX} characters - at `$.actions[{place}].type`")
        if word == UPDATE_PROJECT and not isinstance(action.get("updates"), dict):
            raise Malformed(f"update_project has an object of the fields that change - at `$.actions[{place}].updates`")


def _refused_at_once(completed: did.TurnCompleted) -> tuple[did.ActionRefused, ...]:
    """What cannot be asked of any project: the answer counts all the same."""
    if completed.project_id is None:
        reason = "this conversation belongs to no project"
    elif completed.on_behalf_of is None:
        reason = "nobody had said anything before this turn"
    else:
        return ()
    refused = did.ActionRefused(turn_id=completed.turn_id, action=UPDATE_PROJECT, reason=reason)
    return tuple(refused for action in completed.actions if action["type"] == UPDATE_PROJECT)


def _what_was_said(turn: Turn, context: Context, ended: str) -> tuple[did.MessageAdded, ...]:
    told = context.told.get(turn_key(turn.id), "")
    return (_message(turn, told, {"ended": ended}),) if told else ()


def _message(turn: Turn, text: str, metadata: dict[str, Any] | None = None) -> did.MessageAdded:
    return did.MessageAdded(
        role="assistant",
        text=text,
        metadata=metadata or {},
        turn_id=turn.id,
        attempt=turn.attempt,
        author_id=turn.teller.id,
    )


def _ended_message(state: Conversation, turn_id: str) -> Message:
    if state.turn(turn_id) is not None:
        raise WrongStatus("this turn is still being told: it can be rated once it has ended")
    message = state.message_of(turn_id)
    if message is None:
        raise UnknownThing(f"no turn among the newest {len(state.messages)} messages has the id {turn_id}")
    return message


def _name(turn: Turn) -> str:
    return turn.teller.name or "another bot"
