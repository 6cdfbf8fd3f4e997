"""Five hundred voters at once in one share: some repeat themselves, some change their minds, some are cut off in mid-vote.

Afterwards the tally is a recount: of what every voter was told last, of the log, and of Postgres, with one row per voter.
"""

import asyncio
import contextlib
import random
from collections import Counter
from typing import Any, NamedTuple

import asyncpg
import httpx
from websockets.exceptions import WebSocketException

from persistence.embedded import EmbeddedSettings, open_embedded
from tests.drills.catalog import Orders
from tests.drills.checker import Verdict
from tests.drills.report import Report
from tests.support.proxy import Proxy, open_proxy
from tests.support.raw import RawClient, open_raw
from tests.support.server import ServerProcess, data_folder, open_server
from tests.support.tokens import mint, new_command_id, secret_of

TURNS_MOST = 4
CUT_SHARE = 0.3
REPEAT_SHARE = 0.3
CUTS_OF_ALL = 5
"""How often every connection through the proxy is reset while they vote."""
AT_ONCE = 100
"""Connections that are being opened at the same time: the voters themselves all vote at once."""


class Share(NamedTuple):
    room: str
    link: str


class Voter:
    """Votes up to ``TURNS_MOST`` times. ``vote`` is the last one that was acknowledged."""

    def __init__(self, number: int, token: str, address: str, seed: int) -> None:
        self.vote = ""
        self.cuts = 0
        self.repeats = 0
        self.complaints: list[str] = []
        self._token = token
        self._address = address
        self._random = random.Random(f"{seed} {number}")

    async def life(self, room: str, opening: asyncio.Semaphore, all_are_here: asyncio.Barrier) -> None:
        async with contextlib.AsyncExitStack() as stack:
            async with opening:
                client: RawClient | None = await stack.enter_async_context(open_raw(self._address, self._token))
            await all_are_here.wait()
            for _ in range(self._random.randint(1, TURNS_MOST)):
                vote = self._random.choice(["UPVOTE", "DOWNVOTE", "DOWNVOTE", *([""] if self.vote else [])])
                client = await self._turn(stack, client, room, vote)

    async def _turn(self, stack: contextlib.AsyncExitStack, client: RawClient | None, room: str, vote: str) -> RawClient | None:
        """One vote until it is acknowledged, over as many connections as that takes, under one command id."""
        command = {"room": room, "command_id": new_command_id(), **({"vote": vote} if vote else {})}
        method = "share.vote" if vote else "share.withdraw_vote"
        is_to_be_cut = self._random.random() < CUT_SHARE
        while True:
            try:
                if client is None:
                    client = await stack.enter_async_context(open_raw(self._address, self._token))
                if is_to_be_cut:
                    is_to_be_cut = False
                    await client.send({"id": 99, "rpc": {"method": method, "data": command}})
                    client.abort()
                    self.cuts += 1
                    client = None
                    continue
                reply = await client.rpc(method, command)
                if "rpc" not in reply:
                    self.complaints.append(f"{method} was answered {reply}")
                    return client
                if self._random.random() < REPEAT_SHARE:
                    again = await client.rpc(method, command)
                    self.repeats += 1
                    if event_ids_of(again) != event_ids_of(reply):
                        self.complaints.append(f"a repeat was answered {again} behind {reply}")
                self.vote = vote
                return client
            except (WebSocketException, OSError, TimeoutError):
                client = None


def event_ids_of(reply: dict[str, Any]) -> list[str] | None:
    """Those of the events that the command has made: none where it changed nothing, None where it was refused."""
    ids: list[str] | None = reply.get("rpc", {}).get("data", {}).get("event_ids")
    return ids


