"""What each event makes of a conversation: one function per event, no rules. All of them take redacted text."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import msgspec

from domain.event_codec import encode
from domain.ids import id_of
from domain.kinds.conversation import events as did
from domain.kinds.conversation import evolution_of_turns as turns
from domain.kinds.conversation.state import MESSAGES_MAX, MESSAGES_MAX_BYTES, Conversation
from domain.kinds.conversation.view import ConversationFace, Message
from domain.parts.listing import with_spoken
from domain.record import Actor, Event, Record

replace = msgspec.structs.replace

Step: TypeAlias = Callable[[Conversation, Any, Record], Conversation]


def evolve(state: Conversation, record: Record) -> Conversation:
    """The state after one record."""
    event = record.event
    if type(event) is did.ConversationDeleted:
        return Conversation(room=state.room)
    state = STEPS[type(event)](state, event, record)
    return replace(state, face=replace(state.face, updated_at=record.time_ms))


def size_of(message: Message) -> int:
    """The bytes of the message as JSON."""
    return len(encode(message))


def with_messages(state: Conversation, messages: tuple[Message, ...], total_bytes: int) -> Conversation:
    """The oldest go once there are too many or too large ones. The newest stays in any case."""
    dropped = 0
    while len(messages) - dropped > 1 and (len(messages) - dropped > MESSAGES_MAX or total_bytes > MESSAGES_MAX_BYTES):
        total_bytes -= size_of(messages[dropped])
        dropped += 1
    return replace(state, messages=messages[dropped:], message_bytes=total_bytes)


def with_changed(state: Conversation, old: Message, **changes: Any) -> Conversation:
    """More is known of a message."""
    new = replace(old, **changes)
    messages = tuple(new if message.id == old.id else message for message in state.messages)
    return with_messages(state, messages, state.message_bytes - size_of(old) + size_of(new))


def _started(state: Conversation, event: did.ConversationStarted, record: Record) -> Conversation:
    face = ConversationFace(
        id=id_of(state.room),
        project_id=event.project_id,
        owner=record.actor,
        status="active",
        context=event.context,
        created_at=record.time_ms,
        updated_at=record.time_ms,
    )
    return Conversation(room=state.room, is_there=True, face=face)


def _message_added(state: Conversation, event: did.MessageAdded, record: Record) -> Conversation:
    message = Message(
        id=record.id,
        offset=record.offset,
        at=record.time_ms,
        by=_author(state, event, record),
        role=event.role,
        text=event.text,
        metadata=event.metadata,
        turn_id=event.turn_id,
        attempt=event.attempt,
    )
    state = replace(
        state,
        face=replace(state.face, message_count=state.face.message_count + 1),
        last_said=(record.id, record.actor.id) if event.role == "user" else state.last_said,
        spoken=with_spoken(state.spoken, record),
    )
    return with_messages(state, (*state.messages, message), state.message_bytes + size_of(message))


def _author(state: Conversation, event: did.MessageAdded, record: Record) -> Actor:
    turn = state.turn(event.turn_id) if event.turn_id else None
    return turn.teller if turn else record.actor


def _turn_completed(state: Conversation, event: did.TurnCompleted, record: Record) -> Conversation:
    state = turns.ended(state, event, record)
    message = state.message(event.message_id)
    if message is None:
        return state
    return with_changed(state, message, model=event.model, tokens=event.tokens, actions=event.actions, metric_id=record.id)


def _turn_rated(state: Conversation, event: did.TurnRated, record: Record) -> Conversation:
    message = state.message(event.message_id)
    return with_changed(state, message, rating=event.rating, accepted=event.accepted) if message else state


def _annotated(state: Conversation, event: did.MessageAnnotated, record: Record) -> Conversation:
    message = state.message(event.message_id)
    if message is None:
        return state
    return with_changed(state, message, intent=event.intent, entities=event.entities, confidence=event.confidence)


def _requirements_extracted(state: Conversation, event: did.RequirementsExtracted, record: Record) -> Conversation:
    return replace(state, face=replace(state.face, requirements=event.requirements))


def _context_set(state: Conversation, event: did.ContextSet, record: Record) -> Conversation:
    return replace(state, face=replace(state.face, context=event.context))


def _summarised(state: Conversation, event: did.ConversationSummarised, record: Record) -> Conversation:
    return replace(state, face=replace(state.face, summary=event.summary))


def _completed(state: Conversation, event: did.ConversationCompleted, record: Record) -> Conversation:
    return replace(state, face=replace(state.face, status="completed", ended_at=record.time_ms))


def _abandoned(state: Conversation, event: did.ConversationAbandoned, record: Record) -> Conversation:
    return replace(state, face=replace(state.face, status="abandoned", ended_at=record.time_ms))


def _claimed(state: Conversation, event: did.ConversationClaimed, record: Record) -> Conversation:
    return replace(state, face=replace(state.face, owner=Actor(id=event.user_id, name=event.user_name)))


def _only_said(state: Conversation, event: Event, record: Record) -> Conversation:
    return state


STEPS: Final[Mapping[type[Event], Step]] = {
    did.ConversationStarted: _started,
    did.MessageAdded: _message_added,
    did.TurnStarted: turns.started,
    did.TurnResumed: turns.resumed,
    did.TurnCompleted: _turn_completed,
    did.TurnStopped: turns.ended,
    did.TurnFailed: turns.ended,
    did.TurnInterrupted: turns.interrupted,
    did.TurnRated: _turn_rated,
    did.MessageAnnotated: _annotated,
    did.RequirementsExtracted: _requirements_extracted,
    did.ContextSet: _context_set,
    did.ConversationSummarised: _summarised,
    did.ActionRefused: _only_said,
    did.ConversationCompleted: _completed,
    did.ConversationAbandoned: _abandoned,
    did.ConversationClaimed: _claimed,
}
"""One step per event; the deletion leaves nothing and stands in ``evolve``."""
