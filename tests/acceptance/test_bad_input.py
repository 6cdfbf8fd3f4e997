"""Whatever comes in: the right code, a sentence that helps, nothing in the room, and a server that goes on."""

import json
import os
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.acceptance.conftest import Mint, NewRoom
from tests.support.raw import RawClient, open_raw
from tests.support.server import ServerProcess
from tests.support.tokens import new_command_id

pytestmark = pytest.mark.asyncio(loop_scope="session")


SOME_ID = "0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a"


SOME_ID = "0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a"


def nested(depth: int) -> Any:
    value: Any = "deep"
    for _ in range(depth):
        value = {"in": value}
    return value


def post(**fields: Any) -> tuple[str, dict[str, Any]]:
    return "workspace.post", fields


REFUSED: dict[str, tuple[str, dict[str, Any], int, str]] = {
    "an unknown command": ("workspace.explode", {}, 104, "workspace.explode"),
    "an unknown kind": ("castle.post", {"text": "x"}, 104, "castle"),
    "a missing field": (*post(), 107, "text"),
    "a wrong type": (*post(text=7), 107, "text"),
    "an unknown field": (*post(text="x", colour="red"), 107, "colour"),
    "an empty text": (*post(text=""), 107, "text"),
    "a text that is too long": (*post(text="x" * 20_001), 107, "text"),
    "a text with NUL": (*post(text="a\0b"), 107, ""),
    "a lone surrogate": (*post(text="a\ud800b"), 107, ""),
    "an object that is too deep": ("workspace.create_session", {"name": "s", "data": nested(40)}, 107, "deep"),
    "an object that is too large": ("workspace.create_session", {"name": "s", "data": {"x": "y" * 90_000}}, 107, ""),
    "a command id that is none": (*post(text="x", command_id="1"), 107, "command_id"),
    "a number out of range": ("workspace.report_progress", {"execution_id": SOME_ID, "progress": 101}, 107, "progress"),
    "a receipt that does not exist": (*post(text="x", receipt="carved in stone"), 107, "receipt"),
    "what a member may not do": ("workspace.verify", {}, 103, ""),
    "what only a bot may do": ("workspace.start_execution", {}, 103, ""),
    "a rule that says no": ("workspace.approve", {}, 410, ""),
}


@pytest_asyncio.fixture(loop_scope="session")
async def ada(server: ServerProcess, token: Mint) -> AsyncIterator[RawClient]:
    async with open_raw(server.socket_address, token("ada", "user")) as client:
        yield client


async def top_of(server: ServerProcess, token: Mint, room: str) -> int:
    """The room's offset as a newcomer sees it: also the proof that the server is unharmed."""
    async with open_raw(server.socket_address, token("witness", "user")) as witness:
        return int((await witness.ask(subscribe={"channel": room}))["subscribe"].get("offset", 0))


@pytest.mark.parametrize("name", REFUSED)
async def test_a_command_is_refused_with_code_and_sentence(
    name: str, ada: RawClient, server: ServerProcess, token: Mint, new_room: NewRoom
) -> None:
    method, fields, code, word = REFUSED[name]
    room = await new_room()

    reply = await ada.rpc(method, {"room": room, "command_id": new_command_id(), **fields})

    assert reply.get("error", {}).get("code") == code, reply
    assert word in reply["error"]["message"]
    assert len(reply["error"]["message"]) >= 15
    assert await top_of(server, token, room) == 1
    assert "rpc" in await ada.rpc(*post(room=room, command_id=new_command_id(), text="the connection goes on"))


@pytest.mark.parametrize(
    "room", ["workspace:11111111-1111-4111-8111-111111111111", "workspace:x", "castle:1", "nothing", "", "x" * 300]
)
async def test_a_foreign_room_answers_as_a_missing_one(room: str, ada: RawClient) -> None:
    command = await ada.rpc(*post(room=room, command_id=new_command_id(), text="x"))
    subscribe = await ada.ask(subscribe={"channel": room})

    assert command["error"]["code"] in {103, 107}
    assert subscribe["error"]["code"] in {102, 103, 106, 107}


async def test_a_repeat_gets_the_first_result_and_happens_once(
    ada: RawClient, server: ServerProcess, token: Mint, new_room: NewRoom
) -> None:
    room, command_id = await new_room(), new_command_id()

    first = await ada.rpc(*post(room=room, command_id=command_id, text="once"))
    again = await ada.rpc(*post(room=room, command_id=command_id, text="once"))

    assert first["rpc"]["data"] == again["rpc"]["data"]
    assert await top_of(server, token, room) == 2


