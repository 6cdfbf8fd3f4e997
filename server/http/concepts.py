"""Concepts by HTTP. A list has one's own; one of them is for whoever may be in its room, which the room itself says."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, get, post
from litestar.params import FromPath, FromQuery, QueryParameter

from channels.giving import SYSTEM_IDENTITY
from channels.seats import Identity
from domain.ids import RoomAddress
from domain.kinds.concept.view import ConceptStatus, JobStatus
from domain.rejections import NotAllowed
from domain.roles import bot_standing
from persistence.queries.concept_parts import (
    ArPreview,
    ArtisanMatch,
    ConceptImage,
    GeneratedProduct,
    StoredRefinement,
    SustainabilityScore,
    T,
    VideoJob,
    list_parts,
    list_videos,
    score_of,
)
from persistence.queries.concepts import ConceptDetail, ListedConcept, Whose, concept_by_id, list_concepts, search_concepts
from persistence.queries.quotes import QuoteRequest, list_requests
from persistence.queries.shares import SharedConcept, list_shares
from server.http.context import Asked, parts_of, room_caught_up, signed_in
from server.http.lists import AfterId, AfterOffset, Limit, Listed, found, listed, size_of, text_of
from server.http.rooms import given
from server.http.server_commands import give_as_server, payload_of

Words = Annotated[str, QueryParameter(min_length=1, max_length=200, description="Beginnings of words; all of them count.")]


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """Whether it counted: once per person and half an hour."""

    counted: bool


@get("/concepts", summary="My concepts, newest first")
async def concepts(
    request: Asked,
    status: FromQuery[ConceptStatus] = "ACTIVE",
    favourites: FromQuery[bool] = False,
    after: AfterId = None,
    limit: Limit = None,
    room: FromQuery[str] = "",
    after_offset: AfterOffset = 0,
) -> Listed[ListedConcept]:
    """A guest's are those of the session. `room` and `after_offset` belong together: a concept just written to is then in the list
    as written."""
    await room_caught_up(request, room, after_offset)
    page = await list_concepts(
        parts_of(request).database,
        whose(request.user),
        status=status,
        favourites=favourites,
        after=text_of(after),
        limit=size_of(request, limit),
    )
    return listed(request, page)


@get("/concepts/search", summary="My concepts by words of their name and description")
async def search(request: Asked, q: Words, after: AfterId = None, limit: Limit = None) -> Listed[ListedConcept]:
    """The best first; a word in the name counts more. The search is noted in one's own history."""
    page = await search_concepts(
        parts_of(request).database, whose(request.user), q, after=text_of(after), limit=size_of(request, limit)
    )
    if after is None:
        _note_search(request, q, len(page.items))
    return listed(request, page)


@get("/concepts/{concept_id:uuid}", summary="A concept")
async def concept(request: Asked, concept_id: FromPath[UUID], after_offset: AfterOffset = 0) -> ConceptDetail:
    """The row with counts. For all that belongs to it, in one go: GET /rooms/concept:{id}/view."""
    key = await entered(request, concept_id, after_offset)
    return found(await concept_by_id(parts_of(request).database, key))


@get("/concepts/{concept_id:uuid}/images", summary="Its images, in their order")
async def images(
    request: Asked, concept_id: FromPath[UUID], after: AfterId = None, limit: Limit = None, after_offset: AfterOffset = 0
) -> Listed[ConceptImage]:
    return await _parts(request, ConceptImage, concept_id, after, limit, after_offset)


@get("/concepts/{concept_id:uuid}/products", summary="The products that were generated for it")
async def products(
    request: Asked, concept_id: FromPath[UUID], after: AfterId = None, limit: Limit = None, after_offset: AfterOffset = 0
) -> Listed[GeneratedProduct]:
    return await _parts(request, GeneratedProduct, concept_id, after, limit, after_offset)


@get("/concepts/{concept_id:uuid}/matches", summary="The artisans who could make it, the best first")
async def matches(
    request: Asked, concept_id: FromPath[UUID], after: AfterId = None, limit: Limit = None, after_offset: AfterOffset = 0
) -> Listed[ArtisanMatch]:
    return await _parts(request, ArtisanMatch, concept_id, after, limit, after_offset)


@get("/concepts/{concept_id:uuid}/refinements", summary="Its refinements with their suggestions, newest first")
async def refinements(
    request: Asked, concept_id: FromPath[UUID], after: AfterId = None, limit: Limit = None, after_offset: AfterOffset = 0
) -> Listed[StoredRefinement]:
    return await _parts(request, StoredRefinement, concept_id, after, limit, after_offset)


@get("/concepts/{concept_id:uuid}/ar-previews", summary="Its previews in a scene, newest first")
async def previews(
    request: Asked, concept_id: FromPath[UUID], after: AfterId = None, limit: Limit = None, after_offset: AfterOffset = 0
) -> Listed[ArPreview]:
    return await _parts(request, ArPreview, concept_id, after, limit, after_offset)


@get("/concepts/{concept_id:uuid}/videos", summary="Its videos, newest first")
async def videos(
    request: Asked, concept_id: FromPath[UUID], after: AfterId = None, limit: Limit = None, after_offset: AfterOffset = 0
) -> Listed[VideoJob]:
    return await _parts(request, VideoJob, concept_id, after, limit, after_offset)


@get("/concepts/{concept_id:uuid}/sustainability", summary="How sustainable it is")
async def sustainability(request: Asked, concept_id: FromPath[UUID], after_offset: AfterOffset = 0) -> SustainabilityScore:
    key = await entered(request, concept_id, after_offset)
    return found(await score_of(parts_of(request).database, key))


