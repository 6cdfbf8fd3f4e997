"""The tables of shares, and what the HTTP API reads of them."""

import typing
from typing import get_args

import asyncpg
import pytest
from sqlalchemy import String

from domain.kinds.share import commands
from domain.parts.discussion import COMMENT_MAX, Vote
from persistence.database import Database
from persistence.queries.shares import (
    Named,
    Votes,
    comments_query,
    forget_addressees,
    list_comments,
    list_query,
    list_shares,
    named_by,
    note_addressees,
    share_by_id,
    votes_of,
)
from persistence.tables import share as tables
from tests.support.postgres import Row
from tests.support.share_rows import comment, concept, share, vote
from tests.support.workspace_rows import at, new_id, person, stored

ADA, BEN, CONCEPT, S = new_id(), new_id(), new_id(), new_id()
HASH = "a1" * 32


@pytest.fixture
async def filled(database: Database) -> Database:
    await stored(database, person(ADA, "Ada"), person(BEN, "Ben"), concept(CONCEPT, ADA), share(S, CONCEPT, ADA))
    return database


# --- Columns ---


def length_of(command: type, field: str) -> int:
    hint = typing.get_type_hints(command, include_extras=True)[field]
    return max(meta.max_length for meta in hint.__metadata__ if getattr(meta, "max_length", None))


def test_a_column_is_as_long_as_the_field_that_fills_it() -> None:
    token = tables.shared_concepts.c.share_token.type
    assert isinstance(token, String)
    assert token.length == length_of(commands.Share, "token_hash")
    assert tables.concept_comments.c.comment.type.length is None
    assert length_of(commands.AddComment, "text") == length_of(commands.EditComment, "text") == COMMENT_MAX


def test_the_tables_words_are_the_rules_words() -> None:
    assert set(tables.VOTES) == set(get_args(Vote))


@pytest.mark.parametrize(
    "row",
    [
        vote(S, ADA, "MAYBE"),
        vote(S, ADA, "upvote"),
        share(new_id(), CONCEPT, ADA, view_count=-1),
    ],
    ids=lambda row: f"{row.table}-{list(row.values)[-1]}",
)
async def test_words_and_ranges_that_no_document_knows_are_refused(filled: Database, row: Row) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await stored(filled, row)


async def test_a_person_votes_once_and_a_token_belongs_to_one_share(filled: Database) -> None:
    await stored(filled, vote(S, ADA))
    with pytest.raises(asyncpg.UniqueViolationError):
        await stored(filled, vote(S, ADA, "DOWNVOTE"))
    with pytest.raises(asyncpg.UniqueViolationError):
        await stored(filled, share(new_id(), CONCEPT, ADA, share_token=HASH), share(new_id(), CONCEPT, ADA, share_token=HASH))


async def test_what_was_answered_does_not_go_as_a_row(filled: Database) -> None:
    first = new_id()
    await stored(filled, comment(first, S, ADA), comment(new_id(), S, BEN, 1, parent_comment_id=first))

    for statement in ("DELETE FROM concept_comments WHERE parent_comment_id IS NULL", "DELETE FROM shared_concepts"):
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await filled.execute(statement)


# --- Lists ---


async def test_ones_own_shares_come_newest_first_and_deleted_ones_do_not(filled: Database) -> None:
    newer, gone, others, other_concept = new_id(), new_id(), new_id(), new_id()
    await stored(
        filled,
        concept(other_concept, ADA, "Chair"),
        share(newer, other_concept, ADA, 1),
        share(gone, CONCEPT, ADA, 2, deleted_at=at(3)),
        share(others, CONCEPT, BEN, 4),
    )

    page = await list_shares(filled, ADA, limit=1)
    rest = await list_shares(filled, ADA, after=page.after)
    narrowed = await list_shares(filled, ADA, concept_id=other_concept)
    assert [one.id for one in (*page.items, *rest.items)] == [newer, S]
    assert [(one.id, one.concept_name) for one in narrowed.items] == [(newer, "Chair")]


@pytest.mark.parametrize(
    "others,status",
    [
        ({}, "active"),
        ({"revoked_at": at(5)}, "revoked"),
        ({"expired_at": at(5)}, "expired"),
        ({"expires_at": at(-9_999_999)}, "expired"),
        ({"expires_at": 4_102_444_800_000}, "active"),
    ],
)
async def test_a_share_says_whether_it_is_over(filled: Database, others: dict[str, object], status: str) -> None:
    one = new_id()
    await stored(filled, share(one, CONCEPT, ADA, 1, shared_with=[BEN, HASH], **others))

    found = await share_by_id(filled, one)
    assert found is not None
    assert (found.status, found.addressee_count, found.shared_by) == (status, 2, ADA)


async def test_a_share_counts_what_was_said_and_voted(filled: Database) -> None:
    await stored(
        filled,
        comment(new_id(), S, ADA),
        comment(new_id(), S, BEN, 1, deleted_at=at(2), comment=""),
        vote(S, ADA),
        vote(S, BEN, "DOWNVOTE"),
    )

    found = await share_by_id(filled, S)
    assert found is not None
    assert (found.comment_count, found.up, found.down) == (1, 1, 1)
    assert await votes_of(filled, S, BEN) == Votes(up=1, down=1, mine="DOWNVOTE")
    assert await votes_of(filled, S, new_id()) == Votes(up=1, down=1)
    assert await share_by_id(filled, new_id()) is None


async def test_comments_come_level_by_level_page_by_page(filled: Database) -> None:
    first, second, third, reply = (new_id() for _ in range(4))
    await stored(
        filled,
        comment(first, S, ADA, 0),
        comment(second, S, BEN, 1),
        comment(third, S, BEN, 2),
        comment(reply, S, ADA, 3, parent_comment_id=first, edited_at=at(4)),
    )

    page = await list_comments(filled, S, limit=2)
    rest = await list_comments(filled, S, after=page.after, limit=2)
    below = await list_comments(filled, S, parent_id=first)
    assert [(one.id, one.reply_count, one.author.name) for one in page.items] == [(first, 1, "Ada"), (second, 0, "Ben")]
    assert [one.id for one in rest.items] == [third]
    assert [(one.id, one.parent_id, one.edited_at) for one in below.items] == [(reply, first, at(4))]


async def test_lists_are_read_in_the_order_of_an_index(filled: Database) -> None:
    for query, values, index in (
        (*list_query(ADA, None, None, 50), "ix_shared_concepts_shared_by"),
        (*comments_query(S, None, None, 50), "ix_concept_comments_shared_concept_id"),
    ):
        async with filled.transaction() as connection:
            await connection.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
            plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {query}", *values))
        assert index in plan


# --- Addressees ---


async def test_addressees_are_those_whom_the_share_names_now(filled: Database) -> None:
    one, other = new_id(), "b2" * 32
    await stored(filled, share(one, CONCEPT, ADA, 1, shared_with=[BEN, HASH, other, "c3" * 32]))
    await note_addressees(filled, one, {HASH: "cleo@example.org", "d4" * 32: "dora@example.org"})
    await note_addressees(filled, one, {HASH: "cleo@example.org"})
    await note_addressees(filled, one, {})

    named = await named_by(filled, one)
    assert named is not None
    assert ([face.name for face in named.people], named.addresses, named.unknown_count) == (["Ben"], ("cleo@example.org",), 2)
    await forget_addressees(filled, one)
    assert await filled.fetchval("SELECT array_agg(address) FROM share_addressees") == ["cleo@example.org"]
    assert await named_by(filled, new_id()) is None
    assert await named_by(filled, S) == Named()
