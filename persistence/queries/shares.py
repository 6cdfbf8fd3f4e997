"""Shared concepts by HTTP: one's own, one of them with its comments and votes, and whom it names."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from domain.ids import keyed_id
from domain.limits import OpenObject
from domain.parts.discussion import Vote
from persistence.database import Database
from persistence.queries.rows import LIMIT_DEFAULT, Conditions, Face, Page, limited, page_of, row_as, rows_as

Status: TypeAlias = Literal["active", "revoked", "expired"]

SHARE_COLUMNS = """
    s.id, s.concept_id, c.name AS concept_name, s.allow_comments, s.allow_voting, s.is_public, s.metadata, s.view_count,
    s.last_viewed_at, s.expires_at, s.created_at, s.updated_at, s.shared_by, cardinality(s.shared_with) AS addressee_count,
    CASE WHEN s.revoked_at IS NOT NULL THEN 'revoked'
         WHEN s.expired_at IS NOT NULL OR s.expires_at <= now() THEN 'expired' ELSE 'active' END AS status,
    (SELECT count(*) FROM concept_comments k WHERE k.shared_concept_id = s.id AND k.deleted_at IS NULL) AS comment_count,
    (SELECT count(*) FROM concept_votes v WHERE v.shared_concept_id = s.id AND v.vote_type = 'UPVOTE') AS up,
    (SELECT count(*) FROM concept_votes v WHERE v.shared_concept_id = s.id AND v.vote_type = 'DOWNVOTE') AS down
"""


class SharedConcept(msgspec.Struct, frozen=True, kw_only=True):
    """A share as its row has it. Times are Unix milliseconds; whom it names is told to the owner alone."""

    id: str
    concept_id: str
    concept_name: str
    status: Status
    shared_by: str | None = None
    allow_comments: bool
    allow_voting: bool
    is_public: bool
    metadata: OpenObject = {}
    addressee_count: int = 0
    view_count: int = 0
    last_viewed_at: int | None = None
    expires_at: int | None = None
    created_at: int
    updated_at: int
    comment_count: int = 0
    up: int = 0
    down: int = 0


class ConceptComment(msgspec.Struct, frozen=True, kw_only=True):
    """A comment with its author as they are now; ``comment`` is empty once it was deleted. ``reply_count`` are its own answers."""

    id: str
    author: Face
    comment: str
    parent_id: str | None = None
    created_at: int
    edited_at: int | None = None
    deleted_at: int | None = None
    reply_count: int = 0


class Votes(msgspec.Struct, frozen=True, kw_only=True):
    """How the votes stand, and the asker's own."""

    up: int
    down: int
    mine: Vote | None = None


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a share names: people, and mail addresses. A mail address that was never told to the server is only counted."""

    people: tuple[Face, ...] = ()
    addresses: tuple[str, ...] = ()
    unknown_count: int = 0


async def list_shares(
    database: Database, owner_id: str, concept_id: str | None = None, after: str | None = None, limit: int = LIMIT_DEFAULT
) -> Page[SharedConcept]:
    """The owner's own, newest first; deleted ones are not shown."""
    query, values = list_query(owner_id, concept_id, after, limited(limit))
    return page_of(SharedConcept, await database.fetch(query, *values), limited(limit))


def list_query(owner_id: str, concept_id: str | None, after: str | None, limit: int) -> tuple[str, list[object]]:
    conditions = Conditions()
    conditions.add("s.shared_by = {}::uuid", owner_id)
    conditions.always("s.deleted_at IS NULL")
    conditions.add("s.concept_id = {}::uuid", concept_id)
    conditions.add("(s.created_at, s.id) < (SELECT p.created_at, p.id FROM shared_concepts p WHERE p.id = {}::uuid)", after)
    query = f"""
        SELECT {SHARE_COLUMNS} FROM shared_concepts s JOIN concepts c ON c.id = s.concept_id
        {conditions}
        ORDER BY s.created_at DESC, s.id DESC
        LIMIT {conditions.place(limit + 1)}
    """
    return query, conditions.values


async def share_by_id(database: Database, share_id: str) -> SharedConcept | None:
    query = f"""
        SELECT {SHARE_COLUMNS} FROM shared_concepts s JOIN concepts c ON c.id = s.concept_id
        WHERE s.id = $1::uuid AND s.deleted_at IS NULL
    """
    row = await database.fetchrow(query, share_id)
    return row_as(SharedConcept, row) if row else None


