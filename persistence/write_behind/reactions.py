"""The outbox: an event here that makes a command there is a row in the transaction of its cause.

Rows end as ``done`` or ``refused``; what a done one said stands in its target's log, and is not kept here beside it. Those
for a kind of room that is not there wait, out of everybody's way; once a minute it is seen whether their kind has come with
a new release, and then they are offered like new ones, in their order.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Final, Literal

import asyncpg
import msgspec
import structlog

from domain.decider import Reaction, Registry
from domain.event_codec import encode
from domain.ids import RoomAddress, ThingId, keyed_id, kind_of
from domain.limits import REACTIONS_MAX
from domain.log import FinishedReaction, PendingReaction
from domain.record import Record
from persistence.database import Connection, Database
from persistence.write_behind.positions import PARTITION

PER_EVENT: Final = REACTIONS_MAX
"""Numbers rise with (offset, place among the event's reactions): so many places does an offset have."""
PER_SOURCE: Final = 16
"""Reactions of one source room that are given out at once: the next ones come when these are finished."""
LOOK_S: Final = 60.0
"""How often those that wait are looked at."""

_log = structlog.get_logger(__name__)

_OPEN = f"partition = {PARTITION} AND state IN ('pending', 'refusing')"
_NEXT = f"""
    WITH RECURSIVE sources AS (
      (SELECT source FROM reactions WHERE {_OPEN} AND source > $1 ORDER BY source LIMIT 1)
      UNION ALL
      SELECT (SELECT r.source FROM reactions AS r WHERE {_OPEN} AND r.source > s.source ORDER BY r.source LIMIT 1)
      FROM sources AS s WHERE s.source IS NOT NULL
    ),
    chosen AS (SELECT source FROM sources WHERE source IS NOT NULL LIMIT $2)
    SELECT r.*, EXISTS (
      SELECT FROM reactions AS w
      WHERE w.state = 'waiting' AND w.source = r.source AND w.target = r.target AND w.number < r.number
    ) AS is_behind_one_that_waits
    FROM chosen AS c CROSS JOIN LATERAL (
      SELECT id, source, number, target, name, payload, refusal, refusal_payload, state, message FROM reactions AS o
      WHERE {_OPEN} AND o.source = c.source ORDER BY o.number LIMIT $3
    ) AS r
    ORDER BY r.source, r.number
"""
"""The sources one after the other by the index, however many reactions one of them has."""
_WAKE = "UPDATE reactions SET state = 'pending' WHERE state = 'waiting' AND split_part(target, ':', 1) = ANY($1::text[])"
_FORGET = """
    DELETE FROM reactions WHERE id IN (
      SELECT id FROM reactions WHERE state = 'done' AND finished_at < now() - interval '7 days' ORDER BY finished_at LIMIT 10000
    )
"""
_FINISH = """
    UPDATE reactions AS r
    SET state = v.state, message = v.message, finished_at = CASE WHEN v.state IN ('done', 'refused') THEN now() END,
      payload = CASE WHEN v.state = 'done' THEN '{}' ELSE r.payload END
    FROM unnest($1::uuid[], $2::text[], $3::text[]) AS v(id, state, message)
    WHERE r.id = v.id AND r.state NOT IN ('done', 'refused')
"""

_SAY_OTHERWISE = """
    UPDATE reactions AS r SET payload = v.payload, refusal_payload = v.refusal_payload
    FROM unnest($1::uuid[], $2::jsonb[], $3::jsonb[]) AS v(id, payload, refusal_payload)
    WHERE r.id = v.id AND r.state <> 'done'
"""
_SAY_NOTHING = """
    UPDATE reactions
    SET payload = '{}',
      message = CASE WHEN state IN ('pending', 'waiting') THEN $5 ELSE message END,
      finished_at = CASE WHEN state IN ('pending', 'waiting') THEN now() ELSE finished_at END,
      state = CASE WHEN state IN ('pending', 'waiting') THEN 'refused' ELSE state END
    WHERE source = $1 AND number BETWEEN $2 AND $3 AND number / $4 = ANY($6::int8[])
      AND state <> 'done' AND NOT id = ANY($7::uuid[])
"""
TAKEN_BACK: Final = "what this would have said was taken back"


class TooManyReactions(Exception):
    """One event makes more commands than its numbers leave room for: a mistake of its kind."""


class OutboxRow(msgspec.Struct, frozen=True, kw_only=True):
    id: ThingId
    source: RoomAddress
    number: int
    reaction: Reaction
    state: Literal["pending", "waiting"] = "pending"


def outbox_rows(kinds: Registry, record: Record) -> list[OutboxRow]:
    """What ``Decider.reactions`` makes of a record. Ids and numbers follow from the place, so writing twice gives the same rows."""
    reactions = kinds[kind_of(record.room)].reactions(record)
    if not reactions:
        return []
    if len(reactions) > PER_EVENT:
        raise TooManyReactions(f"{record.room} {record.offset} makes {len(reactions)} commands")
    numbers = range(record.offset * PER_EVENT, record.offset * PER_EVENT + len(reactions))
    return [
        OutboxRow(
            id=keyed_id("reaction", record.room, str(number)),
            source=record.room,
            number=number,
            reaction=reaction,
            state="pending" if kind_of(reaction.target) in kinds else "waiting",
        )
        for number, reaction in zip(numbers, reactions, strict=True)
    ]


async def write_outbox(connection: Connection, rows: Sequence[OutboxRow]) -> None:
    await connection.executemany(
        """
        INSERT INTO reactions (id, source, number, target, name, payload, refusal, refusal_payload, state)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING
        """,
        [_row(row) for row in rows],
    )


async def take_back_reactions(connection: Connection, kinds: Registry, records: Sequence[Record]) -> None:
    """What ``records`` of one room, redacted now, have asked of other rooms becomes what they ask as they are.

    What they do not ask any more is not given, unless it was already; and none of it keeps the words.
    """
    if not records:
        return
    rows = [row for record in records for row in _rows_without_words(kinds, record)]
    ids, offsets = [row.id for row in rows], sorted(record.offset for record in records)
    if rows:
        payloads = [encode(row.reaction.payload) for row in rows]
        await connection.execute(_SAY_OTHERWISE, ids, payloads, [encode(row.reaction.refusal_payload) for row in rows])
    bounds = (offsets[0] * PER_EVENT, (offsets[-1] + 1) * PER_EVENT - 1)
    await connection.execute(_SAY_NOTHING, records[0].room, *bounds, PER_EVENT, TAKEN_BACK, offsets, ids)


def _rows_without_words(kinds: Registry, record: Record) -> list[OutboxRow]:
    """None where a kind cannot say them without words: what is not said is never given, and storing goes on."""
    try:
        return outbox_rows(kinds, record)
    except Exception as error:
        _log.error("reactions of a redacted record failed", room=record.room, offset=record.offset, error=repr(error))
        return []


def _row(row: OutboxRow) -> tuple[object, ...]:
    reaction = row.reaction
    command = (reaction.target, reaction.name, encode(reaction.payload))
    return (row.id, row.source, row.number, *command, reaction.refusal, encode(reaction.refusal_payload), row.state)


class PostgresReactions:
    """Fits ``channels.ports.Reactions``. ``grew`` is set whenever a transaction with new rows has committed."""

    def __init__(
        self, database: Database, kinds: Registry, grew: asyncio.Event, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._kinds = list(kinds)
        self._grew = grew
        self._clock = clock
        self._look_at = clock()
        self._behind = ""
        """The last source room that was given out: the next ones follow it, so that none waits for ever."""

    async def pending(self, limit: int) -> Sequence[PendingReaction]:
        """Raises ``StorageAway``."""
        self._grew.clear()
        await self._look_at_waiting()
        sources = max(1, limit // PER_SOURCE)
        rows = await self._database.fetch(_NEXT, self._behind, sources, min(limit, PER_SOURCE))
        if not rows and self._behind:
            rows = await self._database.fetch(_NEXT, "", sources, min(limit, PER_SOURCE))
        self._behind = rows[-1]["source"] if rows else ""
        return [_pending(row) for row in rows if not row["is_behind_one_that_waits"]]

    async def finish(self, finished: Sequence[FinishedReaction]) -> None:
        """Raises ``StorageAway``."""
        if finished:
            ids, outcomes, messages = zip(*finished, strict=True)
            await self._database.execute(_FINISH, ids, outcomes, [message.replace("\x00", "") for message in messages])

    async def until_new(self, timeout_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._grew.wait()

    async def _look_at_waiting(self) -> None:
        now = self._clock()
        if now >= self._look_at:
            await self._database.execute(_WAKE, self._kinds)
            await self._database.execute(_FORGET)
            self._look_at = now + LOOK_S


def _pending(row: asyncpg.Record) -> PendingReaction:
    reaction = Reaction(
        target=RoomAddress(row["target"]),
        name=row["name"],
        payload=msgspec.json.decode(row["payload"]),
        refusal=row["refusal"],
        refusal_payload=msgspec.json.decode(row["refusal_payload"]),
    )
    return PendingReaction(str(row["id"]), RoomAddress(row["source"]), row["number"], reaction, row["state"], row["message"])
