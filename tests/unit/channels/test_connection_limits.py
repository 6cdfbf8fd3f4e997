"""The end of a connection, its slow readers, its bounds, its size."""

import sys
from collections.abc import Callable

import pytest

from channels.lobby import Lobby
from channels.seats import Accepted
from channels.wire.frames import MAX_JOINED_BYTES
from domain.ids import RoomAddress
from tests.support.frames import payloads
from tests.unit.channels.clients import Client, turn
from tests.unit.channels.fakes import CODECS, FakeHub, FakeTransport

ROOM = RoomAddress("workspace:1")


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
