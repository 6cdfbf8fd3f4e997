"""The inbox over HTTP, and what is unread: the same on every device as soon as one of them has read it."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from channels.seats import Accepted
from tests.support.homes import GUESTS, by_server, wrote
from tests.support.house import Caller, OpenHouse, open_test_house
from tests.support.postgres import until
from tests.support.tokens import actor_of

HOME = f"person:{actor_of('ada')}"


@pytest_asyncio.fixture
async def house(dsn: str) -> AsyncIterator[OpenHouse]:
    async with open_test_house(dsn, **GUESTS) as opened:
        yield opened


@pytest.fixture
def ada(house: OpenHouse) -> Caller:
    return house.caller("ada", "user")


async def told(house: OpenHouse, number: int = 1, **fields: Any) -> Accepted:
    values = {"what": "reply", "source": f"share:{number}", "title": f"Vase {number}", "at": number, **fields}
    return await by_server(house, "person.notify", HOME, **values)


async def test_the_inbox_pages_and_is_settled(house: OpenHouse, ada: Caller) -> None:
    for number in range(1, 4):
        last = await told(house, number)

    first = await ada.read("/me/inbox", limit=2, after_offset=last.offset)
    second = await ada.read("/me/inbox", limit=2, after=first["next"])
    settled = await wrote(ada, "POST", "/me/inbox/settle", {"notification_ids": [first["items"][0]["id"]]})
    unread = await ada.read("/me/inbox", unread="true", after_offset=settled["offset"])
    rest = await wrote(ada, "POST", "/me/inbox/settle", {"up_to": last.offset})

    assert [item["title"] for item in (*first["items"], *second["items"])] == ["Vase 3", "Vase 2", "Vase 1"]
    assert second["next"] is None
    assert settled["unread_count"] == 2
    assert [item["title"] for item in unread["items"]] == ["Vase 2", "Vase 1"]
    assert (await ada.read("/me/unread", after_offset=rest["offset"]))["inbox"] == 0


async def test_what_is_read_on_one_device_is_read_on_the_other(house: OpenHouse, ada: Caller) -> None:
    phone, laptop = ada, house.caller("ada", "user", device="laptop")
    room = (await ada.do("conversation.start"))["room"]
    for text in ("one", "two"):
        said = await ada.do("conversation.say", room, text=text)

    async def is_listed() -> bool:
        return [item["room"] for item in (await ada.read("/me/rooms"))["items"]] == [room]

    await until(is_listed)
    assert (await phone.read("/me/unread"))["rooms"] == []
    bot = house.caller("claude", "bot")
    turn = await bot.do("conversation.begin_turn", room)
    words = "Good choice."
    piece = {"turn_id": turn["turn_id"], "attempt": 1, "position": 0, "text": words}
    await bot.do("conversation.append_turn", room, **piece)
    whole = {"turn_id": turn["turn_id"], "attempt": 1, "length": len(words), "sha256": sha256(words)}
    answered = await bot.do("conversation.complete_turn", room, **whole, model="claude", model_version="5", receipt="stored")

    before = await laptop.read("/me/unread")
    read = await phone.do("room.mark_read", room, offset=answered["offset"])
    after = await laptop.read("/me/unread", after_offset=read["offset"])
    again = await laptop.do("room.mark_read", room, offset=said["offset"])

    (unread,) = before["rooms"]
    assert unread["room"] == room
    assert unread["unread"] >= 1
    assert after["rooms"] == []
    assert again["event_ids"] == []
    (listed,) = (await laptop.read("/me/rooms"))["items"]
    assert (listed["room"], listed["read_offset"], listed["unread"]) == (room, answered["offset"], 0)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
