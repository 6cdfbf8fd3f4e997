"""POST /commands/<name> is the socket's rpc by another road: same rules, same result, same idempotence."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.acceptance.conftest import Mint, NewRoom
from tests.support.raw import RawClient, open_raw
from tests.support.server import ServerProcess
from tests.support.tokens import new_command_id

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def http(server: ServerProcess, token: Mint) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {token('ada', 'user')}"}
    async with httpx.AsyncClient(base_url=server.http, headers=headers, trust_env=False) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def socket(server: ServerProcess, token: Mint) -> AsyncIterator[RawClient]:
    async with open_raw(server.socket_address, token("ada", "user")) as client:
        yield client


def post(room: str, text: str = "hello", **fields: Any) -> dict[str, Any]:
    return {"room": room, "command_id": new_command_id(), "text": text, **fields}


async def test_both_roads_answer_alike(http: httpx.AsyncClient, socket: RawClient, new_room: NewRoom) -> None:
    room = await new_room()

    over_http = (await http.post("/commands/workspace.post", json=post(room))).json()
    over_socket = (await socket.rpc("workspace.post", post(room)))["rpc"]["data"]

    assert over_http.keys() == over_socket.keys()
    assert over_http["offset"] + 1 == over_socket["offset"]
    assert over_http["epoch"] == over_socket["epoch"]


async def test_a_repeat_over_the_other_road_is_the_same_command(
    http: httpx.AsyncClient, socket: RawClient, new_room: NewRoom
) -> None:
    command = post(await new_room())

    first = (await socket.rpc("workspace.post", command))["rpc"]["data"]
    again = (await http.post("/commands/workspace.post", json=command)).json()

    assert again == first


async def test_stored_is_waited_for(http: httpx.AsyncClient, new_room: NewRoom) -> None:
    answer = (await http.post("/commands/workspace.post", json=post(await new_room(), receipt="stored"))).json()

    assert answer["stored"] is True


@pytest.mark.parametrize(
    ("name", "fields", "status"),
    [
        ("workspace.explode", {}, 404),
        ("workspace.post", {"colour": "red"}, 400),
        ("workspace.post", {"text": 7}, 400),
        ("workspace.verify", {"text": None}, 403),
        ("workspace.approve", {"text": None}, 409),
    ],
    ids=["unknown command", "unknown field", "wrong type", "not allowed", "a rule says no"],
)
async def test_refusals_have_the_same_code_and_sentence(
    name: str, fields: dict[str, Any], status: int, http: httpx.AsyncClient, socket: RawClient, new_room: NewRoom
) -> None:
    command = {key: value for key, value in (post(await new_room()) | fields).items() if value is not None}

    over_http = await http.post(f"/commands/{name}", json=command)
    over_socket = (await socket.rpc(name, {**command, "command_id": new_command_id()}))["error"]

    assert over_http.status_code == status
    assert over_http.headers["content-type"].startswith("application/problem+json")
    assert over_http.json()["code"] == over_socket["code"]
    assert over_http.json()["detail"] == over_socket["message"]


async def test_other_content_under_a_used_id_is_refused(http: httpx.AsyncClient, new_room: NewRoom) -> None:
    command = post(await new_room())
    await http.post("/commands/workspace.post", json=command)

    answer = await http.post("/commands/workspace.post", json={**command, "text": "else"})

    assert answer.json()["code"] == 417


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'"x"'], ids=["nothing", "half", "list", "bytes", "text"])
async def test_a_body_that_is_no_command_is_a_bad_request(body: bytes, http: httpx.AsyncClient) -> None:
    answer = await http.post("/commands/workspace.post", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["code"] == 107


async def test_without_a_token_nothing_is_given(server: ServerProcess, new_room: NewRoom) -> None:
    async with httpx.AsyncClient(base_url=server.http, trust_env=False) as stranger:
        answer = await stranger.post("/commands/workspace.post", json=post(await new_room()))

    assert answer.status_code == 401


async def test_a_token_that_has_run_out_is_told_so(server: ServerProcess, token: Mint, new_room: NewRoom) -> None:
    headers = {"Authorization": f"Bearer {token('ada', 'user', ttl_s=-3600)}"}
    async with httpx.AsyncClient(base_url=server.http, headers=headers, trust_env=False) as late:
        answer = await late.post("/commands/workspace.post", json=post(await new_room()))

    assert answer.status_code == 401
    assert answer.json()["code"] == 109
