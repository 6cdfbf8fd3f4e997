"""What the events of turns make of the open ones."""

import msgspec

from domain.kinds.conversation import events as did
from domain.kinds.conversation.state import Conversation
from domain.kinds.conversation.view import Turn
from domain.record import Record

replace = msgspec.structs.replace


def started(state: Conversation, event: did.TurnStarted, record: Record) -> Conversation:
    turn = Turn(
        id=record.id,
        teller=record.actor,
        started_at=record.time_ms,
        reply_to=event.reply_to,
        on_behalf_of=event.on_behalf_of,
        last_event_at=record.time_ms,
    )
    return replace(state, turns=(*state.turns, turn))


def resumed(state: Conversation, event: did.TurnResumed, record: Record) -> Conversation:
    """A new teller, or a new process of the same: the telling before is over."""
    return _with(state, event.turn_id, teller=record.actor, attempt=event.attempt, status="running", last_event_at=record.time_ms)


def interrupted(state: Conversation, event: did.TurnInterrupted, record: Record) -> Conversation:
    return _with(state, event.turn_id, status="interrupted", last_event_at=record.time_ms)


def ended(state: Conversation, event: did.TurnCompleted | did.TurnStopped | did.TurnFailed, record: Record) -> Conversation:
    return replace(state, turns=tuple(turn for turn in state.turns if turn.id != event.turn_id))


def _with(state: Conversation, turn_id: str, **changes: object) -> Conversation:
    return replace(state, turns=tuple(replace(turn, **changes) if turn.id == turn_id else turn for turn in state.turns))
