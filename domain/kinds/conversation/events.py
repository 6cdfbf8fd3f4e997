"""What has happened in a conversation.

Events carry results, so that projections and reactions need nothing but the event. Fields marked ``Free`` may be nulled by
redaction: ``evolve`` and the projections accept ``""``, ``[]`` or ``{}`` there. A message, a turn and a metric have the id of the
event that made them.
"""

from typing import Literal, TypeAlias

from domain.ids import ActorId, ThingId
from domain.limits import OpenObject
from domain.record import Event
from domain.redaction import Free

Status: TypeAlias = Literal["active", "completed", "abandoned"]
MessageRole: TypeAlias = Literal["user", "assistant", "system"]


class ConversationStarted(Event, frozen=True, kw_only=True, tag="conversation_started"):
    """``session_hash`` is that of the guest's session (SHA-256, hex), empty for a person."""

    project_id: ThingId | None = None
    context: Free[OpenObject] = {}
    session_hash: str = ""


class MessageAdded(Event, frozen=True, kw_only=True, tag="message_added"):
    """Something was said, or a turn has become a message: then ``turn_id`` and ``attempt`` name its telling and ``author_id`` is
    who told it; else the record's actor has said it. ``metadata`` has ``ended`` for a turn that was stopped or has failed."""

    role: MessageRole
    text: Free[str]
    metadata: Free[OpenObject] = {}
    turn_id: ThingId | None = None
    attempt: int = 0
    author_id: ActorId | None = None


class TurnStarted(Event, frozen=True, kw_only=True, tag="turn_started"):
    """The turn has this event's id, its first attempt is 1. It answers ``reply_to``, what ``on_behalf_of`` said last."""

    reply_to: ThingId | None = None
    on_behalf_of: ActorId | None = None


class TurnResumed(Event, frozen=True, kw_only=True, tag="turn_resumed"):
    """The actor tells the turn from here on, as ``attempt``, behind the ``position`` characters that were kept."""

    turn_id: ThingId
    attempt: int
    position: int


class TurnCompleted(Event, frozen=True, kw_only=True, tag="turn_completed"):
    """Its message stands before it; the metric has this event's id. ``cost_usd`` is a decimal string."""

    turn_id: ThingId
    message_id: ThingId
    model: str
    model_version: str
    tokens: int | None = None
    latency_ms: int | None = None
    cost_usd: str | None = None
    confidence: float | None = None
    actions: Free[tuple[OpenObject, ...]] = ()
    project_id: ThingId | None = None
    on_behalf_of: ActorId | None = None


class TurnStopped(Event, frozen=True, kw_only=True, tag="turn_stopped"):
    """``message_id`` is None where nothing had been said."""

    turn_id: ThingId
    message_id: ThingId | None = None


class TurnFailed(Event, frozen=True, kw_only=True, tag="turn_failed"):
    """``message_id`` is None where nothing had been said."""

    turn_id: ThingId
    error: Free[str]
    message_id: ThingId | None = None


class TurnInterrupted(Event, frozen=True, kw_only=True, tag="turn_interrupted"):
    """The ``attempt``-th telling is over; ``owner_id`` is whose conversation it is."""

    turn_id: ThingId
    attempt: int
    owner_id: ActorId


class TurnRated(Event, frozen=True, kw_only=True, tag="turn_rated"):
    """Both values as they are now; ``metric_id`` is the turn's row among the models' metrics."""

    turn_id: ThingId
    message_id: ThingId
    metric_id: ThingId
    rating: int | None = None
    accepted: bool | None = None


class MessageAnnotated(Event, frozen=True, kw_only=True, tag="message_annotated"):
    """All three as they are now."""

    message_id: ThingId
    intent: str = ""
    entities: Free[tuple[OpenObject, ...]] = ()
    confidence: float | None = None


class RequirementsExtracted(Event, frozen=True, kw_only=True, tag="requirements_extracted"):
    """The requirements as they are now."""

    requirements: Free[OpenObject]


class ContextSet(Event, frozen=True, kw_only=True, tag="context_set"):
    """The context as it is now."""

    context: Free[OpenObject]


class ConversationSummarised(Event, frozen=True, kw_only=True, tag="conversation_summarised"):
    summary: Free[str]


class ActionRefused(Event, frozen=True, kw_only=True, tag="action_refused"):
    """What the turn's ``action`` asked for was refused; ``reason`` is the product's own sentence."""

    turn_id: ThingId
    action: str
    reason: str = ""


class ConversationCompleted(Event, frozen=True, kw_only=True, tag="conversation_completed"):
    pass


class ConversationAbandoned(Event, frozen=True, kw_only=True, tag="conversation_abandoned"):
    pass


class ConversationClaimed(Event, frozen=True, kw_only=True, tag="conversation_claimed"):
    """It was the guest's and is the person's now."""

    guest_id: ActorId
    user_id: ActorId
    user_name: str = ""


class ConversationDeleted(Event, frozen=True, kw_only=True, tag="conversation_deleted"):
    owner_id: ActorId


EVENTS: tuple[type[Event], ...] = (
    ConversationStarted,
    MessageAdded,
    TurnStarted,
    TurnResumed,
    TurnCompleted,
    TurnStopped,
    TurnFailed,
    TurnInterrupted,
    TurnRated,
    MessageAnnotated,
    RequirementsExtracted,
    ContextSet,
    ConversationSummarised,
    ActionRefused,
    ConversationCompleted,
    ConversationAbandoned,
    ConversationClaimed,
    ConversationDeleted,
)
