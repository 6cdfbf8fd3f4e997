"""Exactly once between rooms: kill -9 while comments notify people and acceptances settle quotes, then count causes and effects.

What one room's event makes in another is counted in Postgres alone, by what the events say of each other.
"""

import asyncio
import json
import random
from collections import Counter
from typing import Any, NamedTuple

import asyncpg

from persistence.embedded import EmbeddedSettings, open_embedded
from tests.drills.catalog import Orders
from tests.drills.history import event_id
from tests.drills.load import judged, open_load, until_stored
from tests.drills.report import Report, unclean_end
from tests.drills.stage import dsn_of
from tests.support.server import data_folder, open_server

KINDS = ("deal", "share")
PAUSE_S = (1.0, 4.0)
"""Between ready and the next kill: an offer is asked for, made and taken in a second or two, through four rooms."""
UNDER_WAY_S = (0.0, 0.4)
"""Between the first row in the outbox and the kill: before, in and after its delivery."""
DELIVERED_S = 60.0
"""How long the outbox may take to be empty once nothing new is given."""


QUIET_S = 2.0
"""Events reach the outbox by write-behind, and may make further ones: so long nothing must stir."""

_STANDS = """
    SELECT (SELECT count(*) FROM room_events) AS stored,
      (SELECT count(*) FROM reactions WHERE state NOT IN ('done', 'refused')) AS left
"""


class Happened(NamedTuple):
    """One event, as it stands in the log."""

    room: str
    id: str
    actor: str
    fields: dict[str, Any]


async def reactions_drill(orders: Orders) -> Report:
    """Kill it ``orders.n`` times at moments that the plan's seed decides, while deals are made and comments given."""
    plan = orders.plan._replace(kinds=KINDS)
    rng = random.Random(plan.seed)
    with data_folder() as data:
        async with open_server(data, command=orders.command) as server:
            async with open_load(server, plan) as load:
                for _ in range(orders.n):
                    await asyncio.sleep(rng.uniform(*PAUSE_S))
                    await until_under_way(dsn_of(server))
                    await asyncio.sleep(rng.uniform(*UNDER_WAY_S))
                    await server.kill()
                    await server.start()
                await asyncio.sleep(PAUSE_S[1])
                complaints = await load.settled(orders.settle_s)
                complaints += await until_stored(dsn_of(server), load)
                complaints += await until_delivered(dsn_of(server))
            code = await server.stop()
        async with open_embedded(EmbeddedSettings(data=data / "postgres")) as dsn:
            verdict = await judged(dsn, load)
            causes = await happened(dsn)
            complaints += await refused_without_reason(dsn)
    figures, found = counted(causes)
    complaints += unclean_end(server, code)
    return Report(drill="reactions", verdict=verdict, figures={"kills": orders.n, **figures}, complaints=[*complaints, *found])


async def until_delivered(dsn: str) -> list[str]:
    """Wait until nothing is left in the outbox, and nothing has come of what was delivered last."""
    loop = asyncio.get_running_loop()
    deadline, quiet_since, before = loop.time() + DELIVERED_S, loop.time(), (-1, -1)
    connection = await asyncpg.connect(dsn)
    try:
        while loop.time() - quiet_since < QUIET_S:
            now = await connection.fetchrow(_STANDS)
            if now["left"] or tuple(now) != before:
                quiet_since, before = loop.time(), tuple(now)
            if loop.time() > deadline:
                return [f"{now['left']} reactions are not delivered"]
            await asyncio.sleep(0.1)
    finally:
        await connection.close()
    return []


async def until_under_way(dsn: str) -> None:
    """Wait until the outbox holds something: that is when a kill matters."""
    connection = await asyncpg.connect(dsn)
    try:
        async with asyncio.timeout(DELIVERED_S):
            while (await connection.fetchrow(_STANDS))["left"] == 0:  # noqa: ASYNC110  # Postgres tells nobody
                await asyncio.sleep(0.02)
    finally:
        await connection.close()


