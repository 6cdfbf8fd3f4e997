"""The tables of concepts, quotes and artisans: they take what the commands let through, and refuse what never should come."""

import types
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import asyncpg
import pytest
from msgspec import Meta
from sqlalchemy import Column, Numeric, String, Table, Text

from domain.ids import keyed_id
from domain.kinds.concept import commands as concept_commands
from domain.kinds.concept import view as concept_view
from domain.kinds.concept.commands import RefinementType, SceneType, VideoStyle
from domain.kinds.quote import commands as quote_commands
from domain.kinds.quote.view import QuoteStatus
from domain.parts.offers import GivenPricing
from persistence.database import Database
from persistence.tables import concept as tables
from persistence.write_behind.apply import Applying
from persistence.write_behind.projections import operations_of
from persistence.write_behind.row_operations import coalesce
from persistence.write_behind.stubs import Stubs
from tests.support.gift_rows import concept, part, quote, quote_message, request, seller
from tests.support.postgres import Row
from tests.support.workspace_rows import new_id, person, stored
from tests.unit.domain.concept import test_contract as concept_lives
from tests.unit.domain.concept.stories import SELLER_OF, SMITH, SYSTEM, VISITOR, WEAVER, GiftStory, asked, offered
from tests.unit.domain.story import ADA as ADA_PERSON
from tests.unit.domain.story import BOT

ADA, C, S, R = new_id(), new_id(), new_id(), new_id()

COLUMN_OF_FIELD: dict[tuple[type, str], Column[Any]] = {
    (concept_commands.Create, "name"): tables.concepts.c.name,
    (concept_commands.Create, "description"): tables.concepts.c.description,
    (concept_commands.GivenOwner, "session_hash"): tables.concepts.c.session_token,
    (concept_commands.ChangeDetails, "name"): tables.concepts.c.name,
    (concept_commands.ChangeDetails, "description"): tables.concepts.c.description,
    (concept_commands.AddImage, "url"): tables.concept_images.c.url,
    (concept_commands.AddImage, "format"): tables.concept_images.c.format,
    (concept_commands.SetOptimizedVersions, "format"): tables.concept_images.c.format,
    (concept_commands.GivenProduct, "name"): tables.generated_products.c.name,
    (concept_commands.GivenProduct, "image_url"): tables.generated_products.c.image_url,
    (concept_commands.AddArPreview, "image_url"): tables.ar_previews.c.image_url,
    (concept_commands.RequestRefinement, "feedback"): tables.concept_refinements.c.user_feedback,
    (concept_commands.SuggestRefinement, "explanation"): tables.concept_refinements.c.ai_explanation,
    (concept_commands.RequestQuotes, "message"): tables.quote_requests.c.message,
    (concept_commands.CompleteVideo, "video_url"): tables.video_generation_jobs.c.video_url,
    (concept_commands.CompleteVideo, "thumbnail_url"): tables.video_generation_jobs.c.thumbnail_url,
    (concept_commands.FailVideo, "error"): tables.video_generation_jobs.c.error_message,
    (quote_commands.SubmitQuote, "notes"): tables.artisan_quotes.c.notes,
    (quote_commands.ReviseQuote, "notes"): tables.artisan_quotes.c.notes,
    (quote_commands.Post, "text"): tables.quote_messages.c.content,
}
"""The text fields of commands that come to stand in a column of their own."""

RANGE_OF_FIELD: dict[tuple[type, str], tuple[Table, str, tuple[float, float]]] = {
    (concept_commands.GivenMatch, "score"): (tables.artisan_matches, "score", (0, 100)),
    (concept_commands.SuggestRefinement, "confidence"): (tables.concept_refinements, "confidence", (0, 1)),
    (concept_commands.QueueVideo, "duration"): (tables.video_generation_jobs, "duration", (1, 600)),
    (concept_commands.ReportProgress, "progress"): (tables.video_generation_jobs, "progress", (0, 100)),
}


