"""Real sockets on the loopback, the hub pretended. Everything runs over our own transport and over plain ASGI."""

import asyncio
import gc
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode

from domain.ids import RoomAddress
from server.socket.settings import SocketSettings
from server.socket.transport import SocketTransport
from tests.unit.server.socket.serving import CARRIERS, Carrier, Serving, client_of, serving, until

ROOM = RoomAddress("workspace:1")


@pytest.fixture(params=CARRIERS)
def carrier(request: pytest.FixtureRequest) -> Carrier:
    return request.param  # type: ignore[no-any-return] # pytest does not type it


@pytest.fixture
async def served(carrier: Carrier) -> AsyncIterator[Serving]:
    async with serving(carrier) as served:
        yield served


async def test_a_conversation(served: Serving) -> None:
    async with client_of(served) as client:
        await client.send({"id": 1, "connect": {"token": "ada"}}, {"id": 2, "subscribe": {"channel": ROOM}})
        connected = await client.receive_until(1)
        assert connected["connect"]["data"]["actor"]["id"] == "ada"
        await client.send({"id": 3, "rpc": {"method": "workspace.post", "data": {"text": "hällo"}}})

        await client.receive_until(3)
        assert served.hub.members[ROOM]


async def test_the_reply_and_its_event_arrive_in_order(served: Serving) -> None:
    async with client_of(served) as client:
        await client.opens()
        await client.send({"id": 2, "subscribe": {"channel": ROOM}})
        await client.receive_until(2)

        await client.send({"id": 3, "rpc": {"method": "workspace.post", "data": {"text": "hi"}}})

        messages: list[Any] = []
        while len(messages) < 2:
            messages += await client.receive()
        assert [message.get("id") for message in messages] == [3, None]
        assert messages[1]["push"]["pub"]["offset"] == 1


async def test_the_task_of_the_handshake_ends_and_leaves_nothing(served: Serving, carrier: Carrier) -> None:
    async with client_of(served) as client:
        await client.opens()
        await asyncio.sleep(0)

        if carrier == "socket":
            assert not served.server.server_state.tasks
            assert [type(one) for one in served.server.server_state.connections] == [SocketTransport]
            gc.collect()
            assert not [one for one in gc.get_objects() if isinstance(one, WebSocketsSansIOProtocol)]
        else:
            assert len(served.server.server_state.tasks) == 1


async def test_a_frame_of_many_fragments_is_one_message(served: Serving) -> None:
    async with client_of(served) as client:
        await client.opens()

        await client.connection.send([b'{"id":2,', b'"ping"', b":{}}"])

        assert await client.receive_until(2) == {"id": 2, "ping": {}}


async def test_a_large_message_is_taken_up_to_the_limit(served: Serving) -> None:
    async with client_of(served) as client:
        await client.opens()
        await client.send({"id": 2, "rpc": {"method": "workspace.post", "data": {"text": "x" * 500_000}}})
        await client.receive_until(2)

        await client.send({"id": 3, "rpc": {"method": "workspace.post", "data": {"text": "x" * 600_000}}})

        code, reason = await client.close_code()
        assert code == 3501
        assert "524288 bytes" in (reason or "")


async def test_many_commands_at_once_are_all_answered(served: Serving) -> None:
    async with client_of(served) as client:
        await client.opens()
        for begin in range(10, 910, 300):
            await client.send(*({"id": id, "rpc": {"method": "workspace.post", "data": {}}} for id in range(begin, begin + 300)))

        answered: set[int] = set()
        while len(answered) < 900:
            answered |= {message["id"] for message in await client.receive() if "id" in message}


@pytest.mark.parametrize("frame", [b"nonsense", b'{"id":1}', b'{"id":2,"rpc":{}}', b"[" * 1_000])
async def test_what_is_not_of_the_protocol_is_3501(served: Serving, frame: bytes) -> None:
    async with client_of(served) as client:
        await client.connection.send(frame, text=True)

        assert (await client.close_code())[0] == 3501
        await until(lambda: not served.lobby.connections)


async def test_text_that_is_not_utf_8_ends_the_connection(served: Serving, carrier: Carrier) -> None:
    async with client_of(served) as client:
        await client.connection.send(b'{"id":1,"connect":{"name":"\xff"}}', text=True)

        code, _ = await client.close_code()
        assert code == (3501 if carrier == "socket" else 1007)


async def test_the_close_of_a_client_is_clean_and_answered(served: Serving) -> None:
    async with client_of(served) as client:
        await client.opens()
        await client.connection.close(1000, "")

        await until(lambda: served.hub.said("left clean") == 1)
        assert client.connection.close_code == 1000


async def test_a_cut_is_a_cut(served: Serving) -> None:
    async with client_of(served) as client:
        await client.opens()
        client.connection.transport.abort()

        await until(lambda: served.hub.said("cut") == 1)
        assert served.hub.said("left clean") == 0