async def test_a_repeated_id_with_other_content_is_refused(
    ada: RawClient, server: ServerProcess, token: Mint, new_room: NewRoom
) -> None:
    room, command_id = await new_room(), new_command_id()
    await ada.rpc(*post(room=room, command_id=command_id, text="once"))

    reply = await ada.rpc(*post(room=room, command_id=command_id, text="something else"))

    assert reply["error"]["code"] == 417
    assert await top_of(server, token, room) == 2


async def test_an_id_from_last_week_is_refused(ada: RawClient, new_room: NewRoom) -> None:
    room = await new_room()

    reply = await ada.rpc(*post(room=room, command_id="019a0000-0000-7000-8000-000000000001", text="late"))

    assert reply["error"]["code"] == 418


async def test_a_token_that_has_run_out_answers_109(server: ServerProcess, token: Mint) -> None:
    async with open_raw(server.socket_address) as client:
        reply = await client.connect(token("ada", "user", ttl_s=-3600))

    assert reply["error"]["code"] == 109
    assert reply["error"]["message"]


@pytest.mark.parametrize("broken", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ."])
async def test_a_token_that_is_not_ours_ends_the_connection(broken: str, server: ServerProcess) -> None:
    async with open_raw(server.socket_address) as client:
        await client.send({"id": 1, "connect": {"token": broken}})
        code, reason = await client.closed()

    assert code == 3500
    assert reason


@pytest.mark.parametrize(
    "messages",
    [
        [{"id": 1, "subscribe": {"channel": "workspace:x"}}],
        [{"id": 1, "rpc": {"method": "workspace.post", "data": {}}}],
        ["this is no JSON"],
        [b"\x00\xff\xfe\x80garbage"],
        ["[" * 5_000],
        [json.dumps({"id": "one", "connect": {}})],
        [json.dumps({"id": -1, "connect": {}})],
    ],
    ids=["subscribe first", "command first", "no JSON", "bytes", "brackets", "a text as id", "a negative id"],
)
async def test_a_connection_that_begins_wrongly_is_ended_as_a_bad_request(messages: list[Any], server: ServerProcess) -> None:
    async with open_raw(server.socket_address) as client:
        await client.send(*messages)
        code, _ = await client.closed()

    assert code == 3501


@pytest.mark.parametrize(
    "second",
    [
        {"id": 2, "connect": {"token": "x"}},
        {"id": 0, "rpc": {"method": "workspace.post", "data": {}}},
        "no JSON",
    ],
    ids=["a second connect", "no id", "no JSON"],
)
async def test_a_broken_message_later_ends_the_connection_too(second: Any, ada: RawClient) -> None:
    await ada.send(second)

    assert (await ada.closed())[0] == 3501


@pytest.mark.parametrize("request_name", ["frobnicate", "map_subscribe"])
async def test_a_request_that_is_not_offered_is_answered_and_the_connection_goes_on(
    request_name: str, ada: RawClient, new_room: NewRoom
) -> None:
    reply = await ada.ask(**{request_name: {}})

    assert reply["error"]["code"] == 108
    assert "subscribe" in await ada.ask(subscribe={"channel": await new_room()})


async def test_random_bytes_harm_nobody(server: ServerProcess, token: Mint, new_room: NewRoom) -> None:
    room = await new_room()
    for number in range(30):
        async with open_raw(server.socket_address, token("ada", "user") if number % 2 else None) as client:
            await client.send(os.urandom(1 + number * 37))
            assert (await client.closed())[0] == 3501

    assert await top_of(server, token, room) == 1
    assert server.is_running


async def test_a_frame_beyond_the_limit_ends_the_connection_and_nothing_else(
    server: ServerProcess, token: Mint, new_room: NewRoom
) -> None:
    room = await new_room()
    async with open_raw(server.socket_address, token("ada", "user")) as client:
        await client.send({"id": 2, "rpc": {"method": "workspace.post", "data": {"room": room, "text": "x" * 600_000}}})
        code, reason = await client.closed()

    assert code == 3501  # terminal like 1009, but with words
    assert reason
    assert await top_of(server, token, room) == 1
