"""Concepts over HTTP: what is one's own is found, what is not answers as if it were not there."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.support.gifts import asked_until, new_concept, new_seller, path_of
from tests.support.house import Caller, OpenHouse, open_test_house
from tests.support.tokens import new_command_id


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


async def test_bots_find_the_videos_that_wait(house: OpenHouse, ada: Caller, bot: Caller) -> None:
    room = await new_concept(ada)
    first = await ada.do("concept.queue_video", room, style="SHOWCASE", duration=10)
    await ada.do("concept.queue_video", room, style="PROCESS", duration=10)
    await asked_until(lambda: bot.read("/videos", status="QUEUED"), lambda page: len(page["items"]) == 2)

    page = await bot.read("/videos", status="QUEUED", limit=1)

    assert [(video["id"], video["concept_id"]) for video in page["items"]] == [(first["video_id"], room.partition(":")[2])]
    assert len((await bot.read("/videos", status="QUEUED", after=page["next"]))["items"]) == 1
    of_one_room = house.caller("hal", rooms={room: "bot"}, kind="bot")
    for nobody_there in (ada, of_one_room, house.caller("claude", "viewer", kind="bot")):
        assert (await nobody_there.get("/videos")).status_code == 403
    assert (await of_one_room.get(path_of(room))).status_code == 200


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
