"""A concept among friends: by name, by link, at the same moment, and when it is over."""

import asyncio
import re
import time
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from domain.ids import id_of
from tests.acceptance.conftest import Mint
from tests.acceptance.pages.conftest import Act, Invite
from tests.acceptance.pages.people import WAIT_MS, Somebody
from tests.support.gifts import asked_until
from tests.support.tokens import actor_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

OVER = "You are not in this share"


async def shared(act: Act, owner: str = "ada", **rules: Any) -> tuple[str, dict[str, Any]]:
    """A concept's room, and what its owner was told of its share."""
    room = (await act(owner, "concept.create", name="Sea ring"))["room"]
    share = await act(owner, "/shares", concept_id=id_of(room), **{"allow_voting": True, **rules})
    return room, share


def votes(somebody: Somebody, words: str, count: int) -> Locator:
    return somebody.button(f"{words}: {count} vote{'' if count == 1 else 's'}")


def comment(somebody: Somebody, text: str) -> Locator:
    return somebody.page.get_by_role("article").filter(has_text=text)


async def test_owner_and_guest_vote_at_the_same_moment(invite: Invite, act: Act) -> None:
    concept, share = await shared(act)
    owner, guest = await invite("ada", "user"), await invite()
    await owner.goes(f"concept/{id_of(concept)}")
    await guest.comes_by_link(share["token"], "Tom")
    for somebody in (owner, guest):
        await expect(votes(somebody, "I like it", 0)).to_be_enabled()

    await asyncio.gather(votes(owner, "I like it", 0).click(), votes(guest, "I like it", 0).click())

    for somebody in (owner, guest):
        await expect(votes(somebody, "I like it", 2)).to_have_attribute("aria-pressed", "true")
    await votes(guest, "Not for me", 0).click()
    await expect(votes(owner, "Not for me", 1)).to_have_attribute("aria-pressed", "false")
    await expect(votes(owner, "I like it", 1)).to_have_attribute("aria-pressed", "true")
    await guest.page.reload()
    await expect(votes(guest, "Not for me", 1)).to_have_attribute("aria-pressed", "true")
    await votes(guest, "Not for me", 1).click()
    await expect(votes(owner, "Not for me", 0)).to_be_visible()


async def test_comments_are_answered_changed_and_taken_back(invite: Invite, act: Act) -> None:
    concept, share = await shared(act)
    owner, guest = await invite("ada", "user"), await invite()
    await owner.goes(f"concept/{id_of(concept)}")
    await guest.comes_by_link(share["token"], "Tom")

    await guest.page.get_by_role("textbox", name="Comment").fill("Too **big**")
    await guest.page.get_by_role("textbox", name="Comment").press("Enter")
    await comment(owner, "Too big").get_by_role("button", name="Reply").click()
    await owner.page.get_by_role("textbox", name="Reply to Tom").fill("Smaller, then")
    await owner.page.get_by_role("textbox", name="Reply to Tom").press("Enter")
    await expect(comment(guest, "Smaller, then")).to_be_visible()
    await comment(guest, "Too big").get_by_role("button", name="Edit").click()
    await guest.page.get_by_role("textbox", name="Your comment").fill("A little big")
    await guest.button("Save").click()
    await expect(comment(owner, "A little big")).to_contain_text("edited")
    await expect(comment(guest, "Smaller, then").get_by_role("button", name="Delete")).to_have_count(0)

    await comment(owner, "A little big").get_by_role("button", name="Delete").click()

    for somebody in (owner, guest):
        await expect(somebody.page.get_by_text("This comment was deleted.")).to_be_visible()
        await expect(somebody.page.get_by_text("A little big")).to_have_count(0)
        await expect(comment(somebody, "Smaller, then")).to_be_visible()


async def test_a_link_is_made_copied_and_let_in_by(invite: Invite, act: Act) -> None:
    room = (await act("ada", "concept.create", name="Sea ring"))["room"]
    owner, guest = await invite("ada", "user"), await invite(width=360, height=740)
    await owner.goes(f"concept/{id_of(room)}")

    await owner.button("Share with friends").click()
    await owner.button("Make the link").click()
    link = await owner.page.get_by_role("textbox", name="The link").input_value()
    await owner.button("Done").click()
    await guest.comes_by_link(link.rsplit("/", 1)[1], "Tom")

    await expect(guest.page.get_by_role("heading", name="Sea ring")).to_be_visible()
    await expect(owner.page.get_by_text("1 visit")).to_be_visible()
    assert link.rsplit("/", 1)[1] not in " ".join(url.partition("#")[0] for url in guest.requested)
    await guest.page.reload()
    await guest.sees_state("Live")