def metas_of(struct: type, field: str) -> list[Meta]:
    """What limits a field, also behind ``| None``."""

    def of(hint: object) -> list[Meta]:
        found = [meta for meta in getattr(hint, "__metadata__", ()) if isinstance(meta, Meta)]
        if get_origin(hint) in (Union, types.UnionType):
            found += [meta for one in get_args(hint) for meta in of(one)]
        return found

    return of(get_type_hints(struct, include_extras=True)[field])


@pytest.mark.parametrize(("field", "column"), COLUMN_OF_FIELD.items(), ids=lambda value: str(value))
def test_a_column_is_as_long_as_the_field_that_fills_it(field: tuple[type, str], column: Column[Any]) -> None:
    limit = max(meta.max_length for meta in metas_of(*field) if meta.max_length is not None)

    if isinstance(column.type, Text):
        assert column.type.length is None
    else:
        assert isinstance(column.type, String)
        assert column.type.length == limit


@pytest.mark.parametrize(("field", "place"), RANGE_OF_FIELD.items(), ids=lambda value: str(value))
def test_a_column_has_the_range_of_the_field_that_fills_it(
    field: tuple[type, str], place: tuple[Table, str, tuple[float, float]]
) -> None:
    table, column, (low, high) = place
    checks = [str(getattr(constraint, "sqltext", "")) for constraint in table.constraints]

    assert f"{column} >= {low} AND {column} <= {high}" in checks
    assert [(meta.ge, meta.le) for meta in metas_of(*field) if meta.ge is not None] == [(low, high)]


def test_four_of_the_largest_prices_fit_the_column_of_their_sum() -> None:
    (meta,) = metas_of(GivenPricing, "base_price")
    kind = tables.artisan_quotes.c.total_price.type

    assert meta.pattern == r"^(0|[1-9]\d{0,8})(\.\d{1,2})?$"
    assert isinstance(kind, Numeric)
    assert (kind.precision, kind.scale) == (12, 2)
    assert 4 * 999_999_999.99 < 10 ** (12 - 2)


def words(struct: type, field: str) -> set[str]:
    hint = get_type_hints(struct)[field]
    found = hint if get_origin(hint) is Literal else next(one for one in get_args(hint) if get_origin(one) is Literal)
    return set(get_args(found))


def test_the_tables_words_are_the_rules_words() -> None:
    assert set(tables.CONCEPT_STATUSES) == set(get_args(concept_view.ConceptStatus))
    assert set(tables.REQUEST_STATUSES) == set(get_args(concept_view.RequestStatus)) == words(concept_view.Request, "status")
    assert set(tables.JOB_STATUSES) == set(get_args(concept_view.JobStatus))
    assert set(tables.QUOTE_STATUSES) == set(get_args(QuoteStatus))
    assert set(tables.REFINEMENT_TYPES) == set(get_args(RefinementType))
    assert set(tables.SCENE_TYPES) == set(get_args(SceneType))
    assert set(tables.VIDEO_STYLES) == set(get_args(VideoStyle))


# --- What the database itself insists on ---


@pytest.fixture
async def filled(database: Database) -> Database:
    await stored(database, person(ADA), seller(S, ADA), concept(C, ADA), request(R, C, ADA))
    return database


@pytest.mark.parametrize(
    "row",
    [
        concept(new_id(), ADA, status="SOLD"),
        concept(new_id()),
        concept(new_id(), ADA, refinement_count=-1),
        part("artisan_matches", C, seller_id=S, score=100.5),
        part("concept_refinements", C, refinement_type="color"),
        part("concept_refinements", C, confidence=1.5),
        part("ar_previews", C, scene_type="GARDEN"),
        part("ar_previews", C, view_count=-1),
        part("video_generation_jobs", C, style="SLOW"),
        part("video_generation_jobs", C, status="LOST"),
        part("video_generation_jobs", C, progress=101),
        part("video_generation_jobs", C, duration=0),
        part("generated_products", C, price="-1.00"),
        request(new_id(), C, ADA, status="OPEN"),
        request(new_id(), C),
        quote(new_id(), R, S, status="WITHDRAWN"),
        quote(new_id(), R, S, total_price="-1.00"),
        seller(new_id(), email="Smith@Example.org"),
    ],
    ids=lambda row: f"{row.table}-{list(row.values)[-1]}",
)
async def test_words_and_ranges_that_no_document_knows_are_refused(filled: Database, row: Row) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await stored(filled, row)


