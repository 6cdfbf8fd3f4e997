"""Artisans by HTTP: found by name, shown to everybody who is signed in, written by plain transactions."""

import asyncpg
import msgspec

from domain.event_codec import encode
from domain.limits import OpenObject
from persistence.database import Database
from persistence.queries.rows import LIMIT_DEFAULT, Conditions, Page, limited, page_of, row_as
from persistence.queries.words import prefix_query

COLUMNS = "s.id, s.user_id, s.name, s.profile, s.is_active, s.created_at, s.updated_at"


class NoSuchUser(Exception):
    """The person who should answer for an artisan is not known."""


class Seller(msgspec.Struct, frozen=True, kw_only=True):
    """An artisan without the mail address. ``user_id`` is who signs in for them. Times are Unix milliseconds."""

    id: str
    user_id: str | None = None
    name: str
    profile: OpenObject = {}
    is_active: bool
    created_at: int
    updated_at: int


class SellerFields(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written; None leaves a column as it is (or empty, in a new row)."""

    user_id: str | None = None
    name: str | None = None
    email: str | None = None
    profile: OpenObject | None = None
    is_active: bool | None = None


async def find_sellers(
    database: Database, words: str, *, mine: str | None = None, after: str | None = None, limit: int = LIMIT_DEFAULT
) -> Page[Seller]:
    """By the beginnings of words of their name, newest first; those of the person ``mine`` also while they are inactive."""
    query, values = find_query(words, mine, after, limited(limit))
    return page_of(Seller, await database.fetch(query, *values), limited(limit))


def find_query(words: str, mine: str | None, after: str | None, limit: int) -> tuple[str, list[object]]:
    conditions = Conditions()
    conditions.add("to_tsvector('simple'::regconfig, s.name) @@ to_tsquery('simple'::regconfig, {})", prefix_query(words))
    if mine is None:
        conditions.always("s.is_active")
    conditions.add("s.user_id = {}::uuid", mine)
    conditions.add("(s.created_at, s.id) < (SELECT p.created_at, p.id FROM sellers p WHERE p.id = {}::uuid)", after)
    query = f"""
        SELECT {COLUMNS} FROM sellers s {conditions}
        ORDER BY s.created_at DESC, s.id DESC LIMIT {conditions.place(limit + 1)}
    """
    return query, conditions.values


async def seller_by_id(database: Database, seller_id: str) -> Seller | None:
    row = await database.fetchrow(f"SELECT {COLUMNS} FROM sellers s WHERE s.id = $1::uuid", seller_id)
    return row_as(Seller, row) if row else None


async def add_seller(database: Database, seller_id: str, fields: SellerFields) -> Seller:
    """The same id again leaves what is there and answers it. Raises ``NoSuchUser``."""
    return await _written(
        database,
        f"""
        INSERT INTO sellers AS s (id, user_id, name, email, profile, is_active)
        VALUES ($1::uuid, $2::uuid, $3, $4, coalesce($5::jsonb, '{{}}'::jsonb), coalesce($6, true))
        ON CONFLICT (id) DO UPDATE SET id = s.id
        RETURNING {COLUMNS}
        """,
        seller_id,
        fields,
    )


async def change_seller(database: Database, seller_id: str, fields: SellerFields) -> Seller | None:
    """What is None stays; ``profile`` takes the place of the old one. Raises ``NoSuchUser``."""
    if await seller_by_id(database, seller_id) is None:
        return None
    return await _written(
        database,
        f"""
        UPDATE sellers AS s SET
            user_id = coalesce($2::uuid, s.user_id), name = coalesce($3, s.name), email = coalesce($4, s.email),
            profile = coalesce($5::jsonb, s.profile), is_active = coalesce($6, s.is_active), updated_at = now()
        WHERE s.id = $1::uuid RETURNING {COLUMNS}
        """,
        seller_id,
        fields,
    )


async def _written(database: Database, statement: str, seller_id: str, fields: SellerFields) -> Seller:
    profile = None if fields.profile is None else encode(fields.profile)
    email = fields.email.lower() if fields.email else None
    try:
        row = await database.fetchrow(statement, seller_id, fields.user_id, fields.name, email, profile, fields.is_active)
    except asyncpg.ForeignKeyViolationError as error:
        raise NoSuchUser(str(error.detail)) from error
    assert row is not None
    return row_as(Seller, row)
