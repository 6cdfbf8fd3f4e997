"""Rights end under load: tokens run out, are refreshed in time and late, are narrowed; people are suspended, shares revoked.

Whoever has no right any more is given nothing that happens from then on; whoever has shown a new token in time loses nothing.
"""

import asyncio
import contextlib
import hashlib
import math
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

import httpx

from tests.drills.catalog import Orders
from tests.drills.checker import judge
from tests.drills.clients.follower import Follower, following, until, until_inside, until_read
from tests.drills.history import Acked, Barred, History
from tests.drills.load import stored_events, until_there
from tests.drills.report import Report, unclean_end
from tests.drills.stage import dsn_of
from tests.support.clients import Person, open_person
from tests.support.server import ServerProcess, data_folder, open_server
from tests.support.tokens import actor_of, mint, new_command_id, secret_of

EXPIRED, SUSPENDED, NOT_ALLOWED, CLOSED = 3005, 3507, 2001, 2003
DEFAULT_GRACE_S = 25.0
SHORT_GRACE_S = 4.0
EARLY_S, LATE_S = 3.0, 1.5
"""So long before and after its end a token is renewed: what a busy machine takes for it must fit in between."""
SLACK_S = 1.5
"""The server looks once a second at who may stay."""
POSTS_PER_S = 30.0
ENTER_S = 30.0


class Groups(NamedTuple):
    """``lapse``: never refresh. ``refresh``: before their tokens' end. ``late``: after it, within the grace. The others lose
    their right in the middle of a token's life."""

    lapse: list[Follower]
    refresh: list[Follower]
    late: list[Follower]
    narrowed: list[Follower]
    suspended: list[Follower]
    guests: list[Follower]

    @property
    def everybody(self) -> list[Follower]:
        return [follower for group in self for follower in group]


class Scene(NamedTuple):
    """``rooms`` are a workspace and a share; ``lifetime_s`` is how long a token lives, ``grace_s`` how late it may be renewed."""

    server: ServerProcess
    poster: Person
    rooms: tuple[str, str]
    link: str
    lifetime_s: float
    grace_s: float

    def token(self, user: str, end_s: float) -> str:
        return mint(secret_of(self.server.data), user, "user", exp=int(end_s))

    def next_end_s(self) -> float:
        """Of a token that is made now: a whole second, as tokens say it."""
        return float(math.ceil(time.time() + self.lifetime_s))


async def expiry_drill(orders: Orders) -> Report:
    """``orders.n`` of each group, with tokens that live for ``orders.seconds``."""
    is_short = orders.seconds < DEFAULT_GRACE_S
    environment = {"ATRIUM_CONNECTION_EXPIRY_GRACE_S": f"{SHORT_GRACE_S}", "ATRIUM_AUTH_LEEWAY_S": "0"} if is_short else {}
    with data_folder() as data:
        async with open_server(data, environment, orders.command) as server:
            token = mint(secret_of(data), "poster", "admin")
            async with open_person(server.socket_address, "poster", token, actor=actor_of("poster")) as poster:
                made = await poster.give("workspace.create", pattern_type="expiry", name="Expiry", category="drills")
                share, link = await _shared(poster)
                grace_s = SHORT_GRACE_S if is_short else DEFAULT_GRACE_S
                scene = Scene(server, poster, (made["room"], share), link, orders.seconds, grace_s)
                groups, complaints = await _played(scene, orders)
                rooms = sorted({entry.room for entry in poster.log.entries if isinstance(entry, Acked)})
                stored = await stored_events(dsn_of(server), rooms)
            complaints += unclean_end(server, await server.stop())
    logs = [poster.log, *(one.log for one in groups.everybody)]
    verdict = judge(History(logs=logs, stored=stored, rooms=rooms))
    figures = {
        "of each kind": orders.n,
        "token lives": f"{orders.seconds:.0f} s",
        "grace": f"{scene.grace_s:.0f} s",
        "refreshed": sum(one.refreshes for one in groups.everybody),
    }
    return Report(drill="expiry", verdict=verdict, figures=figures, complaints=complaints)


async def _played(scene: Scene, orders: Orders) -> tuple[Groups, list[str]]:
    guests = await _guests(scene, orders.n)
    end_s = scene.next_end_s()
    groups = _groups(scene, orders.n, end_s, guests)
    over_s = end_s + scene.grace_s + SLACK_S
    async with following(groups.everybody):
        async with _posting(scene) as tops:
            renewing = [
                asyncio.create_task(_renew(scene, groups.refresh, end_s, -EARLY_S)),
                asyncio.create_task(_renew(scene, groups.late, end_s, LATE_S)),
            ]
            complaints = await until_inside(groups.everybody, ENTER_S)
            await _narrow(scene, groups.narrowed)
            await _suspend(scene, groups.suspended)
            await _revoke(scene, groups.guests)
            await _sleep_until(over_s + SLACK_S)
            for one in groups.lapse:
                one.log.entries.append(Barred("", int(over_s * 1000)))
            gone = [*groups.lapse, *groups.narrowed, *groups.suspended, *groups.guests]
            complaints += await _until_out(gone, orders.settle_s)
        staying = [*groups.refresh, *groups.late]
        complaints += await until_read(staying, tops, orders.settle_s)
        await _ended(renewing)
        complaints += _complaints(groups)
    for one in staying:
        tops[one.room] = max(tops[one.room], one.offset)
    return groups, complaints + await until_there(dsn_of(scene.server), tops)