async def refused_without_reason(dsn: str) -> list[str]:
    """An acceptance may come too late, and says so; everything else that rooms ask of each other is taken."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            "SELECT name, message, count(*) FROM reactions WHERE state = 'refused' AND refusal = '' GROUP BY name, message"
        )
    finally:
        await connection.close()
    return [f"{row['name']} was refused {row['count']} times: {row['message']}" for row in rows]


async def happened(dsn: str) -> dict[str, list[Happened]]:
    """All events by their type."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch('SELECT room, "offset", type, body, actor_id, command_id, ordinal FROM room_events')
    finally:
        await connection.close()
    by_type: dict[str, list[Happened]] = {}
    for row in sorted(rows, key=lambda row: (row["room"], row["offset"])):
        fields = json.loads(row["body"])
        one = Happened(row["room"], _event_id(row), str(row["actor_id"]), fields)
        by_type.setdefault(row["type"], []).append(one)
    return by_type


def _event_id(row: asyncpg.Record) -> str:
    return event_id(row["room"], str(row["actor_id"]), str(row["command_id"]), row["ordinal"])


def counted(events: dict[str, list[Happened]]) -> tuple[dict[str, object], list[str]]:
    """How much there was, and every effect that is missing or there twice."""
    notices = _notices_wanted(events)
    told = Counter((one.room, one.fields["source"], one.fields.get("thing_id")) for one in events.get("notified", ()))
    complaints = [
        f"{to} was told {told[to, source, thing]} times of {thing} in {source}"
        for to, source, thing in notices
        if told[to, source, thing] != 1
    ]
    complaints += _told_twice(events)
    accepted = events.get("quote_accepted", [])
    acceptances = [one for one in accepted if one.room.startswith("concept:")]
    for one in acceptances:
        complaints += _settled_once(one, events)
    undone = len(events.get("acceptance_undone", ()))
    return {"comments told": len(notices), "acceptances": len(acceptances), "of them undone": undone}, complaints


def _notices_wanted(events: dict[str, list[Happened]]) -> list[tuple[str, str, str]]:
    """(person's room, source, thing): whom each comment concerns, but for who wrote it."""
    wanted = []
    for comment in events.get("comment_added", ()):
        fields = comment.fields
        people = {fields["owner_id"], fields.get("parent_author_id"), *fields.get("mentions", ())} - {None, comment.actor}
        wanted += [(f"person:{who}", comment.room, comment.id) for who in sorted(people)]
    return wanted


def _told_twice(events: dict[str, list[Happened]]) -> list[str]:
    """Notices of one thing, by one person, at one time, to one person."""
    names = ("source", "what", "thing_id", "at", "by")
    told = Counter((one.room, *(json.dumps(one.fields.get(name)) for name in names)) for one in events.get("notified", ()))
    return [f"{notice[0]} was told {count} times: {', '.join(notice[1:])}" for notice, count in told.items() if count > 1]


def _settled_once(acceptance: Happened, events: dict[str, list[Happened]]) -> list[str]:
    """Every quote room of the request has heard of it once; or the acceptance was undone, once."""
    fields = acceptance.fields
    quote, where = fields["quote_id"], acceptance.room
    taken = [one for one in events["quote_accepted"] if one.room == fields["accepted"] and one.fields["quote_id"] == quote]
    undone = [one for one in events.get("acceptance_undone", ()) if one.room == where and one.fields["quote_id"] == quote]
    if len(taken) + len(undone) != 1:
        return [f"{quote} was accepted in {where}, taken {len(taken)} times and undone {len(undone)} times"]
    complaints = []
    for room in fields.get("others", ()):
        closed = [one for one in events.get("request_closed", ()) if one.room == room]
        reopened = [one for one in events.get("request_reopened", ()) if one.room == room]
        if len(closed) - len(reopened) != (0 if undone and not _accepted_later(acceptance, events) else 1):
            complaints.append(f"{room} was closed {len(closed)} times and reopened {len(reopened)} times")
    return complaints


def _accepted_later(acceptance: Happened, events: dict[str, list[Happened]]) -> bool:
    """Whether the same request was accepted again after it was undone."""
    request = acceptance.fields["request_id"]
    same = [one for one in events["quote_accepted"] if one.room == acceptance.room and one.fields["request_id"] == request]
    undone = [one for one in events.get("acceptance_undone", ()) if one.fields["request_id"] == request]
    return len(same) > len(undone)
