"""The inbox and the own list by HTTP, with what is unread in each room: counted in the log, behind the read position."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from domain.kinds.person.things import What
from domain.parts.listing import SPOKEN_MAX
from persistence.database import Database
from persistence.queries.rows import LIMIT_DEFAULT, Conditions, Page, limited, page_of, rows_as

ROOMS_MOST: Final = 200
"""Rooms of the own list whose unread counts are told at once: as many as the room's view holds."""

Spoken = Mapping[str, Sequence[str]]
"""Kind of room -> the types of its events that count as unread."""


class By(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody as everybody may see them now."""

    id: str
    kind: str = "user"
    name: str = ""
    image: str = ""


class InboxItem(msgspec.Struct, frozen=True, kw_only=True):
    """A notification. ``offset`` is its place in the person's room; times are Unix milliseconds, ``read_at`` None is unread."""

    id: str
    offset: int
    what: What
    source: str
    thing_id: str | None = None
    by: By | None = None
    title: str = ""
    at: int
    read_at: int | None = None


class ListedRoom(msgspec.Struct, frozen=True, kw_only=True):
    """A room of the own list. ``at`` is the time of its newest event, ``unread`` 100 means 100 or more; ``name`` is empty where
    the room has none, or its rows are still on their way."""

    id: str
    room: str
    name: str = ""
    status: str = ""
    noted_at: int
    at: int | None = None
    read_offset: int = 0
    unread: int = 0


class UnreadRoom(msgspec.Struct, frozen=True, kw_only=True):
    room: str
    unread: int


async def list_inbox(
    database: Database, person_id: str, *, is_unread: bool = False, after: str | None = None, limit: int = LIMIT_DEFAULT
) -> Page[InboxItem]:
    """Newest first; ``after`` is the last id of the page before."""
    query, values = inbox_query(person_id, is_unread, after, limited(limit))
    return page_of(InboxItem, await database.fetch(query, *values), limited(limit))


def inbox_query(person_id: str, is_unread: bool, after: str | None, limit: int) -> tuple[str, list[object]]:
    conditions = Conditions()
    conditions.add("n.user_id = {}::uuid", person_id)
    if is_unread:
        conditions.always("n.read_at IS NULL")
    conditions.add('n."offset" < (SELECT p."offset" FROM notifications p WHERE p.id = {}::uuid)', after)
    query = f"""
        SELECT n.id, n."offset", n.what, n.source, n.thing_id, n.title, n.at, n.read_at,
               CASE WHEN n.by_id IS NOT NULL THEN jsonb_build_object(
                   'id', n.by_id, 'kind', n.by_kind, 'name', coalesce(u.name, n.by_name, ''),
                   'image', coalesce(u.image, n.by_image, '')) END AS by
        FROM notifications n LEFT JOIN users u ON u.id = n.by_id AND u.deleted_at IS NULL
        {conditions} ORDER BY n."offset" DESC LIMIT {conditions.place(limit + 1)}
    """
    return query, conditions.values


async def unread_in_inbox(database: Database, person_id: str) -> int:
    query = "SELECT count(*) FROM notifications WHERE user_id = $1::uuid AND read_at IS NULL"
    return int(await database.fetchval(query, person_id))


UNREAD: Final = f"""
    (SELECT count(*) FROM (
        SELECT 1 FROM room_events e
        JOIN unnest($2::text[], $3::text[]) AS spoken (kind, type)
          ON spoken.kind = split_part(o.room, ':', 1) AND spoken.type = e.type
        WHERE e.room = o.room AND e."offset" > coalesce(p."offset", 0) AND e.actor_id <> $1::uuid
        LIMIT {SPOKEN_MAX}
    ) AS behind)
"""
"""What others said behind the read position. Speaks of ``o`` (own_rooms) and ``p`` (read_positions)."""


async def list_rooms(
    database: Database, person_id: str, spoken: Spoken, after: str | None = None, limit: int = LIMIT_DEFAULT
) -> Page[ListedRoom]:
    """The own list, what came into it last first."""
    query, values = rooms_query(person_id, spoken, after, limited(limit))
    return page_of(ListedRoom, await database.fetch(query, *values), limited(limit))


def rooms_query(person_id: str, spoken: Spoken, after: str | None, limit: int) -> tuple[str, list[object]]:
    conditions = Conditions()
    conditions.add("o.user_id = {}::uuid", person_id)
    kinds, types = _flat(spoken)
    conditions.place(kinds)
    conditions.place(types)
    conditions.add("(o.created_at, o.id) < (SELECT b.created_at, b.id FROM own_rooms b WHERE b.id = {}::uuid)", after)
    query = f"""
        SELECT o.id, o.room, face.name, face.status, o.created_at AS noted_at, p."offset" AS read_offset, {UNREAD} AS unread,
               (SELECT e.at FROM room_events e WHERE e.room = o.room ORDER BY e."offset" DESC LIMIT 1) AS at
        FROM own_rooms o
        LEFT JOIN read_positions p ON p.user_id = o.user_id AND p.room = o.room
        LEFT JOIN LATERAL ({ROOM_FACES}) AS face ON true
        {conditions} ORDER BY o.created_at DESC, o.id DESC LIMIT {conditions.place(limit + 1)}
    """
    return query, conditions.values


async def unread_rooms(database: Database, person_id: str, spoken: Spoken) -> tuple[UnreadRoom, ...]:
    """Of the newest rooms of the own list those with something unread."""
    kinds, types = _flat(spoken)
    query = f"""
        SELECT room, unread FROM (
            SELECT o.room, {UNREAD} AS unread
            FROM (
                SELECT room, user_id FROM own_rooms WHERE user_id = $1::uuid ORDER BY created_at DESC, id DESC LIMIT {ROOMS_MOST}
            ) AS o
            LEFT JOIN read_positions p ON p.user_id = o.user_id AND p.room = o.room
        ) AS counted WHERE unread > 0 ORDER BY room
    """
    return rows_as(UnreadRoom, await database.fetch(query, person_id, kinds, types))


async def read_offset_of(database: Database, person_id: str, room: str) -> int:
    """How far somebody has read a room; 0: not at all."""
    query = 'SELECT "offset" FROM read_positions WHERE user_id = $1::uuid AND room = $2'
    return int(await database.fetchval(query, person_id, room) or 0)


_ID: Final = """
    CASE WHEN split_part(o.room, ':', 2) ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN split_part(o.room, ':', 2)::uuid END
"""
"""The uuid in a room's address; null for a room whose id is none."""

ROOM_FACES: Final = f"""
    SELECT c.name, c.status FROM concepts c WHERE o.room LIKE 'concept:%' AND c.id = {_ID}
    UNION ALL
    SELECT v.context ->> 'title', v.status FROM conversations v WHERE o.room LIKE 'conversation:%' AND v.id = {_ID}
    UNION ALL
    SELECT c.name, CASE WHEN s.revoked_at IS NOT NULL THEN 'revoked'
                        WHEN s.expired_at IS NOT NULL OR s.expires_at <= now() THEN 'expired' ELSE 'active' END
    FROM shared_concepts s JOIN concepts c ON c.id = s.concept_id WHERE o.room LIKE 'share:%' AND s.id = {_ID}
    UNION ALL
    SELECT opened.body #>> '{{parties,title}}', coalesce((
        SELECT q.status FROM artisan_quotes q
        WHERE q.quote_request_id = (opened.body #>> '{{parties,request_id}}')::uuid
          AND q.seller_id = (opened.body #>> '{{parties,seller_id}}')::uuid
        ORDER BY q.created_at DESC LIMIT 1), 'REQUESTED')
    FROM room_events opened WHERE o.room LIKE 'quote:%' AND opened.room = o.room AND opened."offset" = 1
"""
"""Name and status of the room ``o.room``, by its kind; at most one row."""


def _flat(spoken: Spoken) -> tuple[list[str], list[str]]:
    pairs = [(kind, type) for kind, types in spoken.items() for type in types]
    return [kind for kind, _ in pairs], [type for _, type in pairs]
