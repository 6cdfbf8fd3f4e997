"""Rooms by HTTP: commands, and what the room itself knows. The same rules, answers and codes as over the socket."""

import asyncio
from typing import Annotated

import msgspec
from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery, QueryParameter, RawBody

from channels import replies
from channels.seats import Accepted, Answer, Given, HistoryPage, Identity, Present, Standing
from domain.ids import RoomAddress
from domain.rejections import Rejection, Unavailable
from server.http.context import Asked, parts_of, signed_in

Limit = Annotated[int | None, QueryParameter(ge=1, le=100, description="Entries of a page; 50 without it.")]
After = Annotated[int, QueryParameter(ge=0, description="Only events behind this offset (reversed: before it).")]


@post("/commands/{name:str}", status_code=200, tags=["commands"], summary="Give a command to a room")
async def give(request: Asked, name: FromPath[str], body: RawBody) -> Response[bytes]:
    """``POST /commands/workspace.post`` with the same JSON as the socket's rpc: same rules, same result, same idempotence.

    Without an answer (503, or a cut connection) repeat it with the same ``command_id``: it happens once.
    """
    accepted = await given(request, name, body or b"{}")
    return Response(bytes(replies.accepted(accepted).data), media_type="application/json")


async def given(asked: Asked, name: str, payload: bytes, identity: Identity | None = None) -> Accepted:
    """Give the caller's command, or that of ``identity``, and wait for its answer.

    Raises the ``Rejection``, or ``Unavailable`` without an answer in time.
    """
    parts = parts_of(asked)
    answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    def answer(result: Answer) -> None:
        if not answered.done():  # nobody waits any more: the caller's connection ended, the command did not
            answered.set_result(result)

    parts.hub.give(Given(identity=identity or asked.user, name=name, payload=payload, answer=answer))
    try:
        async with asyncio.timeout(parts.settings.command_wait_s):
            result = await answered
    except TimeoutError as error:
        raise Unavailable("no answer in time: repeat the command with the same command_id") from error
    if isinstance(result, Rejection):
        raise result
    return result


@post("/questions/{name:str}", status_code=200, tags=["questions"], summary="Ask a room a question")
async def ask(request: Asked, name: FromPath[str], body: RawBody) -> Response[bytes]:
    """``POST /questions/share.my_vote`` with the same JSON as the socket's rpc of this name. Nothing changes by it."""
    told = await parts_of(request).hub.ask(request.user, name, body or b"{}")
    return Response(told.data, media_type="application/json")


class Events(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a room's events as the socket publishes them. ``next`` is the ``after`` of the next page, None at the end."""

    items: list[msgspec.Raw]
    epoch: str
    offset: int
    next: int | None = None


@get("/rooms/{address:str}/events", summary="What has happened in a room")
async def events(
    request: Asked, address: FromPath[str], after: After = 0, limit: Limit = None, newest_first: FromQuery[bool] = False
) -> Events:
    """Events in the order of their offsets; with ``newest_first`` backwards from ``after`` (0: from the top)."""
    parts = parts_of(request)
    size = limit or parts.settings.page_size
    page = await parts.hub.history(request.user, RoomAddress(address), after, size, newest_first)
    return Events(
        items=[msgspec.Raw(message.data) for message in page.messages],
        epoch=page.epoch,
        offset=page.offset,
        next=_next_of(page, size, newest_first),
    )


def _next_of(page: HistoryPage, size: int, newest_first: bool) -> int | None:
    if len(page.messages) < size:
        return None
    last = page.messages[-1].offset
    at_end = last <= 1 if newest_first else last >= page.offset
    return None if at_end else last


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """``offset`` is where the room stands; ``stored`` whether the database holds it up to ``after_offset`` (without one: all)."""

    room: str
    epoch: str
    offset: int
    stored: bool


@get("/rooms/{address:str}/stored", summary="Is it in the database?")
async def stored(request: Asked, address: FromPath[str], after_offset: After = 0) -> Stored:
    """Waits a moment for it; ``stored: false`` means later, never lost."""
    parts = parts_of(request)
    room = RoomAddress(address)
    place = await parts.hub.history(request.user, room, 0, 0)
    is_stored = await parts.log.stored(room, after_offset or place.offset, parts.settings.after_offset_wait_s)
    return Stored(room=room, epoch=place.epoch, offset=place.offset, stored=is_stored)


@get("/rooms/{address:str}/standing", summary="What am I in this room?")
async def standing(request: Asked, address: FromPath[str]) -> Standing:
    return await parts_of(request).hub.standing(request.user, RoomAddress(address))


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What a joiner of the room would be given, at ``offset``."""

    room: str
    epoch: str
    offset: int
    data: msgspec.Raw


@get("/rooms/{address:str}/view", summary="The room as it is")
async def view(request: Asked, address: FromPath[str]) -> View:
    """The subscribe reply without subscribing: fresher than the database, which follows a moment behind."""
    seen = await parts_of(request).hub.look(request.user, RoomAddress(address))
    return View(room=address, epoch=seen.epoch, offset=seen.offset, data=msgspec.Raw(seen.view))


@get("/rooms/{address:str}/presence", summary="Who is here?")
async def presence(request: Asked, address: FromPath[str]) -> tuple[Present, ...]:
    return await parts_of(request).hub.presence(request.user, RoomAddress(address))


ROUTES = Router("/", route_handlers=[give, ask, events, stored, standing, view, presence], guards=[signed_in], tags=["rooms"])
