"""A line that is cut: nothing is missing afterwards, nothing is there twice, and the page says how things stand."""

import asyncio
import re

import pytest
from playwright.async_api import expect

from domain.ids import id_of
from tests.acceptance.conftest import NewRoom
from tests.acceptance.pages.conftest import Act, Give, Invite
from tests.acceptance.pages.people import WAIT_MS
from tests.support.proxy import CLEAR, Proxy, Weather
from tests.support.tokens import actor_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

CUT = Weather(refuses=True)
BLACK_HOLE = Weather(black_hole=True)


def address_of(proxy: Proxy) -> str:
    return f"http://127.0.0.1:{proxy.port}"


def cut(proxy: Proxy) -> None:
    proxy.weather = CUT
    proxy.reset()


async def test_a_cut_connection_resumes_without_hole_or_double(invite: Invite, bot: Give, new_room: NewRoom, proxy: Proxy) -> None:
    room, ada = await new_room(), await invite("ada", "user", address=address_of(proxy))
    await ada.enter(room)
    await bot("post", room, text="entry 0")
    await ada.sees("entry 0")

    cut(proxy)
    await ada.sees_state(re.compile(r"^Offline since \d"))
    for number in range(1, 41):
        await bot("post", room, text=f"entry {number}")
    proxy.weather = CLEAR
    await ada.sees_state("Live")
    await bot("post", room, text="entry 41")

    await ada.sees("entry 41")
    assert await ada.said(r"entry \d+") == [f"entry {number}" for number in range(42)]


async def test_connections_that_die_again_and_again_lose_nothing(
    invite: Invite, bot: Give, new_room: NewRoom, proxy: Proxy
) -> None:
    room, ada = await new_room(), await invite("ada", "user", address=address_of(proxy))
    await ada.enter(room)

    for number in range(24):
        await bot("post", room, text=f"entry {number}")
        if number % 6 == 3:
            proxy.reset()

    await ada.sees("entry 23")
    await ada.sees_state("Live")
    assert await ada.said(r"entry \d+") == [f"entry {number}" for number in range(24)]


async def test_after_a_long_absence_the_page_has_a_fresh_view_and_the_way_back(
    invite: Invite, bot: Give, new_room: NewRoom, proxy: Proxy
) -> None:
    """More was missed than a resume brings (1,000 events): the view replaces what the page knew, history fills in the rest."""
    room, ada = await new_room(), await invite("ada", "user", address=address_of(proxy))
    await ada.enter(room)
    await bot("post", room, text="before")
    await ada.sees("before")

    cut(proxy)
    for first in range(0, 1_020, 20):
        await asyncio.gather(*(bot("post", room, text=f"entry {number}") for number in range(first, first + 20)))
    await bot("post", room, text="the last one")
    proxy.weather = CLEAR

    await ada.sees("the last one")
    await ada.sees_state("Live")
    await expect(ada.timeline.get_by_text("before", exact=True)).to_have_count(0)
    assert len(await ada.said(r"entry \d+")) == 49
    # not by the mouse, before which the page scrolls to the button: coming near it asks for a page too
    await ada.button("Show earlier entries").dispatch_event("click")
    await expect(ada.timeline.locator(".said")).to_have_count(100)
    said = await ada.said(r"entry \d+")
    assert len(said) == len(set(said)) == 99


async def test_what_was_written_while_the_line_was_dead_is_sent_once(invite: Invite, new_room: NewRoom, proxy: Proxy) -> None:
    room, ada, ben = await new_room(), await invite("ada", "user", address=address_of(proxy)), await invite("ben", "user")
    await ada.enter(room)
    await ben.enter(room)

    cut(proxy)
    await ada.sees_state(re.compile("^Offline"))
    await ada.write("written in a tunnel")
    await expect(ada.timeline.get_by_text("Waiting for the connection")).to_be_visible()
    proxy.weather = CLEAR

    await ben.sees("written in a tunnel")
    await expect(ada.timeline.get_by_text("Waiting for the connection")).to_have_count(0)
    await ada.sees("written in a tunnel")


