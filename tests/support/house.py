"""The whole server without its process: opened on a test's own database, asked over ASGI."""

import itertools
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from server.http.app import build_app
from server.settings import read_settings
from server.socket.endpoint import socket_route
from server.socket.entrance import Entrance
from server.wiring import House, open_house
from tests.support.tokens import mint, new_command_id

SECRET = "the-secret-of-the-tests-of-the-http-api"
_numbers = itertools.count(1)


class Caller:
    """One person's or bot's view of the API."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client = client
        self.token = token
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self._client.get(path, params=query, headers=self.headers)

    async def read(self, path: str, **query: Any) -> Any:
        """The body of what has to succeed."""
        answer = await self.get(path, **query)
        assert answer.is_success, answer.text
        return answer.json()

    async def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return await self._client.request(method, path, json=body, headers=self.headers)

    async def give(self, name: str, room: str = "", /, **fields: Any) -> httpx.Response:
        command = {"command_id": new_command_id(), **({"room": room} if room else {}), **fields}
        return await self._client.post(f"/commands/{name}", json=command, headers=self.headers)

    async def do(self, name: str, room: str = "", /, **fields: Any) -> Any:
        """The reply to a command that has to be accepted."""
        answer = await self.give(name, room, **fields)
        assert answer.is_success, answer.text
        return answer.json()

    async def new_room(self, **fields: Any) -> str:
        number = next(_numbers)
        made = {"pattern_type": f"pattern-{number}", "name": f"Pattern {number}", "category": "tests", **fields}
        return str((await self.do("workspace.create", **made))["room"])


class OpenHouse:
    def __init__(self, house: House, client: httpx.AsyncClient) -> None:
        self.house = house
        self.client = client

    def caller(self, user: str, *roles: str, **claims: Any) -> Caller:
        return Caller(self.client, mint(SECRET, user, *roles, **claims))

    def stranger(self, token: str = "") -> Caller:
        return Caller(self.client, token)


@asynccontextmanager
async def open_test_house(dsn: str, **environ: str) -> AsyncIterator[OpenHouse]:
    """Tokens are trusted unless the test says otherwise."""
    with tempfile.TemporaryDirectory() as data:
        settings = read_settings(
            {
                "DATABASE_URL": dsn,
                "DATA": data,
                "ATRIUM_AUTH_TOKEN_SECRET": SECRET,
                "ATRIUM_AUTH_TRUST_TOKEN_ROLES": "on",
                # a process for each of some hundred houses would take most of the time
                "ATRIUM_WRITE_BEHIND_WHERE": "loop",
                **environ,
            }
        )
        async with open_house(settings) as house:
            app = build_app(house.parts, [socket_route(Entrance(house.lobby, settings.socket))])
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                yield OpenHouse(house, client)
            await house.hub.drain()
