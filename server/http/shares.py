"""Shared concepts by HTTP: making a share with its link, entering by it, and reading what stands in it."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from domain.event_codec import encode
from domain.ids import RoomAddress, id_of, room_address
from domain.kinds.share.commands import ADDRESSEES_MAX, Moment
from domain.limits import OpenObject
from domain.rejections import Malformed, NotAllowed
from persistence.queries.shares import (
    ConceptComment,
    Named,
    SharedConcept,
    Votes,
    forget_addressees,
    list_comments,
    list_shares,
    named_by,
    note_addressees,
    share_by_id,
    votes_of,
)
from server.auth.guest_tokens import cleaned_name, hash_of
from server.http.context import Asked, caught_up, parts_of, signed_in
from server.http.description import PUBLIC
from server.http.lists import AfterId, AfterOffset, Limit, Listed, found, listed, size_of, text_of
from server.http.rooms import given
from server.http.share_links import share_of, signed_in_or_by_link

MAIL_MOST = 255
GUEST_ID_LEAST = 16

Addressee = Annotated[str, msgspec.Meta(min_length=3, max_length=MAIL_MOST)]
Addressees = Annotated[tuple[Addressee, ...], msgspec.Meta(max_length=ADDRESSEES_MAX)]


class NewShare(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As the command `share.share`; `shared_with` are ids of people and mail addresses."""

    command_id: str
    concept_id: str
    allow_comments: bool = True
    allow_voting: bool = False
    is_public: bool = True
    shared_with: Addressees = ()
    expires_at: Moment | None = None
    metadata: OpenObject = {}


class MadeShare(msgspec.Struct, frozen=True, kw_only=True):
    """`token` is told here and never again; a repeat with the same `command_id` tells the same."""

    room: str
    share_id: str
    token: str
    offset: int
    epoch: str
    event_ids: tuple[str, ...]
    stored: bool


