"""What a session asks of its connection. Plain values: a test of a conversation is a list of them."""

from typing import Literal, TypeAlias

import msgspec

from channels.seats import Identity, Since
from channels.wire.codes import DisconnectCode
from channels.wire.messages import Reply
from domain.ids import RoomAddress

Question: TypeAlias = Literal["presence", "presence_stats", "history", "standing"]


class Send(msgspec.Struct, frozen=True, gc=False):
    """A reply or push for the client."""

    reply: Reply


class Ping(msgspec.Struct, frozen=True, gc=False):
    """The empty message, which is the same for everyone."""


class Authenticate(msgspec.Struct, frozen=True, gc=False):
    """Ask who this token stands for. Answer: ``authenticated`` (or ``refreshed`` where ``is_refresh``), or ``refused``."""

    id: int
    token: str
    is_refresh: bool = False


class Open(msgspec.Struct, frozen=True, gc=False):
    """The connection is known from here on: take the identity, tell the hub."""

    identity: Identity


class Adopt(msgspec.Struct, frozen=True, gc=False):
    """The identity has changed: have the rooms look at it again."""

    identity: Identity


class Give(msgspec.Struct, frozen=True, gc=False):
    """A command for a room. Answer: ``answered``."""

    id: int
    name: str
    payload: bytes


class Follow(msgspec.Struct, frozen=True, gc=False):
    """Subscribe to a room. Answer: ``subscribed``."""

    id: int
    room: RoomAddress
    since: Since | None = None
    only_recovered: bool = False
    wants_join_leave: bool = False


class Unfollow(msgspec.Struct, frozen=True, gc=False):
    """Leave a room: nothing of it may be written behind this."""

    room: RoomAddress


class Signal(msgspec.Struct, frozen=True, gc=False):
    """Pass on something that nobody keeps. Answer: ``signalled``, at once."""

    id: int
    room: RoomAddress
    data: bytes


class Ask(msgspec.Struct, frozen=True, gc=False):
    """Something that may have to be read. Answer: ``told``. ``after``, ``limit`` and ``is_reverse`` belong to a history."""

    id: int
    question: Question
    room: RoomAddress
    after: int = 0
    limit: int = 0
    is_reverse: bool = False


class Inquire(msgspec.Struct, frozen=True, gc=False):
    """A kind's own question to a room. Answer: ``told``."""

    id: int
    name: str
    payload: bytes


class End(msgspec.Struct, frozen=True, gc=False):
    """Close the connection; nothing that comes in afterwards is looked at."""

    code: DisconnectCode


Effect: TypeAlias = Send | Ping | Authenticate | Open | Adopt | Give | Follow | Unfollow | Signal | Ask | Inquire | End
