"""The inbox by HTTP, the own list with what is unread in it, the devices that are pushed to, and the claim of a guest's things."""

from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, Router, delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from channels.giving import SYSTEM_IDENTITY
from channels.ports import InvalidToken
from channels.seats import Identity
from domain.event_codec import encode, tag_of
from domain.kinds import KINDS
from domain.rejections import Malformed, NotAllowed, SignInNeeded
from persistence.queries.accounts import note_person
from persistence.queries.inbox import (
    InboxItem,
    ListedRoom,
    Spoken,
    UnreadRoom,
    list_inbox,
    list_rooms,
    unread_in_inbox,
    unread_rooms,
)
from persistence.queries.library import Device, list_devices
from server.http.context import Asked, parts_of, signed_in
from server.http.home import CommandId, done, home_caught_up, home_of, new_command_id
from server.http.home_forms import DeviceToAdd, GuestToClaim, Settling
from server.http.lists import AfterId, AfterOffset, Limit, Listed, listed, size_of, text_of
from server.http.rooms import given

SPOKEN: Final[Spoken] = {kind: [tag_of(event) for event in decider.spoken] for kind, decider in KINDS.items()}


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """``rooms`` are those of the newest 200 of the own list in which others said something; 100 means 100 or more."""

    inbox: int
    rooms: tuple[UnreadRoom, ...]
    lag_s: float


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """The claim is durable; the things themselves follow in a moment. ``offset`` is one of the person's own room."""

    guest_id: str
    room: str
    offset: int
    epoch: str


@get("/me/inbox", summary="My notifications, newest first")
async def inbox(
    request: Asked,
    unread: FromQuery[bool] = False,
    after: AfterId = None,
    limit: Limit = None,
    after_offset: AfterOffset = 0,
) -> Listed[InboxItem]:
    """With `unread=true` only those that were not settled. The sentence is the reader's to make: here are no words of anybody."""
    owner = await home_caught_up(request, after_offset)
    database, size = parts_of(request).database, size_of(request, limit)
    return listed(request, await list_inbox(database, owner.id, is_unread=unread, after=text_of(after), limit=size))


@post("/me/inbox/settle", status_code=200, summary="Mark notifications as read")
async def settle(request: Asked, data: JSONBody[Settling], command_id: CommandId = None) -> Response[bytes]:
    return await done(request, "settle_notifications", command_id, data)


@get("/me/unread", summary="What is unread")
async def unread(request: Asked, after_offset: AfterOffset = 0) -> Unread:
    """Per room what others said behind one's read position, which is the same on all devices, and the inbox."""
    owner = await home_caught_up(request, after_offset)
    parts = parts_of(request)
    rooms = await unread_rooms(parts.database, owner.id, SPOKEN)
    return Unread(inbox=await unread_in_inbox(parts.database, owner.id), rooms=rooms, lag_s=parts.health.lag_s())


@get("/me/rooms", summary="My own list, what came last first")
async def rooms(request: Asked, after: AfterId = None, limit: Limit = None, after_offset: AfterOffset = 0) -> Listed[ListedRoom]:
    """Concepts, conversations, shares and quotes of mine. Ticks `list_entry` of my own room keep it live."""
    owner = await home_caught_up(request, after_offset)
    page = await list_rooms(parts_of(request).database, owner.id, SPOKEN, text_of(after), size_of(request, limit))
    return listed(request, page)


@get("/me/devices", summary="Where push messages for me go")
async def devices(request: Asked, after_offset: AfterOffset = 0) -> tuple[Device, ...]:
    """Without endpoints and keys: these are told to nobody."""
    return await list_devices(parts_of(request).database, await home_caught_up(request, after_offset))


@post("/me/devices", status_code=201, summary="Have push messages sent to a device")
async def add_device(request: Asked, data: JSONBody[DeviceToAdd], command_id: CommandId = None) -> Response[bytes]:
    """The same endpoint again replaces its keys. The answer is that of the command `person.add_device`, with `device_id`."""
    return await done(request, "add_device", command_id, data)


@delete("/me/devices/{device_id:uuid}", status_code=200, summary="Send a device no more push messages")
async def remove_device(request: Asked, device_id: FromPath[UUID], command_id: CommandId = None) -> Response[bytes]:
    return await done(request, "remove_device", command_id, device_id=str(device_id))


@post("/me/claim", status_code=200, summary="Take over what I did as a guest")
async def claim(request: Asked, data: JSONBody[GuestToClaim], command_id: CommandId = None) -> Claimed:
    """Concepts, shares and conversations become mine; folders, favourites, comparisons and searches move into my own room. Saying
    it again is harmless; somebody else's claim of the same guest is refused."""
    parts, actor, home = parts_of(request), request.user.actor, home_of(request)
    if actor.kind != "user":
        raise NotAllowed("sign in first: what a guest did goes to a person")
    guest = await _guest(request, data.guest_token)
    now_ms = parts.health.now_ms()
    # rows will point at the person, who may be known by their token alone so far
    await note_person(parts.database, actor, now_ms)
    payload = {
        "room": home,
        "command_id": str(command_id) if command_id else new_command_id(now_ms),
        "guest_id": guest.actor.id,
        "session_hash": guest.claims.session_hash,
        "user_name": actor.name,
    }
    accepted = await given(request, "person.claim", encode(payload), SYSTEM_IDENTITY)
    return Claimed(guest_id=guest.actor.id, room=home, offset=accepted.offset, epoch=accepted.epoch)


async def _guest(asked: Asked, token: str) -> Identity:
    """Raises ``Malformed`` for a token that does not count: 401 would speak of the caller's own."""
    try:
        identity = await parts_of(asked).authenticator.identify(token)
    except (InvalidToken, SignInNeeded) as error:
        raise Malformed(f"the guest's token does not count: {error} - at `$.guest_token`") from error
    if identity.actor.kind != "guest":
        raise Malformed("this is no guest's token: give the one that you had before you signed in - at `$.guest_token`")
    return identity


ROUTES = Router(
    "/",
    route_handlers=[inbox, settle, unread, rooms, devices, add_device, remove_device, claim],
    guards=[signed_in],
    tags=["me"],
)