@get("/concepts/{concept_id:uuid}/quote-requests", summary="Its requests for quotes, newest first")
async def quote_requests(
    request: Asked, concept_id: FromPath[UUID], after: AfterId = None, limit: Limit = None, after_offset: AfterOffset = 0
) -> Listed[QuoteRequest]:
    """For its owner."""
    key = await entered(request, concept_id, after_offset)
    page = await list_requests(
        parts_of(request).database, whose(request.user), concept_id=key, after=text_of(after), limit=size_of(request, limit)
    )
    return listed(request, page)


@get("/concepts/{concept_id:uuid}/shares", summary="Its shares, newest first")
async def shares(
    request: Asked, concept_id: FromPath[UUID], after: AfterId = None, limit: Limit = None, after_offset: AfterOffset = 0
) -> Listed[SharedConcept]:
    """For its owner."""
    key = await entered(request, concept_id, after_offset)
    page = await list_shares(parts_of(request).database, request.user.actor.id, key, text_of(after), size_of(request, limit))
    return listed(request, page)


@get("/videos", summary="Videos of all concepts by their status, for bots")
async def all_videos(
    request: Asked, status: FromQuery[JobStatus] = "QUEUED", after: AfterId = None, limit: Limit = None
) -> Listed[VideoJob]:
    """The one that waits longest first. Not for a bot whose token is for single rooms."""
    actor, claims = request.user.actor, request.user.claims
    if actor.kind != "bot" or bot_standing(claims, "directory:concepts") != "bot":
        raise NotAllowed("this is for bots: your concept's own are at /concepts/{id}/videos")
    return listed(request, await list_videos(parts_of(request).database, status, text_of(after), size_of(request, limit)))


ViaShare = Annotated[UUID | None, QueryParameter(description="The share by which you see the concept, where it is not your own.")]


@post("/concepts/{concept_id:uuid}/ar-previews/{preview_id:uuid}/look", status_code=200, summary="I have looked at a preview")
async def look(request: Asked, concept_id: FromPath[UUID], preview_id: FromPath[UUID], share: ViaShare = None) -> Counted:
    """Counts once per person and half an hour."""
    return await _count(request, "count_ar_look", concept_id, preview_id, share)


@post("/concepts/{concept_id:uuid}/ar-previews/{preview_id:uuid}/share", status_code=200, summary="I have passed a preview on")
async def passed_on(request: Asked, concept_id: FromPath[UUID], preview_id: FromPath[UUID], share: ViaShare = None) -> Counted:
    """Counts once per person and half an hour."""
    return await _count(request, "count_ar_share", concept_id, preview_id, share)


def whose(identity: Identity) -> Whose:
    """A guest is known by the session."""
    if identity.actor.kind == "guest":
        return Whose(session_hash=identity.claims.session_hash)
    return Whose(user_id=identity.actor.id)


async def entered(request: Asked, concept_id: UUID, after_offset: int) -> str:
    """The id as text, once the caller is somebody there and the database has it up to the offset. Raises ``NotAllowed``."""
    room = f"concept:{concept_id}"
    await room_caught_up(request, room, after_offset)
    return str(concept_id)


async def _parts(
    request: Asked, kind: type[T], concept_id: UUID, after: UUID | None, limit: int | None, after_offset: int
) -> Listed[T]:
    key = await entered(request, concept_id, after_offset)
    return listed(request, await list_parts(parts_of(request).database, kind, key, text_of(after), size_of(request, limit)))


async def _count(request: Asked, verb: str, concept_id: UUID, preview_id: UUID, share: UUID | None) -> Counted:
    parts, room = parts_of(request), f"concept:{concept_id}"
    if share is None:
        await parts.hub.standing(request.user, RoomAddress(room))
    else:
        await _check_shows(request, share, concept_id)
    key = (request.user.actor.id, verb, str(preview_id))
    if not parts.looks.is_new(parts.health.now_ms(), *key):
        return Counted(counted=False)
    try:
        payload = payload_of(request, room=room, preview_id=str(preview_id))
        await given(request, f"concept.{verb}", payload, SYSTEM_IDENTITY)
    except BaseException:
        parts.looks.forget(*key)
        raise
    return Counted(counted=True)


class _Shown(msgspec.Struct):
    id: str


class _ShareFace(msgspec.Struct):
    concept: _Shown


class _ShareView(msgspec.Struct):
    share: _ShareFace


class _Opening(msgspec.Struct):
    view: _ShareView


async def _check_shows(request: Asked, share: UUID, concept_id: UUID) -> None:
    """Whoever may see a share may see what it shows. Raises ``NotAllowed``."""
    seen = await parts_of(request).hub.look(request.user, RoomAddress(f"share:{share}"))
    if msgspec.json.decode(seen.view, type=_Opening).view.share.concept.id != str(concept_id):
        raise NotAllowed


def _note_search(request: Asked, query: str, count: int) -> None:
    """Into the searcher's own history; the answer does not wait for it, and does without where it fails."""
    actor, claims = request.user.actor, request.user.claims
    if actor.kind not in ("user", "guest"):
        return
    found = {"query": query, "result_count": count, "filters": {"in": "concepts"}, "session_hash": claims.session_hash}
    give_as_server(request, "person.note_search", room=f"person:{actor.id}", **found)


ROUTES = Router(
    "/",
    route_handlers=[
        *(concepts, search, concept, images, products, matches, refinements, previews, videos, sustainability),
        *(quote_requests, shares, all_videos, look, passed_on),
    ],
    guards=[signed_in],
    tags=["concepts"],
)
