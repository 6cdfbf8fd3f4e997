"""Requests, quotes and artisans over HTTP, with all that reacts: who asks, who offers, and nobody else."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.support.gifts import PRICING, asked_until, in_a_day, new_concept, new_seller, path_of
from tests.support.house import Caller, OpenHouse, open_test_house


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
def admin(house: OpenHouse) -> Caller:
    return house.caller("eve", "admin")


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
