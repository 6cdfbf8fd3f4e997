"""Identifiers: what they look like, and how the ids of new things are derived.

Ids of new things are never drawn at random inside the rules. They follow from who asked (room, actor), from the command's own
id and from an ordinal, so a retry gives the same ids and a browser can predict them before the reply arrives.
"""

import hashlib
import uuid
from functools import lru_cache
from typing import Final, NewType

RoomAddress = NewType("RoomAddress", str)
"""Where people are in together: ``kind:id``, for example ``workspace:8f1d…``. On the wire this is the channel."""

ActorId = NewType("ActorId", str)
"""A person's, guest's or bot's id: the canonical text of a uuid."""

CommandId = NewType("CommandId", str)
"""Chosen by the caller, once per intention: the canonical text of a uuid whose first 48 bits are Unix milliseconds (uuid7)."""

ThingId = NewType("ThingId", str)
"""The id of an event and of what that event makes (a message, a session, an execution): the canonical text of a uuid."""

SYSTEM_ACTOR_ID: Final = ActorId("00000000-0000-4000-8000-000000000001")
"""The author of what the server does by itself: deadlines, reactions, retention."""

NAMESPACE: Final = uuid.UUID("6f1c24f2-54d5-5c3e-9d43-7a1a3c1f5b10")
"""The uuid5 namespace of everything that Atrium derives from a natural key."""


def room_address(kind: str, thing_id: str) -> RoomAddress:
    return RoomAddress(f"{kind}:{thing_id}")


def kind_of(address: str) -> str:
    """``workspace:8f1d…`` -> ``workspace``; an address without a colon has the kind ``""``."""
    kind, separator, _ = address.partition(":")
    return kind if separator else ""


def id_of(address: str) -> str:
    """``workspace:8f1d…`` -> ``8f1d…``."""
    return address.partition(":")[2]


def keyed_id(*key: str) -> ThingId:
    """The id of something with a natural key (uuid5): one workspace per ``("workspace", pattern_type)``."""
    return ThingId(str(uuid.uuid5(NAMESPACE, "\x1f".join(key))))


def actor_id_of(issuer: str, subject: str) -> ActorId:
    """A token's subject as a user id: itself when it is a uuid already, else derived from issuer and subject."""
    try:
        return ActorId(str(uuid.UUID(subject)))
    except ValueError:
        return ActorId(str(keyed_id("subject", issuer, subject)))


_VARIANTS: Final = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))
"""A digit of a digest -> the same with the variant of RFC 9562 over its first two bits."""


# Speed: evolve, the publication and the reply all ask for a record's id; the look-up costs a tenth of the digest.
@lru_cache(maxsize=4096)
def derived_id(room: str, actor: str, command_id: str, ordinal: int) -> ThingId:
    """The id of the ``ordinal``-th event of a command, and of what that event makes.

    A uuid8 (RFC 9562, 5.8): the command's 48 bits of time first, so that rows arrive in index order, the rest from SHA-256 over
    room, actor, command id and ordinal, so that nobody can aim at another's id by repeating a command id that they saw.
    """
    digest = hashlib.sha256(f"{room}\x1f{actor}\x1f{command_id}\x1f{ordinal}".encode()).hexdigest()
    time = command_id[:13] if time_ms_of(command_id) is not None else "00000000-0000"
    return ThingId(f"{time}-8{digest[1:4]}-{_VARIANTS[digest[4]]}{digest[5:8]}-{digest[8:20]}")


def clock_command_id(room: str, what: str, when_ms: int) -> CommandId:
    """The command id of a deadline: the same room, matter and instant always give the same id, so firing twice is harmless."""
    digest = hashlib.sha256(f"{room}\x1f{what}\x1f{when_ms}".encode()).hexdigest()
    return CommandId(_uuid8(when_ms, digest))


# Speed: asked three times for each command, and the digits cost five times the look-up.
@lru_cache(maxsize=4096)
def time_ms_of(command_id: str) -> int | None:
    """Unix milliseconds in the first 48 bits of a command id, or None where it is not the canonical text of a uuid."""
    if len(command_id) != 36 or command_id[8] != "-" or command_id[13] != "-":
        return None
    try:
        return int(command_id[:8] + command_id[9:13], 16)
    except ValueError:
        return None


def _uuid8(time_ms: int, digest: str) -> str:
    """48 bits of time, then the first 80 of the digest with version and variant put over theirs."""
    time = f"{time_ms & 0xFFFF_FFFF_FFFF:012x}"
    return f"{time[:8]}-{time[8:]}-8{digest[1:4]}-{_VARIANTS[digest[4]]}{digest[5:8]}-{digest[8:20]}"
