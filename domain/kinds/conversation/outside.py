"""What a conversation tells outside itself: results for a command's caller, commands in other rooms, its line in people's lists."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from domain.decider import Listing, Reaction
from domain.ids import RoomAddress, room_address
from domain.kinds.conversation import events as did
from domain.kinds.conversation.rules_of_turns import UPDATE_PROJECT
from domain.kinds.conversation.state import Conversation
from domain.limits import NAME_MAX
from domain.parts.notices import forgotten, noted, notice
from domain.record import Event, Record

UNTITLED: Final = "Conversation"

_TOLD: Final[Mapping[type[Event], Mapping[str, str]]] = {
    did.TurnResumed: {"turn_id": "turn_id", "attempt": "attempt", "position": "position"},
    did.TurnCompleted: {"message_id": "message_id"},
    did.TurnStopped: {"message_id": "message_id"},
    did.TurnFailed: {"message_id": "message_id"},
    did.TurnRated: {"rating": "rating", "accepted": "accepted"},
    did.RequirementsExtracted: {"requirements": "requirements"},
    did.ContextSet: {"context": "context"},
}
"""What the room decided: name in the result -> field of the event. What is None is left out."""


def results_of(records: Sequence[Record]) -> dict[str, Any]:
    """Ids of what was made, and what the room decided: computed from the records alone, so a repeat gets the same."""
    results: dict[str, Any] = {}
    for record in records:
        event = record.event
        told = {name: getattr(event, field) for name, field in _TOLD.get(type(event), {}).items()}
        results |= {name: value for name, value in told.items() if value is not None}
        if isinstance(event, did.MessageAdded):
            results["message_id"] = record.id
        if isinstance(event, did.TurnStarted):
            results |= {"turn_id": record.id, "attempt": 1, "position": 0}
        if isinstance(event, did.TurnCompleted):
            results["metric_id"] = record.id
    return results


def reactions_of(record: Record) -> tuple[Reaction, ...]:
    match record.event:
        case did.ConversationStarted():
            return noted(record, record.actor.id)
        case did.ConversationClaimed(user_id=user_id):
            # The guest's own list was handed over with everything else of theirs, and takes nothing more.
            return noted(record, user_id)
        case did.ConversationDeleted(owner_id=owner_id):
            return forgotten(record, owner_id)
        case did.TurnInterrupted(owner_id=owner_id, turn_id=turn_id):
            return notice(record, owner_id, "turn_interrupted", UNTITLED, thing_id=turn_id)
        case did.TurnCompleted(project_id=str(), on_behalf_of=str()) as completed:
            actions = (action for action in completed.actions if action.get("type") == UPDATE_PROJECT)
            return tuple(_project_change(record.room, completed, action) for action in actions)
        case _:
            return ()


def listing_of(state: Conversation) -> Listing:
    """The title stands in the context, where a model or a person has put one."""
    face, title = state.face, state.face.context.get("title")
    is_running = any(turn.status == "running" for turn in state.turns)
    return Listing(
        name=title[:NAME_MAX] if isinstance(title, str) and title else UNTITLED,
        status=face.status,
        step="answering" if is_running else "",
        at_ms=face.updated_at,
        spoken=state.spoken,
    )


def _project_change(room: RoomAddress, event: did.TurnCompleted, action: dict[str, Any]) -> Reaction:
    """Given with the standing of whoever spoke before the turn; whether they may, the project decides."""
    assert event.project_id is not None
    return Reaction(
        target=room_address("project", event.project_id),
        name="project.change_details",
        payload={**action["updates"], "on_behalf_of": event.on_behalf_of, "conversation": room},
        refusal="conversation.note_refusal",
        refusal_payload={"turn_id": event.turn_id, "action": UPDATE_PROJECT},
    )
