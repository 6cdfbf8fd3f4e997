"""Requests for quotes and the quotes themselves by HTTP: the owner's, the artisan's, and side by side."""

from typing import Any

import msgspec

from domain.ids import keyed_id
from domain.kinds.concept.view import RequestStatus
from domain.kinds.quote.view import QuoteStatus
from domain.limits import OpenObject
from persistence.database import Database
from persistence.queries.concepts import Query, Whose, belongs
from persistence.queries.rows import LIMIT_DEFAULT, Conditions, Face, Page, limited, page_of, row_as

REQUEST_COLUMNS = """
    r.id, r.concept_id, c.name AS concept_name, r.requested_sellers, r.message, r.status, r.accepted_quote_id,
    r.created_at, r.updated_at, r.expires_at,
    (SELECT count(*) FROM artisan_quotes q WHERE q.quote_request_id = r.id AND q.status = 'PENDING' AND q.deleted_at IS NULL)
        AS open_quote_count,
    (SELECT min(q.total_price) FROM artisan_quotes q
     WHERE q.quote_request_id = r.id AND q.status = 'PENDING' AND q.deleted_at IS NULL)::text AS lowest_price
"""
QUOTE_COLUMNS = """
    q.id, q.quote_request_id, q.seller_id, s.name AS seller_name, r.concept_id, c.name AS concept_name, q.pricing,
    q.total_price::text AS total_price, q.estimated_days, q.customizations, q.notes, q.attachments, q.status, q.revision,
    q.viewed_by_buyer, q.viewed_at, q.created_at, q.updated_at, q.expires_at, r.status AS request_status
"""
QUOTE_TABLES = """
    artisan_quotes q JOIN sellers s ON s.id = q.seller_id
    JOIN quote_requests r ON r.id = q.quote_request_id JOIN concepts c ON c.id = r.concept_id
"""


class QuoteRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Times are Unix milliseconds, money decimal strings."""

    id: str
    concept_id: str
    concept_name: str
    requested_sellers: tuple[str, ...] = ()
    message: str = ""
    status: RequestStatus
    accepted_quote_id: str | None = None
    open_quote_count: int = 0
    lowest_price: str | None = None
    created_at: int
    updated_at: int
    expires_at: int

    def room_of(self, seller_id: str) -> str:
        """The address of an artisan's room in it."""
        return f"quote:{keyed_id('quote', self.id, seller_id)}"


class AskedRequest(QuoteRequest, frozen=True, kw_only=True):
    """A request as one artisan has it: nothing of the others, and ``room`` to answer in."""

    seller_id: str
    room: str = ""


class ArtisanQuote(msgspec.Struct, frozen=True, kw_only=True):
    """``room`` is the quote's address."""

    id: str
    quote_request_id: str
    room: str = ""
    seller_id: str
    seller_name: str
    concept_id: str
    concept_name: str
    request_status: RequestStatus
    pricing: OpenObject = {}
    total_price: str
    estimated_days: int
    customizations: tuple[OpenObject, ...] = ()
    notes: str = ""
    attachments: tuple[str, ...] = ()
    status: QuoteStatus
    revision: int = 1
    viewed_by_buyer: bool = False
    viewed_at: int | None = None
    created_at: int
    updated_at: int
    expires_at: int


