"""Test sessions, and the feedback that people gather and send to Claude. An item is its author's until it is sent."""

from domain.decider import Context, Decision
from domain.event_codec import encode
from domain.ids import ThingId
from domain.kinds.workspace import commands as ask
from domain.kinds.workspace import events as did
from domain.kinds.workspace.rules_of_executions import check_queue
from domain.kinds.workspace.state import OPEN_SESSIONS_MAX, UNSENT_MAX, UNSENT_MAX_BYTES, Feedback, Workspace
from domain.limits import OBJECT_MAX_BYTES, OpenObject
from domain.parts.json_merge import merged
from domain.rejections import LimitReached, Malformed, NotYours, UnknownThing, WrongStatus


def create_session(state: Workspace, command: ask.CreateSession, context: Context) -> Decision:
    if len(state.open_sessions) >= OPEN_SESSIONS_MAX:
        raise LimitReached(f"{OPEN_SESSIONS_MAX} sessions are open already: complete one of them first")
    return Decision((did.SessionCreated(name=command.name, data=command.data, session_count=state.face.session_count + 1),))


def complete_session(state: Workspace, command: ask.CompleteSession, context: Context) -> Decision:
    _check_session(state, command.session_id)
    if command.session_id not in state.open_sessions:
        raise WrongStatus("this session is completed already")
    event = did.SessionCompleted(
        session_id=ThingId(command.session_id),
        success_rate=command.success_rate,
        result=command.result,
        session_count=state.face.session_count,
        overall_success_rate=_rate_with(state, command.success_rate),
    )
    return Decision((event,))


def add_feedback(state: Workspace, command: ask.AddFeedback, context: Context) -> Decision:
    _check_session(state, command.session_id)
    if len(state.unsent) >= UNSENT_MAX:
        raise LimitReached(f"{UNSENT_MAX} items of feedback wait already: send them first")
    _check_room_for_text(state)
    event = did.FeedbackAdded(
        content=command.content,
        kind=command.kind,
        session_id=_thing(command.session_id),
        data=command.data,
        attachments=command.attachments,
        feedback_count=state.face.feedback_count + 1,
        unsent_count=len(state.unsent) + 1,
    )
    return Decision((event,))


def change_feedback(state: Workspace, command: ask.ChangeFeedback, context: Context) -> Decision:
    if command.content is None and command.kind is None and command.data is None and command.attachments is None:
        raise Malformed("nothing to change: give content, kind, data or attachments - at `$`")
    item = _own_item(state, command.feedback_id, context)
    _check_room_for_text(state)
    event = did.FeedbackChanged(
        feedback_id=ThingId(command.feedback_id),
        content=item.content if command.content is None else command.content,
        kind=item.kind if command.kind is None else command.kind,
        data=item.data if command.data is None else _merged_data(item, command.data),
        attachments=item.attachments if command.attachments is None else command.attachments,
    )
    return Decision((event,))


def remove_feedback(state: Workspace, command: ask.RemoveFeedback, context: Context) -> Decision:
    _own_item(state, command.feedback_id, context)
    event = did.FeedbackRemoved(
        feedback_id=ThingId(command.feedback_id),
        feedback_count=state.face.feedback_count - 1,
        unsent_count=len(state.unsent) - 1,
    )
    return Decision((event,))


def send_feedback(state: Workspace, command: ask.SendFeedback, context: Context) -> Decision:
    """The event opens a pending execution that holds the items and has the event's id."""
    _check_session(state, command.session_id)
    ids = _items_to_send(state, command)
    check_queue(state)
    event = did.FeedbackBatchSent(
        feedback_ids=ids, session_id=_thing(command.session_id), unsent_count=len(state.unsent) - len(ids)
    )
    return Decision((event,))


def _items_to_send(state: Workspace, command: ask.SendFeedback) -> tuple[ThingId, ...]:
    """The named items, each once, or all that wait in the order in which they were added."""
    if not command.feedback_ids:
        if not state.unsent:
            raise WrongStatus("no feedback waits to be sent")
        return tuple(sorted(state.unsent, key=lambda feedback_id: state.unsent[feedback_id].offset))
    ids = tuple(dict.fromkeys(ThingId(feedback_id) for feedback_id in command.feedback_ids))
    for feedback_id in ids:
        _unsent_item(state, feedback_id)
    return ids


def _own_item(state: Workspace, feedback_id: str, context: Context) -> Feedback:
    item = _unsent_item(state, feedback_id)
    if item.author_id != context.actor.id:
        raise NotYours("only the author of feedback may change or remove it")
    return item


def _unsent_item(state: Workspace, feedback_id: str) -> Feedback:
    item = state.unsent.get(ThingId(feedback_id))
    if item is not None:
        return item
    if any(feedback_id in execution.feedback_ids for execution in state.executions):
        raise WrongStatus(f"feedback {feedback_id} was sent to Claude already")
    raise UnknownThing(f"no unsent feedback has the id {feedback_id}")


def _check_session(state: Workspace, session_id: str | None) -> None:
    if session_id is not None and not state.knows_session(session_id):
        raise UnknownThing(f"no open or recent session of this workspace has the id {session_id}")


def _check_room_for_text(state: Workspace) -> None:
    if state.unsent_bytes > UNSENT_MAX_BYTES:
        raise LimitReached("too much feedback waits already (1 MiB): send or remove some first")


def _merged_data(item: Feedback, patch: OpenObject) -> OpenObject:
    data = merged(item.data, patch)
    if len(encode(data)) > OBJECT_MAX_BYTES:
        raise LimitReached(f"data would be larger than {OBJECT_MAX_BYTES // 1024} KiB with this change - at `$.data`")
    return data


def _rate_with(state: Workspace, success_rate: float | None) -> float | None:
    """The mean over all completed sessions that gave a rate, this one included."""
    if success_rate is None:
        return state.face.success_rate
    # Rounding may carry a mean of ones above one, which the column does not take.
    return min(1.0, (state.rate_sum + success_rate) / (state.rated_count + 1))


def _thing(thing_id: str | None) -> ThingId | None:
    return None if thing_id is None else ThingId(thing_id)
