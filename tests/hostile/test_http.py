"""The HTTP side: bodies, types, paths, methods, tokens and half-broken requests. Each is answered with its status and a problem
that helps, nothing is served that is not the API's or the page's, and the server goes on."""

import asyncio
import json
import uuid
from typing import Any

import httpx
import pytest
import pytest_asyncio

from domain.ids import SYSTEM_ACTOR_ID
from tests.hostile.bystander import Bystander
from tests.hostile.conftest import Mint, NewRoom
from tests.hostile.forms import COMMANDS, example
from tests.hostile.wire import open_wire
from tests.support.raw import open_raw
from tests.support.server import ServerProcess
from tests.support.tokens import actor_of, mint, new_command_id, secret_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.usefixtures("flat_memory")]

JSON = "application/json"


@pytest_asyncio.fixture(loop_scope="session")
async def client(server: ServerProcess, token: Mint) -> Any:
    headers = {"Authorization": f"Bearer {token(f'http-{uuid.uuid4()}', 'user')}"}
    async with httpx.AsyncClient(base_url=server.http, trust_env=False, headers=headers) as opened:
        yield opened


def is_problem(answer: httpx.Response) -> bool:
    """Whether it says in our own words what is wrong, and nothing of the inside."""
    body = answer.json()
    told = answer.headers["content-type"].startswith("application/problem+json") and body["status"] == answer.status_code
    return bool(told and body["detail"] and "Traceback" not in answer.text and "/server/" not in answer.text)


BODIES: dict[str, tuple[bytes, str, set[int]]] = {
    "nothing": (b"", JSON, {400}),
    "no JSON": (b"x", JSON, {400}),
    "a number": (b"1", JSON, {400}),
    "a list": (b"[]", JSON, {400}),
    "null": (b"null", JSON, {400}),
    "half of it": (b'{"command_id": "', JSON, {400}),
    "latin-1": ('{"text": "é"}'.encode("latin-1"), JSON, {400}),
    "utf-16": ('{"text": "x"}'.encode("utf-16"), JSON, {400}),
    "NaN": (b'{"text": NaN}', JSON, {400}),
    "deep": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, JSON, {400}),
    "brackets": (b"[" * 400_000, JSON, {400}),
    "the same key twice": (b'{"command_id": "a", "command_id": "b"}', JSON, {400}),
    "too large": (b'{"text": "' + b"x" * 600_000 + b'"}', JSON, {413}),
    "a form": (b"command_id=1&text=x", "application/x-www-form-urlencoded", {400, 415}),
    "parts of a form": (b"--x\r\n\r\nx\r\n--x--", "multipart/form-data; boundary=x", {400, 415}),
    "xml with an entity": (b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', "application/xml", {400, 415}),
    "msgpack": (b"\x81\xa4text\xa1x", "application/x-msgpack", {400, 415}),
    "a type that is none": (b"{}", "no/type; charset=none-such", {400, 415}),
}


@pytest.mark.parametrize("path", ["/commands/workspace.post", "/shares/enter", "/shares"])
@pytest.mark.parametrize("name", BODIES)
async def test_a_body_that_is_none_is_refused(name: str, path: str, client: httpx.AsyncClient, bystander: Bystander) -> None:
    content, kind, status = BODIES[name]
    answer = await client.post(path, content=content, headers={"Content-Type": kind, "X-Share-Token": "x"})
    assert answer.status_code in status | ({403, 429} if path == "/shares/enter" else set()), answer.text
    assert is_problem(answer)


