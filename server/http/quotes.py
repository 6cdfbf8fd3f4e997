"""Requests for quotes and quotes by HTTP: mine as an owner, mine as an artisan, and side by side."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Router, get
from litestar.params import FromPath, FromQuery, QueryParameter

from domain.ids import keyed_id
from domain.kinds.concept.view import RequestStatus
from domain.kinds.quote.view import QuoteStatus
from persistence.queries.quotes import (
    ArtisanQuote,
    AskedRequest,
    QuoteKey,
    QuoteRequest,
    StoredQuoteMessage,
    list_asked,
    list_offers,
    list_quote_messages,
    list_quotes,
    list_requests,
    request_by_id,
)
from server.http.concepts import whose
from server.http.context import Asked, parts_of, room_caught_up, signed_in
from server.http.lists import AfterId, AfterOffset, Limit, Listed, found, listed, size_of, text_of

Me = Annotated[Literal["me"], QueryParameter(description="`me`: the artisans whom I answer for.")]


class QuoteMessages(msgspec.Struct, frozen=True, kw_only=True):
    """Oldest first. ``before`` asks for the page before this one; None at the beginning."""

    items: tuple[StoredQuoteMessage, ...]
    before: int | None = None


@get("/quote-requests", summary="My requests for quotes, newest first")
async def quote_requests(
    request: Asked,
    status: FromQuery[RequestStatus | None] = None,
    after: AfterId = None,
    limit: Limit = None,
    room: FromQuery[str] = "",
    after_offset: AfterOffset = 0,
) -> Listed[QuoteRequest]:
    """`room` and `after_offset` belong together: a request just made is then in the list."""
    await room_caught_up(request, room, after_offset)
    page = await list_requests(
        parts_of(request).database, whose(request.user), status=status, after=text_of(after), limit=size_of(request, limit)
    )
    return listed(request, page)


@get("/quote-requests/asked", summary="Requests that went to my artisans, newest first")
async def asked(
    request: Asked,
    status: FromQuery[RequestStatus | None] = None,
    after: AfterId = None,
    limit: Limit = None,
    room: FromQuery[str] = "",
    after_offset: AfterOffset = 0,
) -> Listed[AskedRequest]:
    """Nothing of what others offer. `room` of an entry is where to answer."""
    await room_caught_up(request, room, after_offset)
    page = await list_asked(
        parts_of(request).database, request.user.actor.id, status=status, after=text_of(after), limit=size_of(request, limit)
    )
    return listed(request, page)


@get("/quote-requests/{request_id:uuid}", summary="One of my requests")
async def quote_request(
    request: Asked, request_id: FromPath[UUID], room: FromQuery[str] = "", after_offset: AfterOffset = 0
) -> QuoteRequest:
    await room_caught_up(request, room, after_offset)
    return found(await request_by_id(parts_of(request).database, str(request_id), whose(request.user)))


@get("/quote-requests/{request_id:uuid}/quotes", summary="All offers to one of my requests, the cheapest first")
async def side_by_side(
    request: Asked,
    request_id: FromPath[UUID],
    after: AfterId = None,
    limit: Limit = None,
    room: FromQuery[str] = "",
    after_offset: AfterOffset = 0,
) -> Listed[ArtisanQuote]:
    """For the owner alone: no artisan sees another's offer."""
    await room_caught_up(request, room, after_offset)
    database = parts_of(request).database
    found(await request_by_id(database, str(request_id), whose(request.user)))
    return listed(request, await list_quotes(database, str(request_id), text_of(after), size_of(request, limit)))


@get("/quotes", summary="What my artisans have offered, newest first")
async def quotes(
    request: Asked,
    seller: Me = "me",
    status: FromQuery[QuoteStatus | None] = None,
    after: AfterId = None,
    limit: Limit = None,
    room: FromQuery[str] = "",
    after_offset: AfterOffset = 0,
) -> Listed[ArtisanQuote]:
    await room_caught_up(request, room, after_offset)
    page = await list_offers(
        parts_of(request).database, request.user.actor.id, status=status, after=text_of(after), limit=size_of(request, limit)
    )
    return listed(request, page)


@get("/quote-requests/{request_id:uuid}/sellers/{seller_id:uuid}/messages", summary="What owner and artisan said to each other")
async def messages(
    request: Asked,
    request_id: FromPath[UUID],
    seller_id: FromPath[UUID],
    before: Annotated[int | None, QueryParameter(ge=1, description="The `before` of the page behind.")] = None,
    limit: Limit = None,
    after_offset: AfterOffset = 0,
) -> QuoteMessages:
    """For these two alone."""
    key = QuoteKey(request_id=str(request_id), seller_id=str(seller_id))
    room = f"quote:{keyed_id('quote', key.request_id, key.seller_id)}"
    await room_caught_up(request, room, after_offset)
    items, behind = await list_quote_messages(parts_of(request).database, key, before, size_of(request, limit))
    return QuoteMessages(items=items, before=behind)


ROUTES = Router(
    "/",
    route_handlers=[quote_requests, asked, quote_request, side_by_side, quotes, messages],
    guards=[signed_in],
    tags=["quotes"],
)