async def test_every_byte_that_is_written_before_the_end_arrives(served: Serving) -> None:
    async with client_of(served) as client:
        await client.opens()
        await client.send({"id": 2, "subscribe": {"channel": ROOM}})
        await client.receive_until(2)
        for number in range(50):
            served.hub.publish(ROOM, b'{"n":%d,"x":"%b"}' % (number, b"x" * 1_000))
        [seat] = served.hub.members[ROOM]

        seat.disconnect(3001, "the server restarts")

        seen: list[int] = []
        while len(seen) < 50:
            seen += [message["push"]["pub"]["data"]["n"] for message in await client.receive()]
        assert seen == list(range(50))
        assert await client.close_code() == (3001, "the server restarts")


async def test_one_that_does_not_read_is_paused_and_comes_back(served: Serving) -> None:
    async with client_of(served, max_queue=1) as client:
        await client.opens()
        await client.send({"id": 2, "subscribe": {"channel": ROOM}})
        await client.receive_until(2)
        [seat] = served.hub.members[ROOM]
        async with asyncio.timeout(10):
            while seat.is_writable:
                served.hub.publish(ROOM, b'"%b"' % (b"x" * 60_000))
                await asyncio.sleep(0)
        assert served.hub.said("paused") == 1

        async with asyncio.timeout(10):
            while not seat.is_writable:
                await client.receive()
        assert served.hub.said("writable") == 1


async def test_no_connect_in_time_is_3502(carrier: Carrier) -> None:
    async with serving(carrier, connect_timeout_s=0.05) as served, client_of(served) as client:
        assert (await client.close_code())[0] == 3502


async def test_pings_are_sent_and_a_missing_pong_is_3012(carrier: Carrier) -> None:
    async with serving(carrier, ping_interval_s=0.05, pong_timeout_s=0.05) as served, client_of(served) as client:
        await client.opens()

        assert await client.receive() == [{}]
        await client.send({})
        assert (await client.close_code())[0] == 3012


class TestTheDoor:
    async def test_pages_of_others_are_refused(self, served: Serving) -> None:
        with pytest.raises(InvalidStatus) as refused:
            async with client_of(served, origin="http://evil.example"):
                pass

        assert refused.value.response.status_code == 403
        assert b"origin" in (refused.value.response.body or b"")

    async def test_our_own_are_let_in(self, served: Serving) -> None:
        async with client_of(served, origin=f"http://127.0.0.1:{served.port}") as client:
            await client.opens()

    async def test_one_address_has_a_limit(self, carrier: Carrier) -> None:
        async with serving(carrier, SocketSettings(connections_per_address=1)) as served:
            async with client_of(served) as client:
                await client.opens()
                with pytest.raises(InvalidStatus) as refused:
                    async with client_of(served):
                        pass
                assert refused.value.response.status_code == 429
            await until(lambda: not served.server.server_state.connections)
            async with client_of(served) as client:
                await client.opens()

    @pytest.mark.parametrize("offered", ["centrifuge-json", "centrifuge-protobuf"])
    async def test_the_subprotocol_is_echoed(self, served: Serving, offered: Any) -> None:
        async with client_of(served, subprotocols=[offered]) as client:
            assert client.connection.subprotocol == offered

    async def test_without_one_none_is(self, served: Serving) -> None:
        async with client_of(served) as client:
            assert client.connection.subprotocol is None

    async def test_the_query_may_ask_for_protobuf(self, served: Serving) -> None:
        async with connect(served.url + "?format=protobuf", proxy=None) as connection:
            await connection.send(b"\x04\x08\x01\x22\x00")

            reply = await asyncio.wait_for(connection.recv(), 5)
            assert isinstance(reply, bytes)
            assert reply[2:4] == b"\x08\x01"

    async def test_compression_can_be_switched_off(self) -> None:
        settings = SocketSettings(deflate=False)
        async with serving("socket", settings) as served, connect(served.url, proxy=None, compression="deflate") as connection:
            assert connection.protocol.extensions == []


