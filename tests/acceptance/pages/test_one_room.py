"""Two people and a bot in one room: everybody sees everything, at once."""

import re

import pytest
from playwright.async_api import expect

from tests.acceptance.conftest import NewRoom
from tests.acceptance.pages.conftest import Give, Invite

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_what_one_writes_the_other_reads(invite: Invite, new_room: NewRoom) -> None:
    room, ada, ben = await new_room(), await invite("ada", "user"), await invite("ben", "user")
    await ada.enter(room)
    await ben.enter(room)

    await ada.write("Good **morning**, Ben")
    await ben.write("Good morning, Ada")

    for somebody in (ada, ben):
        await somebody.sees("Good morning, Ben")
        await somebody.sees("Good morning, Ada")
    await expect(ben.timeline.locator("strong", has_text="morning")).to_be_visible()


async def test_people_see_who_is_here_and_who_is_writing(invite: Invite, new_room: NewRoom) -> None:
    room, ada, ben = await new_room(), await invite("ada", "user"), await invite("ben", "user")
    await ada.enter(room)
    await ben.enter(room)

    await expect(ada.page.get_by_role("list", name="2 people here now")).to_contain_text("Ben")
    await ben.composer.press_sequentially("I thi")
    await expect(ada.page.get_by_text("Ben is writing …")).to_be_visible()
    await ben.write("I think so")
    await expect(ada.page.get_by_text("Ben is writing …")).to_be_hidden()

    await ben.page.context.close()
    await expect(ada.page.get_by_role("list", name="1 person here now")).to_be_visible()


async def test_a_run_is_followed_from_the_request_to_verified(invite: Invite, bot: Give, new_room: NewRoom) -> None:
    room, ada, boss = await new_room(), await invite("ada", "user"), await invite("grace", "admin")
    await ada.enter(room)
    await boss.enter(room)
    await boss.watch_progress()

    await ada.button("Request implementation").click()
    await expect(boss.details.get_by_role("article", name="Execution: Waiting to start")).to_be_visible()
    started = await bot("start_execution", room)
    execution_id = started["execution_id"]
    for phase, progress in (("planning", 10), ("implementing", 35), ("testing", 70)):
        await bot("advance_phase", room, execution_id=execution_id, phase=phase, progress=progress)
        await bot("report_progress", room, execution_id=execution_id, progress=progress + 7, note=f"{phase}, a bit further")
        await ada.sees_progress(progress + 7)
        await boss.sees_progress(progress + 7)
    await expect(ada.details.get_by_text("testing, a bit further")).to_be_visible()
    await bot("add_checkpoint", room, execution_id=execution_id, title="All cases pass")
    await bot("start_deploy", room, execution_id=execution_id)
    await bot("report_building", room, execution_id=execution_id)
    await expect(boss.details.get_by_role("region", name="Deploy")).to_contain_text("Building")
    await bot("succeed_deploy", room, execution_id=execution_id, url="https://example.org/preview")
    await bot("complete_execution", room, execution_id=execution_id, files=["a.py"], commit_message="Find swings")

    await expect(boss.details.get_by_role("link", name="Open")).to_have_attribute("href", "https://example.org/preview")
    await ada.sees("Find swings")
    await expect(boss.button("Verify")).to_have_count(0)
    await ada.button("Approve").click()
    await expect(ada.button("Verify")).to_have_count(0)
    await boss.button("Verify").click()

    for somebody in (ada, boss):
        await expect(somebody.page.locator(".room-title .chip")).to_have_text("Verified")
    values = await boss.seen_progress()
    assert values == sorted(values)
    assert values[-1] == 100


