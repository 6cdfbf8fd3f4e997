"""The outbox: an event here that makes a command there is a row in the transaction of its cause.

Rows end as ``done`` or ``refused``; ``waiting`` ones are offered again, behind the others, since their kind of room may come with
the next release.
"""

from collections.abc import Sequence
from typing import Final, Literal, get_args

import msgspec

from domain.decider import Reaction, Registry
from domain.event_codec import encode
from domain.ids import RoomAddress, ThingId, keyed_id, kind_of
from domain.log import PendingReaction
from domain.record import Record
from persistence.database import Connection, Database

Outcome = Literal["done", "refused", "waiting"]
OUTCOMES: Final = get_args(Outcome)
PER_EVENT: Final = 1_000
"""Numbers rise with (offset, place among the event's reactions): so many places does an offset have."""


class TooManyReactions(Exception):
    """One event makes more commands than its numbers leave room for: a mistake of its kind."""


class OutboxRow(msgspec.Struct, frozen=True, kw_only=True):
    id: ThingId
    source: RoomAddress
    number: int
    reaction: Reaction


def outbox_rows(kinds: Registry, record: Record) -> list[OutboxRow]:
    """What ``Decider.reactions`` makes of a record. Ids and numbers follow from the place, so writing twice gives the same rows."""
    reactions = kinds[kind_of(record.room)].reactions(record)
    if not reactions:
        return []
    if len(reactions) > PER_EVENT:
        raise TooManyReactions(f"{record.room} {record.offset} makes {len(reactions)} commands")
    numbers = range(record.offset * PER_EVENT, record.offset * PER_EVENT + len(reactions))
    return [
        OutboxRow(id=keyed_id("reaction", record.room, str(number)), source=record.room, number=number, reaction=reaction)
        for number, reaction in zip(numbers, reactions, strict=True)
    ]


async def write_outbox(connection: Connection, rows: Sequence[OutboxRow]) -> None:
    await connection.executemany(
        "INSERT INTO reactions (id, source, number, target, name, payload) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        [(row.id, row.source, row.number, row.reaction.target, row.reaction.name, encode(row.reaction.payload)) for row in rows],
    )


class PostgresReactions:
    """Fits ``channels.ports.Reactions``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def pending(self, limit: int) -> Sequence[PendingReaction]:
        """The oldest first inside each source room. Raises ``StorageAway``."""
        rows = await self._database.fetch(
            """
            SELECT id, source, number, target, name, payload FROM reactions WHERE state IN ('pending', 'waiting')
            ORDER BY state = 'waiting', source, number LIMIT $1
            """,
            limit,
        )
        return [
            PendingReaction(
                id=str(row["id"]),
                source=RoomAddress(row["source"]),
                number=row["number"],
                reaction=Reaction(target=RoomAddress(row["target"]), name=row["name"], payload=msgspec.json.decode(row["payload"])),
            )
            for row in rows
        ]

    async def finish(self, reaction_id: str, outcome: str, message: str = "") -> None:
        """Raises ``StorageAway``; finishing twice changes nothing."""
        if outcome not in OUTCOMES:
            raise ValueError(f"a reaction ends as one of {', '.join(OUTCOMES)}, not as {outcome}")
        await self._database.execute(
            """
            UPDATE reactions
            SET state = $2::text, message = $3, finished_at = CASE WHEN $2::text = 'waiting' THEN NULL ELSE now() END
            WHERE id = $1 AND state IN ('pending', 'waiting')
            """,
            reaction_id,
            outcome,
            message,
        )
