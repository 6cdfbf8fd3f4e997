"""The life of a conversation: started, talked in, understood, ended, claimed, removed.

::

    active ── complete ─▶ completed
       └───── abandon (its owner, or the clock after seven idle days) ─▶ abandoned
"""

from domain.decider import Context, Decision
from domain.event_codec import encode
from domain.ids import ActorId, ThingId
from domain.kinds.conversation import commands as ask
from domain.kinds.conversation import events as did
from domain.kinds.conversation.clock import check_idle
from domain.kinds.conversation.rules_of_turns import stopped
from domain.kinds.conversation.state import OBJECT_MAX_BYTES, Conversation
from domain.limits import OpenObject
from domain.parts.json_merge import merged
from domain.record import Event
from domain.rejections import AlreadyExists, LimitReached, Malformed, NotYours, UnknownThing


def start(state: Conversation, command: ask.Start, context: Context) -> Decision:
    if command.room not in ("", context.room):
        raise Malformed(f"a new conversation gets its own address, {context.room}: leave it out - at `$.room`")
    if state.is_there:
        raise AlreadyExists("this conversation was started already")
    project_id = ThingId(command.project_id) if command.project_id else None
    session_hash = context.claims.session_hash if context.actor.kind == "guest" else ""
    context_given = merged({}, command.context)
    return Decision((did.ConversationStarted(project_id=project_id, context=context_given, session_hash=session_hash),))


def say(state: Conversation, command: ask.Say, context: Context) -> Decision:
    role: did.MessageRole = "system" if context.actor.kind == "system" else "user"
    return Decision((did.MessageAdded(role=role, text=command.text, metadata=command.metadata),))


def annotate(state: Conversation, command: ask.Annotate, context: Context) -> Decision:
    if command.intent is None and command.entities is None and command.confidence is None:
        raise Malformed("nothing to annotate: give an intent, entities or a confidence - at `$`")
    message = state.message(command.message_id)
    if message is None:
        raise UnknownThing(f"none of the newest {len(state.messages)} messages has the id {command.message_id}")
    event = did.MessageAnnotated(
        message_id=message.id,
        intent=message.intent if command.intent is None else command.intent,
        entities=message.entities if command.entities is None else command.entities,
        confidence=message.confidence if command.confidence is None else command.confidence,
    )
    return Decision((event,))


def set_requirements(state: Conversation, command: ask.SetRequirements, context: Context) -> Decision:
    changed = _changed(state.face.requirements, command.requirements, "requirements")
    return Decision((did.RequirementsExtracted(requirements=changed),))


def set_context(state: Conversation, command: ask.SetContext, context: Context) -> Decision:
    return Decision((did.ContextSet(context=_changed(state.face.context, command.context, "context")),))


def summarise(state: Conversation, command: ask.Summarise, context: Context) -> Decision:
    return Decision((did.ConversationSummarised(summary=command.summary),))


def complete(state: Conversation, command: ask.Complete, context: Context) -> Decision:
    return Decision((*_all_stopped(state, context), did.ConversationCompleted()))


def abandon(state: Conversation, command: ask.Abandon, context: Context, *, idle_ms: int) -> Decision:
    """Said by the owner, or by the clock when nothing has happened for a week."""
    if context.actor.kind == "system":
        check_idle(state, context, idle_ms)
    return Decision((*_all_stopped(state, context), did.ConversationAbandoned()))


def claim(state: Conversation, command: ask.Claim, context: Context) -> Decision:
    owner = state.face.owner
    if owner.kind != "guest" or owner.id != command.guest_id:
        raise NotYours("this conversation does not belong to that guest")
    event = did.ConversationClaimed(
        guest_id=ActorId(command.guest_id), user_id=ActorId(command.user_id), user_name=command.user_name
    )
    return Decision((event,))


def delete(state: Conversation, command: ask.Delete, context: Context) -> Decision:
    return Decision((did.ConversationDeleted(owner_id=state.face.owner.id),))


def _changed(old: OpenObject, patch: OpenObject, what: str) -> OpenObject:
    if not patch:
        raise Malformed(f"nothing to change: give a key - at `$.{what}`")
    new = merged(old, patch)
    if len(encode(new)) > OBJECT_MAX_BYTES:
        raise LimitReached(f"the {what} of a conversation hold {OBJECT_MAX_BYTES // 1024} KiB: remove a key first (null removes)")
    return new


def _all_stopped(state: Conversation, context: Context) -> tuple[Event, ...]:
    """Nothing is told in a conversation that has ended: what was said of open turns becomes messages."""
    events: tuple[Event, ...] = ()
    for turn in state.turns:
        events += stopped(turn, context, len(events))
    return events
