"""What the HTTP API reads of concepts, requests, quotes and artisans."""

from typing import Any

import pytest

from persistence.database import Database
from persistence.queries.concept_parts import (
    LISTS,
    ArtisanMatch,
    ConceptImage,
    GeneratedProduct,
    VideoJob,
    list_parts,
    list_videos,
    parts_query,
    score_of,
    videos_query,
)
from persistence.queries.concepts import (
    Whose,
    concept_by_id,
    list_concepts,
    list_query,
    search_concepts,
    search_query,
)
from persistence.queries.quotes import (
    QuoteKey,
    asked_query,
    list_asked,
    list_offers,
    list_quote_messages,
    list_quotes,
    list_requests,
    request_by_id,
    requests_query,
)
from persistence.queries.sellers import (
    NoSuchUser,
    SellerFields,
    add_seller,
    change_seller,
    find_query,
    find_sellers,
    seller_by_id,
)
from tests.support.gift_rows import concept, part, quote, quote_message, request, seller
from tests.support.workspace_rows import new_id, person, stored

ADA, BEN, SMITH = new_id(), new_id(), new_id()
C, S, T, R = new_id(), new_id(), new_id(), new_id()
ADAS = Whose(user_id=ADA)
GUESTS = Whose(session_hash="5e" * 32)


@pytest.fixture
async def filled(database: Database) -> Database:
    people = (person(ADA, "Ada"), person(BEN, "Ben"), person(SMITH, "Smith"))
    sellers = (seller(S, SMITH, "Golden Smith", 1), seller(T, BEN, "Turner of gold", 2))
    await stored(database, *people, *sellers, concept(C, ADA), request(R, C, ADA, requested_sellers=[S, T], message="by May"))
    return database


# --- Concepts ---


async def test_concepts_come_newest_first_page_by_page(filled: Database) -> None:
    ids = [new_id() for _ in range(5)]
    await stored(filled, *(concept(one, ADA, seconds) for seconds, one in enumerate(ids, 1)), concept(new_id(), BEN, 9))

    first = await list_concepts(filled, ADAS, limit=4)
    second = await list_concepts(filled, ADAS, after=first.after, limit=4)

    assert [one.id for one in (*first.items, *second.items)] == [*ids[::-1], C]
    assert second.after is None


@pytest.mark.parametrize("whose", [Whose(), Whose(user_id=BEN), GUESTS, Whose(user_id="", session_hash="")])
async def test_who_has_nothing_is_shown_nothing(filled: Database, whose: Whose) -> None:
    assert (await list_concepts(filled, whose)).items == ()
    assert (await search_concepts(filled, whose, "ring")).items == ()
    assert (await list_requests(filled, whose)).items == ()
    assert await request_by_id(filled, R, whose) is None


async def test_a_guests_are_found_by_the_session(filled: Database) -> None:
    g = new_id()
    await stored(filled, concept(g, None, 1, session_token="5e" * 32))

    assert [one.id for one in (await list_concepts(filled, GUESTS)).items] == [g]


async def test_a_concept_shows_its_first_image_and_its_latest_request(filled: Database) -> None:
    images = (part("concept_images", C, 1, position=2, url="b"), part("concept_images", C, 2, position=1, url="a"))
    await stored(filled, *images, request(new_id(), C, ADA, 5, status="ACCEPTED"), part("ar_previews", C))

    detail = await concept_by_id(filled, C)

    assert detail is not None
    assert (detail.image_url, detail.image_count, detail.preview_count, detail.product_count) == ("a", 2, 1, 0)
    assert (detail.request_status, detail.user_id) == ("ACCEPTED", ADA)


async def test_deleted_concepts_are_shown_on_request_alone(filled: Database) -> None:
    gone = new_id()
    await stored(filled, concept(gone, ADA, 1, status="DELETED"))

    assert [one.id for one in (await list_concepts(filled, ADAS)).items] == [C]
    assert [one.id for one in (await list_concepts(filled, ADAS, status="DELETED")).items] == [gone]
    assert [one.id for one in (await search_concepts(filled, ADAS, "ring")).items] == [C]
    assert await concept_by_id(filled, gone) is None


async def test_a_search_ranks_and_pages(filled: Database) -> None:
    lamp, both, name = new_id(), new_id(), new_id()
    await stored(
        filled,
        concept(lamp, ADA, 1, name="Lamp", description="golden"),
        concept(name, ADA, 2, name="Golden vase"),
        concept(both, ADA, 3, name="Golden goldsmith", description="gold"),
        concept(new_id(), BEN, 4, name="Golden"),
    )
    found: list[str] = []
    after = None
    for _ in range(3):
        page = await search_concepts(filled, ADAS, "gold", after=after, limit=1)
        found += [one.id for one in page.items]
        after = page.after

    assert found == [both, name, lamp]
    assert after is None
    assert (await search_concepts(filled, ADAS, "")).items == ()


