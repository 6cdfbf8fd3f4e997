"""Words that people took back: which records of a batch take back which others, and the rows that lose them.

All of it in the transaction that stores the record which takes back: the log's rows, the snapshots from before it (a state may hold
the words), what a stopped projection may have quoted, and what the records ask of other rooms.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from domain.decider import Registry
from domain.event_codec import EventCodec
from domain.ids import RoomAddress, kind_of
from domain.log import Snapshot
from domain.record import Record
from domain.redaction import redacted_record
from persistence.database import Connection
from persistence.write_behind.log_rows import SELECTED, record_of
from persistence.write_behind.reactions import take_back_reactions

AT_ONCE = 100
"""Records that are read, decoded and written in one go: about a millisecond."""
QUOTED = "what this event said was taken back"


class TakenBack(msgspec.Struct):
    """Of one room: ``offsets`` lose their words by records up to ``by``."""

    by: int = 0
    offsets: set[int] = msgspec.field(default_factory=set)


def taken_back_by(kinds: Registry, records: Iterable[Record]) -> dict[RoomAddress, TakenBack]:
    """What ``Decider.redacts`` says of the records, per room."""
    rooms: dict[RoomAddress, TakenBack] = {}
    for record in records:
        offsets = kinds[kind_of(record.room)].redacts(record)
        if offsets:
            room = rooms.setdefault(record.room, TakenBack())
            room.by = max(room.by, record.offset)
            room.offsets.update(offsets)
    return rooms


def without_words(records: Iterable[Record], offsets: Iterable[int]) -> list[Record]:
    """Records of one room, those at ``offsets`` redacted."""
    taken_back = frozenset(offsets)
    return [redacted_record(record) if record.offset in taken_back else record for record in records]


class TakingBack:
    """One batch's, on one connection, inside its transaction."""

    def __init__(self, connection: Connection, kinds: Registry, codec: EventCodec) -> None:
        self._connection = connection
        self._kinds = kinds
        self._codec = codec

    async def apply(self, rooms: Mapping[RoomAddress, TakenBack]) -> None:
        """Raises ``UnknownEvent`` where a record is of a release that this one does not know: nothing is stored then."""
        for room, taken_back in rooms.items():
            for offsets in _chunks(sorted(taken_back.offsets)):
                await self._from_log(room, offsets)
                await self._connection.execute(
                    'UPDATE dead_letters SET error = $3 WHERE room = $1 AND "offset" = ANY($2::int8[])', room, offsets, QUOTED
                )
        if rooms:
            await self._connection.execute(
                """
                DELETE FROM room_snapshots AS s USING unnest($1::text[], $2::int8[]) AS v(room, by)
                WHERE s.room = v.room AND s."offset" < v.by
                """,
                list(rooms),
                [taken_back.by for taken_back in rooms.values()],
            )

    async def _from_log(self, room: RoomAddress, offsets: Sequence[int]) -> None:
        rows = await self._connection.fetch(
            f'SELECT {SELECTED} FROM room_events WHERE room = $1 AND "offset" = ANY($2::int8[])', room, offsets
        )
        records = [redacted_record(record_of(self._codec, row)) for row in rows]
        await self._connection.execute(
            """
            UPDATE room_events AS e SET body = v.body, version = v.version
            FROM unnest($2::int8[], $3::jsonb[], $4::int2[]) AS v("offset", body, version)
            WHERE e.room = $1 AND e."offset" = v."offset"
            """,
            room,
            [record.offset for record in records],
            [record.body for record in records],
            [record.version for record in records],
        )
        await take_back_reactions(self._connection, self._kinds, records)


def clean_snapshots(snapshots: Iterable[Snapshot], rooms: Mapping[RoomAddress, TakenBack]) -> list[Snapshot]:
    """Those that were taken behind what their room took back."""
    return [each for each in snapshots if each.room not in rooms or each.offset >= rooms[each.room].by]


def _chunks(offsets: Sequence[int]) -> Iterator[Sequence[int]]:
    return (offsets[start : start + AT_ONCE] for start in range(0, len(offsets), AT_ONCE))
