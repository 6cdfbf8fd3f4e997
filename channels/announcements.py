"""Joins and leaves, told to the members who asked for them."""

from collections.abc import Mapping

import msgspec

from channels.members import Member
from channels.seats import FormatName, PresenceCount, Present, RoomMessage, Seat
from channels.wire.codec import Codec
from channels.wire.messages import ClientInfo, Join, Leave, Push, Reply
from domain.event_codec import encode
from domain.ids import RoomAddress


class Announcements:
    """What waits to be told in this turn, and to whom. A member that lags is not told: it asks for presence when it needs it."""

    __slots__ = ("_askers", "_codecs", "_count", "_replies", "_room")

    def __init__(self, room: RoomAddress, codecs: Mapping[FormatName, Codec]) -> None:
        self._room = room
        self._codecs = codecs
        self._askers: dict[Seat, Member] = {}
        self._replies: list[Reply] = []
        self._count: RoomMessage | None = None

    @property
    def has_askers(self) -> bool:
        return bool(self._askers)

    def add_asker(self, member: Member) -> None:
        self._askers[member.seat] = member

    def remove_asker(self, seat: Seat) -> None:
        self._askers.pop(seat, None)

    def joined(self, present: Present) -> None:
        self._replies.append(Reply(push=Push(channel=self._room, join=Join(client_info(present)))))

    def left(self, present: Present) -> None:
        self._replies.append(Reply(push=Push(channel=self._room, leave=Leave(client_info(present)))))

    def counted(self, count: PresenceCount) -> None:
        """``{"presence": {"clients", "actors"}}`` as a passing publication: large rooms are not told one by one."""
        self._count = RoomMessage(data=encode({"presence": count}))

    def write(self) -> None:
        """Tell everybody who asked: one write each, encoded once per format."""
        if not self._replies and self._count is None:
            return
        replies, self._replies = self._replies, []
        count, self._count = self._count, None
        framed: dict[FormatName, bytes] = {}
        for member in list(self._askers.values()):
            if member.is_lagging:
                continue
            format_name = member.seat.format
            if format_name not in framed:
                framed[format_name] = self._framed(self._codecs[format_name], replies, count)
            member.seat.write(framed[format_name])

    def _framed(self, codec: Codec, replies: list[Reply], count: RoomMessage | None) -> bytes:
        messages = [codec.encode_reply(reply) for reply in replies]
        if count is not None:
            messages.append(codec.encode_room_message(self._room, count))
        return codec.frame(messages)


def client_info(present: Present) -> ClientInfo:
    """An actor as the wire shows it: ``client`` is the newest device's, ``conn_info`` the public face."""
    return ClientInfo(user=present.actor.id, client=present.clients[-1], conn_info=msgspec.Raw(encode(present.actor)))