async def test_an_answer_that_is_lost_does_not_double_the_message(invite: Invite, new_room: NewRoom, proxy: Proxy) -> None:
    """The server has the message, its answer never arrives: the page gives it again under the same id."""
    room, ada, ben = await new_room(), await invite("ada", "user", address=address_of(proxy)), await invite("ben", "user")
    await ada.enter(room)
    await ben.enter(room)

    await ada.composer.fill("say it once")
    await expect(ben.page.get_by_text("Ada is writing …")).to_be_visible()
    proxy.weather = Weather(cut_after_bytes=1)  # the next answer breaks the line, and every one after it
    await ada.composer.press("Enter")
    await ben.sees("say it once")
    proxy.weather = CLEAR

    await ada.sees_state("Live")
    await ada.sees("say it once")
    await ben.write("heard you")
    await ada.sees("heard you")
    await ben.sees("say it once")


async def test_a_message_that_was_not_sent_yet_survives_a_reload(invite: Invite, new_room: NewRoom, proxy: Proxy) -> None:
    room, ada, ben = await new_room(), await invite("ada", "user", address=address_of(proxy)), await invite("ben", "user")
    await ada.enter(room)
    await ben.enter(room)
    proxy.weather = BLACK_HOLE
    await ada.write("do not lose me")
    await ada.sees("do not lose me")

    cut(proxy)
    proxy.weather = CLEAR
    await ada.page.reload()

    await ben.sees("do not lose me")
    await ada.sees("do not lose me")


async def test_a_reload_in_the_middle_of_an_execution_shows_where_it_is(invite: Invite, bot: Give, new_room: NewRoom) -> None:
    room, ada = await new_room(), await invite("ada", "user")
    await ada.enter(room)
    await ada.button("Request implementation").click()
    await expect(ada.details.get_by_role("article", name="Execution: Waiting to start")).to_be_visible()
    execution_id = (await bot("start_execution", room))["execution_id"]
    await bot("advance_phase", room, execution_id=execution_id, phase="planning", progress=10)
    await bot("advance_phase", room, execution_id=execution_id, phase="implementing", progress=30)
    await bot("report_progress", room, execution_id=execution_id, progress=42, note="Half way up")
    await ada.sees_progress(42)

    await ada.page.reload()

    await ada.sees_state("Live")
    await ada.sees_progress(42)
    await expect(ada.details.get_by_text("Half way up")).to_be_visible()
    await expect(ada.details.locator("[aria-current=step]", has_text="Implementing").first).to_be_visible()
    await ada.watch_progress()
    await bot("report_progress", room, execution_id=execution_id, progress=40)
    await bot("report_progress", room, execution_id=execution_id, progress=60)
    await ada.sees_progress(60)
    values = await ada.seen_progress()
    assert values == sorted(values)
    assert values[0] == 42


async def test_an_answer_goes_on_over_a_cut_line(invite: Invite, act: Act, proxy: Proxy) -> None:
    room = (await act("ada", "conversation.start", context={"title": "Desks"}))["room"]
    await act("ada", "conversation.say", room=room, text="A desk, please")
    ada = await invite("ada", "user", address=address_of(proxy))
    await ada.goes(f"conversation/{id_of(room)}")
    turn = {"room": room, "turn_id": (await act("claude", "conversation.begin_turn", room=room))["event_ids"][0], "attempt": 1}
    told = ada.page.locator("[data-told]")
    words = [f"word {number} " for number in range(6)]

    for number, word in enumerate(words):
        if number % 2 == 1:
            cut(proxy)
        await act("claude", "conversation.append_turn", **turn, position=len("".join(words[:number])), text=word)
        proxy.weather = CLEAR
        await expect(told).to_have_text("".join(words[: number + 1]).strip(), timeout=WAIT_MS)

    await ada.sees_state("Live")


async def test_what_came_into_the_inbox_over_a_cut_line_is_counted_once(invite: Invite, act: Act, proxy: Proxy) -> None:
    owner = "olga"
    concept = (await act(owner, "concept.create", name="Ring"))["room"]
    share = await act(owner, "/shares", concept_id=id_of(concept), shared_with=[actor_of("ben")])
    olga = await invite(owner, "user", address=address_of(proxy))
    await act("ben", "share.add_comment", room=share["room"], text="One")
    await expect(olga.inbox).to_have_accessible_name("Inbox: 1 new notification")

    cut(proxy)
    await olga.sees_state(re.compile(r"^Offline since \d"))
    for word in ("Two", "Three"):
        await act("ben", "share.add_comment", room=share["room"], text=word)
    proxy.weather = CLEAR
    await olga.sees_state("Live")

    await expect(olga.inbox).to_have_accessible_name("Inbox: 3 new notifications")
    await olga.inbox.click()
    await expect(olga.page.get_by_role("list", name="Notifications").get_by_role("listitem")).to_have_count(3)
