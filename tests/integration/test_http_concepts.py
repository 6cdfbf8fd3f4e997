"""Concepts, quotes and artisans over HTTP: what is one's own is found, what is not answers as if it were not there."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio

from tests.support.house import Caller, OpenHouse, open_test_house
from tests.support.postgres import until
from tests.support.tokens import new_command_id

DAY_MS = 24 * 60 * 60 * 1000
PRICING = {"basePrice": "100", "customization": "20.50", "materials": "9.5", "shipping": "0"}


@pytest_asyncio.fixture
async def house(dsn: str) -> AsyncIterator[OpenHouse]:
    async with open_test_house(dsn, ATRIUM_AUTH_GUESTS="on") as opened:
        yield opened


@pytest.fixture
def ada(house: OpenHouse) -> Caller:
    return house.caller("ada", "user")


@pytest.fixture
def ben(house: OpenHouse) -> Caller:
    return house.caller("ben", "user")


@pytest.fixture
def smith(house: OpenHouse) -> Caller:
    return house.caller("smith", "user")


@pytest.fixture
def bot(house: OpenHouse) -> Caller:
    return house.caller("claude", "bot")


@pytest.fixture
def admin(house: OpenHouse) -> Caller:
    return house.caller("eve", "admin")


def in_a_day() -> int:
    return int(time.time() * 1000) + DAY_MS


def path_of(room: str, *more: str) -> str:
    return "/".join((f"/concepts/{room.partition(':')[2]}", *more))


async def new_concept(who: Caller, name: str = "Ring", **fields: Any) -> str:
    """A concept that the database has already."""
    room = str((await who.do("concept.create", name=name, **fields))["room"])
    await asked_until(lambda: who.get(path_of(room), after_offset=1), lambda answer: answer.is_success)
    return room


async def new_seller(admin: Caller, who: Caller, name: str = "Smith & Daughter", **fields: Any) -> str:
    """The row of who has just signed in is written a moment later; until then nobody answers for the artisan."""
    user_id = (await who.read("/me"))["actor"]["id"]

    async def ask() -> Any:
        return await admin.send("POST", "/sellers", {"name": name, "user_id": user_id, "email": "s@example.org", **fields})

    return str((await asked_until(ask, lambda answer: answer.is_success)).json()["id"])


async def asked_until(ask: Callable[[], Awaitable[Any]], holds: Callable[[Any], Any]) -> Any:
    """The first answer that holds: what a reaction brings comes a moment later."""
    answers: list[Any] = []

    async def is_so() -> bool:
        answers.append(await ask())
        return bool(holds(answers[-1]))

    await until(is_so)
    return answers[-1]


# --- Concepts ---


async def test_what_was_just_written_is_read(ada: Caller) -> None:
    room = await new_concept(ada, description="Two stones")
    await ada.do("concept.add_image", room, url="https://x/1")
    written = await ada.do("concept.favour", room)

    detail = await ada.read(path_of(room), after_offset=written["offset"])

    assert (detail["name"], detail["description"], detail["image_url"]) == ("Ring", "Two stones", "https://x/1")
    assert (detail["is_favorite"], detail["image_count"], detail["status"]) == (True, 1, "ACTIVE")
    assert "session" not in str(detail)


async def test_ones_own_are_listed_and_nobody_elses(ada: Caller, ben: Caller) -> None:
    first, second = await new_concept(ada, "Ring"), await new_concept(ada, "Lamp")
    await new_concept(ben, "Vase")

    page = await ada.read("/concepts", limit=1)
    rest = await ada.read("/concepts", limit=1, after=page["next"])

    assert [f"concept:{item['id']}" for item in (*page["items"], *rest["items"])] == [second, first]
    assert rest["next"] is None
    assert [item["name"] for item in (await ben.read("/concepts"))["items"]] == ["Vase"]


async def test_favourites_and_deleted_ones_are_told_apart(ada: Caller) -> None:
    kept, gone = await new_concept(ada), await new_concept(ada)
    await ada.do("concept.favour", kept)
    await ada.do("concept.delete", gone)

    async def ask() -> Any:
        return (await ada.read("/concepts", favourites=True))["items"], (await ada.read("/concepts", status="DELETED"))["items"]

    await asked_until(ask, lambda lists: all(lists))
    assert [f"concept:{item['id']}" for item in (await ada.read("/concepts"))["items"]] == [kept]
    assert [f"concept:{item['id']}" for item in (await ada.read("/concepts", status="DELETED"))["items"]] == [gone]
    assert len((await ada.read("/concepts", favourites=True))["items"]) == 1
    assert (await ada.get(path_of(gone))).status_code == 403


async def test_a_guests_are_those_of_the_session(house: OpenHouse) -> None:
    gus, gil = house.caller("", sid="session-of-gus"), house.caller("", sid="session-of-gil")
    room = await new_concept(gus)

    assert [f"concept:{item['id']}" for item in (await gus.read("/concepts"))["items"]] == [room]
    assert (await gil.read("/concepts"))["items"] == []
    assert (await gil.get(path_of(room))).status_code == 403


async def test_words_are_found_by_their_beginnings_and_a_name_counts_more(ada: Caller, ben: Caller) -> None:
    lamp = await new_concept(ada, "Lamp", description="with a golden ring")
    ring = await new_concept(ada, "Golden ring")
    await new_concept(ada, "Vase")
    await new_concept(ben, "Golden ring")

    found = await ada.read("/concepts/search", q="ring gold")
    first = await ada.read("/concepts/search", q="gold", limit=1)
    second = await ada.read("/concepts/search", q="gold", limit=1, after=first["next"])

    assert [f"concept:{item['id']}" for item in found["items"]] == [ring, lamp]
    assert [f"concept:{item['id']}" for item in (*first["items"], *second["items"])] == [ring, lamp]
    assert (await ada.read("/concepts/search", q="silver"))["items"] == []
    assert (await ada.read("/concepts/search", q="&|!:*'"))["items"] == []


PARTS = ("images", "products", "matches", "refinements", "ar-previews", "videos", "quote-requests", "shares")


@pytest.mark.parametrize("part", [*PARTS, "sustainability"])
async def test_nobody_else_sees_what_belongs_to_a_concept(ada: Caller, ben: Caller, part: str) -> None:
    room = await new_concept(ada)

    missing = await ben.get(path_of("concept:" + str(uuid.uuid4()), part))
    forbidden = await ben.get(path_of(room, part))

    assert forbidden.status_code == missing.status_code == 403
    assert forbidden.json()["detail"] == missing.json()["detail"]


async def test_what_belongs_to_a_concept_is_listed(ada: Caller, bot: Caller, smith: Caller, admin: Caller) -> None:
    room, seller = await new_concept(ada), await new_seller(admin, smith)
    await ada.do("concept.add_image", room, url="https://x/1")
    await bot.do("concept.set_products", room, products=[{"name": "Box", "price": "12.5"}, {"name": "Bag"}])
    await bot.do("concept.match_artisans", room, matches=[{"seller_id": seller, "score": 90, "reasons": ["gold"]}])
    asked = await ada.do("concept.request_refinement", room, refinement_type="COLOR", feedback="bluer")
    suggestion = {"changes": {"color": "blue"}, "explanation": "the sea", "confidence": 0.75}
    await bot.do("concept.suggest_refinement", room, refinement_id=asked["refinement_id"], **suggestion)
    await ada.do("concept.add_ar_preview", room, scene_type="ROOM", image_url="https://x/ar")
    await ada.do("concept.queue_video", room, style="SPIN360", duration=12)
    last = await bot.do("concept.set_sustainability", room, score={"wood": 3})

    listed = {}
    for part in PARTS:
        listed[part] = (await ada.read(path_of(room, part), after_offset=last["offset"]))["items"]

    assert [product["price"] for product in listed["products"]] == ["12.50", None]
    assert [(match["seller_name"], match["score"]) for match in listed["matches"]] == [("Smith & Daughter", 90)]
    assert [(one["feedback"], one["confidence"], one.get("applied_at")) for one in listed["refinements"]] == [("bluer", 0.75, None)]
    assert [len(listed[part]) for part in ("images", "ar-previews", "videos", "quote-requests", "shares")] == [1, 1, 1, 0, 0]
    assert (await ada.read(path_of(room, "sustainability")))["score"] == {"wood": 3}


async def test_bots_find_the_videos_that_wait(ada: Caller, bot: Caller) -> None:
    room = await new_concept(ada)
    first = await ada.do("concept.queue_video", room, style="SHOWCASE", duration=10)
    await ada.do("concept.queue_video", room, style="PROCESS", duration=10)
    await asked_until(lambda: bot.read("/videos", status="QUEUED"), lambda page: len(page["items"]) == 2)

    page = await bot.read("/videos", status="QUEUED", limit=1)

    assert [(video["id"], video["concept_id"]) for video in page["items"]] == [(first["video_id"], room.partition(":")[2])]
    assert len((await bot.read("/videos", status="QUEUED", after=page["next"]))["items"]) == 1
    assert (await ada.get("/videos")).status_code == 403


async def test_progress_reaches_the_row(ada: Caller, bot: Caller) -> None:
    room = await new_concept(ada)
    video_id = (await ada.do("concept.queue_video", room, style="SHOWCASE", duration=10))["video_id"]
    await bot.do("concept.start_video", room)
    await bot.do("concept.report_progress", room, video_id=video_id, progress=40)

    async def ask() -> Any:
        return (await ada.read(path_of(room, "videos")))["items"]

    (video,) = await asked_until(ask, lambda videos: videos and videos[0]["progress"] == 40)
    assert video["status"] == "PROCESSING"


# --- Looks at previews ---


async def test_a_look_counts_once_per_person(ada: Caller, ben: Caller, bot: Caller) -> None:
    room = await new_concept(ada)
    preview_id = (await ada.do("concept.add_ar_preview", room, scene_type="ROOM", image_url="https://x/ar"))["preview_id"]
    look, share = (path_of(room, "ar-previews", preview_id, what) for what in ("look", "share"))

    counted = [(await ada.send("POST", path)).json()["counted"] for path in (look, look, share)]
    assert (await bot.send("POST", look)).json() == {"counted": True}

    assert counted == [True, False, True]
    assert (await ben.send("POST", look)).status_code == 403

    async def ask() -> Any:
        return (await ada.read(path_of(room, "ar-previews")))["items"]

    (preview,) = await asked_until(ask, lambda previews: previews and previews[0]["view_count"] == 2)
    assert preview["share_count"] == 1


async def test_friends_look_by_their_share(ada: Caller, ben: Caller) -> None:
    room, other = await new_concept(ada), await new_concept(ada)
    preview_id = (await ada.do("concept.add_ar_preview", room, scene_type="ROOM", image_url="https://x/ar"))["preview_id"]
    ben_id = (await ben.read("/me"))["actor"]["id"]
    sharing = {"command_id": new_command_id(), "concept_id": room.partition(":")[2], "shared_with": [ben_id], "is_public": False}
    share = (await ada.send("POST", "/shares", sharing)).json()["share_id"]

    seen = await ben.send("POST", f"{path_of(room, 'ar-previews', preview_id, 'look')}?share={share}")
    elsewhere = await ben.send("POST", f"{path_of(other, 'ar-previews', preview_id, 'look')}?share={share}")

    assert seen.json() == {"counted": True}
    assert elsewhere.status_code == 403


async def test_a_look_at_nothing_is_told_and_may_be_repeated(ada: Caller) -> None:
    room = await new_concept(ada)
    path = path_of(room, "ar-previews", str(uuid.uuid4()), "look")

    assert [(await ada.send("POST", path)).status_code for _ in range(2)] == [404, 404]


# --- Quotes, with all that reacts ---


async def asked_for(ada: Caller, smith: Caller, admin: Caller) -> tuple[str, str, str]:
    """A concept, its request to Smith, and the room of the quote, once it is open."""
    room, seller = await new_concept(ada), await new_seller(admin, smith)
    made = await ada.do("concept.request_quotes", room, sellers=[seller], message="by May", expires_at=in_a_day())
    quote = made["quotes"][seller]

    async def ask() -> Any:
        return await smith.get(f"/rooms/{quote}/standing")

    await asked_until(ask, lambda answer: answer.is_success)
    return room, made["request_id"], quote


async def test_a_request_goes_to_the_artisan_and_the_offer_comes_back(
    ada: Caller, smith: Caller, admin: Caller, ben: Caller
) -> None:
    room, request_id, quote = await asked_for(ada, smith, admin)
    offer = {"pricing": PRICING, "estimated_days": 14, "notes": "in gold", "expires_at": in_a_day()}
    made = await smith.do("quote.submit_quote", quote, **offer)

    async def ask() -> Any:
        return await ada.read(f"/quote-requests/{request_id}")

    request = await asked_until(ask, lambda request: request["status"] == "QUOTES_RECEIVED")
    (side,) = (await ada.read(f"/quote-requests/{request_id}/quotes"))["items"]
    (mine,) = (await smith.read("/quotes", seller="me", status="PENDING"))["items"]
    (wanted,) = (await smith.read("/quote-requests/asked"))["items"]

    assert (request["open_quote_count"], request["lowest_price"]) == (1, "130.00")
    assert (side["total_price"], side["seller_name"], side["room"]) == ("130.00", "Smith & Daughter", quote)
    assert mine == side
    assert side["pricing"] == PRICING
    assert (wanted["room"], wanted["message"], wanted["open_quote_count"]) == (quote, "by May", 0)
    assert made["total_price"] == "130.00"
    assert [one["id"] for one in (await ada.read("/quote-requests", status="QUOTES_RECEIVED"))["items"]] == [request_id]
    assert (await ada.read(path_of(room)))["request_status"] == "QUOTES_RECEIVED"
    for path in (f"/quote-requests/{request_id}", f"/quote-requests/{request_id}/quotes"):
        assert (await smith.get(path)).status_code == (await ben.get(path)).status_code == 403
    assert (await ben.read("/quotes"))["items"] == []


async def test_an_acceptance_reaches_the_quotes_room(ada: Caller, smith: Caller, admin: Caller) -> None:
    room, request_id, quote = await asked_for(ada, smith, admin)
    quote_id = (await smith.do("quote.submit_quote", quote, pricing=PRICING, estimated_days=14, expires_at=in_a_day()))["quote_id"]

    async def accept() -> Any:
        return await ada.give("concept.accept_quote", room, quote_id=quote_id, revision=1)

    await asked_until(accept, lambda answer: answer.is_success)

    async def ask() -> Any:
        return (await smith.read("/quotes"))["items"]

    (accepted,) = await asked_until(ask, lambda quotes: quotes and quotes[0]["status"] == "ACCEPTED")
    assert accepted["request_status"] == "ACCEPTED"
    assert (await ada.read(f"/quote-requests/{request_id}"))["accepted_quote_id"] == quote_id


async def test_an_offer_that_is_gone_takes_the_acceptance_back(ada: Caller, smith: Caller, admin: Caller) -> None:
    room, request_id, quote = await asked_for(ada, smith, admin)
    quote_id = (await smith.do("quote.submit_quote", quote, pricing=PRICING, estimated_days=14, expires_at=in_a_day()))["quote_id"]

    async def offers() -> Any:
        return (await ada.read(f"/rooms/{room}/view"))["data"]["view"]["requests"][-1]["offers"]

    await asked_until(offers, lambda offers: offers[0]["status"] == "open")
    # the artisan's withdrawal and the owner's acceptance meet
    await asyncio.gather(
        smith.do("quote.withdraw_quote", quote), ada.give("concept.accept_quote", room, quote_id=quote_id), return_exceptions=False
    )

    async def ask() -> Any:
        return await ada.read(f"/quote-requests/{request_id}")

    request = await asked_until(ask, lambda request: request["status"] in ("PENDING", "ACCEPTED"))
    assert request["status"] in ("PENDING", "ACCEPTED")
    settled = await asked_until(ask, lambda request: request["status"] == "PENDING")
    assert "accepted_quote_id" not in {name for name, value in settled.items() if value}


async def test_owner_and_artisan_read_what_they_said(ada: Caller, smith: Caller, admin: Caller, ben: Caller) -> None:
    _, request_id, quote = await asked_for(ada, smith, admin)
    for number in range(3):
        last = await (ada, smith)[number % 2].do("quote.post", quote, text=f"word {number}")
    seller = (await smith.read("/sellers", mine=True))["items"][0]["id"]
    path = f"/quote-requests/{request_id}/sellers/{seller}/messages"

    page = await smith.read(path, limit=2, after_offset=last["offset"])
    before = await ada.read(path, limit=2, before=page["before"])

    assert [message["content"] for message in page["items"]] == ["word 1", "word 2"]
    assert [message["content"] for message in before["items"]] == ["word 0"]
    assert before["before"] is None
    assert (await ben.get(path)).status_code == 403


# --- Artisans ---


async def test_artisans_are_found_by_the_beginnings_of_their_names(ada: Caller, smith: Caller, admin: Caller) -> None:
    seller = await new_seller(admin, smith, "Golden Hands", profile={"town": "Pforzheim"})
    await new_seller(admin, smith, "Weaver")

    (found,) = (await ada.read("/sellers", q="han gold"))["items"]
    page = await ada.read("/sellers", limit=1)

    assert (found["id"], found["profile"]) == (seller, {"town": "Pforzheim"})
    assert "email" not in found
    assert len((await ada.read("/sellers", after=page["next"]))["items"]) == 1
    assert (await ada.read(f"/sellers/{seller}"))["name"] == "Golden Hands"
    assert (await ada.get(f"/sellers/{uuid.uuid4()}")).status_code == 403


async def test_only_administrators_write_artisans(ada: Caller, admin: Caller, smith: Caller) -> None:
    seller = await new_seller(admin, smith)

    assert (await ada.send("POST", "/sellers", {"name": "Me"})).status_code == 403
    assert (await ada.send("PATCH", f"/sellers/{seller}", {"name": "Me"})).status_code == 403
    changed = await admin.send("PATCH", f"/sellers/{seller}", {"name": "Smiths", "is_active": False})
    assert (changed.json()["name"], changed.json()["is_active"]) == ("Smiths", False)
    assert (await ada.read("/sellers"))["items"] == []
    assert [one["id"] for one in (await smith.read("/sellers", mine=True))["items"]] == [seller]


@pytest.mark.parametrize(
    "body",
    [{"name": ""}, {"name": "A", "email": "nobody"}, {"name": "A", "user_id": str(uuid.uuid4())}, {"name": "A", "mail": "x"}, {}],
)
async def test_a_wrong_form_of_an_artisan_is_refused(admin: Caller, body: dict[str, object]) -> None:
    answer = await admin.send("POST", "/sellers", body)

    assert answer.status_code == 400
    assert answer.json()["detail"]


async def test_an_artisan_with_an_id_of_the_callers_own_is_added_once(admin: Caller) -> None:
    key = str(uuid.uuid4())
    first = await admin.send("POST", "/sellers", {"id": key, "name": "Smith"})
    again = await admin.send("POST", "/sellers", {"id": key, "name": "Smith"})

    assert first.json() == again.json()
    assert (await admin.send("PATCH", f"/sellers/{key}", {})).status_code == 400


async def test_an_artisan_who_takes_no_requests_is_not_asked(ada: Caller, admin: Caller, smith: Caller) -> None:
    room, seller = await new_concept(ada), await new_seller(admin, smith)
    await admin.send("PATCH", f"/sellers/{seller}", {"is_active": False})

    answer = await ada.give("concept.request_quotes", room, sellers=[seller], expires_at=in_a_day())

    assert "takes no requests" in answer.json()["detail"]