async def test_a_body_without_an_end_is_cut(server: ServerProcess, token: Mint, bystander: Bystander) -> None:
    head = f"POST /commands/workspace.post HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token('endless', 'user')}\r\n"
    async with open_wire(server.port) as wire:
        await wire.send(head.encode() + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(400):  # 25 MB, where half a megabyte is allowed
                await wire.send(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
        except ConnectionError:
            return
        assert (await wire.answer()).status == 413
        assert await wire.is_dead()


@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd",
        "/..%2f..%2f..%2fetc%2fpasswd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/../../pyproject.toml",
        "/assets/..%5c..%5cpyproject.toml",
        "/assets/%00",
        "//etc/passwd",
        "/.git/config",
        "/data/token-secret",
        "/token-secret",
        "/%ff%fe",
        "/schema/../../server/settings.py",
        "/rooms/%2e%2e%2fworkspace/events",
        "/rooms/workspace:x%00/events",
        "/commands/../health/live",
        "/commands/__class__",
        "/commands/" + "x" * 5_000,
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_no_path_leads_out(method: str, path: str, server: ServerProcess, token: Mint, bystander: Bystander) -> None:
    """By bytes: every client library mends such paths before it sends them."""
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token('wanderer-' + str(uuid.uuid4()), 'user')}\r\n"
    async with open_wire(server.port) as wire:
        await wire.send(head.encode() + b"Content-Length: 0\r\n\r\n")
        answer = await wire.answer()
    assert answer.status in {400, 403, 404, 405}, answer
    for word in (b"root:", b"[project]", b"[core]", secret_of(server.data).encode(), b"Traceback"):
        assert word not in answer.body


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"GET /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /shares/enter HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x",
        b"POST /shares/enter HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        b"GET /health/live HTTP/1.1\r\nHost : x\r\n\r\n",
        b"GET /health/live HTTP/1.1\r\nX: a\x00b\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n\x00",
        b"\r\n\r\n\x00\x01\x02\r\n\r\n",
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=[
        "a version that is none",
        "tls",
        "http/2",
        "two lengths",
        "a negative length",
        "a length and chunks",
        "a chunk of exabytes",
        "a space before the colon",
        "NUL in a header",
        "a proxy's request",
        "noise",
        "connect",
    ],
)
async def test_what_is_no_request_is_refused_or_cut(request_bytes: bytes, server: ServerProcess, bystander: Bystander) -> None:
    async with open_wire(server.port) as wire:
        await wire.send(request_bytes)
        try:
            answer = await wire.answer()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        assert answer.status in {400, 403, 404, 405, 413, 429}, answer


@pytest.mark.parametrize("scheme", ["", "Bearer", "Basic YWRhOmFkYQ==", "bearer x", "Bearer a.b.c", "Bearer " + 9_000 * "x"])
async def test_without_a_token_of_ours_nothing_is_told(scheme: str, server: ServerProcess) -> None:
    async with httpx.AsyncClient(base_url=server.http, trust_env=False) as client:
        answers = [await client.get(path, headers={"Authorization": scheme} if scheme else {}) for path in ("/me", "/workspaces")]
    assert {answer.status_code for answer in answers} == {401}
    assert all(is_problem(answer) for answer in answers)


