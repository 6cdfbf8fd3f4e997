"""What every address under ``/me`` shares: whose room it is, reading behind what was just written, and giving its commands."""

import secrets
import uuid
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import QueryParameter

from channels import replies
from domain.event_codec import encode
from domain.ids import RoomAddress
from domain.rejections import NotAllowed
from persistence.queries.library import Owner
from server.http.context import Asked, caught_up, check_may_see, parts_of
from server.http.rooms import given

CommandId = Annotated[
    UUID | None,
    QueryParameter(
        description="A uuid7, the same one for repeats: it happens once. Without it the server makes one, and a repeat is another."
    ),
]
_RANDOM_BITS: Final = 80


def home_of(asked: Asked) -> RoomAddress:
    """The caller's own room. Raises ``NotAllowed`` for bots, and for tokens that are for other rooms."""
    home = parts_of(asked).hub.home_of(asked.user.actor)
    if home is None:
        raise NotAllowed("only people and guests have a room of their own")
    check_may_see(asked, home)
    return home


def owner_of(asked: Asked) -> Owner:
    home_of(asked)
    identity = asked.user
    return Owner(id=identity.actor.id, session_hash=identity.claims.session_hash if identity.actor.kind == "guest" else "")


async def home_caught_up(asked: Asked, after_offset: int) -> Owner:
    """Whose things are asked for, once the database has their room up to the offset."""
    owner = owner_of(asked)
    await caught_up(asked, home_of(asked), after_offset)
    return owner


async def done(
    asked: Asked, verb: str, command_id: UUID | None, form: msgspec.Struct | None = None, **fields: Any
) -> Response[bytes]:
    """Give the command ``person.<verb>`` to the caller's own room: the same answer as ``POST /commands/person.<verb>``.

    ``form`` holds the command's fields, those that are None left out. Raises the ``Rejection``.
    """
    said = {name: value for name, value in _fields_of(form).items() if value is not None}
    key = str(command_id) if command_id else new_command_id(parts_of(asked).health.now_ms())
    payload = encode({**said, **fields, "room": home_of(asked), "command_id": key})
    accepted = await given(asked, f"person.{verb}", payload)
    return Response(bytes(replies.accepted(accepted).data), media_type="application/json")


def new_command_id(now_ms: int) -> str:
    """A uuid7: Unix milliseconds first, random behind."""
    number = now_ms << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    number = number & ~(0xF << 76) | 0x7 << 76
    return str(uuid.UUID(int=number & ~(0x3 << 62) | 0x2 << 62))


def _fields_of(form: msgspec.Struct | None) -> dict[str, Any]:
    return {name: getattr(form, name) for name in form.__struct_fields__} if form is not None else {}
