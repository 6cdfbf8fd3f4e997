"""An owner asks artisans, artisans offer, the owner compares and takes one."""

import time
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from domain.ids import id_of
from tests.acceptance.pages.conftest import Act, Invite
from tests.acceptance.pages.people import Somebody
from tests.support.tokens import actor_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

DAY_MS = 24 * 60 * 60 * 1000


async def artisan(act: Act, invite: Invite, name: str) -> tuple[Somebody, dict[str, Any]]:
    """Somebody in front of a page who answers for an artisan. They have been here before: the server knows them."""
    await act(name, "conversation.start", receipt="stored")
    return await invite(name, "user"), await act("grace", "/sellers", name=name.title(), user_id=actor_of(name))


async def asked(act: Act, owner: str, *sellers: dict[str, Any]) -> str:
    """A concept whose owner has asked artisans."""
    room: str = (await act(owner, "concept.create", name="Sea ring"))["room"]
    ids = [seller["id"] for seller in sellers]
    soon = int(time.time() * 1000) + 7 * DAY_MS
    await act(owner, "concept.request_quotes", room=room, sellers=ids, message="By May", expires_at=soon)
    return room


async def offers(seller: Somebody, base: str, days: str) -> None:
    """By the form of the quote's page, which was opened from the inbox."""
    await seller.inbox.click()
    await seller.page.get_by_role("link", name="asks you for a quote for “Sea ring”").first.click()
    await expect(seller.details.get_by_text("By May")).to_be_visible()
    await seller.button("Make an offer").click()
    await seller.page.get_by_label("Base").fill(base)
    await seller.page.get_by_label("Shipping").fill("12.50")
    await seller.page.get_by_label("Days").fill(days)
    await seller.button("Make the offer").click()
    await expect(seller.details.get_by_text("Revise")).to_be_visible()


def cell(owner: Somebody, row: str, place: int) -> Locator:
    return owner.page.get_by_role("row", name=row).get_by_role("cell").nth(place)


async def test_offers_stand_side_by_side_and_one_is_taken(invite: Invite, act: Act) -> None:
    anna, anna_seller = await artisan(act, invite, "anna")
    bert, bert_seller = await artisan(act, invite, "bert")
    room = await asked(act, "quinn", anna_seller, bert_seller)
    owner = await invite("quinn", "user")
    await owner.goes(f"concept/{id_of(room)}")
    await expect(owner.page.get_by_role("row", name="Offer")).to_contain_text("Not yet")

    await offers(anna, "420", "21")
    await offers(bert, "1180.5", "14")

    await expect(cell(owner, "Total", 0)).to_have_text("432.50 Lowest")
    await expect(cell(owner, "Total", 1)).to_have_text("1,193.00")
    await expect(cell(owner, "Days", 1)).to_have_text("14 Fastest")
    await expect(cell(owner, "Base", 1)).to_have_text("1,180.50")
    await expect(anna.details.get_by_text("seen")).to_be_visible()
    await owner.page.get_by_role("rowgroup").last.get_by_role("button", name="Accept").first.click()

    await expect(owner.page.locator(".room-title .chip")).to_have_text("Quote accepted")
    await expect(anna.details.get_by_text("This quote was accepted.")).to_be_visible()
    await expect(bert.details.get_by_text("Another artisan's quote was accepted.")).to_be_visible()
    await expect(bert.button("Make another offer")).to_have_count(0)


async def test_a_revised_offer_is_told_and_a_withdrawn_one_is_gone(invite: Invite, act: Act) -> None:
    cora, seller = await artisan(act, invite, "cora")
    room = await asked(act, "rosa", seller)
    owner = await invite("rosa", "user")
    await owner.goes(f"concept/{id_of(room)}")
    await offers(cora, "100", "5")
    await expect(cell(owner, "Total", 0)).to_have_text("112.50")

    await cora.button("Revise").click()
    await cora.page.get_by_label("Base").fill("90")
    await cora.page.get_by_role("dialog").get_by_role("button", name="Revise").click()
    await expect(cell(owner, "Total", 0)).to_have_text("102.50")
    await expect(cell(owner, "Offer", 0)).to_have_text("Revision 2")
    await cora.button("Withdraw").click()
    await cora.button("Withdraw the offer").click()

    await expect(cell(owner, "Offer", 0)).to_have_text("No longer there")
    await expect(owner.button("Accept")).to_have_count(0)


async def test_owner_and_artisan_write_to_each_other(invite: Invite, act: Act) -> None:
    dora, seller = await artisan(act, invite, "dora")
    room = await asked(act, "sven", seller)
    owner = await invite("sven", "user", width=360, height=740)
    await offers(dora, "100", "5")
    await owner.goes(f"concept/{id_of(room)}")
    await owner.page.get_by_role("link", name="Dora").click()

    await owner.write("In **gold**?")
    said = dora.page.get_by_role("region", name="Messages").first
    await expect(said.get_by_text("In gold?")).to_be_visible()
    await dora.write("Gladly")

    await expect(owner.page.get_by_text("Gladly", exact=True)).to_be_visible()
