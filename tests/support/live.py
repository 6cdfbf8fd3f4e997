"""The live side without a server: a clock that stands still, a journal and a log in memory, seats that remember what they hear."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from channels.hub import DEFAULTS, Hub, open_hub
from channels.ports import Ports
from channels.seats import Accepted, Answer, FormatName, Given, Identity, RoomMessage, Since
from channels.settings import HubSettings
from channels.wire.messages import Command, Reply
from domain.decider import Deadline, Piece, Registry, Tick
from domain.event_codec import encode
from domain.ids import CommandId, RoomAddress, clock_command_id
from domain.log import (
    Appended,
    AppendResult,
    Batch,
    Conflict,
    JournalBroken,
    JournalFull,
    OpenedRoom,
    Position,
    Proposal,
    Snapshot,
    StorageAway,
    StoredPassing,
)
from domain.record import Record
from domain.redaction import redacted_record
from domain.rejections import Rejection
from tests.support.fake_seats import FakeSeat, identity

START_MS = 1_795_222_800_000


class FakeClock:
    """Unix milliseconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.ms = START_MS

    def __call__(self) -> int:
        return self.ms


class LineCodec:
    """A codec whose frames are lines of JSON, so that tests read what was written."""

    def __init__(self, name: FormatName) -> None:
        self.name = name
        self.encoding = name
        self.first_byte = 0
        self.separator = b""
        self.encoded = 0

    def decode(self, frame: bytes) -> list[Command]:
        raise NotImplementedError

    def encode_reply(self, reply: Reply) -> bytes:
        return encode({"reply": reply})

    def encode_room_message(self, room: str, message: RoomMessage) -> bytes:
        self.encoded += 1
        line = {"room": room, "offset": message.offset, "command_id": message.command_id, "data": json.loads(message.data)}
        return encode(line)

    def frame(self, messages: Sequence[bytes]) -> bytes:
        assert messages, "an empty frame"
        return b"".join(message + b"\n" for message in messages)


def codecs() -> dict[FormatName, LineCodec]:
    return {"json": LineCodec("json"), "protobuf": LineCodec("protobuf")}


_numbers = itertools.count()


def new_command_id(now_ms: int = START_MS) -> CommandId:
    return clock_command_id("test", str(next(_numbers)), now_ms)


class Answers:
    """Where a test's commands are answered."""

    def __init__(self) -> None:
        self.all: list[Answer] = []
        self._moved = asyncio.Event()

    def put(self, answer: Answer) -> None:
        self.all.append(answer)
        self._moved.set()

    @property
    def accepted(self) -> list[Accepted]:
        return [answer for answer in self.all if isinstance(answer, Accepted)]

    @property
    def rejections(self) -> list[Rejection]:
        return [answer for answer in self.all if isinstance(answer, Rejection)]

    async def until(self, count: int) -> list[Answer]:
        async with asyncio.timeout(5):
            while len(self.all) < count:
                self._moved.clear()
                await self._moved.wait()
        return self.all

    def given(self, who: Identity, verb: str, room: RoomAddress | str = "", /, **fields: object) -> Given:
        payload = {"command_id": new_command_id(), **({"room": room} if room else {}), **fields}
        return Given(identity=who, name=verb, payload=encode(payload), answer=self.put)


class FakeJournal:
    """Fulfils ``channels.ports.Journal``. While ``open`` is not set nothing becomes durable; ``fails_with`` is raised once."""

    def __init__(self) -> None:
        self.epoch = "e1"
        self.fill = 0.0
        self.rooms: dict[RoomAddress, list[Record]] = {}
        self.batches: list[Batch] = []
        self.fails_with: JournalFull | JournalBroken | None = None
        self.appending = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()

    @property
    def top(self) -> Position:
        return Position(1, len(self.batches))

    async def append(self, proposals: Sequence[Proposal]) -> Sequence[AppendResult]:
        self.appending.set()
        await self.open.wait()
        self.appending.clear()
        if self.fails_with is not None:
            error, self.fails_with = self.fails_with, None
            raise error
        assert len({proposal.room for proposal in proposals}) == len(proposals), "a room twice in one append"
        results = [self.append_one(proposal) for proposal in proposals]
        self.batches.append(Batch(Position(1, len(self.batches) + 1), tuple(r for p in proposals for r in p.records)))
        return results

    def append_one(self, proposal: Proposal) -> AppendResult:
        records = self.rooms.setdefault(proposal.room, [])
        if proposal.expected_top != len(records):
            return Conflict(proposal.room, len(records))
        assert [record.offset for record in proposal.records] == list(
            range(len(records) + 1, len(records) + 1 + len(proposal.records))
        )
        records += proposal.records
        return Appended(proposal.room, len(records))

    @contextmanager
    def held(self) -> Any:
        self.open.clear()
        try:
            yield
        finally:
            self.open.set()

    async def read(self, after: Position) -> AsyncIterator[Batch]:
        for batch in self.batches:
            if batch.position > after:
                yield batch

    async def trim(self, up_to: Position) -> None:
        pass


