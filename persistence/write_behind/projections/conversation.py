"""What each event of a conversation does to rows. Pure: everything stands in the record."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from domain.decider import Piece, Tick
from domain.ids import RoomAddress, id_of
from domain.kinds.conversation import events as did
from domain.record import Event, Record
from persistence.write_behind.row_operations import Delete, Insert, Operation, Touch, Update, Values

TABLES: Final = ("conversations", "conversation_messages", "ai_model_metrics")

TASK: Final = "conversation"

Rows: TypeAlias = Callable[[Record, Any], Sequence[Operation]]


def operations(record: Record) -> Sequence[Operation]:
    """All rows of one record. Whatever happens in a conversation, its own row says when."""
    event = record.event
    rows = ROWS[type(event)](record, event)
    if isinstance(event, did.ConversationStarted | did.ConversationDeleted):
        return rows
    return (*rows, _conversation(record, updated_at=record.time_ms))


def touches(room: RoomAddress, value: Tick | Piece) -> Sequence[Touch]:
    """What is being told has no row before it is a message."""
    return ()


def _conversation(record: Record, **values: Any) -> Update:
    return Update("conversations", id_of(record.room), values)


def _started(record: Record, event: did.ConversationStarted) -> Sequence[Operation]:
    conversation_id = id_of(record.room)
    values: Values = {
        "conversation_id": conversation_id,
        "project_id": event.project_id,
        "user_id": None if event.session_hash else record.actor.id,
        "session_token": event.session_hash or None,
        "context": event.context,
        "created_at": record.time_ms,
        "updated_at": record.time_ms,
    }
    return (Insert("conversations", conversation_id, values),)


def _message_added(record: Record, event: did.MessageAdded) -> Sequence[Operation]:
    values: Values = {
        "conversation_id": id_of(record.room),
        "offset": record.offset,
        "role": event.role,
        "content": event.text,
        "metadata": event.metadata,
        "created_at": record.time_ms,
        "author_id": event.author_id or record.actor.id,
        "turn_id": event.turn_id,
    }
    return (Insert("conversation_messages", record.id, values),)


def _turn_completed(record: Record, event: did.TurnCompleted) -> Sequence[Operation]:
    message: Values = {
        "actions": event.actions,
        "model_used": event.model,
        "tokens_used": event.tokens,
        "metric_id": record.id,
    }
    metric: Values = {
        "model_name": event.model,
        "model_version": event.model_version,
        "task_type": TASK,
        "latency_ms": event.latency_ms,
        "tokens_used": event.tokens,
        "confidence_score": _hundredths(event.confidence),
        "project_id": event.project_id,
        "user_id": event.on_behalf_of,
        "cost_usd": event.cost_usd,
        "timestamp": record.time_ms,
    }
    return Update("conversation_messages", event.message_id, message), Insert("ai_model_metrics", record.id, metric)


def _turn_rated(record: Record, event: did.TurnRated) -> Sequence[Operation]:
    return (Update("ai_model_metrics", event.metric_id, {"user_rating": event.rating, "user_accepted": event.accepted}),)


def _annotated(record: Record, event: did.MessageAnnotated) -> Sequence[Operation]:
    values: Values = {"intent": event.intent, "entities": event.entities, "confidence": _hundredths(event.confidence)}
    return (Update("conversation_messages", event.message_id, values),)


def _requirements_extracted(record: Record, event: did.RequirementsExtracted) -> Sequence[Operation]:
    return (_conversation(record, extracted_requirements=event.requirements),)


def _context_set(record: Record, event: did.ContextSet) -> Sequence[Operation]:
    return (_conversation(record, context=event.context),)


def _summarised(record: Record, event: did.ConversationSummarised) -> Sequence[Operation]:
    return (_conversation(record, summary=event.summary),)


def _completed(record: Record, event: did.ConversationCompleted) -> Sequence[Operation]:
    return (_conversation(record, status="completed", ended_at=record.time_ms),)


def _abandoned(record: Record, event: did.ConversationAbandoned) -> Sequence[Operation]:
    return (_conversation(record, status="abandoned", ended_at=record.time_ms),)


def _claimed(record: Record, event: did.ConversationClaimed) -> Sequence[Operation]:
    return (_conversation(record, user_id=event.user_id, session_token=None),)


def _deleted(record: Record, event: did.ConversationDeleted) -> Sequence[Operation]:
    """The messages go with it, by their foreign key; the models' metrics stay."""
    return (Delete("conversations", id_of(record.room)),)


def _only_said(record: Record, event: Event) -> Sequence[Operation]:
    return ()


def _hundredths(share: float | None) -> str | None:
    """As its column has it: numeric(3, 2)."""
    return None if share is None else f"{share:.2f}"


ROWS: Final[Mapping[type[Event], Rows]] = {
    did.ConversationStarted: _started,
    did.MessageAdded: _message_added,
    did.TurnStarted: _only_said,
    did.TurnResumed: _only_said,
    did.TurnCompleted: _turn_completed,
    did.TurnStopped: _only_said,
    did.TurnFailed: _only_said,
    did.TurnInterrupted: _only_said,
    did.TurnRated: _turn_rated,
    did.MessageAnnotated: _annotated,
    did.RequirementsExtracted: _requirements_extracted,
    did.ContextSet: _context_set,
    did.ConversationSummarised: _summarised,
    did.ActionRefused: _only_said,
    did.ConversationCompleted: _completed,
    did.ConversationAbandoned: _abandoned,
    did.ConversationClaimed: _claimed,
    did.ConversationDeleted: _deleted,
}
"""What each event does. A test demands an entry for every event of the kind."""
