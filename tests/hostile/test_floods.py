"""Too much of anything: messages that are too large, too many, too deep, or much larger than they look. Somebody else is served
meanwhile, and the memory stays flat."""

import asyncio
import contextlib
import json
import time
import uuid
import zlib
from collections import Counter
from typing import Any

import httpx
import pytest

from channels.wire.varints import encode_varint
from tests.hostile.bystander import Bystander
from tests.hostile.conftest import Mint, NewRoom
from tests.hostile.wire import BINARY, CONTINUATION, PING, PONG, RSV1, TEXT, Closed, Wire, frame, open_socket
from tests.support.raw import open_raw
from tests.support.server import ServerProcess
from tests.support.tokens import new_command_id

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.usefixtures("flat_memory")]

FLOOD_S = 2.0
"""How long a flood goes on where the server lets it."""
DEFLATE = {"Sec-WebSocket-Extensions": "permessage-deflate"}
PROTOBUF = {"Sec-WebSocket-Protocol": "centrifuge-protobuf"}


def request(number: int, **fields: Any) -> bytes:
    return json.dumps({"id": number, **fields}).encode()


def deflated(payload: bytes) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH)).removesuffix(b"\x00\x00\xff\xff")


async def enter(wire: Wire, token: str) -> None:
    await wire.send(frame(TEXT, request(1, connect={"token": token})))
    assert b'"connect"' in await wire.message()


async def flood(wire: Wire, data: bytes) -> Closed | None:
    """Send ``data`` again and again; how the server has ended it, or None where it goes on."""
    ended = asyncio.create_task(wire.closed())
    began_s = time.monotonic()
    with contextlib.suppress(ConnectionError):
        while not ended.done() and time.monotonic() - began_s < FLOOD_S:
            await wire.send(data)
            await asyncio.sleep(0)
    done, _ = await asyncio.wait({ended}, timeout=0.5)
    if done:
        return ended.result()
    ended.cancel()
    await asyncio.gather(ended, return_exceptions=True)
    return None


FRAMES = {
    "pings": (frame(PING) * 10_000, 3501),
    "pongs": (frame(PONG) * 10_000, 3501),
    "large pings": (frame(PING, b"x" * 125) * 1_000, 3501),
    "empty messages": (frame(TEXT) * 10_000, 3501),
    "messages of newlines": (frame(TEXT, b"\n" * 100) * 1_000, 3501),
    "pongs of the protocol": (frame(TEXT, b"{}") * 5_000, 3013),
    "tiny fragments": (frame(TEXT, b"{", fin=False) + frame(CONTINUATION, b" ", fin=False) * 50_000, 3501),
    "empty fragments": (frame(TEXT, fin=False) + frame(CONTINUATION, fin=False) * 50_000, 3501),
    "an endless message": (b"\x81\xff" + (2**40).to_bytes(8, "big"), 3501),
    "half a megabyte of newlines": (frame(TEXT, b"\n" * 500_000), 3501),
    "commands in one frame": (frame(TEXT, b"{}\n" * 100_000), 3501),
    "brackets": (frame(TEXT, b"[" * 500_000), 3501),
    "braces": (frame(TEXT, b'{"a":' * 80_000), 3501),
    "open strings": (frame(TEXT, b'"' * 500_000), 3501),
    "a number that does not end": (frame(TEXT, b'{"id":' + b"9" * 500_000 + b"}"), 3501),
    "requests without a word": (frame(TEXT, b'{"id":1}') * 1_000, 3501),
}


@pytest.mark.parametrize("kind", ["stranger", "known"])
@pytest.mark.parametrize("name", FRAMES)
async def test_a_flood_of_frames_ends_the_connection(
    name: str, kind: str, server: ServerProcess, token: Mint, bystander: Bystander
) -> None:
    data, code = FRAMES[name]
    async with open_socket(server.port) as wire:
        if kind == "known":
            await enter(wire, token("flood", "user"))
        closed = await flood(wire, data)

    assert closed is not None, "the server goes on listening"
    # an unknown client's first word is not a connect; and what it goes on with may take its line before it has read the code
    assert closed.code in ({code, -1} if kind == "known" else {3501, -1})


@pytest.mark.parametrize("payload", [b"x" * 600_000, b"{}" * 300_000], ids=["text", "objects"])
async def test_a_message_over_the_limit_ends_it_in_one_frame_and_in_many(
    payload: bytes, server: ServerProcess, token: Mint, bystander: Bystander
) -> None:
    half = len(payload) // 2
    for data in (frame(TEXT, payload), frame(TEXT, payload[:half], fin=False) + frame(CONTINUATION, payload[half:])):
        async with open_socket(server.port) as wire:
            await enter(wire, token("flood", "user"))
            with contextlib.suppress(ConnectionError):
                await wire.send(data)
            closed = await wire.closed()
        assert closed.code == 3501
        assert "524288" in closed.reason


