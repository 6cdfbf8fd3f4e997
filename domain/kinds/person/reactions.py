"""The commands that a person's events make in other rooms: all of them belong to the claim of a guest's things."""

from collections.abc import Sequence
from typing import Any

import msgspec

from domain.decider import Reaction
from domain.ids import ActorId, RoomAddress, id_of, kind_of, room_address
from domain.kinds.person import events as did
from domain.kinds.person.rules_of_claim import CLAIMABLE
from domain.record import Record


def reactions_of(record: Record) -> Sequence[Reaction]:
    match record.event:
        case did.Claimed(guest_id=guest_id, user_name=user_name):
            return (_hand_over(record, guest_id, user_name),)
        case did.ContentsHandedOver() as contents:
            claims = [_claim(record, room, contents.user_id, contents.user_name) for room in contents.rooms if _is_claimable(room)]
            return (_take_over(record, contents), *claims)
        case did.RoomNoted(noted=noted, handed_to=user_id, handed_to_name=name) if user_id and _is_claimable(noted):
            listed = Reaction(target=person_room(user_id), name="person.note_room", payload={"noted": noted})
            return _claim(record, noted, user_id, name), listed
        case did.Notified(handed_to=user_id) as notified if user_id:
            return (Reaction(target=person_room(user_id), name="person.notify", payload=_told_again(notified)),)
        case _:
            return ()


def person_room(person_id: str) -> RoomAddress:
    return room_address("person", person_id)


def _hand_over(record: Record, guest_id: ActorId, user_name: str) -> Reaction:
    return Reaction(
        target=person_room(guest_id),
        name="person.hand_over",
        payload={"user_id": id_of(record.room), "user_name": user_name},
        refusal="person.undo_claim",
        refusal_payload={"guest_id": guest_id},
    )


def _take_over(record: Record, contents: did.ContentsHandedOver) -> Reaction:
    moved = {
        name: getattr(contents, name)
        for name in ("folders", "comparisons", "searches", "words", "favourites", "positions", "rooms")
    }
    payload: dict[str, Any] = {"guest_id": id_of(record.room), **msgspec.to_builtins({k: v for k, v in moved.items() if v})}
    return Reaction(target=person_room(contents.user_id), name="person.take_over", payload=payload)


def _claim(record: Record, room: RoomAddress, user_id: ActorId, user_name: str) -> Reaction:
    payload = {"guest_id": id_of(record.room), "user_id": user_id, "user_name": user_name}
    return Reaction(target=room, name=f"{kind_of(room)}.claim", payload=payload)


def _is_claimable(room: RoomAddress) -> bool:
    return kind_of(room) in CLAIMABLE


def _told_again(event: did.Notified) -> dict[str, Any]:
    payload: dict[str, Any] = {"what": event.what, "source": event.source, "title": event.title, "at": event.at}
    if event.thing_id:
        payload["thing_id"] = event.thing_id
    if event.by is not None:
        payload["by"] = msgspec.to_builtins(event.by)
    return payload
