"""What a drill leaves behind to be judged: each client's log in the order in which that client saw it, and Postgres afterwards."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import msgspec


class Sent(NamedTuple):
    """A command has left (or left again: a repeat has the same id). ``at_ns`` is this machine's monotonic clock.

    ``words`` are what somebody says with it, where its event says the same: by them a command that ran under two ids is found.
    """

    room: str
    command_id: str
    at_ns: int
    words: str = ""


class Acked(NamedTuple):
    """The server has answered: durable, the last of its events at ``offset``."""

    room: str
    command_id: str
    offset: int
    epoch: str
    event_ids: tuple[str, ...]
    at_ns: int


class Refused(NamedTuple):
    """The server has answered with an error that is not temporary: nothing may have happened."""

    room: str
    command_id: str
    code: int


class Entered(NamedTuple):
    """A subscribe was answered. Without ``recovered`` a view at ``offset`` replaces what was known, and holds ``shown``.

    ``asked_ns`` is when it was asked for (0: not known), ``top`` up to where a recovered answer reaches with the events it brings.
    """

    room: str
    epoch: str
    offset: int
    recovered: bool
    shown: tuple[tuple[int, str], ...] = ()
    asked_ns: int = 0
    top: int = 0


class Received(NamedTuple):
    """An event was delivered, live or in a resume. ``at_ms`` is the event's own time (0: not noted)."""

    room: str
    offset: int
    event_id: str
    at_ms: int = 0


class Barred(NamedTuple):
    """The client has no right any more: what happens in the room (in any, where it is empty) after ``from_ms`` is not for it."""

    room: str
    from_ms: int


Entry: TypeAlias = Sent | Acked | Refused | Entered | Received | Barred


class ClientLog(msgspec.Struct):
    """One client. ``actor`` is its actor id, by which its commands are found in Postgres."""

    name: str
    actor: str
    entries: list[Entry] = msgspec.field(default_factory=list)


class StoredEvent(NamedTuple):
    """One row of ``room_events``; ``words`` as in ``Sent``."""

    room: str
    offset: int
    epoch: str
    actor: str
    command_id: str
    ordinal: int
    words: str = ""

    @property
    def event_id(self) -> str:
        """As PROTOCOL.md "Commands" says it, computed here once more: the checker shares no code with what it checks."""
        return event_id(self.room, self.actor, self.command_id, self.ordinal)


class History(msgspec.Struct):
    """``stored`` in any order; ``rooms`` are those that are judged."""

    logs: Sequence[ClientLog]
    stored: Sequence[StoredEvent]
    rooms: Sequence[str]


def event_id(room: str, actor: str, command_id: str, ordinal: int) -> str:
    digest = hashlib.sha256(f"{room}\x1f{actor}\x1f{command_id}\x1f{ordinal}".encode()).hexdigest()
    variant = "89ab"[int(digest[4], 16) & 3]
    return f"{command_id[:13]}-8{digest[1:4]}-{variant}{digest[5:8]}-{digest[8:20]}"
