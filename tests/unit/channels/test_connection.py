"""A connection between a hub and a transport, both pretended."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable

import pytest

from channels.connection import Connection
from channels.lobby import Lobby
from channels.seats import Accepted
from channels.wire.frames import MAX_JOINED_BYTES
from domain.ids import ActorId, RoomAddress
from tests.unit.channels.fakes import CODECS, FakeAuthenticator, FakeHub, FakeTransport, a_lobby

ROOM = RoomAddress("workspace:1")


async def turn() -> None:
    """Everything that is due in this loop turn and in those it leads to."""
    for _ in range(6):
        await asyncio.sleep(0)


def payloads(framed: bytes) -> list[bytes]:
    """The text messages of one write."""
    found = []
    while framed:
        assert framed[0] == 0x81
        size, begin = framed[1], 2
        if size == 126:
            size, begin = int.from_bytes(framed[2:4], "big"), 4
        elif size == 127:
            size, begin = int.from_bytes(framed[2:10], "big"), 10
        found.append(framed[begin : begin + size])
        framed = framed[begin + size :]
    return found


class Client:
    """The other end of a fake transport, in JSON."""

    def __init__(self, lobby: Lobby) -> None:
        self.transport = FakeTransport()
        self.connection = Connection(lobby, self.transport, "json")
        self.transport.connection = self.connection

    def send(self, *commands: object) -> None:
        self.connection.received("\n".join(json.dumps(command) for command in commands).encode())

    def takes(self) -> list[list[dict[str, object]]]:
        """What was written since the last time: per write, its messages."""
        writes, self.transport.writes = self.transport.writes, []
        return [[json.loads(line) for payload in payloads(write) for line in payload.split(b"\n")] for write in writes]

    async def opens(self, token: str = "ada") -> "Client":
        self.send({"id": 1, "connect": {"token": token}})
        await turn()
        self.takes()
        return self


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


@pytest.fixture
async def lobby(hub: FakeHub) -> AsyncIterator[Lobby]:
    async with a_lobby(hub) as lobby:
        yield lobby


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


async def test_what_is_not_of_the_protocol_ends_it_and_says_why(lobby: Lobby) -> None:
    client = await Client(lobby).opens()

    client.connection.received(b'{"id":2,"rpc":[]}')

    assert client.transport.closed is not None
    code, reason = client.transport.closed
    assert code == 3501
    assert "rpc" in reason


async def test_what_is_owed_goes_before_the_close_frame(lobby: Lobby) -> None:
    client = await Client(lobby).opens()

    client.send({"id": 2, "ping": {}}, {"id": 3})

    assert client.takes() == [[{"id": 2, "ping": {}}]]
    assert client.transport.closed is not None


async def test_a_mistake_of_ours_ends_it_so_that_it_comes_back(
    hub: FakeHub, lobby: Lobby, caplog: pytest.LogCaptureFixture
) -> None:
    client = await Client(lobby).opens()
    hub.give = None  # type: ignore[assignment] # whatever breaks

    client.send({"id": 2, "rpc": {"method": "workspace.post", "data": {}}})

    assert client.transport.closed is not None
    assert client.transport.closed[0] == 3004
    assert "failed" in caplog.text


async def test_an_answer_that_cannot_be_said_does_not_fail_in_the_room(
    hub: FakeHub, lobby: Lobby, caplog: pytest.LogCaptureFixture
) -> None:
    client = await Client(lobby).opens()
    hub.is_slow = True
    client.send({"id": 2, "rpc": {"method": "workspace.post", "data": {}}})
    [given] = hub.given

    given.answer(Accepted(room=ROOM, offset=1, epoch="e", extra={"what": object()}))

    assert client.transport.closed is not None
    assert client.transport.closed[0] == 3004
    assert "failed" in caplog.text


class TestTheEnd:
    async def test_the_rooms_hear_at_once_that_it_is_not_writable_and_then_that_it_is_gone(
        self, hub: FakeHub, lobby: Lobby
    ) -> None:
        client = await Client(lobby).opens()
        hub.calls.clear()

        client.connection.ended(is_clean=True)

        assert not client.connection.is_writable
        assert [call for call, _ in hub.calls] == ["paused"]
        await turn()
        assert [call for call, _ in hub.calls] == ["paused", "left clean"]

    async def test_when_we_close_it_is_a_cut(self, hub: FakeHub, lobby: Lobby) -> None:
        client = await Client(lobby).opens()

        client.connection.disconnect(3001, "the server restarts")
        client.connection.ended(is_clean=True)
        await turn()

        assert hub.said("cut") == 1
        assert hub.said("left clean") == 0
        assert client.transport.closed == (3001, "the server restarts")

    async def test_after_it_nothing_is_written_or_done(self, hub: FakeHub, lobby: Lobby) -> None:
        client = await Client(lobby).opens()
        client.connection.ended(is_clean=False)
        hub.calls.clear()

        client.connection.write(b"x")
        client.connection.push_unsubscribed(ROOM, 2001, "")
        client.connection.disconnect(3001, "")
        client.connection.paused()
        client.connection.resumed()
        client.connection.on_time(1e9)
        client.send({"id": 2, "ping": {}})
        await turn()

        assert client.takes() == []
        assert client.transport.closed is None
        assert [call for call, _ in hub.calls] == ["cut"]

    async def test_a_command_once_given_is_not_taken_back(self, hub: FakeHub, lobby: Lobby) -> None:
        client = await Client(lobby).opens()
        hub.is_slow = True
        client.send({"id": 2, "rpc": {"method": "workspace.post", "data": {}}})
        client.connection.ended(is_clean=False)

        hub.answer_all()
        await turn()

        assert client.takes() == []


class TestSlowReaders:
    async def test_a_paused_transport_leaves_the_fast_list_and_comes_back(self, hub: FakeHub, lobby: Lobby) -> None:
        client = await Client(lobby).opens()
        client.send({"id": 2, "subscribe": {"channel": ROOM}})
        with client.transport.stalled():
            hub.publish(ROOM, b'"' + b"x" * 70_000 + b'"')
            written = len(client.transport.writes)
            hub.publish(ROOM, b'"not for one who is paused"')

            assert not client.connection.is_writable
            assert len(client.transport.writes) == written
        assert client.connection.is_writable
        assert [call for call, _ in hub.calls][-2:] == ["paused", "writable"]

    async def test_its_commands_wait_and_reading_stops(self, hub: FakeHub, lobby: Lobby) -> None:
        client = await Client(lobby).opens()
        with client.transport.stalled():
            client.connection.write(b"x" * 70_000)
            client.send({"id": 2, "ping": {}})
            await turn()

            assert client.transport.writes == [b"x" * 70_000]
            assert not client.transport.is_reading
            client.transport.writes.clear()
        await turn()
        assert client.takes() == [[{"id": 2, "ping": {}}]]
        assert client.transport.is_reading

    async def test_one_to_whom_a_mebibyte_comes_meanwhile_is_given_up(self, lobby: Lobby) -> None:
        client = await Client(lobby).opens()
        with client.transport.stalled():
            client.connection.write(b"x" * 70_000)
            for _ in range(11):
                client.connection.write(b"x" * 100_000)

            assert client.transport.closed is not None
            assert client.transport.closed[0] == 3008

    async def test_one_that_takes_nothing_for_30_s_is_given_up(self, lobby: Lobby) -> None:
        client = await Client(lobby).opens()
        now_s = lobby.loop.time()
        with client.transport.stalled():
            client.connection.write(b"x" * 70_000)
            client.connection.on_time(now_s + 26)
            client.connection.on_time(now_s + 29)
            assert client.transport.closed is None
            client.connection.on_time(now_s + 31)

            assert client.transport.closed == (3008, "reading too slowly")


class TestBounds:
    async def test_reading_pauses_at_64_waiting_commands(self, hub: FakeHub, lobby: Lobby) -> None:
        client = await Client(lobby).opens()
        hub.is_slow = True

        client.send(*({"id": id, "rpc": {"method": "workspace.post", "data": {}}} for id in range(2, 102)))
        assert len(hub.given) == 64
        assert not client.transport.is_reading

        hub.answer_all()
        await turn()
        assert len(hub.given) == 36
        assert client.transport.is_reading
        hub.answer_all()
        await turn()
        assert sum(map(len, client.takes())) == 100

    async def test_replies_are_joined_up_to_64_kib(self, lobby: Lobby) -> None:
        client = await Client(lobby).opens()

        client.send(*({"id": id, "nonsense" * 20: {}} for id in range(2, 902)))
        await turn()

        assert all(len(payload) <= MAX_JOINED_BYTES for write in client.transport.writes for payload in payloads(write))


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


async def test_a_refresh_has_the_rooms_look_again(hub: FakeHub, lobby: Lobby) -> None:
    client = await Client(lobby).opens("ada:60")

    client.send({"id": 2, "refresh": {"token": "ada:600"}})
    await turn()

    [[reply]] = client.takes()
    assert reply["refresh"]["ttl"] == 600  # type: ignore[index] # JSON
    assert ("recheck", "ada") in hub.calls


async def test_pings_are_the_shared_bytes(lobby: Lobby) -> None:
    client = await Client(lobby).opens()

    client.connection.on_time(lobby.loop.time() + 26)

    assert client.transport.writes == [CODECS["json"].ping]


async def test_an_idle_connection_is_small(hub: FakeHub, lobby: Lobby) -> None:
    client = await Client(lobby).opens()
    seen: set[int] = set()

    def size(item: object, of: Callable[[object], int] = sys.getsizeof) -> int:
        if id(item) in seen or isinstance(item, (Lobby, FakeTransport, type)) or item is lobby.settings or item in CODECS.values():
            return 0
        seen.add(id(item))
        slots = [getattr(item, name, None) for type_ in type(item).__mro__ for name in getattr(type_, "__slots__", ())]
        return of(item) + sum(size(part) for part in slots if part is not None)

    assert size(client.connection) < 3_000