# --- What belongs to one ---


@pytest.mark.parametrize("kind", LISTS, ids=lambda kind: kind.__name__)
async def test_parts_come_page_by_page_and_nothing_twice(filled: Database, kind: Any) -> None:
    table, sellers = LISTS[kind].table, [S, T]
    for number in range(2 if kind is ArtisanMatch else 5):
        fields = {"seller_id": sellers[number]} if kind is ArtisanMatch else {}
        places = {"position": number} if kind in (ConceptImage, GeneratedProduct) else {}
        await stored(filled, part(table, C, number, **fields, **places))
    seen: list[str] = []
    after = None
    while True:
        page = await list_parts(filled, kind, C, after, limit=2)
        seen += [one.id for one in page.items]
        after = page.after
        if after is None:
            break

    assert len(seen) == len(set(seen)) == (2 if kind is ArtisanMatch else 5)
    assert (await list_parts(filled, kind, new_id())).items == ()


async def test_prices_are_decimal_text(filled: Database) -> None:
    await stored(filled, part("generated_products", C, price="12.5"), part("generated_products", C, 1, position=1))

    assert [one.price for one in (await list_parts(filled, GeneratedProduct, C)).items] == ["12.50", None]


async def test_the_video_that_waits_longest_is_first(filled: Database) -> None:
    videos = [part("video_generation_jobs", C, seconds) for seconds in (3, 1, 2)]
    await stored(filled, *videos, part("video_generation_jobs", C, 0, status="COMPLETED"))

    first = await list_videos(filled, "QUEUED", limit=2)
    second = await list_videos(filled, "QUEUED", first.after)

    assert [one.id for one in (*first.items, *second.items)] == [videos[place].values["id"] for place in (1, 2, 0)]
    assert isinstance(first.items[0], VideoJob)


async def test_a_score_is_read_where_there_is_one(filled: Database) -> None:
    assert await score_of(filled, C) is None
    await stored(filled, part("sustainability_scores", C, score_data=b'{"wood": 3}'))

    score = await score_of(filled, C)
    assert score is not None
    assert score.score == {"wood": 3}


# --- Requests and quotes ---


async def test_requests_are_the_owners_and_say_what_came(filled: Database) -> None:
    await stored(
        filled,
        quote(new_id(), R, S, total_price="200.00"),
        quote(new_id(), R, T, total_price="130.50"),
        quote(new_id(), R, T, total_price="1.00", status="REJECTED"),
        quote(new_id(), R, T, total_price="2.00", deleted_at=1_763_600_000_000),
        request(new_id(), C, ADA, 5, status="CANCELLED"),
    )

    (cancelled, open_one) = (await list_requests(filled, ADAS)).items
    (by_status,) = (await list_requests(filled, ADAS, status="PENDING", concept_id=C)).items

    assert (open_one.id, open_one.open_quote_count, open_one.lowest_price) == (R, 2, "130.50")
    assert (cancelled.open_quote_count, cancelled.lowest_price) == (0, None)
    assert by_status == open_one == await request_by_id(filled, R, ADAS)
    first = await list_requests(filled, ADAS, limit=1)
    assert [one.id for one in (await list_requests(filled, ADAS, after=first.after)).items] == [R]


async def test_offers_stand_side_by_side_the_cheapest_first(filled: Database) -> None:
    dear, cheap = new_id(), new_id()
    await stored(filled, quote(dear, R, S, 1, total_price="1000.00"), quote(cheap, R, T, 2, total_price="200.00"))

    first = await list_quotes(filled, R, limit=1)
    second = await list_quotes(filled, R, first.after)

    assert [(one.id, one.total_price, one.seller_name) for one in (*first.items, *second.items)] == [
        (cheap, "200.00", "Turner of gold"),
        (dear, "1000.00", "Golden Smith"),
    ]


async def test_an_artisan_sees_their_own_offers_alone(filled: Database) -> None:
    mine, other = new_id(), new_id()
    await stored(filled, quote(mine, R, S, 1), quote(other, R, T, 2), quote(new_id(), R, S, 3, status="EXPIRED"))

    assert [one.id for one in (await list_offers(filled, SMITH, status="PENDING")).items] == [mine]
    assert [one.id for one in (await list_offers(filled, BEN)).items] == [other]
    assert (await list_offers(filled, ADA)).items == ()
    first = await list_offers(filled, SMITH, limit=1)
    assert [one.id for one in (await list_offers(filled, SMITH, after=first.after)).items] == [mine]