class NewAddressees(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom the share names from now on: ids of people and mail addresses, all of them."""

    command_id: str
    shared_with: Addressees


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    room: str
    offset: int
    epoch: str
    event_ids: tuple[str, ...]


class Entering(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`guest_id` is a random text that the guest's device keeps: with it the guest is the same one the next time."""

    name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    guest_id: Annotated[str, msgspec.Meta(min_length=GUEST_ID_LEAST, max_length=200)] = ""


class Guest(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str


class Entered(msgspec.Struct, frozen=True, kw_only=True):
    """Connect with `token`; it opens `room` and nothing else, until `expires_at` (Unix milliseconds)."""

    room: str
    concept_name: str
    token: str
    guest: Guest
    expires_at: int


@post("/shares", guards=[signed_in], summary="Share a concept of one's own")
async def make_share(request: Asked, data: JSONBody[NewShare]) -> MadeShare:
    """Gives `share.share` with a new token, and waits a moment until the database has it. Without an answer repeat it with the same
    `command_id`: the share is made once, and its token is the same."""
    parts = parts_of(request)
    token = parts.guest_tokens.share_token(request.user.actor.id, data.command_id)
    shared_with, mails = _hashed(data.shared_with)
    command = {**msgspec.to_builtins(data), "shared_with": shared_with, "token_hash": hash_of(token), "receipt": "stored"}
    made = await given(request, "share.share", encode(command))
    await note_addressees(parts.database, id_of(made.room), mails)
    return MadeShare(
        room=made.room,
        share_id=id_of(made.room),
        token=token,
        offset=made.offset,
        epoch=made.epoch,
        event_ids=made.event_ids,
        stored=bool(made.stored),
    )


@post("/shares/enter", status_code=200, security=PUBLIC, summary="Come in by a share's link")
async def enter(request: Asked, data: JSONBody[Entering]) -> Entered:
    """The link's token stands in the header `X-Share-Token`. Whoever is signed in (`Authorization`) enters as themselves."""
    room, share = await share_of(request)
    tokens = parts_of(request).guest_tokens
    person = await _signed_in_person(request)
    if person is not None:
        claims = tokens.claims_of(room, person, share.expires_at)
    else:
        claims = tokens.claims_for(room, cleaned_name(data.name) or "Guest", tokens.session_of(data.guest_id), share.expires_at)
    return Entered(
        room=room,
        concept_name=share.concept.name,
        token=tokens.mint(claims),
        guest=Guest(id=claims.actor.id, name=claims.actor.name),
        expires_at=int(claims.exp * 1000),
    )


@get("/shares", guards=[signed_in], summary="My shares, newest first")
async def shares(
    request: Asked, concept: FromQuery[UUID | None] = None, after: AfterId = None, limit: Limit = None
) -> Listed[SharedConcept]:
    page = await list_shares(
        parts_of(request).database, request.user.actor.id, text_of(concept), text_of(after), size_of(request, limit)
    )
    return listed(request, page)


@get("/shares/{share_id:uuid}", guards=[signed_in_or_by_link], summary="A share")
async def share(request: Asked, share_id: FromPath[UUID], after_offset: AfterOffset = 0) -> SharedConcept:
    """For who is named in it, or with the header `X-Share-Token`. What is live: GET /rooms/share:{id}/view."""
    key = await _readable(request, share_id, after_offset)
    return found(await share_by_id(parts_of(request).database, key))


@get("/shares/{share_id:uuid}/comments", guards=[signed_in_or_by_link], summary="Its comments, oldest first")
async def comments(
    request: Asked,
    share_id: FromPath[UUID],
    parent: FromQuery[UUID | None] = None,
    after: AfterId = None,
    limit: Limit = None,
    after_offset: AfterOffset = 0,
) -> Listed[ConceptComment]:
    """One level of the threads at a time: those that answer nothing, or with `parent` those that answer it."""
    key = await _readable(request, share_id, after_offset)
    page = await list_comments(parts_of(request).database, key, text_of(parent), text_of(after), size_of(request, limit))
    return listed(request, page)


@get("/shares/{share_id:uuid}/votes", guards=[signed_in_or_by_link], summary="How the votes stand, and my own")
async def votes(request: Asked, share_id: FromPath[UUID], after_offset: AfterOffset = 0) -> Votes:
    key = await _readable(request, share_id, after_offset)
    return await votes_of(parts_of(request).database, key, request.user.actor.id)


@get("/shares/{share_id:uuid}/addressees", guards=[signed_in], summary="Whom it names, for its owner")
async def addressees(request: Asked, share_id: FromPath[UUID], after_offset: AfterOffset = 0) -> Named:
    key = await _readable(request, share_id, after_offset)
    await _check_owner(request, key)
    return found(await named_by(parts_of(request).database, key))


@post("/shares/{share_id:uuid}/addressees", status_code=200, guards=[signed_in], summary="Name others")
async def change_addressees(request: Asked, share_id: FromPath[UUID], data: JSONBody[NewAddressees]) -> Changed:
    """Gives `share.change_share`; who is no longer named is put out at once. Mail addresses stay with the server."""
    shared_with, mails = _hashed(data.shared_with)
    room = room_address("share", str(share_id))
    command: dict[str, Any] = {"room": room, "command_id": data.command_id, "shared_with": shared_with, "receipt": "stored"}
    changed = await given(request, "share.change_share", encode(command))
    database = parts_of(request).database
    await note_addressees(database, str(share_id), mails)
    # Another change may be ahead of this one, or this is an old one said again: the row knows which names hold.
    if changed.stored:
        await forget_addressees(database, str(share_id))
    return Changed(room=room, offset=changed.offset, epoch=changed.epoch, event_ids=changed.event_ids)


async def _readable(request: Asked, share_id: UUID, after_offset: int) -> str:
    """The id as text, once the database has the share up to the offset. Raises ``NotAllowed`` for who is nobody in it."""
    room = room_address("share", str(share_id))
    await parts_of(request).hub.standing(request.user, room)
    await caught_up(request, room, after_offset)
    return str(share_id)


async def _check_owner(request: Asked, share_id: str) -> None:
    standing = await parts_of(request).hub.standing(request.user, RoomAddress(f"share:{share_id}"))
    if standing.role != "owner":
        raise NotAllowed("whom a share names is told to its owner alone")


async def _signed_in_person(request: Asked) -> Any:
    """The caller as an actor, where they have signed in as a person; a guest of before comes as a guest again."""
    if "authorization" not in request.headers:
        return None
    await signed_in(request, request.route_handler)
    actor = request.user.actor
    if actor.kind == "bot":
        raise NotAllowed("bots do not enter shares")
    return actor if actor.kind == "user" else None


def _hashed(shared_with: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Addressees as the command names them, and the mail addresses behind the hashes. Raises ``Malformed``."""
    named: list[str] = []
    mails: dict[str, str] = {}
    for place, one in enumerate(shared_with):
        if "@" in one:
            address = one.strip().lower()
            mails[hash_of(address)] = address
            named.append(hash_of(address))
            continue
        try:
            named.append(str(UUID(one)))
        except ValueError as error:
            raise Malformed(f"expected the id of a person or a mail address - at `$.shared_with[{place}]`") from error
    return tuple(dict.fromkeys(named)), mails


ROUTES = Router(
    "/",
    route_handlers=[make_share, enter, shares, share, comments, votes, addressees, change_addressees],
    tags=["shares"],
)