async def voters_drill(orders: Orders) -> Report:
    """``orders.n`` voters."""
    count, seed = orders.n, orders.plan.seed
    with data_folder() as data:
        async with open_server(data, command=orders.command) as server, open_proxy(server.port) as proxy:
            share = await _shared(server)
            tokens = await _tokens(server, share, count)
            addresses = [server.socket_address, f"ws://127.0.0.1:{proxy.port}/connection/websocket"]
            voters = [Voter(number, token, addresses[number % 2], seed) for number, token in enumerate(tokens)]
            shown = await _vote(server, proxy, share, voters)
            await server.stop()
            counted = await _recounted(server, share)
    told = Counter(voter.vote for voter in voters if voter.vote)
    counted["the tally"] = shown
    complaints = [f"{where} has {dict(found)}, voters {dict(told)}" for where, found in counted.items() if found != told]
    complaints += [complaint for voter in voters for complaint in voter.complaints]
    figures = {
        "voters": count,
        "cuts": sum(voter.cuts for voter in voters),
        "repeats": sum(voter.repeats for voter in voters),
        "tally": dict(told),
    }
    return Report(drill="voters", verdict=Verdict(), figures=figures, complaints=complaints)


async def _vote(server: ServerProcess, proxy: Proxy, share: Share, voters: list[Voter]) -> Counter[str]:
    """All at once; half of them behind a proxy whose connections are cut meanwhile. The tally that a joiner is shown afterwards."""
    opening, here = asyncio.Semaphore(AT_ONCE), asyncio.Barrier(len(voters) + 1)

    async def cutting() -> None:
        await here.wait()
        for _ in range(CUTS_OF_ALL):
            await asyncio.sleep(0.1)
            proxy.reset()

    cuts = asyncio.create_task(cutting())
    async with asyncio.TaskGroup() as group:
        for voter in voters:
            group.create_task(voter.life(share.room, opening, here))
    cuts.cancel()
    async with open_raw(server.socket_address, mint(secret_of(server.data), "owner", "user")) as owner:
        view = (await owner.ask(subscribe={"channel": share.room}))["subscribe"]["data"]["view"]
    return +Counter({"UPVOTE": view["tally"]["up"], "DOWNVOTE": view["tally"]["down"]})


async def _shared(server: ServerProcess) -> Share:
    owner = {"Authorization": f"Bearer {mint(secret_of(server.data), 'owner', 'user')}"}
    async with httpx.AsyncClient(base_url=server.http, trust_env=False, headers=owner) as client:
        concept = (await client.post("/commands/concept.create", json={"command_id": new_command_id(), "name": "Lamp"})).json()
        body = {"command_id": new_command_id(), "concept_id": concept["room"].partition(":")[2], "allow_voting": True}
        made: dict[str, Any] = (await client.post("/shares", json=body)).json()
    return Share(made["room"], made["token"])


async def _tokens(server: ServerProcess, share: Share, count: int) -> list[str]:
    """Guests by the link, each with a name and a secret of their own."""
    async with httpx.AsyncClient(base_url=server.http, trust_env=False, headers={"X-Share-Token": share.link}) as client:
        answers = []
        for number in range(count):
            body = {"name": f"Guest {number}", "guest_id": f"the secret of guest {number:06d}"}
            answers.append((await client.post("/shares/enter", json=body)).json())
    return [str(answer["token"]) for answer in answers]


async def _recounted(server: ServerProcess, share: Share) -> dict[str, Counter[str]]:
    """From the log, vote by vote, and from the rows."""
    async with open_embedded(EmbeddedSettings(data=server.data / "postgres")) as dsn:
        connection = await asyncpg.connect(dsn)
        try:
            events = await connection.fetch(
                """
                SELECT actor_id, type, body ->> 'vote' AS vote FROM room_events
                WHERE room = $1 AND type IN ('vote_cast', 'vote_withdrawn') ORDER BY "offset"
                """,
                share.room,
            )
            rows = await connection.fetch(
                "SELECT user_id, vote_type FROM concept_votes WHERE shared_concept_id = $1", share.room.partition(":")[2]
            )
        finally:
            await connection.close()
    last = {event["actor_id"]: event["vote"] for event in events}
    assert len({row["user_id"] for row in rows}) == len(rows), "a voter has two rows"
    return {
        "the log": Counter(vote for vote in last.values() if vote),
        "Postgres": Counter(row["vote_type"] for row in rows),
    }
