"""What a connection answers and pushes, and in which order it is written."""

from channels.lobby import Lobby
from domain.ids import RoomAddress
from tests.unit.channels.clients import Client, turn
from tests.unit.channels.fakes import CODECS, FakeHub, a_lobby

ROOM = RoomAddress("workspace:1")


async def test_connect_and_subscribe_in_one_frame_are_answered_in_order(hub: FakeHub, lobby: Lobby) -> None:
    client = Client(lobby)

    client.send({"id": 1, "connect": {"token": "ada"}}, {"id": 2, "subscribe": {"channel": ROOM}})
    await turn()

    [[connected, subscribed]] = client.takes()
    assert (connected["id"], subscribed["id"]) == (1, 2)
    assert hub.calls == [("connected", client.connection.client_id)]


async def test_the_reply_stands_before_its_own_event_in_one_write(hub: FakeHub, lobby: Lobby) -> None:
    client = await Client(lobby).opens()
    client.send({"id": 2, "subscribe": {"channel": ROOM}})
    await turn()
    client.takes()

    client.send({"id": 3, "rpc": {"method": "workspace.post", "data": {"text": "hi"}}})

    [[reply, push]] = client.takes()
    assert reply["id"] == 3
    assert push["push"]["pub"]["data"] == {"event": {"text": "hi"}}  # type: ignore[index] # JSON


async def test_replies_of_one_turn_leave_in_one_write(lobby: Lobby) -> None:
    client = await Client(lobby).opens()

    client.send(*({"id": id, "ping": {}} for id in range(2, 12)))
    await turn()

    [replies] = client.takes()
    assert [reply["id"] for reply in replies] == list(range(2, 12))


class TestQuestions:
    async def test_presence_and_history_are_asked_and_answered(self, hub: FakeHub, lobby: Lobby) -> None:
        client = await Client(lobby).opens()
        client.send({"id": 2, "subscribe": {"channel": ROOM}})
        hub.publish(ROOM, b'{"event":1}')
        await turn()
        client.takes()

        client.send(
            {"id": 3, "presence": {"channel": ROOM}},
            {"id": 4, "presence_stats": {"channel": ROOM}},
            {"id": 5, "history": {"channel": ROOM, "limit": 10}},
            {"id": 6, "rpc": {"method": "room.standing", "data": {"room": ROOM}}},
            {"id": 7, "rpc": {"method": "room.standing", "data": {"room": "other:1"}}},
        )
        await turn()

        replies = {reply["id"]: reply for write in client.takes() for reply in write}
        assert list(replies[3]["presence"]["presence"]) == [client.connection.client_id]  # type: ignore[index] # JSON
        assert replies[4]["presence_stats"] == {"num_clients": 1, "num_users": 1}
        assert replies[5]["history"]["offset"] == 1  # type: ignore[index] # JSON
        assert replies[6]["rpc"] == {"data": {"room": ROOM, "role": "member"}}
        assert replies[7]["error"]["code"] == 103  # type: ignore[index] # JSON

    async def test_one_that_takes_too_long_is_100(self, hub: FakeHub) -> None:
        hub.is_stuck = True
        async with a_lobby(hub, answer_timeout_s=0.01) as lobby:
            client = await Client(lobby).opens()
            client.send({"id": 3, "presence": {"channel": ROOM}})
            client.transport.written.clear()
            await client.transport.written.wait()

            [[reply]] = client.takes()
            assert reply["error"]["code"] == 100  # type: ignore[index] # JSON

    async def test_signals_reach_the_others_and_anything_else_is_103(self, hub: FakeHub, lobby: Lobby) -> None:
        client = await Client(lobby).opens()
        client.send({"id": 2, "subscribe": {"channel": ROOM}})
        await turn()
        client.takes()

        client.send({"id": 3, "publish": {"channel": ROOM, "data": {"type": "typing"}}})
        client.send({"id": 4, "publish": {"channel": ROOM, "data": {"type": "message"}}})
        await turn()

        [push], replies = client.takes()
        assert push == {"push": {"channel": ROOM, "pub": {"data": {"signal": {"type": "typing"}}}}}
        assert replies[0] == {"id": 3, "publish": {}}
        assert replies[1]["error"]["code"] == 103  # type: ignore[index] # JSON


async def test_a_late_subscribe_is_undone_after_the_call_that_lets_it_in(hub: FakeHub, lobby: Lobby) -> None:
    client = await Client(lobby).opens()
    hub.is_slow = True
    client.send({"id": 2, "subscribe": {"channel": ROOM}})
    client.connection.on_time(lobby.loop.time() + 5)
    await turn()
    [[reply]] = client.takes()
    assert reply["error"]["code"] == 100  # type: ignore[index] # JSON

    hub.let_in_all()
    assert hub.members[ROOM] == [client.connection]
    await turn()

    assert hub.members[ROOM] == []
    assert client.takes() == []


async def test_pings_are_the_shared_bytes(lobby: Lobby) -> None:
    client = await Client(lobby).opens()

    client.connection.on_time(lobby.loop.time() + 26)

    assert client.transport.writes == [CODECS["json"].ping]
