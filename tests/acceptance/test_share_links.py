"""A share as its friends live it: in by the link, comments, votes and visits on every screen, words taken back, and out."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.acceptance.conftest import Mint
from tests.support.raw import WAIT_S, RawClient, open_raw
from tests.support.server import ServerProcess
from tests.support.tokens import new_command_id

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def http(server: ServerProcess) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.http, trust_env=False) as client:
        yield client


async def shared(http: httpx.AsyncClient, owner: str, **rules: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {owner}"}
    concept = await http.post("/commands/concept.create", json={"command_id": new_command_id(), "name": "Lamp"}, headers=headers)
    assert concept.is_success, concept.text
    body = {"command_id": new_command_id(), "concept_id": concept.json()["room"].partition(":")[2], **rules}
    made = await http.post("/shares", json=body, headers=headers)
    assert made.is_success, made.text
    answer: dict[str, Any] = made.json()
    return answer


async def entered(http: httpx.AsyncClient, token: str, name: str) -> str:
    answer = await http.post("/shares/enter", json={"name": name}, headers={"X-Share-Token": token})
    assert answer.is_success, answer.text
    return str(answer.json()["token"])


async def give(client: RawClient, name: str, room: str, **fields: Any) -> dict[str, Any]:
    reply = await client.rpc(name, {"room": room, "command_id": new_command_id(), **fields})
    assert "rpc" in reply, reply
    data: dict[str, Any] = reply["rpc"]["data"]
    return data


async def until(client: RawClient, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The first push that is so, of those that came and those that come."""
    async with asyncio.timeout(WAIT_S):
        while True:
            for push in client.pushes:
                if is_so(push):
                    return push
            await client.receive()


def event(tag: str) -> Callable[[dict[str, Any]], bool]:
    return lambda push: push.get("pub", {}).get("data", {}).get("event", {}).get("type") == tag


def tick(key: str, **values: Any) -> Callable[[dict[str, Any]], bool]:
    def is_so(push: dict[str, Any]) -> bool:
        found = push.get("pub", {}).get("data", {}).get("tick", {})
        return found.get("key") == key and all(found.get(name) == value for name, value in values.items())

    return is_so


async def test_friends_see_each_other_until_it_is_revoked(server: ServerProcess, http: httpx.AsyncClient, token: Mint) -> None:
    ada = token("ada", "user")
    made = await shared(http, ada, allow_voting=True)
    room = made["room"]
    guest_token = await entered(http, made["token"], "Gus")
    async with open_raw(server.socket_address, ada) as owner, open_raw(server.socket_address, guest_token) as guest:
        assert "subscribe" in await owner.ask(subscribe={"channel": room})
        opened = await guest.ask(subscribe={"channel": room})
        assert opened["subscribe"]["data"]["view"]["share"]["concept"]["name"] == "Lamp"
        await until(owner, tick("views", count=1))

        said = await give(guest, "share.add_comment", room, text="nice")
        push = await until(owner, event("comment_added"))
        assert push["pub"]["data"]["event"]["text"] == "nice"
        await give(guest, "share.vote", room, vote="UPVOTE")
        await give(guest, "share.vote", room, vote="UPVOTE")
        await until(owner, tick("tally", up=1, down=0))
        mine = await guest.rpc("share.my_vote", {"room": room})
        assert mine["rpc"]["data"] == {"vote": "UPVOTE"}

        await give(owner, "share.delete_comment", room, comment_id=said["comment_id"])
        history = await owner.ask(history={"channel": room, "limit": 50})
        told = [publication["data"]["event"] for publication in history["history"]["publications"]]
        assert [each.get("text", "") for each in told if each["type"] == "comment_added"] == [""]

        await give(owner, "share.revoke_share", room)
        for client in (owner, guest):
            out = await until(client, lambda push: "unsubscribe" in push)
            assert (out["unsubscribe"]["code"], "revoked" in out["unsubscribe"]["reason"]) == (2003, True)
        again = await guest.ask(subscribe={"channel": room})
        assert "error" in again


async def test_who_may_no_longer_be_here_is_put_out_and_the_others_stay(
    server: ServerProcess, http: httpx.AsyncClient, token: Mint
) -> None:
    ada = token("ada", "user")
    made = await shared(http, ada)
    room = made["room"]
    guest_token = await entered(http, made["token"], "Gus")
    async with open_raw(server.socket_address, ada) as owner, open_raw(server.socket_address, guest_token) as guest:
        await owner.ask(subscribe={"channel": room})
        await guest.ask(subscribe={"channel": room})
        await give(owner, "share.change_share", room, is_public=False)

        out = await until(guest, lambda push: "unsubscribe" in push)
        assert out["unsubscribe"]["code"] == 2001
        await give(owner, "share.add_comment", room, text="among us")
        await until(owner, event("comment_added"))
        assert not any(event("comment_added")(push) for push in guest.pushes)