@pytest.mark.parametrize(
    "rows",
    [
        [part("artisan_matches", C, seller_id=S), part("artisan_matches", C, seller_id=S)],
        [part("sustainability_scores", C), part("sustainability_scores", C)],
        [quote_message(R, S, 1, ADA), quote_message(R, S, 1, ADA)],
    ],
    ids=lambda rows: str(rows[0].table),
)
async def test_what_is_there_once_is_there_once(filled: Database, rows: list[Row]) -> None:
    with pytest.raises(asyncpg.UniqueViolationError):
        await stored(filled, *rows)


@pytest.mark.parametrize("table", ["concepts", "quote_requests", "sellers"])
async def test_what_others_refer_to_cannot_go(filled: Database, table: str) -> None:
    await stored(filled, quote(new_id(), R, S), part("concept_images", C))

    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await filled.execute(f"DELETE FROM {table}")


async def write(database: Database, *stories: GiftStory) -> None:
    """Through write-behind's own COPY and unnest: types, arrays, money and all."""
    people = (ADA_PERSON, BOT, SMITH, WEAVER, VISITOR, SYSTEM)
    async with database.transaction() as connection:
        await Stubs().write(connection, [who.actor for who in people])
        for name, seller_id in SELLER_OF.items():
            await connection.execute("INSERT INTO sellers (id, name) VALUES ($1::uuid, $2)", seller_id, name)
        for story in stories:
            plan = coalesce((story.room, operations_of(story.decider.kind, record)) for record in story.records)
            await Applying(connection).apply(plan)


async def test_every_row_of_a_whole_life_goes_in_as_it_is(database: Database) -> None:
    life = concept_lives.whole_life()

    await write(database, life)

    row = await database.fetchrow("SELECT refinement_count, user_id, session_token FROM concepts")
    assert row is not None
    assert (row["refinement_count"], str(row["user_id"]), row["session_token"]) == (1, ADA_PERSON.actor.id, None)
    score = await database.fetchval("SELECT id FROM sustainability_scores")
    assert str(score) == keyed_id("sustainability_score", life.state.id)
    statuses = await database.fetch("SELECT status FROM quote_requests ORDER BY created_at")
    assert [row["status"] for row in statuses] == ["CANCELLED", "EXPIRED"]


async def test_a_request_and_its_quotes_go_in_together(database: Database) -> None:
    world = asked()
    quote_id = offered(world, "Smith", notes="in gold", attachments=["https://x/1"])
    world.deliver()
    world.give(world.quote_of("Smith").room, ADA_PERSON, "post", text="gold, please")
    world.give(world.concept.room, ADA_PERSON, "accept_quote", quote_id=quote_id)
    world.deliver()

    await write(database, world.concept, world.quote_of("Smith"), world.quote_of("Weaver"))

    row = await database.fetchrow("SELECT q.status, q.attachments, m.content FROM artisan_quotes q, quote_messages m")
    assert row is not None
    assert (row["status"], row["attachments"], row["content"]) == ("ACCEPTED", ["https://x/1"], "gold, please")
    assert str(await database.fetchval("SELECT accepted_quote_id FROM quote_requests WHERE status = 'ACCEPTED'")) == quote_id


async def test_an_offer_stands_in_its_row_to_the_cent(database: Database) -> None:
    world = asked("Smith")
    offered(world, "Smith", pricing={"basePrice": "999999999.99", "shipping": "0.01"}, customizations=[{"engraving": "A+B"}])

    await write(database, world.concept, world.quote_of("Smith"))

    row = await database.fetchrow("SELECT total_price::text, pricing->>'basePrice' AS base, customizations FROM artisan_quotes")
    assert row is not None
    assert (row["total_price"], row["base"]) == ("1000000000.00", "999999999.99")
    assert bytes(row["customizations"]) == b'[{"engraving": "A+B"}]'
