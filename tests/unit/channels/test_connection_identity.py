"""Who a connection is: tokens that are checked, refused, late, replaced, and how many connections one may have."""

import asyncio

import pytest

from channels.lobby import Lobby
from domain.ids import ActorId
from tests.unit.channels.clients import Client, turn
from tests.unit.channels.fakes import FakeAuthenticator, FakeHub, a_lobby


@pytest.mark.parametrize(
    ("token", "code", "is_temporary"),
    [("late", 109, None), ("away", 100, True), ("broken", 100, True)],
)
async def test_a_token_that_is_not_taken_is_answered(lobby: Lobby, token: str, code: int, is_temporary: bool | None) -> None:
    client = Client(lobby)

    client.send({"id": 1, "connect": {"token": token}}, {"id": 2, "rpc": {"method": "workspace.post", "data": {}}})
    await turn()

    [[reply]] = client.takes()
    assert reply["error"]["code"] == code  # type: ignore[index] # JSON
    assert reply["error"].get("temporary") is is_temporary  # type: ignore[attr-defined] # JSON
    assert client.transport.closed is None


async def test_a_token_that_is_not_ours_ends_it(hub: FakeHub, lobby: Lobby) -> None:
    client = Client(lobby)

    client.send({"id": 1, "connect": {"token": "bad"}})
    await turn()

    assert client.transport.closed is not None
    assert client.transport.closed[0] == 3500
    assert hub.calls == []
    assert not lobby.connections


async def test_a_check_that_takes_too_long_is_100(hub: FakeHub) -> None:
    async with a_lobby(hub, answer_timeout_s=0.01) as lobby:
        client = Client(lobby)
        client.send({"id": 1, "connect": {"token": "stuck"}})
        await client.transport.written.wait()

        [[reply]] = client.takes()
        assert reply["error"]["code"] == 100  # type: ignore[index] # JSON


async def test_more_checks_than_the_bound_are_100(hub: FakeHub) -> None:
    authenticator = FakeAuthenticator()
    authenticator.is_held = asyncio.Event()
    async with a_lobby(hub, authenticator, tasks=1) as lobby:
        first, second = Client(lobby), Client(lobby)
        first.send({"id": 1, "connect": {"token": "ada"}})
        second.send({"id": 1, "connect": {"token": "bob"}})
        await turn()

        [[reply]] = second.takes()
        assert reply["error"]["code"] == 100  # type: ignore[index] # JSON
        authenticator.is_held.set()
        await turn()
        assert first.takes()


async def test_a_client_that_goes_while_its_token_is_checked_leaves_nothing_behind(hub: FakeHub) -> None:
    authenticator = FakeAuthenticator()
    authenticator.is_held = asyncio.Event()
    async with a_lobby(hub, authenticator) as lobby:
        client = Client(lobby)
        client.send({"id": 1, "connect": {"token": "ada"}})
        await turn()
        client.connection.ended(is_clean=False)
        authenticator.is_held.set()
        await turn()

        assert hub.calls == []
        assert client.takes() == []
        assert not lobby.connections
        assert lobby.admit(ActorId("ada")) is not None


async def test_a_user_has_a_limit_of_connections(hub: FakeHub) -> None:
    async with a_lobby(hub, user_connections=2) as lobby:
        first, second, other = await Client(lobby).opens(), await Client(lobby).opens(), await Client(lobby).opens("bob")
        third = await Client(lobby).opens()

        assert third.transport.closed is not None
        assert third.transport.closed[0] == 3504
        assert [client.transport.closed for client in (first, second, other)] == [None] * 3

        first.connection.ended(is_clean=True)
        await turn()
        assert (await Client(lobby).opens()).transport.closed is None


async def test_a_refresh_has_the_rooms_look_again(hub: FakeHub, lobby: Lobby) -> None:
    client = await Client(lobby).opens("ada:60")

    client.send({"id": 2, "refresh": {"token": "ada:600"}})
    await turn()

    [[reply]] = client.takes()
    assert reply["refresh"]["ttl"] == 600  # type: ignore[index] # JSON
    assert ("recheck", "ada") in hub.calls