class TestOurTransport:
    """What plain ASGI servers do by themselves, or not at all."""

    @pytest.fixture
    def carrier(self) -> Carrier:
        return "socket"

    async def test_an_empty_subprotocol_header_is_json(self, served: Serving) -> None:
        async with client_of(served, additional_headers={"Sec-WebSocket-Protocol": ""}) as client:
            await client.opens()

    async def test_pings_of_websocket_itself_are_answered(self, served: Serving) -> None:
        async with client_of(served) as client:
            await asyncio.wait_for(await client.connection.ping(b"hello"), 5)

    async def test_other_routes_are_served_as_ever(self, served: Serving) -> None:
        async with connect(f"ws://127.0.0.1:{served.port}/echo", proxy=None) as connection:
            await connection.send("hello")

            assert await asyncio.wait_for(connection.recv(), 5) == "hello"

    async def test_a_message_has_to_end_in_time(self) -> None:
        async with serving("socket", SocketSettings(message_timeout_s=0.05)) as served, client_of(served) as client:
            await client.opens()
            client.connection.transport.write(Frame(Opcode.TEXT, b"{", fin=False).serialize(mask=True))

            code, reason = await client.close_code()
            assert code == 3501
            assert "more than 0.05 s" in (reason or "")

    async def test_a_message_that_is_whole_again_does_not(self) -> None:
        async with serving("socket", SocketSettings(message_timeout_s=0.05)) as served, client_of(served) as client:
            await client.connection.send([b'{"id":1,', b'"connect":{}}'])
            await client.receive_until(1)
            await asyncio.sleep(0.1)  # longer than the limit that must not fire

            await client.send({"id": 2, "ping": {}})
            await client.receive_until(2)

    async def test_a_client_that_sends_no_request_is_cut(self) -> None:
        async with serving("socket", SocketSettings(handshake_timeout_s=0.05)) as served:
            reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
            writer.write(b"GET /connection/websocket HT")

            assert await asyncio.wait_for(reader.read(), 5) == b""
            writer.close()

    async def test_one_that_does_not_answer_our_close_is_cut(self) -> None:
        async with serving("socket", SocketSettings(close_timeout_s=0.05)) as served, client_of(served) as client:
            await client.opens()
            client.connection.transport.pause_reading()

            [seat] = served.lobby.connections
            seat.disconnect(3001, "the server restarts")

            await until(lambda: not served.server.server_state.connections)

    async def test_a_close_frame_with_a_code_that_may_not_be_sent_is_1002(self, served: Serving) -> None:
        async with client_of(served) as client:
            await client.opens()
            client.connection.transport.write(Frame(Opcode.CLOSE, b"\x03\xee").serialize(mask=True))

            assert (await client.close_code())[0] in (1002, 1006)
            await until(lambda: served.hub.said("left clean") == 1)

    async def test_frames_that_are_not_masked_are_3501(self, served: Serving) -> None:
        async with client_of(served) as client:
            client.connection.transport.write(b"\x81\x02{}")

            assert (await client.close_code())[0] == 3501

    async def test_behind_a_proxy_that_is_trusted_an_address_is_that_of_the_client(self) -> None:
        async with serving("socket", SocketSettings(connections_per_address=1)) as served:
            for address in ("10.0.0.1", "10.0.0.2"):
                async with client_of(served, additional_headers={"X-Forwarded-For": address}) as client:
                    await client.opens()
                    with pytest.raises(InvalidStatus) as refused:
                        async with client_of(served, additional_headers={"X-Forwarded-For": address}):
                            pass
                    assert refused.value.response.status_code == 429

    async def test_two_origins_are_none(self, served: Serving) -> None:
        own = f"http://127.0.0.1:{served.port}"
        with pytest.raises(InvalidStatus) as refused:
            async with client_of(served, additional_headers=[("Origin", own), ("Origin", "https://evil.example")]):
                pass
        assert refused.value.response.status_code == 400

    async def test_a_handshake_that_is_none_is_400(self, served: Serving) -> None:
        async with httpx.AsyncClient() as http:
            headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
            answer = await http.get(served.url.replace("ws:", "http:"), headers=headers)

            assert answer.status_code == 400
            assert "Sec-WebSocket-Key" in answer.text
            assert not served.lobby.connections

    async def test_http_goes_on_beside_it(self, served: Serving) -> None:
        async with client_of(served) as client, httpx.AsyncClient() as http:
            await client.opens()

            assert (await http.get(f"http://127.0.0.1:{served.port}/slow")).text == "done"


async def test_two_clients_of_different_formats_share_a_room(served: Serving) -> None:
    async with client_of(served) as json, connect(served.url + "?format=protobuf", proxy=None) as protobuf:
        await json.opens()
        await json.send({"id": 2, "subscribe": {"channel": ROOM}})
        await json.receive_until(2)
        await protobuf.send(b"\x04\x08\x01\x22\x00" + b"\x11\x08\x02\x2a\x0d\x0a\x0bworkspace:1")
        async with asyncio.timeout(5):
            while len(served.hub.members[ROOM]) < 2:
                await protobuf.recv()

        served.hub.publish(ROOM, b'{"event":1}')

        [push] = await json.receive()
        assert push["push"]["pub"] == {"data": {"event": 1}, "offset": 1, "tags": {"command_id": "c"}, "time": 0}
        async with asyncio.timeout(5):
            while b'{"event":1}' not in (frame := await protobuf.recv()):
                pass
        assert isinstance(frame, bytes)
