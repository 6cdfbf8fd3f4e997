"""Between a connection and the hub: who asks, what is asked, and how the answer comes back. Everything here is synchronous."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, Protocol, TypeAlias

import msgspec

from domain.ids import RoomAddress, ThingId
from domain.record import Actor
from domain.rejections import Rejection
from domain.roles import Claims, Role

PUT_OUT_NOT_ALLOWED: Final = 2001
"""Unsubscribe push, final: the member may no longer see the room."""
PUT_OUT_DELETED: Final = 2002
"""Unsubscribe push, final: the room was deleted."""
PUT_OUT_CLOSED: Final = 2003
"""Unsubscribe push, final: the room has closed for everybody; the reason is its own sentence (revoked, expired)."""
RESUBSCRIBE: Final = 2500
"""Unsubscribe push after which the SDK subscribes again with its position: the member fell below what the room keeps at hand."""

FormatName: TypeAlias = Literal["json", "protobuf", "json+deflate", "protobuf+deflate"]


class Identity(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who is at the other end of a connection or an HTTP request, as far as the token and Postgres tell.

    ``expires_at_ms`` (Unix milliseconds) is the token's end, None for one without.
    """

    actor: Actor
    claims: Claims
    expires_at_ms: int | None = None


class Accepted(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The command is durable. ``offset`` is its last event's; a command without events has the room's offset it was decided at."""

    room: RoomAddress
    offset: int
    epoch: str
    event_ids: tuple[ThingId, ...] = ()
    extra: Mapping[str, Any] = {}
    stored: bool | None = None


Answer: TypeAlias = Accepted | Rejection


class Given(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A command on its way to a room: the wire name, its payload as JSON, and where the answer goes (called exactly once)."""

    identity: Identity
    name: str
    payload: bytes
    answer: Callable[[Answer], None]


class Seat(Protocol):
    """A connection as a room sees it. None of its calls blocks or raises; after the connection's end they do nothing.

    What a connection owes the hub, each as a plain call in the instant it happens: ``Hub.connected`` once its identity is known;
    ``Hub.seat_paused`` when its transport pauses or either side begins to close; ``Hub.seat_writable`` when the transport resumes;
    ``Hub.recheck`` after ``identity`` has changed; ``Hub.disconnected`` once, at its end. A seat is compared by identity.
    """

    client_id: str
    identity: Identity
    format: FormatName

    @property
    def deliver(self) -> Callable[[bytes], None]:
        """``write`` without what waits: only while ``is_writable``, and after the connections have let their replies out."""
        ...

    @property
    def is_writable(self) -> bool:
        """False while the transport is paused or either side has begun to close: then the member is off the fast list."""
        ...

    def write(self, framed: bytes) -> None:
        """WebSocket frames as they are (shared by all members of a format); what the connection has waiting goes first, in one
        write."""
        ...

    def push_unsubscribed(self, room: RoomAddress, code: int, reason: str) -> None:
        """The room has put this member out; 2000–2499 is final, 2500–2999 makes the SDK subscribe again."""
        ...

    def disconnect(self, code: int, reason: str) -> None: ...


class Since(msgspec.Struct, frozen=True, gc=False):
    """Where a client stands: the position it has seen up to."""

    epoch: str
    offset: int


class RoomMessage(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing that a room publishes, encoded once: ``data`` is JSON; ``offset`` 0 is a tick, piece or signal.

    Not tracked by the garbage collector: rings hold a thousand for each room, and nothing in one can make a cycle.
    """

    data: bytes
    offset: int = 0
    command_id: str = ""
    time_ms: int = 0


class Subscribed(msgspec.Struct, frozen=True, kw_only=True):
    """The place from which a member follows: everything up to ``offset`` is in ``view`` or in ``missed``.

    ``offset`` is the client's own where it was recovered (PROTOCOL.md "Resume"), else the room's.
    """

    epoch: str
    offset: int
    view: bytes
    missed: tuple[RoomMessage, ...] = ()
    was_recovering: bool = False
    recovered: bool = False


class SubscribeAsked(msgspec.Struct, frozen=True, kw_only=True):
    """``answer`` is called in the same instant in which the seat becomes a member: the reply stands before any push."""

    seat: Seat
    room: RoomAddress
    since: Since | None
    answer: Callable[[Subscribed | Rejection], None]
    only_recovered: bool = False
    wants_join_leave: bool = False


class Present(msgspec.Struct, frozen=True, kw_only=True):
    """An actor who is in a room, with the connections (devices) through which; never empty, also while a leave still waits."""

    actor: Actor
    clients: tuple[str, ...]


class PresenceCount(msgspec.Struct, frozen=True, kw_only=True):
    clients: int
    actors: int


class HistoryPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a room's events, and where the room stands."""

    messages: tuple[RoomMessage, ...]
    epoch: str
    offset: int


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a kind's own question: ``data`` is JSON."""

    data: bytes


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    room: RoomAddress
    role: Role