async def test_feedback_is_collected_and_sent(invite: Invite, new_room: NewRoom) -> None:
    room, ada, ben = await new_room(), await invite("ada", "user"), await invite("ben", "user")
    await ada.enter(room)
    await ben.enter(room)

    await ada.page.get_by_label("What should be corrected?").fill("The second low is missing")
    await ada.button("Add feedback").click()

    unsent = ben.page.get_by_role("list", name="Unsent feedback")
    await expect(unsent).to_contain_text("The second low is missing")
    await expect(unsent.get_by_role("button", name="Take back this feedback")).to_have_count(0)
    late = await invite("cleo", "user")
    await late.enter(room)
    await expect(late.page.get_by_role("list", name="Unsent feedback")).to_contain_text("The second low is missing")

    await ben.button("Send 1 piece to Claude").click()

    await expect(ada.details.get_by_text("Nothing waits to be sent.")).to_be_visible()
    await expect(ada.details.get_by_role("article", name="Execution: Waiting to start")).to_be_visible()


async def test_sessions_are_started_and_completed(invite: Invite, new_room: NewRoom) -> None:
    room, ada = await new_room(), await invite("ada", "user")
    await ada.enter(room)

    await ada.page.get_by_label("New session").fill("Monday")
    await ada.button("Start").click()
    await ada.page.get_by_label("Right in “Monday”, %").fill("82")
    await ada.button("Complete").click()

    await expect(ada.page.get_by_role("list", name="Newest sessions")).to_contain_text("82 % right")


async def test_a_viewer_watches(invite: Invite, bot: Give, new_room: NewRoom) -> None:
    room, eve = await new_room(), await invite("eve", "viewer")
    await eve.enter(room)

    await bot("post", room, text="Hello, whoever watches")

    await eve.sees("Hello, whoever watches")
    await expect(eve.page.get_by_text("You are a viewer here")).to_be_visible()
    await expect(eve.composer).to_have_count(0)
    await expect(eve.button("Request implementation")).to_have_count(0)


async def test_the_list_of_workspaces_is_live(invite: Invite, bot: Give, new_room: NewRoom) -> None:
    watcher, maker = await invite("ada", "user"), await invite("ben", "user")

    await maker.button("New workspace").click()
    await maker.page.get_by_label("Name", exact=True).fill("Equal highs")
    await maker.page.get_by_label("Category").fill("Liquidity")
    await maker.button("Create").click()
    await expect(maker.page.get_by_role("heading", name="Equal highs")).to_be_visible()
    entry = watcher.page.get_by_role("listitem").filter(has_text="Equal highs")
    await expect(entry).to_contain_text("Soon")

    await maker.button("Request implementation").click()
    room = "workspace:" + maker.page.url.rsplit("/", 1)[-1]
    started = await bot("start_execution", room)
    await bot("report_progress", room, execution_id=started["execution_id"], progress=33)

    await expect(entry.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "33")
    await expect(entry).to_contain_text("Implementing")


async def test_a_refusal_is_a_sentence_beside_what_was_tried(invite: Invite) -> None:
    ada = await invite("ada", "user")

    async def create(name: str) -> None:
        await ada.button("New workspace").click()
        await ada.page.get_by_label("Name", exact=True).fill(name)
        await ada.page.get_by_label("Pattern type").fill("only-once")
        await ada.page.get_by_label("Category").fill("tests")
        await ada.button("Create").click()

    await create("Once")
    await expect(ada.page.get_by_role("heading", name="Once")).to_be_visible()
    await ada.page.get_by_role("link", name="All workspaces").click()
    await create("Twice")

    await expect(ada.page.get_by_role("dialog").get_by_role("alert")).to_have_text(
        re.compile("^Only-once has its workspace already")
    )


async def test_a_room_that_is_not_there_is_told_in_a_sentence(invite: Invite) -> None:
    ada = await invite("ada", "user")

    await ada.page.goto(f"{ada.address}/#/workspaces/00000000-0000-4000-8000-00000000dead")

    await expect(ada.page.get_by_role("alert")).to_contain_text("This room does not exist, or it is not open to you.")
    await expect(ada.page.get_by_role("link", name="All workspaces").first).to_be_visible()