async def test_an_artisan_sees_what_they_were_asked_and_nothing_of_the_others(filled: Database) -> None:
    await stored(filled, quote(new_id(), R, T, total_price="1.00"))

    (wanted,) = (await list_asked(filled, SMITH)).items

    assert (wanted.id, wanted.message, wanted.seller_id, wanted.requested_sellers) == (R, "by May", S, (S,))
    assert wanted.room == wanted.room_of(S)
    assert (wanted.open_quote_count, wanted.lowest_price) == (0, None)
    assert (await list_asked(filled, ADA)).items == ()
    assert (await list_asked(filled, SMITH, status="EXPIRED")).items == ()


async def test_messages_page_backwards(filled: Database) -> None:
    await stored(filled, *(quote_message(R, S, offset, (ADA, SMITH)[offset % 2]) for offset in range(2, 7)))
    await stored(filled, quote_message(R, T, 2, ADA))
    key = QuoteKey(request_id=R, seller_id=S)

    newest, before = await list_quote_messages(filled, key, limit=3)
    older, end = await list_quote_messages(filled, key, before, limit=3)

    assert [message.offset for message in (*older, *newest)] == [2, 3, 4, 5, 6]
    assert (before, end) == (4, None)
    assert newest[-1].author.name == "Ada"


# --- Artisans ---


async def test_artisans_are_found_by_words_and_only_while_they_take_requests(filled: Database) -> None:
    await stored(filled, seller(new_id(), SMITH, "Golden past", 3, is_active=False))

    assert [one.id for one in (await find_sellers(filled, "gold")).items] == [T, S]
    assert [one.id for one in (await find_sellers(filled, "smi gol")).items] == [S]
    assert len((await find_sellers(filled, "", mine=SMITH)).items) == 2
    first = await find_sellers(filled, "", limit=1)
    assert [one.id for one in (await find_sellers(filled, "", after=first.after)).items] == [S]


async def test_an_artisan_is_added_once_and_changed_field_by_field(filled: Database) -> None:
    key = new_id()
    added = await add_seller(filled, key, SellerFields(user_id=SMITH, name="Smith", email="S@Example.org", profile={"a": 1}))
    again = await add_seller(filled, key, SellerFields(name="Another"))
    changed = await change_seller(filled, key, SellerFields(is_active=False))

    assert added == again
    assert changed is not None
    assert (changed.name, changed.profile, changed.is_active) == ("Smith", {"a": 1}, False)
    assert await seller_by_id(filled, key) == changed
    assert await filled.fetchval("SELECT email FROM sellers WHERE id = $1::uuid", key) == "s@example.org"
    assert await change_seller(filled, new_id(), SellerFields(name="Nobody")) is None
    with pytest.raises(NoSuchUser):
        await add_seller(filled, new_id(), SellerFields(name="Smith", user_id=new_id()))


# --- Plans ---

PLANS: dict[str, tuple[tuple[str, list[object]], str]] = {
    "mine": (list_query(ADAS, "ACTIVE", False, None, 50), "ix_concepts_user_id"),
    "a guest's": (list_query(GUESTS, "ACTIVE", False, None, 50), "ix_concepts_session_token"),
    "search": (search_query(Whose(user_id=ADA), "gold:*", None, 50), "ix_concepts_words"),
    "refinements": (parts_query(list(LISTS)[3], C, None, 50), "ix_concept_refinements_concept_id_created_at"),
    "videos that wait": (videos_query("QUEUED", None, 50), "ix_video_generation_jobs_status"),
    "requests": (requests_query(ADAS, None, None, None, 50), "ix_quote_requests_user_id"),
    "asked": (asked_query(SMITH, None, None, 50), "ix_quote_requests_requested_sellers"),
    "artisans": (find_query("gold", None, None, 50), "ix_sellers_words"),
}


@pytest.mark.parametrize("name", PLANS)
async def test_every_list_has_its_index(filled: Database, name: str) -> None:
    (query, values), index = PLANS[name]
    async with filled.transaction() as connection:
        for way in ("seqscan", "sort"):
            await connection.execute(f"SET LOCAL enable_{way} = off")
        if name == "search":
            await connection.execute("DROP INDEX ix_concepts_user_id, ix_concepts_status, ix_concepts_session_token")
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {query}", *values))

    assert index in plan
