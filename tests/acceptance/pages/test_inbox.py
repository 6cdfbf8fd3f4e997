"""What waits for one, on every page and every device."""

import pytest
from playwright.async_api import expect

from domain.ids import id_of
from tests.acceptance.pages.conftest import Act, Invite

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_inbox_is_told_on_every_page_and_settled_on_every_device(invite: Invite, act: Act) -> None:
    owner = "olive"
    room = (await act(owner, "concept.create", name="Sea ring"))["room"]
    share = await act(owner, "/shares", concept_id=id_of(room))
    desk, phone = await invite(owner, "user"), await invite(owner, "user", width=360, height=740)
    guest = await invite()
    await guest.comes_by_link(share["token"], "Tom")
    await expect(desk.inbox).to_have_accessible_name("Inbox")

    await guest.page.get_by_role("textbox", name="Comment").fill("Lovely")
    await guest.page.get_by_role("textbox", name="Comment").press("Enter")

    for device in (desk, phone):
        await expect(device.inbox).to_have_accessible_name("Inbox: 1 new notification")
    await desk.inbox.click()
    notification = desk.page.get_by_role("list", name="Notifications").get_by_role("listitem")
    await expect(notification).to_contain_text("Tom commented on “Sea ring”")
    await desk.page.reload()
    await notification.get_by_role("link").click()
    await expect(desk.page.get_by_role("article")).to_contain_text("Lovely")
    for device in (desk, phone):
        await expect(device.inbox).to_have_accessible_name("Inbox")


async def test_one_s_own_lists_are_live_and_count_what_is_unread(invite: Invite, act: Act) -> None:
    owner = "otto"
    watcher, reader = await invite(owner, "user"), await invite(owner, "user")
    await watcher.goes("chats")
    await act(owner, "conversation.start", context={"title": "Desks"})
    line = watcher.page.get_by_role("list", name="Chats").get_by_role("listitem").filter(has_text="Desks")
    await expect(line).to_be_visible()

    share = await act(owner, "/shares", concept_id=id_of((await act(owner, "concept.create", name="Ring"))["room"]))
    guest = await invite()
    await guest.comes_by_link(share["token"], "Tom")
    await guest.page.get_by_role("textbox", name="Comment").fill("Lovely")
    await guest.page.get_by_role("textbox", name="Comment").press("Enter")
    await watcher.goes("concepts")
    await watcher.button("Shares").click()
    shared = watcher.page.get_by_role("list", name="Shares").get_by_role("listitem")
    await expect(shared).to_contain_text("1 unread")

    await reader.goes(f"s/{share['share_id']}")

    await expect(shared).not_to_contain_text("unread")