BOMBS = {
    "zeros": b"\x00" * 5_000_000,
    "spaces": b" " * 5_000_000,
    "one command": b'{"id":2,"x":"' + b"a" * 5_000_000 + b'"}',
    "just over what may be": b" " * 600_000,
}


@pytest.mark.parametrize("name", BOMBS)
async def test_an_inflate_bomb_is_stopped(name: str, server: ServerProcess, token: Mint, bystander: Bystander) -> None:
    # in a thread: the bystander lives in this loop
    bomb = frame(TEXT, await asyncio.to_thread(deflated, BOMBS[name]), rsv=RSV1)
    for _ in range(10):
        async with open_socket(server.port, DEFLATE) as wire:
            await enter(wire, token("bomb", "user"))
            await wire.send(bomb)
            closed = await wire.closed()
        assert closed.code == 3501
        assert "inflated" in closed.reason


async def test_a_bomb_in_fragments_and_what_cannot_be_inflated_end_it_too(server: ServerProcess, bystander: Bystander) -> None:
    bomb = deflated(b" " * 10_000_000)
    third = len(bomb) // 3
    fragments = frame(TEXT, bomb[:third], fin=False, rsv=RSV1) + frame(CONTINUATION, bomb[third:])
    for data in (fragments, frame(TEXT, b"\xff" * 100, rsv=RSV1), frame(TEXT, b"", fin=True, rsv=RSV1)):
        async with open_socket(server.port, DEFLATE) as wire:
            await wire.send(data)
            assert (await wire.closed()).code == 3501


VARINTS = {
    "a length of ten bytes": b"\xff" * 9 + b"\x01",
    "a length that does not end": b"\xff" * 1_000,
    "a length of gigabytes": encode_varint(2**40) + b"x",
    "a length one beyond": b"\x05\x08\x01",
    "a field of gigabytes": b"\x08\x22" + encode_varint(2**35) + b"\x00",
    "a group": b"\x02\x0b\x0c",
    "field number 0": b"\x02\x02\x00",
    "a wire type that is none": b"\x02\x0e\x00",
    "text that is not UTF-8": b"\x06\x08\x01\x22\x02\x0a\xff",
    "ten thousand commands": b"\x02\x08\x01" * 10_000,
    "ten thousand empty ones": b"\x00" * 10_000,
    "unknown fields": b"\xff\x07" + b"\x7a\x01x" * 341,
    "maps of maps": encode_varint(400_000) + b"\x22" + encode_varint(399_990) + b"\x1a\x00" * 199_995,
}


@pytest.mark.parametrize("name", VARINTS)
async def test_protobuf_that_lies_ends_the_connection(name: str, server: ServerProcess, bystander: Bystander) -> None:
    for opcode in (BINARY, TEXT):
        async with open_socket(server.port, PROTOBUF) as wire:
            await wire.send(frame(opcode, VARINTS[name]))
            assert (await wire.closed()).code in {3500, 3501}


async def test_every_cut_of_a_protobuf_command_is_refused(server: ServerProcess, token: Mint, bystander: Bystander) -> None:
    connect = b"\x0a" + encode_varint(len(text := token("cut", "user").encode())) + text
    whole = b"\x08\x01\x22" + encode_varint(len(connect)) + connect
    message = encode_varint(len(whole)) + whole

    async def code_of(place: int) -> int:
        async with open_socket(server.port, PROTOBUF) as wire:
            await wire.send(frame(BINARY, message[:place]))
            return (await wire.closed()).code

    codes = await asyncio.gather(*(code_of(place) for place in range(1, len(message), 5)))
    assert set(codes) == {3501}


async def test_a_flood_of_commands_is_refused_and_then_ends(
    server: ServerProcess, token: Mint, new_room: NewRoom, bystander: Bystander
) -> None:
    room = await new_room()
    posts = b"".join(
        frame(
            TEXT,
            request(n + 2, rpc={"method": "workspace.post", "data": {"room": room, "command_id": new_command_id(), "text": "x"}}),
        )
        for n in range(3_000)
    )
    async with open_socket(server.port) as wire:
        await enter(wire, token("flood-of-commands", "user"))
        closed = await flood(wire, posts)
    assert closed is not None
    assert closed.code == 3013


async def test_many_connections_of_one_person_have_one_bucket(server: ServerProcess, token: Mint, bystander: Bystander) -> None:
    async def one() -> Counter[int]:
        async with open_raw(server.socket_address, token("many-tabs", "user")) as client:
            await client.send(*({"id": number, "ping": {}} for number in range(2, 902)))
            replies: list[dict[str, Any]] = []
            while len(replies) < 900:
                replies += await client.receive()
            return Counter(reply.get("error", {}).get("code", 0) for reply in replies)

    codes = sum(await asyncio.gather(*(one() for _ in range(8))), Counter[int]())
    assert codes[0] >= 4_000
    assert codes[111] > 0