def _groups(scene: Scene, count: int, end_s: float, guests: list[Follower]) -> Groups:
    def named(group: str) -> list[Follower]:
        users = [f"{group}-{number}" for number in range(count)]
        return [Follower(scene.server.port, user, scene.token(user, end_s), scene.rooms[0], _now()) for user in users]

    return Groups(**{group: named(group) for group in Groups._fields if group != "guests"}, guests=guests)


async def _guests(scene: Scene, count: int) -> list[Follower]:
    """By the share's link, each with a name of its own."""
    guests = []
    async with httpx.AsyncClient(base_url=scene.server.http, trust_env=False, headers={"X-Share-Token": scene.link}) as client:
        for number in range(count):
            body = {"name": f"Guest {number}", "guest_id": f"the secret of guest {number:06d}"}
            token = (await client.post("/shares/enter", json=body)).raise_for_status().json()["token"]
            guests.append(Follower(scene.server.port, f"guest-{number}", token, scene.rooms[1], _now()))
    return guests


def _now() -> asyncio.Event:
    """They may come at once."""
    may_come = asyncio.Event()
    may_come.set()
    return may_come


async def _shared(poster: Person) -> tuple[str, str]:
    """A share's room and its link's secret."""
    concept = await poster.give("concept.create", name="Lamp")
    link = new_command_id()
    hashed = hashlib.sha256(link.encode()).hexdigest()
    fields = {"concept_id": concept["room"].partition(":")[2], "token_hash": hashed, "allow_comments": True}
    made = await poster.give("share.share", **fields)
    return str(made["room"]), link


@asynccontextmanager
async def _posting(scene: Scene) -> AsyncIterator[dict[str, int]]:
    """Something happens all the time in both rooms; how far each has come."""
    tops: dict[str, int] = {}
    verbs = dict(zip(scene.rooms, ("workspace.post", "share.add_comment"), strict=True))

    async def post(room: str, verb: str) -> None:
        number = 0
        while True:
            number += 1
            tops[room] = (await scene.poster.give(verb, room, text=f"number {number}"))["offset"]
            await asyncio.sleep(1 / POSTS_PER_S)

    tasks = [asyncio.create_task(post(room, verb)) for room, verb in verbs.items()]
    try:
        yield tops
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)  # the share is revoked, and takes no comments then


# ---- what becomes of them


async def _narrow(scene: Scene, group: Sequence[Follower]) -> None:
    """A new token that is for another room alone: out of this one at once."""
    for one in group:
        token = mint(secret_of(scene.server.data), one.log.name, rooms={scene.rooms[1]: "viewer"}, ttl_s=3_600)
        one.refresh(token)
    await until(lambda: all(one.refreshes for one in group), ENTER_S)
    for one in group:
        one.log.entries.append(Barred(scene.rooms[0], _from_now_ms(0.0)))


async def _suspend(scene: Scene, group: Sequence[Follower]) -> None:
    admin = {"Authorization": f"Bearer {mint(secret_of(scene.server.data), 'poster', 'admin')}"}
    async with httpx.AsyncClient(base_url=scene.server.http, trust_env=False, headers=admin) as client:
        for one in group:
            async with asyncio.timeout(ENTER_S):
                while not await _is_suspended(client, one):  # noqa: ASYNC110  # who has just come has no row yet
                    await asyncio.sleep(0.1)
            one.log.entries.append(Barred("", _from_now_ms(2 * SLACK_S)))


async def _is_suspended(client: httpx.AsyncClient, one: Follower) -> bool:
    return (await client.patch(f"/users/{one.log.actor}", json={"status": "suspended"})).is_success


async def _revoke(scene: Scene, group: Sequence[Follower]) -> None:
    share = scene.rooms[1]
    await scene.poster.give("share.revoke_share", share)
    for one in group:
        one.log.entries.append(Barred(share, _from_now_ms(0.0)))


def _from_now_ms(seconds: float) -> int:
    return int((time.time() + seconds) * 1000)


async def _renew(scene: Scene, group: Sequence[Follower], end_s: float, after_s: float) -> None:
    """Show a new token so long after the old one's end (before it, where that is negative), over and over."""
    while True:
        await _sleep_until(end_s + after_s)
        end_s = scene.next_end_s()
        for one in group:
            one.refresh(scene.token(one.log.name, end_s))


async def _sleep_until(at_s: float) -> None:
    await asyncio.sleep(max(0.0, at_s - time.time()))


async def _ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _until_out(followers: Sequence[Follower], within_s: float) -> list[str]:
    if await until(lambda: all(one.is_out for one in followers), within_s):
        return []
    still = [f"{one.log.name} (closes {one.closes}, put out {one.put_out})" for one in followers if not one.is_out]
    return [f"{len(still)} of {len(followers)} are not sent away: {', '.join(still[:5])}"]


def _complaints(groups: Groups) -> list[str]:
    """Everybody was told what has become of them, by its code."""
    complaints = []
    for group, code in ((groups.lapse, EXPIRED), (groups.suspended, SUSPENDED)):
        complaints += [f"{one.log.name} was closed with {one.closes}, not {code}" for one in group if code not in one.closes]
    for group, code in ((groups.narrowed, NOT_ALLOWED), (groups.guests, CLOSED)):
        complaints += [f"{one.log.name} was put out with {one.put_out}, not {code}" for one in group if one.put_out != [code]]
    for one in [*groups.refresh, *groups.late]:
        if one.losses or not one.refreshes:
            complaints.append(f"{one.log.name} refreshed {one.refreshes} times and was closed with {one.losses}")
    return complaints
