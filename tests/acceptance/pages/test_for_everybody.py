"""For every screen and every person: phone width, keyboard, screen reader, light and dark, nothing from elsewhere."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.acceptance.conftest import Mint, NewRoom
from tests.acceptance.pages.conftest import Give, Invite
from tests.acceptance.pages.contrast import FAINT_TEXT
from tests.acceptance.pages.people import Somebody
from tests.support.server import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

WIDE_STUFF = "\n\n".join(
    [
        "A" * 200,
        "```\n" + "x = 1; " * 60 + "\n```",
        "| one | two | three | four | five | six |\n|---|---|---|---|---|---|\n| " + " | ".join(["wide cell"] * 6) + " |",
        "https://example.org/" + "a" * 150,
    ]
)
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
NAMELESS = re.compile(r"^\s*- (button|link|textbox|searchbox|checkbox|radio|progressbar|dialog|region|list)(:|\s*\[.*\]:?)?$", re.M)
"""A line of Playwright's accessibility tree for something that has a role and no name."""


async def nameless(somebody: Somebody) -> list[str]:
    tree = await somebody.page.locator("body").aria_snapshot()
    return [match.group(0).strip() for match in NAMELESS.finditer(tree) if not match.group(0).strip().startswith("- list")]


async def test_nothing_scrolls_sideways_on_a_phone(invite: Invite, bot: Give, new_room: NewRoom) -> None:
    room, ada = await new_room(), await invite("ada", "admin", width=360, height=740)
    assert await ada.run(OVERFLOW) == 0
    await ada.enter(room)
    await ada.button("Details").click()
    await ada.button("Request implementation").click()
    execution_id = (await bot("start_execution", room))["execution_id"]
    await bot("advance_phase", room, execution_id=execution_id, phase="planning", note="B" * 300, progress=10)
    assert await ada.run(OVERFLOW) == 0

    await ada.button("Timeline").click()
    await bot("post", room, text=WIDE_STUFF)
    await expect(ada.timeline.locator("pre")).to_be_visible()

    assert await ada.run(OVERFLOW) == 0
    scroller = ada.page.get_by_role("region", name="Messages")
    assert await scroller.evaluate("box => box.scrollWidth - box.clientWidth") == 0
    await expect(ada.page.get_by_text("Claude: Planning, 10 %")).to_be_visible()


async def test_pages_have_landmarks_and_everything_has_a_name(invite: Invite, bot: Give, new_room: NewRoom) -> None:
    room, ada = await new_room(), await invite("ada", "admin")
    for role in ("banner", "main"):
        await expect(ada.page.get_by_role(role)).to_have_count(1)
    assert await nameless(ada) == []

    await ada.enter(room)
    await ada.write("Hello")
    await ada.button("Request implementation").click()
    await bot("start_execution", room)
    await expect(ada.details.get_by_role("article", name="Execution: At work")).to_be_visible()

    for role in ("banner", "main", "complementary"):
        await expect(ada.page.get_by_role(role)).to_have_count(1)
    await expect(ada.page.get_by_role("heading", level=1)).to_have_count(1)
    assert await nameless(ada) == []


async def test_a_room_is_used_by_keyboard_alone(invite: Invite, new_room: NewRoom) -> None:
    room, ada = await new_room(), await invite("ada", "admin")
    await ada.enter(room)

    for _ in range(30):
        await ada.page.keyboard.press("Tab")
        if await ada.composer.evaluate("box => box === document.activeElement"):
            break
    await ada.page.keyboard.type("No mouse")
    await ada.page.keyboard.press("Shift+Enter")
    await ada.page.keyboard.type("needed")
    await ada.page.keyboard.press("Enter")

    await expect(ada.timeline.locator(".said")).to_contain_text("No mouse\nneeded", use_inner_text=True)
    await expect(ada.composer).to_be_focused()
    opener = ada.button("Rename")
    await opener.focus()
    await ada.page.keyboard.press("Enter")
    await expect(ada.page.get_by_role("dialog", name="Rename")).to_be_visible()
    await ada.page.keyboard.press("Escape")
    await expect(ada.page.get_by_role("dialog")).to_have_count(0)
    await expect(opener).to_be_focused()


async def test_the_focus_can_be_seen(invite: Invite) -> None:
    ada = await invite("ada", "user")

    await ada.page.keyboard.press("Tab")

    assert await ada.run("getComputedStyle(document.activeElement).outlineStyle") != "none"


