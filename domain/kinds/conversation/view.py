"""What a joiner of a conversation is given, and what its question is answered with."""

from typing import Literal

import msgspec

from domain.ids import ActorId, ThingId
from domain.kinds.conversation.events import MessageRole, Status
from domain.limits import OpenObject
from domain.record import Actor

NOBODY = Actor(id=ActorId(""))


class ConversationFace(msgspec.Struct, frozen=True, kw_only=True):
    """The conversation's own row. Times are Unix milliseconds; None means not yet. ``message_count`` counts all there ever were."""

    id: str
    project_id: ThingId | None = None
    owner: Actor
    status: Status
    context: OpenObject = {}
    requirements: OpenObject = {}
    summary: str = ""
    message_count: int = 0
    created_at: int
    updated_at: int
    ended_at: int | None = None


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message, with what is known of it by now. ``by`` is who said or told it.

    ``turn_id`` is None for what people say; ``metadata`` has ``ended`` (``stopped`` or ``failed``) for a turn that was not told to
    its end. ``model``, ``tokens``, ``actions`` and ``metric_id`` come with turn_completed, ``rating`` and ``accepted`` with
    turn_rated, ``intent``, ``entities`` and ``confidence`` with message_annotated.
    """

    id: ThingId
    offset: int
    at: int
    by: Actor
    role: MessageRole
    text: str
    metadata: OpenObject = {}
    turn_id: ThingId | None = None
    attempt: int = 0
    intent: str = ""
    entities: tuple[OpenObject, ...] = ()
    confidence: float | None = None
    model: str = ""
    tokens: int | None = None
    actions: tuple[OpenObject, ...] = ()
    metric_id: ThingId | None = None
    rating: int | None = None
    accepted: bool | None = None


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that is being told by ``teller``, or waits for its takeover. Its text is the stream ``turn:{id}``.

    ``on_behalf_of`` is who spoke last before it, and ``reply_to`` what they said.
    """

    id: ThingId
    teller: Actor
    attempt: int = 1
    status: Literal["running", "interrupted"] = "running"
    started_at: int
    reply_to: ThingId | None = None
    on_behalf_of: ActorId | None = None
    last_event_at: int


class ConversationView(msgspec.Struct, frozen=True, kw_only=True):
    """What a joiner is given: at most 256 KiB as JSON.

    ``messages`` are the newest 50, or fewer where they are large, oldest first. ``turns`` are the open ones, oldest first.
    """

    conversation: ConversationFace
    messages: tuple[Message, ...] = ()
    turns: tuple[Turn, ...] = ()


class TurnText(msgspec.Struct, frozen=True, kw_only=True):
    """``text`` begins at ``position`` (Unicode characters), which is never behind the end of what was told.

    ``is_running`` is false for a turn that has ended, or that waits for its takeover.
    """

    turn_id: ThingId
    attempt: int
    position: int
    text: str
    is_running: bool
