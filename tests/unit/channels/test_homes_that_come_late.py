"""A connection whose home takes long to open, over a real hub: told in time, and given its home whole as soon as that is there."""

import pytest

from channels.lobby import open_lobby
from channels.seats import Identity
from channels.settings_of_connections import ConnectionSettings
from channels.wire.json_codec import JsonCodec
from domain.ids import RoomAddress
from tests.support import live
from tests.support.fake_seats import actor_id, identity
from tests.support.notebook import NOTEBOOKS, notebook_address
from tests.unit.channels.clients import Client, turn

HOME = RoomAddress(f"home:{actor_id('ada')}")


class AlwaysAda:
    async def identify(self, token: str) -> Identity:
        return identity("ada")


async def test_a_home_that_would_be_resumed_comes_whole_behind_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "codecs", lambda: {"json": JsonCodec()})
    async with live.open_world(NOTEBOOKS) as world:
        room = notebook_address("one")
        await world.give(identity("ada"), "notebook.begin", name="one")
        for offset in (1, 2, 3):
            await world.give(identity("ada"), "room.mark_read", room, offset=offset)
        for _ in range(3):
            await world.pass_ms(60_000)
        world.log.may_read.clear()
        async with open_lobby(world.hub, AlwaysAda(), world.codecs, ConnectionSettings(), world.clock) as lobby:
            client = Client(lobby)
            seen = {"recover": True, "epoch": "e1", "offset": 1}
            client.send({"id": 1, "connect": {"token": "ada", "subs": {HOME: seen}}})
            await turn()
            assert client.takes() == []

            client.connection.on_time(lobby.loop.time() + 2.0)
            await turn()
            ((answer,),) = client.takes()
            assert "subs" not in answer["connect"]
            client.connection.on_time(lobby.loop.time() + 2.0)
            world.log.may_read.set()
            await world.settle()

            ((pushed,),) = client.takes()
            assert pushed["push"]["channel"] == HOME
            assert pushed["push"]["subscribe"]["offset"] == 3
            assert pushed["push"]["subscribe"]["data"]["view"]["positions"] == {room: 3}

            await world.give(identity("ada"), "room.mark_read", room, offset=4)
            await turn()
            assert [message["push"]["pub"]["offset"] for write in client.takes() for message in write] == [4]
            client.connection.ended(is_clean=True)
            await turn()