@pytest.mark.parametrize("kind", ["workspace", "person", "share", "castle"])
async def test_rooms_that_are_guessed_are_refused_and_fill_nothing(
    kind: str, server: ServerProcess, token: Mint, bystander: Bystander
) -> None:
    async with open_raw(server.socket_address, token(f"guesses {kind}", "user")) as client:
        await client.send(*({"id": number, "subscribe": {"channel": f"{kind}:{uuid.uuid4()}"}} for number in range(2, 302)))
        replies: list[dict[str, Any]] = []
        while len(replies) < 300:
            replies += await client.receive()
    assert Counter(reply["error"]["code"] for reply in replies) == {103: 300}


async def test_one_room_again_and_again_is_one_subscription(
    server: ServerProcess, token: Mint, new_room: NewRoom, bystander: Bystander
) -> None:
    room = await new_room()
    async with open_raw(server.socket_address, token("again and again", "user")) as client:
        await client.send(*({"id": number, "subscribe": {"channel": room, "join_leave": True}} for number in range(2, 802)))
        replies: list[dict[str, Any]] = []
        while len(replies) < 800:
            replies += [message for message in await client.receive() if "id" in message]
    assert Counter(reply.get("error", {}).get("code", 0) for reply in replies) == {0: 1, 105: 799}


@pytest.mark.parametrize("method", ["presence", "presence_stats", "history"])
async def test_a_flood_of_questions(
    method: str, server: ServerProcess, token: Mint, new_room: NewRoom, bystander: Bystander
) -> None:
    room = await new_room()
    async with open_socket(server.port) as wire:
        await enter(wire, token(f"flood of {method}", "user"))
        asks = b"".join(frame(TEXT, request(number + 2, **{method: {"channel": room}})) for number in range(3_000))
        closed = await flood(wire, asks)
    assert closed is not None
    assert closed.code == 3013


async def test_joining_and_leaving_again_and_again_tells_others_little(
    server: ServerProcess, token: Mint, new_room: NewRoom, bystander: Bystander
) -> None:
    room = await new_room()
    async with (
        open_raw(server.socket_address, token("watcher", "user")) as watcher,
        open_raw(server.socket_address, token("restless", "user")) as restless,
    ):
        await watcher.ask(subscribe={"channel": room, "join_leave": True})
        for _ in range(300):
            await restless.ask(subscribe={"channel": room})
            await restless.ask(unsubscribe={"channel": room})
        await watcher.ask(ping={})
    told = [push for push in watcher.pushes if ("join" in push or "leave" in push) and push.get("channel") == room]
    assert len(told) <= 4, "a leave waits, and one who is back before it was never away"


async def test_a_flood_of_signals_is_thinned(server: ServerProcess, token: Mint, new_room: NewRoom, bystander: Bystander) -> None:
    room = await new_room()
    async with open_socket(server.port) as wire:
        await enter(wire, token("flood of signals", "user"))
        await wire.send(frame(TEXT, request(2, subscribe={"channel": room})))
        await wire.message()
        typing = b"".join(frame(TEXT, request(n + 3, publish={"channel": room, "data": {"type": "typing"}})) for n in range(3_000))
        closed = await flood(wire, typing)
    assert closed is not None
    assert closed.code == 3013


async def test_one_who_never_reads_is_given_up_and_costs_little(
    server: ServerProcess, token: Mint, new_room: NewRoom, bystander: Bystander
) -> None:
    room = await new_room()
    async with open_socket(server.port) as wire:
        await enter(wire, token("deaf", "user"))
        wire.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a transport of both directions
        asks = b"".join(frame(TEXT, request(number, history={"channel": room, "limit": 100})) for number in range(2, 900))
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(FLOOD_S):
                while True:
                    await wire.send(asks)


async def test_an_http_flood_of_one_person_is_refused_and_others_are_not(
    server: ServerProcess, token: Mint, bystander: Bystander
) -> None:
    def asking(user: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token(user, 'user')}"}

    async with httpx.AsyncClient(base_url=server.http, trust_env=False) as client:

        async def one() -> Counter[int]:
            return Counter([(await client.get("/me", headers=asking("http flood"))).status_code for _ in range(20)])

        codes = sum(await asyncio.gather(*(one() for _ in range(10))), Counter[int]())
        refused = await client.get("/me", headers=asking("http flood"))
        other = await client.get("/me", headers=asking("http reader"))
    assert set(codes) == {200, 429}
    assert refused.json()["code"] == 111
    assert refused.headers["retry-after"]
    assert other.status_code == 200


async def test_share_tokens_are_guessed_ten_times_a_minute_however_fast(server: ServerProcess, bystander: Bystander) -> None:
    async with httpx.AsyncClient(base_url=server.http, trust_env=False) as client:

        async def guess(number: int) -> httpx.Response:
            return await client.post("/shares/enter", json={}, headers={"X-Share-Token": f"guess-{number}"})

        answers = await asyncio.gather(*(guess(number) for number in range(100)))
    assert Counter(answer.status_code for answer in answers) == {403: 10, 429: 90}
    assert all(0 < int(answer.headers["retry-after"]) <= 60 for answer in answers if answer.status_code == 429)
