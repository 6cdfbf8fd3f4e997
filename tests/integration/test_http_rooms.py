"""Rooms over HTTP: commands with the socket's rules, events in pages, and what a room says of itself."""

import uuid
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.house import Caller, OpenHouse, open_test_house
from tests.support.tokens import actor_of, new_command_id


@pytest_asyncio.fixture
async def house(dsn: str) -> AsyncIterator[OpenHouse]:
    async with open_test_house(dsn) as opened:
        yield opened


@pytest.fixture
def ada(house: OpenHouse) -> Caller:
    return house.caller("ada", "user")


async def test_a_repeat_gets_the_first_answer_and_other_content_is_refused(ada: Caller) -> None:
    room, command_id = await ada.new_room(), new_command_id()
    first = await ada.do("workspace.post", room, command_id=command_id, text="once")

    again = await ada.do("workspace.post", room, command_id=command_id, text="once")
    other = await ada.give("workspace.post", room, command_id=command_id, text="twice")

    assert again == first
    assert other.status_code == 422
    assert other.json()["code"] == 417
    assert (await ada.read(f"/rooms/{room}/stored"))["offset"] == first["offset"]


async def test_a_command_may_wait_for_the_database(ada: Caller) -> None:
    told = await ada.do("workspace.post", await ada.new_room(), text="stored", receipt="stored")

    assert told["stored"] is True


@pytest.mark.parametrize(
    ("name", "fields", "status", "code"),
    [
        ("workspace.post", {"text": "x", "colour": "red"}, 400, 107),
        ("workspace.post", {"text": 7}, 400, 107),
        ("workspace.post", {}, 400, 107),
        ("workspace.post", {"text": "a\x00b"}, 400, 107),
        ("workspace.post", {"text": "x", "command_id": "soon"}, 400, 107),
        ("workspace.explode", {}, 404, 104),
        ("workspace.verify", {}, 403, 103),
        ("workspace.approve", {}, 409, 410),
        ("workspace.fail_execution", {"execution_id": str(uuid.UUID(int=7)), "error": "x"}, 404, 411),
    ],
)
async def test_a_refusal_has_its_status_and_code_and_changes_nothing(
    ada: Caller, name: str, fields: dict[str, object], status: int, code: int
) -> None:
    room = await ada.new_room()

    answer = await ada.give(name, room, **fields)

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert (await ada.read(f"/rooms/{room}/stored"))["offset"] == 1


async def test_what_is_no_json_is_told(house: OpenHouse, ada: Caller) -> None:
    answer = await house.client.post("/commands/workspace.post", content=b"{", headers=ada.headers)

    assert (answer.status_code, answer.json()["code"]) == (400, 107)


async def test_a_body_has_a_bound(house: OpenHouse, ada: Caller) -> None:
    answer = await house.client.post("/commands/workspace.post", content=b"x" * (512 * 1024 + 1), headers=ada.headers)

    assert (answer.status_code, answer.json()["code"]) == (413, 106)


@pytest.mark.parametrize("below", ["events", "stored", "standing", "view", "presence"])
@pytest.mark.parametrize("room", [f"workspace:{uuid.UUID(int=9)}", "workspace:nothing", "nothing"])
async def test_rooms_that_are_not_there_answer_alike(ada: Caller, room: str, below: str) -> None:
    answer = await ada.get(f"/rooms/{room}/{below}")

    assert (answer.status_code, answer.json()["code"]) == (403, 103)


async def test_events_come_in_pages_both_ways(ada: Caller) -> None:
    room = await ada.new_room()
    for number in range(4):
        await ada.do("workspace.post", room, text=str(number))

    first = await ada.read(f"/rooms/{room}/events", limit=3)
    rest = await ada.read(f"/rooms/{room}/events", limit=3, after=first["next"])
    newest = await ada.read(f"/rooms/{room}/events", limit=2, newest_first=True)

    assert [item["offset"] for item in (*first["items"], *rest["items"])] == [1, 2, 3, 4, 5]
    assert rest["next"] is None
    assert [item["offset"] for item in newest["items"]] == [5, 4]
    assert first["items"][0]["by"]["id"] == actor_of("ada")
    assert (first["offset"], first["epoch"]) == (5, newest["epoch"])


async def test_a_room_says_whether_the_database_has_it(ada: Caller) -> None:
    room = await ada.new_room()

    assert (await ada.read(f"/rooms/{room}/stored", after_offset=1))["stored"] is True


async def test_a_room_says_what_one_is_and_what_it_looks_like(house: OpenHouse, ada: Caller) -> None:
    room = await ada.new_room(name="Swings")
    viewer = house.caller("eve", "viewer")

    assert (await ada.read(f"/rooms/{room}/standing"))["role"] == "member"
    assert (await viewer.read(f"/rooms/{room}/standing"))["role"] == "viewer"
    assert (await viewer.read(f"/rooms/{room}/view"))["data"]["view"]["workspace"]["name"] == "Swings"
    assert await viewer.read(f"/rooms/{room}/presence") == []
    assert (await viewer.give("workspace.post", room, text="x")).status_code == 403


async def test_without_a_token_nothing_is_shown(house: OpenHouse) -> None:
    answer = await house.stranger().get("/workspaces")

    assert (answer.status_code, answer.json()["code"]) == (401, 101)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_token_that_has_run_out_says_so(house: OpenHouse) -> None:
    answer = await house.caller("ada", ttl_s=-60).get("/workspaces")

    assert (answer.status_code, answer.json()["code"]) == (401, 109)


async def test_an_address_that_is_not_there_is_a_problem_too(ada: Caller) -> None:
    answer = await ada.get("/nowhere.json")

    assert (answer.status_code, answer.json()["code"]) == (404, 104)


async def test_a_token_for_one_room_opens_no_other(house: OpenHouse, ada: Caller) -> None:
    mine, other = await ada.new_room(), await ada.new_room()
    bot = house.caller("claude", rooms={mine: "bot"})

    assert (await bot.give("workspace.post", mine, text="here")).is_success
    assert (await bot.read(f"/rooms/{mine}/standing"))["role"] == "bot"
    refused = [
        await bot.give("workspace.post", other, text="there"),
        await bot.get(f"/rooms/{other}/view"),
        await bot.get(f"/workspaces/{other.partition(':')[2]}/messages"),
        await bot.get("/workspaces"),
        await bot.get("/executions"),
    ]
    assert [answer.status_code for answer in refused] == [403] * 5