async def test_what_others_do_is_announced_politely(invite: Invite, bot: Give, new_room: NewRoom) -> None:
    room, ada = await new_room(), await invite("ada", "user")
    await bot("post", room, text="was there before")
    await ada.enter(room)
    announcer = ada.page.locator("[aria-live=polite][data-announcer]")
    await expect(announcer).to_have_text("")

    await bot("post", room, text="Listen")

    await expect(announcer).to_have_text("Claude wrote: Listen")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_text_stands_out_from_its_ground(invite: Invite, bot: Give, new_room: NewRoom, dark: bool) -> None:
    room, ada = await new_room(), await invite("ada", "admin", dark=dark)
    assert await ada.run(FAINT_TEXT) == []
    await ada.enter(room)
    await ada.button("Request implementation").click()
    execution_id = (await bot("start_execution", room))["execution_id"]
    await bot("advance_phase", room, execution_id=execution_id, phase="planning", note="Reading `a.py`", progress=10)
    await bot("fail_execution", room, execution_id=execution_id, error="The disk is full")
    await expect(ada.button("Try again")).to_be_visible()

    assert await ada.run(FAINT_TEXT) == []


async def test_colours_follow_the_device_until_one_chooses(invite: Invite) -> None:
    ada = await invite("ada", "user", dark=True)
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = await ada.run(ground)

    await ada.page.get_by_role("button", name="Change to light").click()

    light = await ada.run(ground)
    assert light != dark
    await ada.page.reload()
    assert await ada.run(ground) == light


async def test_the_token_does_not_stay_in_the_address_bar(invite: Invite) -> None:
    ada = await invite("ada", "user")

    assert ada.page.url.endswith("/#/")
    await ada.page.reload()
    await expect(ada.page.get_by_role("heading", name="Workspaces")).to_be_visible()


async def test_a_sign_in_link_works_where_the_page_is_open_already(browser: Browser, server: ServerProcess, token: Mint) -> None:
    page = await browser.new_page()
    await page.goto(f"{server.http}/")
    await expect(page.get_by_role("heading", name="Atrium")).to_be_visible()

    await page.goto(f"{server.http}/#token={token('ada', 'admin')}")

    await expect(page.get_by_role("heading", name="Workspaces")).to_be_visible()
    assert page.url == f"{server.http}/#/"
    await page.close()


async def test_a_page_asks_nobody_but_its_server(invite: Invite, new_room: NewRoom) -> None:
    room, ada = await new_room(), await invite("ada", "user")
    await ada.enter(room)

    assert [url for url in ada.requested if not url.startswith(ada.address)] == []


async def test_what_somebody_writes_cannot_run(invite: Invite, bot: Give, new_room: NewRoom) -> None:
    room, ada = await new_room(), await invite("ada", "user")
    await ada.enter(room)
    ada.expected_problem = "inline event handler violates"  # the second line of defence speaks before the first takes it out

    # A picture that is broken without asking any server: what the browser says of a missing one may come at any time.
    broken = '<img src="data:image/png;base64,AAAA" onerror="window.hit=1">'
    await bot("post", room, text=f"{broken}<script>window.hit=1</script>[go](javascript:window.hit=1) end")

    await expect(ada.timeline.get_by_text("end")).to_be_visible()
    assert await ada.run("window.hit") is None
    assert await ada.timeline.locator("script, [onerror], a[href^=javascript]").count() == 0


async def test_a_token_that_is_not_accepted_leads_back_to_the_form(browser: Browser, server: ServerProcess) -> None:
    page = await browser.new_page()
    await page.goto(f"{server.http}/#token=not-a-token")

    await expect(page.get_by_role("alert")).to_contain_text("Please sign in again")
    await page.close()


async def test_on_a_server_for_trying_out_a_name_is_enough(browser: Browser, server: ServerProcess, token: Mint) -> None:
    page = await browser.new_page()
    await page.goto(f"{server.http}/")

    await page.get_by_label("Your name").fill("Grace Hopper")
    await page.get_by_label("Admin").check()
    await page.get_by_role("button", name="Come in").click()

    await expect(page.get_by_role("heading", name="Workspaces")).to_be_visible()
    await expect(page.get_by_text("Grace Hopper")).to_be_visible()
    await page.close()