async def test_who_has_an_account_comes_by_a_link_as_themselves(invite: Invite, act: Act) -> None:
    _, share = await shared(act)
    ben = await invite("ben", "user")

    await ben.goes(f"share/{share['token']}")

    await expect(ben.page.get_by_role("list", name="1 person here now")).to_contain_text("Ben")


async def test_a_revoked_share_puts_everybody_out_with_a_sentence(invite: Invite, act: Act) -> None:
    concept, share = await shared(act)
    owner, guest = await invite("ada", "user"), await invite()
    await owner.goes(f"concept/{id_of(concept)}")
    await guest.comes_by_link(share["token"], "Tom")

    await owner.button("Revoke").click()
    await owner.button("Revoke this share").click()

    await expect(guest.page.get_by_role("alert")).to_contain_text(OVER)
    await expect(guest.page.get_by_role("alert")).to_contain_text("revoked by who made it")
    await expect(guest.page.get_by_role("textbox")).to_have_count(0)
    await expect(owner.page.get_by_text("Nobody but you sees this yet.")).to_be_visible()
    guest.expected_problem = "status of 4"
    await guest.page.reload()
    await expect(guest.page.get_by_role("alert")).to_contain_text(OVER)


async def test_a_share_that_runs_out_puts_guests_out_with_a_sentence(invite: Invite, act: Act) -> None:
    _, share = await shared(act, expires_at=int(time.time() * 1000) + 6_000)
    guest = await invite()
    guest.expected_problem = "status of 4"
    await guest.comes_by_link(share["token"], "Tom")

    await expect(guest.page.get_by_role("alert")).to_contain_text(OVER, timeout=WAIT_MS)
    await expect(guest.page.get_by_role("alert")).to_contain_text("run out")


async def test_who_is_no_longer_named_is_put_out(invite: Invite, act: Act) -> None:
    ben = await invite("ben", "user")
    _, share = await shared(act, is_public=False, shared_with=[actor_of("ben")])
    await ben.goes(f"s/{share['share_id']}")
    await expect(ben.page.get_by_role("heading", name="Sea ring")).to_be_visible()

    await act("ada", "share.change_share", room=share["room"], shared_with=[])

    await expect(ben.page.get_by_role("alert")).to_contain_text(OVER)


async def test_who_signs_in_is_the_guest_no_more(invite: Invite, act: Act, token: Mint) -> None:
    _, share = await shared(act)
    guest = await invite()
    await guest.comes_by_link(share["token"], "Tom")
    await expect(guest.page.get_by_role("list", name="1 person here now")).to_contain_text("Tom")

    await guest.sign_in(token("nora", "user"))
    # Not wait_for_function: a predicate that has to be asked twice is evaluated in the page, which its policy forbids.
    await asked_until(lambda: guest.page.evaluate("localStorage.getItem('atrium.guest')"), lambda kept: kept is None)
    await guest.goes(f"share/{share['token']}")

    await expect(guest.page.get_by_role("list", name="1 person here now")).to_contain_text("Nora")


async def test_an_owner_names_friends_and_puts_them_out_again(invite: Invite, act: Act) -> None:
    concept, share = await shared(act, is_public=False, shared_with=[actor_of("ben")])
    owner, ben = await invite("ada", "user"), await invite("ben", "user")
    await owner.goes(f"concept/{id_of(concept)}")
    await ben.goes(f"s/{share['share_id']}")

    await owner.button("Friends by name (1)").click()
    await owner.page.get_by_role("checkbox", name="Ben").uncheck()
    await owner.page.get_by_label("Mail addresses").fill("cleo@example.org, dora@example.org")
    await owner.button("Save").click()

    await expect(ben.page.get_by_role("alert")).to_contain_text(OVER)
    await owner.button("Friends by name (2)").click()
    await expect(owner.page.get_by_label("Mail addresses")).to_have_value(re.compile("cleo@example.org\ndora@example.org"))