async def list_comments(
    database: Database, share_id: str, parent_id: str | None = None, after: str | None = None, limit: int = LIMIT_DEFAULT
) -> Page[ConceptComment]:
    """One level of the threads, oldest first: what answers ``parent_id``, or nothing in particular."""
    query, values = comments_query(share_id, parent_id, after, limited(limit))
    return page_of(ConceptComment, await database.fetch(query, *values), limited(limit))


def comments_query(share_id: str, parent_id: str | None, after: str | None, limit: int) -> tuple[str, list[object]]:
    conditions = Conditions()
    conditions.add("k.shared_concept_id = {}::uuid", share_id)
    conditions.add("k.parent_comment_id = {}::uuid", parent_id)
    if parent_id is None:
        conditions.always("k.parent_comment_id IS NULL")
    conditions.add("(k.created_at, k.id) > (SELECT p.created_at, p.id FROM concept_comments p WHERE p.id = {}::uuid)", after)
    query = f"""
        SELECT k.id, k.comment, k.parent_comment_id AS parent_id, k.created_at, k.edited_at, k.deleted_at,
               jsonb_build_object('id', u.id, 'name', coalesce(u.name, ''), 'image', coalesce(u.image, '')) AS author,
               (SELECT count(*) FROM concept_comments r WHERE r.parent_comment_id = k.id) AS reply_count
        FROM concept_comments k JOIN users u ON u.id = k.user_id
        {conditions}
        ORDER BY k.created_at, k.id
        LIMIT {conditions.place(limit + 1)}
    """
    return query, conditions.values


async def votes_of(database: Database, share_id: str, voter_id: str) -> Votes:
    row = await database.fetchrow(
        """
        SELECT count(*) FILTER (WHERE vote_type = 'UPVOTE') AS up, count(*) FILTER (WHERE vote_type = 'DOWNVOTE') AS down,
               max(vote_type) FILTER (WHERE user_id = $2::uuid) AS mine
        FROM concept_votes WHERE shared_concept_id = $1::uuid
        """,
        share_id,
        voter_id,
    )
    assert row is not None
    return row_as(Votes, row)


async def named_by(database: Database, share_id: str) -> Named | None:
    """For the owner's eyes alone."""
    named = await database.fetchval("SELECT shared_with FROM shared_concepts WHERE id = $1::uuid AND deleted_at IS NULL", share_id)
    if named is None:
        return None
    ids, hashes = [one for one in named if "-" in one], [one for one in named if "-" not in one]
    people = await database.fetch("SELECT id, name, image FROM users WHERE id = ANY($1::uuid[]) ORDER BY name, id", ids)
    rows = await database.fetch(
        """
        SELECT address FROM share_addressees WHERE shared_concept_id = $1::uuid AND mail_hash = ANY($2::text[]) ORDER BY address
        """,
        share_id,
        hashes,
    )
    addresses = tuple(row["address"] for row in rows)
    faces = rows_as(Face, people)
    return Named(people=faces, addresses=addresses, unknown_count=len(named) - len(faces) - len(addresses))


async def note_addressees(database: Database, share_id: str, addresses: Mapping[str, str]) -> None:
    """Keep the mail addresses (hash -> address) behind a share's hashes; those that are there already stay."""
    if addresses:
        await database.execute(
            """
            INSERT INTO share_addressees (id, shared_concept_id, mail_hash, address)
            SELECT id, $2::uuid, mail_hash, address FROM unnest($1::uuid[], $3::text[], $4::text[]) AS v(id, mail_hash, address)
            ON CONFLICT DO NOTHING
            """,
            [keyed_id("share_addressee", share_id, mail_hash) for mail_hash in addresses],
            share_id,
            list(addresses),
            list(addresses.values()),
        )


async def forget_addressees(database: Database, share_id: str) -> None:
    """The mail addresses of those whom the share names no longer, as its row has it, are of no use to anybody."""
    await database.execute(
        """
        DELETE FROM share_addressees a USING shared_concepts s
        WHERE a.shared_concept_id = $1::uuid AND s.id = $1::uuid AND NOT a.mail_hash = ANY(s.shared_with)
        """,
        share_id,
    )
