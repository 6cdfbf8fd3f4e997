"""Concepts, shares, quotes, chats and the inbox for every screen and every person: phone width, names, light and dark."""

import asyncio
import time

import pytest
from playwright.async_api import expect

from domain.ids import id_of, keyed_id
from tests.acceptance.pages.conftest import Act, Invite
from tests.acceptance.pages.contrast import FAINT_TEXT
from tests.acceptance.pages.people import Somebody
from tests.acceptance.pages.test_for_everybody import OVERFLOW, WIDE_STUFF, nameless
from tests.support.tokens import actor_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

OWNER = "wilma"
ARTISAN = "willem"
DAY_MS = 24 * 60 * 60 * 1000


async def world(act: Act) -> dict[str, str]:
    """A concept with everything on it, and the ways to all pages that the owner may see, by what they are."""
    await act(ARTISAN, "conversation.start", receipt="stored")
    concept = (await act(OWNER, "concept.create", name="Sea ring " * 8, description="Two stones. " * 30))["room"]
    ring = {"room": concept}
    refinement = (await act(OWNER, "concept.request_refinement", **ring, refinement_type="COLOR", feedback="B" * 200))["event_ids"][
        0
    ]
    suggestion = {"changes": {"color": "blue" * 40}, "explanation": WIDE_STUFF, "confidence": 0.8}
    await act("claude", "concept.suggest_refinement", **ring, refinement_id=refinement, **suggestion)
    video = (await act(OWNER, "concept.queue_video", **ring, style="SHOWCASE", duration=20))["event_ids"][0]
    await act("claude", "concept.start_video", **ring, video_id=video)
    await act("claude", "concept.report_progress", **ring, video_id=video, progress=40, note="C" * 120)
    await act("claude", "concept.set_sustainability", **ring, score={"materials": 80, "note": "silver"})
    share = await act(OWNER, "/shares", concept_id=id_of(concept), allow_voting=True)
    await _talked(act, share["room"])
    quote = await _asked(act, concept)
    chat = (await act(OWNER, "conversation.start", context={"title": "Desks"}))["room"]
    await act(OWNER, "conversation.say", room=chat, text=WIDE_STUFF)
    turn = (await act("claude", "conversation.begin_turn", room=chat))["event_ids"][0]
    await act("claude", "conversation.append_turn", room=chat, turn_id=turn, attempt=1, position=0, text="Oak " * 80)
    await act("claude", "conversation.set_requirements", room=chat, requirements={"style": ["calm"] * 9, "size": "D" * 90})
    return {
        "concept": f"concept/{id_of(concept)}",
        "share": f"s/{share['share_id']}",
        "quote": f"quote/{id_of(quote)}",
        "chat": f"conversation/{id_of(chat)}",
        "concepts": "concepts",
        "chats": "chats",
        "inbox": "inbox",
    }


async def _talked(act: Act, share: str) -> None:
    """A thread that is as deep as it gets."""
    parent = (await act(OWNER, "share.add_comment", room=share, text=WIDE_STUFF))["event_ids"][0]
    for depth in range(8):
        said = await act(OWNER, "share.add_comment", room=share, text=f"Answer {depth} " + "E" * 80, parent_id=parent)
        parent = said["event_ids"][0]
    await act(OWNER, "share.delete_comment", room=share, comment_id=parent)
    await act(OWNER, "share.vote", room=share, vote="UPVOTE")


async def _asked(act: Act, concept: str) -> str:
    """The room of a quote, with an offer in it."""
    seller = await act("grace", "/sellers", name="Goldwerk " * 4, user_id=actor_of(ARTISAN))
    soon = int(time.time() * 1000) + 7 * DAY_MS
    wish = {"sellers": [seller["id"]], "message": "F" * 200, "expires_at": soon}
    request = (await act(OWNER, "concept.request_quotes", room=concept, **wish))["event_ids"][0]
    quote = f"quote:{keyed_id('quote', request, seller['id'])}"
    pricing = {"basePrice": "123456789.50", "customization": "1", "materials": "2", "shipping": "3"}
    # the room is opened by a reaction, a moment behind the request
    for _ in range(40):
        try:
            await act(
                ARTISAN, "quote.submit_quote", room=quote, pricing=pricing, estimated_days=14, notes="G" * 90, expires_at=soon
            )
            break
        except AssertionError:
            await asyncio.sleep(0.1)
    await act(ARTISAN, "quote.post", room=quote, text=WIDE_STUFF)
    return quote


async def seen(somebody: Somebody, way: str) -> None:
    """Until everything on the page is there."""
    await somebody.goes(way)
    await expect(somebody.page.locator(".skeleton")).to_have_count(0)


async def test_nothing_scrolls_sideways_on_a_phone(invite: Invite, act: Act) -> None:
    ways, wilma = await world(act), await invite(OWNER, "user", width=360, height=740)

    overflows = {}
    for page, way in ways.items():
        await seen(wilma, way)
        overflows[page] = await wilma.run(OVERFLOW)

    assert overflows == dict.fromkeys(ways, 0)


async def test_pages_have_landmarks_and_everything_has_a_name(invite: Invite, act: Act) -> None:
    ways, wilma = await world(act), await invite(OWNER, "user")

    for way in ways.values():
        await seen(wilma, way)
        for role in ("banner", "main"):
            await expect(wilma.page.get_by_role(role)).to_have_count(1)
        await expect(wilma.page.get_by_role("heading", level=1)).to_have_count(1)
        assert await nameless(wilma) == [], way


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_text_stands_out_from_its_ground(invite: Invite, act: Act, dark: bool) -> None:
    ways, wilma = await world(act), await invite(OWNER, "user", dark=dark)

    for way in ways.values():
        await seen(wilma, way)
        assert await wilma.run(FAINT_TEXT) == [], way


async def test_a_share_is_used_by_keyboard_alone(invite: Invite, act: Act) -> None:
    ways, wilma = await world(act), await invite(OWNER, "user")
    await seen(wilma, ways["share"])
    comment = wilma.page.get_by_role("textbox", name="Comment")

    for _ in range(60):
        await wilma.page.keyboard.press("Tab")
        if await comment.evaluate("box => box === document.activeElement"):
            break
    await wilma.page.keyboard.type("No mouse needed")
    await wilma.page.keyboard.press("Enter")

    await expect(wilma.page.get_by_role("article").filter(has_text="No mouse needed")).to_have_count(1)
    await expect(comment).to_be_focused()