class FakeLog:
    """Fulfils ``channels.ports.EventLog`` over a ``FakeJournal``. ``is_away`` stands for a Postgres that does not answer."""

    def __init__(self, journal: FakeJournal) -> None:
        self.journal = journal
        self.is_away = False
        self.stored_up_to: dict[RoomAddress, int] | None = None
        self.snapshots: dict[RoomAddress, Snapshot] = {}
        self.deadlines: dict[RoomAddress, Sequence[Deadline]] = {}
        self.ticks: list[tuple[int, Tick | Piece]] = []
        self.passing: dict[RoomAddress, dict[str, StoredPassing]] = {}
        self.ended: list[tuple[RoomAddress, int, frozenset[str]]] = []
        self.redacted: dict[RoomAddress, set[int]] = {}
        self.now_ms: Callable[[], int] = lambda: START_MS
        self.opened: list[RoomAddress] = []
        self.reads = 0
        self.may_read = asyncio.Event()
        self.may_read.set()
        self._moved = asyncio.Event()

    async def open_room(self, room: RoomAddress) -> OpenedRoom:
        self.opened.append(room)
        await self.may_read.wait()
        if self.is_away:
            raise StorageAway
        snapshot = self.snapshots.get(room)
        after = snapshot.offset if snapshot else 0
        passing = tuple(self.passing.get(room, {}).values())
        return OpenedRoom(snapshot, tuple(self._records_of(room)[after:]), self.journal.epoch, passing)

    async def history(self, room: RoomAddress, after: int, limit: int, reverse: bool = False) -> Sequence[Record]:
        self.reads += 1
        await self.may_read.wait()
        if self.is_away:
            raise StorageAway
        records = self._records_of(room)
        if reverse:
            return [record for record in reversed(records) if after == 0 or record.offset < after][:limit]
        return records[after : after + limit]

    async def stored(self, room: RoomAddress, offset: int, wait_s: float) -> bool:
        if not self.is_stored(room, offset):
            self._moved.clear()
            try:
                async with asyncio.timeout(wait_s):
                    await self._moved.wait()
            except TimeoutError:
                pass
        return self.is_stored(room, offset)

    def is_stored(self, room: RoomAddress, offset: int) -> bool:
        return self.stored_up_to is None or self.stored_up_to.get(room, 0) >= offset

    def store(self, room: RoomAddress, offset: int) -> None:
        assert self.stored_up_to is not None
        self.stored_up_to[room] = offset
        self._moved.set()

    def keep_snapshot(self, snapshot: Snapshot) -> None:
        self.snapshots[snapshot.room] = snapshot

    def keep_deadlines(self, room: RoomAddress, offset: int, deadlines: Sequence[Deadline]) -> None:
        self.deadlines[room] = deadlines

    def keep_tick(self, room: RoomAddress, after: int, tick: Tick | Piece) -> None:
        self.ticks.append((after, tick))
        is_piece = isinstance(tick, Piece)
        self.passing.setdefault(room, {})[tick.key] = StoredPassing(
            key=tick.key,
            after=after,
            at_ms=self.now_ms(),
            tick=b"" if is_piece else encode(tick),
            piece=tick if is_piece else None,
        )

    def end_passing(self, room: RoomAddress, offset: int, keys: Collection[str]) -> None:
        self.ended.append((room, offset, frozenset(keys)))
        kept = self.passing.get(room, {})
        for key in [key for key in keys if key in kept and kept[key].after < offset]:
            del kept[key]

    def redact(self, room: RoomAddress, offsets: Collection[int]) -> None:
        self.redacted.setdefault(room, set()).update(offsets)

    def _records_of(self, room: RoomAddress) -> list[Record]:
        taken_back = self.redacted.get(room, ())
        return [redacted_record(each) if each.offset in taken_back else each for each in self.journal.rooms.get(room, ())]


class World:
    """A hub over fakes. Time passes by ``pass_ms`` only; ``settle`` lets the loop run until nothing moves any more."""

    def __init__(self, hub: Hub, clock: FakeClock, journal: FakeJournal, log: FakeLog, codecs: dict[FormatName, LineCodec]) -> None:
        self.hub = hub
        self.clock = clock
        self.journal = journal
        self.log = log
        self.codecs = codecs

    async def settle(self, turns: int = 30) -> None:
        for _ in range(turns):
            await asyncio.sleep(0)

    async def pass_ms(self, passed_ms: int) -> None:
        self.clock.ms += passed_ms
        self.hub.ring_alarms()
        await self.settle()

    async def give(self, who: Identity | FakeSeat, verb: str, room: RoomAddress | str = "", /, **fields: object) -> Answer:
        """Give a command and wait for its answer."""
        answers = Answers()
        identity = who.identity if isinstance(who, FakeSeat) else who
        self.hub.give(answers.given(identity, verb, room, **fields))
        return (await answers.until(1))[0]

    async def make(self, name: str = "one") -> RoomAddress:
        answer = await self.give(identity("maker"), "desk.make", name=name)
        assert isinstance(answer, Accepted), answer
        return answer.room

    async def seat(
        self, name: str, room: RoomAddress | None = None, *, format_name: FormatName = "json", **options: Any
    ) -> FakeSeat:
        """A connected seat, in the room where one is given."""
        seat = FakeSeat(name, format_name, options.pop("who", None))
        seat.on_pause = self.hub.seat_paused  # type: ignore[assignment]  # the fake fulfils Seat
        self.hub.connected(seat)
        if room is not None:
            await self.subscribe(seat, room, **options)
        return seat

    async def subscribe(self, seat: FakeSeat, room: RoomAddress, since: Since | None = None, **options: bool) -> None:
        self.hub.subscribe(seat.asks(room, since, **options))
        await self.settle()


@asynccontextmanager
async def open_world(
    kinds: Registry, hub_settings: HubSettings = DEFAULTS, journal: FakeJournal | None = None, **ports: Any
) -> AsyncIterator[World]:
    clock, journal = FakeClock(), journal or FakeJournal()
    log, line_codecs = FakeLog(journal), codecs()
    log.now_ms = clock
    async with open_hub(kinds, Ports(journal, log, **ports), line_codecs, hub_settings, clock) as hub:
        yield World(hub, clock, journal, log, line_codecs)
