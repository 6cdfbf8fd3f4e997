"""permessage-deflate over real sockets, with the client of another library."""

from contextlib import AsyncExitStack

import msgspec
from websockets.asyncio.client import connect

from domain.ids import RoomAddress
from server.socket.door import agrees_on_deflate
from server.socket.settings import SocketSettings
from tests.unit.channels.fakes import DEFLATING
from tests.unit.server.socket.serving import Client, serving


def test_only_an_offer_that_can_be_kept_is_agreed_on() -> None:
    assert agrees_on_deflate("permessage-deflate")
    assert agrees_on_deflate("x-other, permessage-deflate; client_max_window_bits")
    assert agrees_on_deflate("permessage-deflate; server_no_context_takeover; client_max_window_bits=15")
    assert agrees_on_deflate("permessage-deflate; server_max_window_bits=10, permessage-deflate")
    assert not agrees_on_deflate("permessage-deflate; server_max_window_bits=10")
    assert not agrees_on_deflate("permessage-deflate; of_another_time")
    assert not agrees_on_deflate("")


async def test_what_a_room_publishes_is_read_by_those_who_agreed_and_by_those_who_did_not() -> None:
    data = b'{"text":"%b"}' % (b"again and again " * 200)
    async with serving("socket") as served, AsyncExitStack() as stack:
        clients = []
        for compression in ("deflate", "deflate", None):
            connecting = connect(served.url, proxy=None, compression=compression, close_timeout=0.2)
            client = await Client(await stack.enter_async_context(connecting)).opens()
            await client.send({"id": 2, "subscribe": {"channel": "workspace:1"}})
            await client.receive_until(2)
            clients.append(client)
        assert [len(client.connection.protocol.extensions) for client in clients] == [1, 1, 0]
        before = DEFLATING[0].plain_bytes

        served.hub.publish(RoomAddress("workspace:1"), data)
        received = [await client.receive() for client in clients]

        assert [messages[0]["push"]["pub"]["data"] for messages in received] == [msgspec.json.decode(data)] * 3
        assert len(data) < DEFLATING[0].plain_bytes - before < 2 * len(data), "compressed once for both"


async def test_what_a_client_compresses_is_read() -> None:
    async with serving("socket") as served, connect(served.url, proxy=None, compression="deflate") as connection:
        client = await Client(connection).opens()
        await client.send({"id": 7, "rpc": {"method": "workspace.post", "data": {"text": "x" * 10_000}}})

        assert (await client.receive_until(7))["rpc"]["data"]["room"] == "workspace:1"


async def test_a_message_that_inflates_over_the_limit_ends_the_connection() -> None:
    settings = SocketSettings(message_bytes=10_000)
    async with serving("socket", settings) as served, connect(served.url, proxy=None, compression="deflate") as connection:
        client = await Client(connection).opens()
        await client.send({"id": 7, "rpc": {"method": "workspace.post", "data": {"text": "x" * 1_000_000}}})
        code, reason = await client.close_code()

        assert code == 3501
        assert reason is not None and "inflated" in reason
