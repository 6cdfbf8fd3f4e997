"""Somebody in front of a page: finds things as a person or a screen reader does, by role and name."""

import re
from typing import Any

from playwright.async_api import Locator, Page, expect

from domain.ids import id_of

WAIT_MS = 15_000

WATCH_PROGRESS = """() => {
    window.seenProgress = [];
    const look = () => {
        const bar = document.querySelector('.execution [role=progressbar]');
        const value = bar ? Number(bar.getAttribute('aria-valuenow')) : null;
        if (value !== null && value !== window.seenProgress.at(-1)) window.seenProgress.push(value);
    };
    new MutationObserver(look).observe(document.body, {subtree: true, childList: true, attributes: true});
    look();
}"""


class Somebody:
    """A signed-in person with a page of their own. ``problems`` is what the browser complained of, without what
    is expected."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.problems: list[str] = []
        self.expected_problem = "WebSocket"
        self.requested: list[str] = []
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", self._heard)
        page.on("request", lambda request: self.requested.append(request.url))

    async def sign_in(self, token: str) -> None:
        await self.page.goto(f"{self.address}/#token={token}")
        await expect(self.page.get_by_role("heading", name="Workspaces")).to_be_visible()

    async def goes(self, way: str) -> None:
        """To a page by its address behind the ``#``; until the page says that it is live."""
        await self.page.goto(f"{self.address}/#/{way}")
        await self.sees_state("Live")

    async def comes_by_link(self, share_token: str, name: str) -> None:
        """As somebody without an account, who is asked for a name first."""
        await self.page.goto(f"{self.address}/#/share/{share_token}")
        await self.page.get_by_label("Your name").fill(name)
        await self.button("Come in").click()
        await self.sees_state("Live")

    async def enter(self, room: str) -> None:
        await self.page.goto(f"{self.address}/#/workspaces/{id_of(room)}")
        await self.sees_state("Live")

    async def write(self, text: str) -> None:
        await self.composer.fill(text)
        await self.composer.press("Enter")

    async def sees(self, text: str) -> None:
        await expect(self.timeline.get_by_text(text, exact=True)).to_have_count(1, timeout=WAIT_MS)

    async def sees_state(self, words: str | re.Pattern[str]) -> None:
        """How the page itself says that it is connected."""
        await expect(self.page.locator(".link-state")).to_have_text(words, timeout=WAIT_MS)

    async def sees_progress(self, at_least: int) -> None:
        bar = self.details.get_by_role("progressbar")
        await self.page.wait_for_function(
            "([bar, least]) => Number(bar.getAttribute('aria-valuenow')) >= least", arg=[await bar.element_handle(), at_least]
        )

    async def watch_progress(self) -> None:
        """From now on remember each value that the progress bar shows."""
        await self.page.evaluate(WATCH_PROGRESS)

    async def seen_progress(self) -> list[int]:
        values: list[int] = await self.page.evaluate("window.seenProgress")
        return values

    async def said(self, pattern: str) -> list[str]:
        """The texts of the timeline that match, in the order in which they stand there."""
        texts = await self.timeline.locator(".said").all_inner_texts()
        return [text.strip() for text in texts if re.fullmatch(pattern, text.strip())]

    async def run(self, script: str) -> Any:
        return await self.page.evaluate(script)

    @property
    def inbox(self) -> Locator:
        """The way to the inbox, on every page, with how much waits there."""
        return self.page.locator(".bell")

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message", exact=True)

    @property
    def timeline(self) -> Locator:
        return self.page.get_by_role("region", name="Timeline")

    @property
    def details(self) -> Locator:
        return self.page.get_by_role("complementary", name="Details")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def _heard(self, message: Any) -> None:
        # a cut line is what some tests are about; the browser reports it as an error
        if message.type == "error" and self.expected_problem not in message.text and "net::ERR" not in message.text:
            self.problems.append(message.text)
