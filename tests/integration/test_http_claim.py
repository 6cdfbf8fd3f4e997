"""What somebody did as a guest is theirs after signing in: everything, once, and nobody else's."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from domain.ids import keyed_id
from tests.support.homes import GUESTS, guest_caller, id_of, wrote
from tests.support.house import Caller, OpenHouse, open_test_house
from tests.support.postgres import until
from tests.support.tokens import actor_of, new_command_id

HOME = f"person:{actor_of('ada')}"
ITEMS = [{"type": "concept", "id": "c"}, {"type": "product", "id": "sku-7"}]


@pytest_asyncio.fixture
async def house(dsn: str) -> AsyncIterator[OpenHouse]:
    async with open_test_house(dsn, **GUESTS) as opened:
        yield opened


@pytest.fixture
def ada(house: OpenHouse) -> Caller:
    return house.caller("ada", "user")


@pytest.fixture
def ben(house: OpenHouse) -> Caller:
    return house.caller("ben", "user")


@pytest.fixture
def guest(house: OpenHouse) -> Caller:
    return guest_caller(house)


async def busy(house: OpenHouse, guest: Caller) -> str:
    """A guest who has kept something; their own room."""
    home = f"person:{await id_of(guest)}"
    await wrote(guest, "POST", "/me/folders", {"name": "Vases", "concept_ids": [str(uuid.UUID(int=7))]})
    saved = await wrote(guest, "POST", "/me/comparisons", {"items": ITEMS})
    assert [item["items"] for item in (await guest.read("/me/comparisons", after_offset=saved["offset"]))["items"]] == [ITEMS]
    return home


async def until_moved(ada: Caller) -> list[Any]:
    async def is_moved() -> bool:
        return bool((await ada.read("/me/folders"))["items"])

    await until(is_moved)
    return list((await ada.read("/me/folders"))["items"])


async def test_what_a_guest_kept_is_the_persons_after_signing_in(house: OpenHouse, ada: Caller, guest: Caller) -> None:
    await busy(house, guest)
    conversation = (await guest.do("conversation.start"))["room"]
    await guest.do("conversation.say", conversation, text="Hello")

    claimed = await wrote(ada, "POST", "/me/claim", {"guest_token": guest.token})

    assert claimed["guest_id"] == await id_of(guest)
    (folder,) = await until_moved(ada)
    assert (folder["name"], folder["concept_count"]) == ("Vases", 1)
    assert [item["items"] for item in (await ada.read("/me/comparisons"))["items"]] == [ITEMS]
    assert (await guest.read("/me/folders"))["items"] == []
    assert (await guest.read("/me/comparisons"))["items"] == []

    async def is_owner() -> bool:
        rooms = [item["room"] for item in (await ada.read("/me/rooms"))["items"]]
        return conversation in rooms and (await ada.read(f"/rooms/{conversation}/standing"))["role"] == "owner"

    await until(is_owner)


async def test_what_a_guest_shared_is_the_persons_to_end(house: OpenHouse, ada: Caller, guest: Caller) -> None:
    concept = (await guest.do("concept.create", name="Lamp"))["room"]
    body = {"command_id": new_command_id(), "concept_id": concept.partition(":")[2]}
    made = (await guest.send("POST", "/shares", body)).json()

    async def is_listed() -> bool:
        return made["room"] in [item["room"] for item in (await guest.read("/me/rooms"))["items"]]

    await until(is_listed)
    await wrote(ada, "POST", "/me/claim", {"guest_token": guest.token})

    async def is_owner() -> bool:
        standing = await ada.get(f"/rooms/{made['room']}/standing")
        return standing.is_success and standing.json()["role"] == "owner"

    await until(is_owner)
    await ada.do("share.revoke_share", made["room"], receipt="stored")
    (share,) = (await ada.read("/shares"))["items"]
    assert (share["id"], share["status"], share["shared_by"]) == (made["share_id"], "revoked", actor_of("ada"))
    assert (await guest.read("/shares"))["items"] == []


async def test_the_guests_room_takes_nothing_more(house: OpenHouse, ada: Caller, guest: Caller) -> None:
    await busy(house, guest)
    await wrote(ada, "POST", "/me/claim", {"guest_token": guest.token})
    await until_moved(ada)

    answer = await guest.send("POST", "/me/folders", {"name": "More"})

    assert (answer.status_code, answer.json()["code"]) == (409, 410)
    assert "sign in here too" in answer.json()["detail"]


async def test_claiming_again_is_harmless_and_by_somebody_else_refused(
    house: OpenHouse, ada: Caller, ben: Caller, guest: Caller
) -> None:
    await busy(house, guest)
    first = await wrote(ada, "POST", "/me/claim", {"guest_token": guest.token})
    await until_moved(ada)

    again = await wrote(ada, "POST", "/me/claim", {"guest_token": guest.token})
    refused = await ben.send("POST", "/me/claim", {"guest_token": guest.token})

    assert again["guest_id"] == first["guest_id"]
    assert (refused.status_code, refused.json()["code"]) == (409, 409)
    assert len((await ada.read("/me/folders"))["items"]) == 1


async def test_a_claim_survives_the_end_of_the_server_and_happens_once(dsn: str) -> None:
    """The first server ends before a reaction could arrive; the second one goes on, and the caller repeats the claim."""
    async with open_test_house(dsn, **GUESTS) as house:
        await busy(house, guest_caller(house))
        token = guest_caller(house).token
        key = new_command_id()
        claimed = await wrote(house.caller("ada", "user"), "POST", f"/me/claim?command_id={key}", {"guest_token": token})
    async with open_test_house(dsn, **GUESTS) as house:
        ada = house.caller("ada", "user")
        again = await wrote(ada, "POST", f"/me/claim?command_id={key}", {"guest_token": token})
        (folder,) = await until_moved(ada)
        once_more = await wrote(ada, "POST", "/me/claim", {"guest_token": token})

        assert (claimed["offset"], again["offset"]) == (1, 1)
        assert folder["name"] == "Vases"
        assert once_more["guest_id"] == claimed["guest_id"]
        assert len((await ada.read("/me/folders"))["items"]) == 1
        assert len((await ada.read("/me/comparisons"))["items"]) == 1


async def test_only_people_claim_and_only_guests_are_claimed(house: OpenHouse, ada: Caller, ben: Caller, guest: Caller) -> None:
    by_guest = await guest.send("POST", "/me/claim", {"guest_token": guest_caller(house, "tab-2").token})
    of_person = await ada.send("POST", "/me/claim", {"guest_token": ben.token})
    by_bot = await house.caller("claude", "bot").send("POST", "/me/claim", {"guest_token": guest.token})
    by_command = await ada.give("person.claim", HOME, guest_id=keyed_id("guest", "x"))

    assert (by_guest.status_code, "sign in first" in by_guest.json()["detail"]) == (403, True)
    assert (of_person.status_code, "no guest's token" in of_person.json()["detail"]) == (400, True)
    assert (by_bot.status_code, by_command.status_code) == (403, 403)