FORGED = {
    "another secret": {"secret": "another-secret-of-at-least-thirty-two-bytes"},
    "run out": {"ttl_s": -3600},
    "from the future": {"nbf": 4_102_444_800},
    "the server itself": {"user": SYSTEM_ACTOR_ID},
    "text with a line": {"name": "x\nlevel=critical"},
    "a name of a megabyte": {"name": "x" * 5_000},
    "roles that are none": {"roles": {"admin": True}},
}


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_token_opens_nothing(name: str, server: ServerProcess) -> None:
    claims: dict[str, Any] = {"secret": secret_of(server.data), "user": "ada", **FORGED[name]}
    token = mint(claims.pop("secret"), claims.pop("user"), **claims)
    async with httpx.AsyncClient(base_url=server.http, trust_env=False) as client:
        answer = await client.get("/me", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401, answer.text
        assert is_problem(answer)
    async with open_raw(server.socket_address) as raw:
        await raw.send({"id": 1, "connect": {"token": token}})
        if name == "run out":
            assert (await raw.reply(1))["error"]["code"] == 109
        else:
            assert (await raw.closed())[0] == 3500


async def test_rooms_of_others_and_rooms_that_are_not_there_answer_alike(
    server: ServerProcess, token: Mint, bystander: Bystander
) -> None:
    """Every command of every kind, on a room of somebody else's and on none: the same code and the same words."""
    async with (
        open_raw(server.socket_address, token("owner", "user")) as owner,
        open_raw(server.socket_address, token("prowler", "user")) as prowler,
    ):

        async def made(command: str, **fields: Any) -> str:
            reply = await owner.rpc(command, {"command_id": new_command_id(), **fields})
            return str(reply["rpc"]["data"]["room"])

        theirs = {
            "concept": await made("concept.create", name="Ring"),
            "conversation": await made("conversation.start"),
            "person": f"person:{actor_of('owner')}",
        }
        # not the person's own: it is told, a moment later, of the rooms that were made
        tops = {room: await top_of(owner, room) for room in (theirs["concept"], theirs["conversation"])}
        for name, command in COMMANDS.items():
            kind, _, verb = name.partition(".")
            if kind not in theirs or verb in ("create", "start"):
                continue
            told = [
                (await prowler.rpc(name, {"room": room, "command_id": new_command_id(), **example(command)})).get("error")
                for room in (theirs[kind], f"{kind}:{uuid.uuid4()}")
            ]
            assert told[0] == told[1], name
            assert told[0] is not None and told[0]["code"] == 103, name
        for kind, room in theirs.items():
            for ask in ("subscribe", "history", "presence", "presence_stats"):
                told = [
                    (await prowler.ask(**{ask: {"channel": channel}})).get("error") for channel in (room, f"{kind}:{uuid.uuid4()}")
                ]
                assert told[0] == told[1], (kind, ask)
                assert told[0] is not None and told[0]["code"] == 103, (kind, ask)
        assert {room: await top_of(owner, room) for room in tops} == tops, "nothing has happened in them"


async def top_of(client: Any, room: str) -> int:
    return int((await client.ask(history={"channel": room}))["history"].get("offset", 0))


async def test_so_they_do_over_http(server: ServerProcess, token: Mint, client: httpx.AsyncClient, new_room: NewRoom) -> None:
    headers = {"Authorization": f"Bearer {token('http-owner', 'user')}"}
    command = {"command_id": new_command_id(), "name": "Ring"}
    made = await client.post("/commands/concept.create", json=command, headers=headers)
    room = made.json()["room"]
    for path in ("/rooms/{}/events", "/rooms/{}/view", "/rooms/{}/stored", "/rooms/{}/presence"):
        answers = [await client.get(path.format(one)) for one in (room, f"concept:{uuid.uuid4()}")]
        assert [answer.status_code for answer in answers] in ([403, 403], [404, 404]), path
        assert answers[0].json() == answers[1].json(), path


async def test_a_page_of_another_origin_gets_no_leave(client: httpx.AsyncClient) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answers = [await client.options("/commands/workspace.post", headers=asked), await client.get("/me", headers=asked)]
    assert all("access-control-allow-origin" not in answer.headers for answer in answers)


async def test_becoming_anyone_is_not_offered_under_another_name(server: ServerProcess) -> None:
    """DNS rebinding: a page from elsewhere whose name points at 127.0.0.1 comes with that name."""
    async with httpx.AsyncClient(base_url=server.http, trust_env=False) as client:
        body = json.dumps({"name": "Mallory", "role": "admin"})
        answer = await client.post("/dev/sign-in", content=body, headers={"Host": "evil.example", "Content-Type": JSON})
        plain = await client.post(
            "/dev/sign-in", content=body, headers={"Content-Type": "text/plain", "Origin": "https://evil.example"}
        )
    assert answer.status_code == 404
    assert "access-control-allow-origin" not in plain.headers
