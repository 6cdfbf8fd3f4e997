"""What a request asks of a room, where that follows from the request alone."""

from typing import Final

import msgspec

from channels.effects import Ask, Follow
from channels.seats import Since
from channels.wire import messages as m
from domain.ids import RoomAddress

STANDING: Final = "room.standing"
"""The one method of every room that is a question: what am I in this room?"""
PAGE_MOST: Final = 1_000

_standing_decoder = msgspec.json.Decoder(dict[str, str])

REJECT_UNRECOVERED: Final = 2
"""Bit of a subscribe's ``flag``: rather error 112 than a fresh view."""

Asking = m.PresenceRequest | m.PresenceStatsRequest | m.HistoryRequest | m.RPCRequest


def follow_of(id: int, request: m.SubscribeRequest) -> Follow:
    since = Since(request.epoch, request.offset) if request.recover else None
    only_recovered = bool(request.flag & REJECT_UNRECOVERED) and request.recover
    return Follow(id, RoomAddress(request.channel), since, only_recovered, request.join_leave)


def question_of(id: int, request: Asking) -> Ask:
    """The question in a request. ``after`` is below 0 where the client said so, which is refused."""
    match request:
        case m.PresenceRequest():
            return Ask(id, "presence", RoomAddress(request.channel))
        case m.PresenceStatsRequest():
            return Ask(id, "presence_stats", RoomAddress(request.channel))
        case m.HistoryRequest():
            after = request.since.offset if request.since is not None else 0
            # PROTOCOL.md "Reading": limit 0 asks for the position; below 0 means as much as one page holds, which the hub bounds
            limit = request.limit if request.limit >= 0 else PAGE_MOST
            return Ask(id, "history", RoomAddress(request.channel), after, limit, request.reverse)
        case m.RPCRequest():
            return Ask(id, "standing", _room_of(bytes(request.data) or b"{}"))


def _room_of(payload: bytes) -> RoomAddress:
    try:
        return RoomAddress(_standing_decoder.decode(payload).get("room", ""))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return RoomAddress("")
