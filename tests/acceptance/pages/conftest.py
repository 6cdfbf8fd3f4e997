"""A server that serves the built page, a Chromium, people in front of it, and a bot behind it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.acceptance.conftest import Mint
from tests.acceptance.pages.chromium import lacking, open_browser
from tests.acceptance.pages.people import Somebody
from tests.support.proxy import Proxy, open_proxy
from tests.support.server import ServerProcess, data_folder, open_server
from tests.support.tokens import new_command_id

Give = Callable[..., Awaitable[dict[str, Any]]]
Act = Callable[..., Awaitable[dict[str, Any]]]
Invite = Callable[..., Awaitable[Somebody]]


@pytest.fixture(scope="session")
def everything_there() -> None:
    if reason := lacking():
        pytest.skip(reason)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server(everything_there: None) -> AsyncIterator[ServerProcess]:
    """A server of its own: what it serves is read at its start, so the page has to be built before."""
    limits = {"ATRIUM_HUB_LEAVE_AFTER_CUT_MS": "500", "ATRIUM_HUB_LEAVE_AFTER_CLOSE_MS": "200"}
    with data_folder() as data:
        async with open_server(data, limits) as running:
            yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(everything_there: None) -> AsyncIterator[Browser]:
    async with open_browser() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def proxy(server: ServerProcess) -> AsyncIterator[Proxy]:
    """A line to the server that can be cut."""
    async with open_proxy(server.port) as line:
        yield line


@pytest_asyncio.fixture(loop_scope="session")
async def invite(browser: Browser, server: ServerProcess, token: Mint) -> AsyncIterator[Invite]:
    """``await invite("ada", "user", address=…, width=360)``: a person, signed in; without a name somebody who is nobody yet.
    Nobody's browser may complain of anything."""
    guests: list[Somebody] = []

    async def come(
        user: str = "", *roles: str, address: str = "", width: int = 1280, height: int = 860, dark: bool = False
    ) -> Somebody:
        scheme: Any = "dark" if dark else "light"
        context = await browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        somebody = Somebody(await context.new_page(), address or server.http)
        guests.append(somebody)
        if user:
            await somebody.sign_in(token(user, *roles))
        return somebody

    yield come

    for somebody in guests:
        await somebody.page.context.close()
    assert [problem for somebody in guests for problem in somebody.problems] == []


@pytest_asyncio.fixture(loop_scope="session")
async def bot(server: ServerProcess, token: Mint) -> AsyncIterator[Give]:
    """``await bot("post", room, text=…)``: Claude, by HTTP."""
    headers = {"Authorization": f"Bearer {token('claude', 'bot', name='Claude')}"}
    async with httpx.AsyncClient(base_url=server.http, headers=headers, trust_env=False, timeout=30) as client:

        async def give(verb: str, room: str, **fields: Any) -> dict[str, Any]:
            command = {"command_id": new_command_id(), "room": room, **fields}
            answer = await client.post(f"/commands/workspace.{verb}", json=command)
            assert answer.is_success, answer.text
            return dict(answer.json())

        yield give


@pytest_asyncio.fixture(loop_scope="session")
async def act(server: ServerProcess, token: Mint) -> AsyncIterator[Act]:
    """``await act("ada", "concept.create", name="Ring")``: somebody, or with "claude" the bot, by HTTP. A path beginning with ``/``
    is posted to as it is."""
    async with httpx.AsyncClient(base_url=server.http, trust_env=False, timeout=30) as client:

        async def give(who: str, command: str, **fields: Any) -> dict[str, Any]:
            role = "bot" if who == "claude" else "admin" if who == "grace" else "user"
            path = command if command.startswith("/") else f"/commands/{command}"
            body = fields if path.startswith("/sellers") else {"command_id": new_command_id(), **fields}
            answer = await client.post(path, json=body, headers={"Authorization": f"Bearer {token(who, role)}"})
            assert answer.is_success, f"{command}: {answer.text}"
            return dict(answer.json())

        yield give