class StoredQuoteMessage(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    offset: int
    author: Face
    content: str
    attachments: tuple[str, ...] = ()
    created_at: int


class QuoteKey(msgspec.Struct, frozen=True, kw_only=True):
    """A quote's room by what it is made of."""

    request_id: str
    seller_id: str


async def list_requests(
    database: Database,
    whose: Whose,
    *,
    concept_id: str | None = None,
    status: RequestStatus | None = None,
    after: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> Page[QuoteRequest]:
    """The owner's own, newest first."""
    query, values = requests_query(whose, concept_id, status, after, limited(limit))
    return page_of(QuoteRequest, await database.fetch(query, *values), limited(limit))


def requests_query(whose: Whose, concept_id: str | None, status: str | None, after: str | None, limit: int) -> Query:
    conditions = Conditions()
    belongs(conditions, "r", whose)
    conditions.add("r.concept_id = {}::uuid", concept_id)
    conditions.add("r.status = {}", status)
    conditions.add("(r.created_at, r.id) < (SELECT p.created_at, p.id FROM quote_requests p WHERE p.id = {}::uuid)", after)
    query = f"""
        SELECT {REQUEST_COLUMNS} FROM quote_requests r JOIN concepts c ON c.id = r.concept_id {conditions}
        ORDER BY r.created_at DESC, r.id DESC LIMIT {conditions.place(limit + 1)}
    """
    return query, conditions.values


async def list_asked(
    database: Database, user_id: str, *, status: RequestStatus | None = None, after: str | None = None, limit: int = LIMIT_DEFAULT
) -> Page[AskedRequest]:
    """Requests that went to the artisans whom somebody answers for, newest first; what others offer is not in them.

    A request that went to two of theirs stands there once, with the first.
    """
    query, values = asked_query(user_id, status, after, limited(limit))
    page = page_of(AskedRequest, await database.fetch(query, *values), limited(limit))
    return Page(tuple(msgspec.structs.replace(item, room=item.room_of(item.seller_id)) for item in page.items), page.after)


def asked_query(user_id: str, status: str | None, after: str | None, limit: int) -> Query:
    conditions = Conditions()
    mine = conditions.place(user_id)
    conditions.always(f"r.requested_sellers && ARRAY(SELECT m.id FROM sellers m WHERE m.user_id = {mine}::uuid)")
    conditions.add("r.status = {}", status)
    conditions.add("(r.created_at, r.id) < (SELECT p.created_at, p.id FROM quote_requests p WHERE p.id = {}::uuid)", after)
    query = f"""
        SELECT r.id, r.concept_id, c.name AS concept_name, ARRAY[m.id] AS requested_sellers, r.message,
               r.status, r.created_at, r.updated_at, r.expires_at, m.id AS seller_id
        FROM quote_requests r JOIN concepts c ON c.id = r.concept_id
        JOIN LATERAL (
            SELECT s.id FROM sellers s WHERE s.user_id = {mine}::uuid AND s.id = ANY(r.requested_sellers) ORDER BY s.id LIMIT 1
        ) m ON true
        {conditions}
        ORDER BY r.created_at DESC, r.id DESC LIMIT {conditions.place(limit + 1)}
    """
    return query, conditions.values


async def request_by_id(database: Database, request_id: str, whose: Whose) -> QuoteRequest | None:
    """None where it is not theirs."""
    conditions = Conditions()
    conditions.add("r.id = {}::uuid", request_id)
    belongs(conditions, "r", whose)
    query = f"SELECT {REQUEST_COLUMNS} FROM quote_requests r JOIN concepts c ON c.id = r.concept_id {conditions}"
    row = await database.fetchrow(query, *conditions.values)
    return row_as(QuoteRequest, row) if row else None


async def list_quotes(
    database: Database, request_id: str, after: str | None = None, limit: int = LIMIT_DEFAULT
) -> Page[ArtisanQuote]:
    """All offers of a request side by side, the cheapest first."""
    conditions = Conditions()
    conditions.add("q.quote_request_id = {}::uuid", request_id)
    conditions.always("q.deleted_at IS NULL")
    conditions.add("(q.total_price, q.id) > (SELECT p.total_price, p.id FROM artisan_quotes p WHERE p.id = {}::uuid)", after)
    return await _quotes(database, conditions, "q.total_price, q.id", limit)


async def list_offers(
    database: Database, user_id: str, *, status: QuoteStatus | None = None, after: str | None = None, limit: int = LIMIT_DEFAULT
) -> Page[ArtisanQuote]:
    """What the artisans whom somebody answers for have offered, newest first."""
    conditions = offers_conditions(user_id, status, after)
    return await _quotes(database, conditions, "q.created_at DESC, q.id DESC", limit)


def offers_conditions(user_id: str, status: str | None, after: str | None) -> Conditions:
    conditions = Conditions()
    conditions.add("q.seller_id = ANY(ARRAY(SELECT m.id FROM sellers m WHERE m.user_id = {}::uuid))", user_id)
    conditions.always("q.deleted_at IS NULL")
    conditions.add("q.status = {}", status)
    conditions.add("(q.created_at, q.id) < (SELECT p.created_at, p.id FROM artisan_quotes p WHERE p.id = {}::uuid)", after)
    return conditions


async def _quotes(database: Database, conditions: Conditions, order: str, limit: int) -> Page[ArtisanQuote]:
    size = limited(limit)
    query = f"SELECT {QUOTE_COLUMNS} FROM {QUOTE_TABLES} {conditions} ORDER BY {order} LIMIT {conditions.place(size + 1)}"
    page = page_of(ArtisanQuote, await database.fetch(query, *conditions.values), size)
    return Page(tuple(_with_room(quote) for quote in page.items), page.after)


def _with_room(quote: ArtisanQuote) -> ArtisanQuote:
    room = f"quote:{keyed_id('quote', quote.quote_request_id, quote.seller_id)}"
    return msgspec.structs.replace(quote, room=room)


async def list_quote_messages(
    database: Database, key: QuoteKey, before: int | None = None, limit: int = LIMIT_DEFAULT
) -> tuple[tuple[StoredQuoteMessage, ...], int | None]:
    """The newest with an offset below ``before``, oldest first; and what to ask for the page before them."""
    conditions = Conditions()
    conditions.add("m.quote_request_id = {}::uuid", key.request_id)
    conditions.add("m.seller_id = {}::uuid", key.seller_id)
    conditions.add('m."offset" < {}', before)
    size = limited(limit)
    query = f"""
        SELECT m.id, m."offset", m.content, m.attachments, m.created_at,
               jsonb_build_object('id', u.id, 'name', coalesce(u.name, ''), 'image', coalesce(u.image, '')) AS author
        FROM quote_messages m JOIN users u ON u.id = m.author_id {conditions}
        ORDER BY m."offset" DESC LIMIT {conditions.place(size + 1)}
    """
    rows: list[Any] = await database.fetch(query, *conditions.values)
    shown = tuple(row_as(StoredQuoteMessage, row) for row in rows[:size])[::-1]
    return shown, shown[0].offset if len(rows) > size else None
