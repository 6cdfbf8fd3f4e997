"""Whole connections on a real hub over a journal in memory: any messages in any order, garbage between them.

Whatever is said, everything is answered once or the connection ends with a declared code, nothing raises, and no queue outgrows its
bound.
"""

import asyncio
import logging
import random
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

import msgspec

from channels.hub import open_hub
from channels.lobby import Lobby, open_lobby
from channels.ports import InvalidToken, Ports
from channels.seats import Identity
from channels.settings import HubSettings
from channels.settings_of_connections import ConnectionSettings
from channels.wire import messages as m
from domain.event_codec import encode
from domain.ids import RoomAddress
from domain.kinds import KINDS
from domain.log import JournalFull
from domain.record import Record
from domain.rejections import SignInNeeded, Unavailable
from domain.roles import Claims
from tests.fuzz.guest import Guest
from tests.fuzz.shapes import shaped
from tests.fuzz.tape import Tape
from tests.fuzz.target import Target
from tests.fuzz.wire import SAMPLES, as_json, as_protobuf
from tests.support.fake_seats import identity
from tests.support.live import FakeClock, FakeJournal, FakeLog, new_command_id
from tests.unit.channels.fakes import CODECS

STEPS_MOST = 60
REST_TURNS = 400
"""Loop turns in which everything has to come to rest; the slowest course seen took 60."""
SMALL_HUB = HubSettings(
    slice_members=2,
    writes_per_turn=2,
    ring_events=6,
    resume_events=10,
    catch_up_bytes=400,
    batch_commands=4,
    room_waiting_commands=6,
    opening_waiting_asks=3,
    snapshot_events=5,
    presence_members=3,
)
SMALL_CONNECTIONS = ConnectionSettings(
    rooms=4,
    waiting_commands=6,
    waiting_bytes=2_000,
    waiting_subscribes=2,
    backlog_bytes=200_000,
    command_burst=120,
    user_connections=3,
    tasks=4,
)
GOOD_TOKENS = ("root", "ada", "ben", "bot", "guest")
TOKENS = (*GOOD_TOKENS, "bad", "late", "away")
VERBS = {f"{kind}.{verb}": struct for kind, decider in KINDS.items() for verb, struct in decider.commands.items()}
CREATING = [f"{kind}.{KINDS[kind].creates}" for kind in ("workspace", "conversation", "concept")]
QUESTIONS = [f"{kind}.{word}" for kind, decider in KINDS.items() for word in decider.questions]


class KnowsSomeWords:
    """Who a token stands for, after a turn of the loop, as when keys have to be fetched."""

    async def identify(self, token: str) -> Identity:
        await asyncio.sleep(0)
        match token:
            case "late":
                raise SignInNeeded("the token has run out")
            case "away":
                raise Unavailable("keys are away")
            case "root":
                return identity(token, claims=Claims(token_roles=frozenset({"admin"}), trust_token=True))
            case "bot" | "guest":
                return identity(token, token)
            case "ada" | "ben":
                return identity(token)
        raise InvalidToken


class NarrowLog(FakeLog):
    """Takes only what Postgres would: a position is 64 bits there, and any number on the wire."""

    async def history(self, room: RoomAddress, after: int, limit: int, reverse: bool = False) -> Sequence[Record]:
        assert 0 <= after < 1 << 63, f"a position that no column holds: {after}"
        assert 0 < limit < 1 << 31
        return await super().history(room, after, limit, reverse)


class Faults(logging.Handler):
    """What is logged as an error is a broken promise, even where the connection went on."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(self.format(record))


class Course:
    """One tape played against one node."""

    def __init__(self, tape: Tape, lobby: Lobby, journal: FakeJournal, log: FakeLog, clock: FakeClock) -> None:
        self.tape = tape
        self.lobby = lobby
        self.journal = journal
        self.log = log
        self.clock = clock
        self.guests: list[Guest] = []
        self.next_id = 1

    @property
    def rooms(self) -> list[str]:
        """Those that are there, and some that are not."""
        made = [str(room) for room in self.journal.rooms]
        return [*made[-6:] * 3, "workspace:nowhere", "person:somebody", "x", ""]

    async def play(self) -> None:
        self.come()
        self.say(self.guests[0], *[m.Command(id=self.new_id(), rpc=self.command(name)) for name in CREATING])
        await turns(20)
        for _ in range(STEPS_MOST):
            if self.tape.is_over:
                break
            await self.step(self.tape.one_of(self.guests))
            await turns(self.tape.up_to(6))
            for guest in self.guests:
                guest.check()
        await self.rest()

    async def step(self, guest: Guest) -> None:
        match self.tape.up_to(31):
            case 0:
                guest.send(self.tape.chunk())
            case 1 | 2:
                self.come()
            case 3 | 4:
                guest.stall(self.tape.up_to(2) == 0)
            case 5 | 6:
                self.trouble()
            case 7 | 8:
                self.pass_time(guest)
            case 9:
                guest.leave(bool(self.tape.byte() & 1))
            case 10 | 11 | 12 | 13:
                await turns(1 + self.tape.up_to(20))
            case _:
                many = 1 + self.tape.up_to(4) * self.tape.up_to(3)
                self.say(guest, *[self.message() for _ in range(many)])

    def come(self) -> None:
        if len(self.guests) < 8:
            guest = Guest(self.lobby, self.tape.one_of(("json", "json", "protobuf")))
            self.guests.append(guest)
            if self.tape.up_to(15) < 15:
                guest.token = token = self.tape.one_of(GOOD_TOKENS)
                self.say(guest, m.Command(id=self.new_id(), connect=m.ConnectRequest(token=token)))

    def say(self, guest: Guest, *commands: m.Command) -> None:
        write = as_json if guest.codec.encoding == "json" else as_protobuf
        guest.send(guest.codec.separator.join(map(write, commands)))

    def new_id(self) -> int:
        self.next_id += 1
        return self.next_id

    def message(self) -> m.Command:
        tape, id = self.tape, self.new_id()
        room = tape.one_of(self.rooms)
        match tape.up_to(31):
            case 0 | 1:
                return m.Command(id=id, unsubscribe=m.UnsubscribeRequest(channel=room))
            case 2 | 3 | 4 | 5 | 6 | 7 | 8:
                return m.Command(id=id, subscribe=self.subscribe(room))
            case 9 | 10:
                return m.Command(id=id, publish=m.PublishRequest(channel=room, data=raw(tape.one_of(SIGNALS))))
            case 11 | 12:
                return m.Command(id=id, rpc=self.question(room))
            case 13 | 14:
                return _of_room(room, msgspec.structs.replace(tape.one_of(SAMPLES[2:-1]), id=id))
            case 15:
                return self.oddity(id)
            case _:
                return m.Command(id=id, rpc=self.command(self.verb()))

    def oddity(self, id: int) -> m.Command:
        """What may end the connection, or change who it is."""
        match self.tape.up_to(7):
            case 0:
                return self.tape.one_of(SAMPLES)
            case 1:
                return shaped(self.tape, m.Command)  # type: ignore[no-any-return]  # of the type it is asked for
            case 2 | 3:
                return m.Command(id=id, refresh=m.RefreshRequest(token=self.tape.one_of(TOKENS)))
            case _:
                return msgspec.structs.replace(shaped(self.tape, m.Command), id=id)

    def subscribe(self, room: str) -> m.SubscribeRequest:
        if self.tape.byte() & 1:
            return m.SubscribeRequest(channel=room, join_leave=True)
        epoch, offset = self.tape.one_of(("e1", "e1", "e0", "")), self.tape.one_of((0, 1, 3, 2**40))
        return m.SubscribeRequest(channel=room, recover=True, epoch=epoch, offset=offset)

    def question(self, room: str) -> m.RPCRequest:
        data = {"room": room} if self.tape.byte() & 3 else self.tape.one_of(([], {"room": 7}, {"room": room, "what": None}))
        return m.RPCRequest(method=self.tape.one_of([*QUESTIONS, "room.standing"]), data=raw(encode(data)))

    def verb(self) -> str:
        """Of a kind that has a room, mostly."""
        names = [name for name in VERBS if any(room.startswith(name.partition(".")[0]) for room in self.rooms)]
        return self.tape.one_of(names if names and self.tape.byte() & 7 else sorted(VERBS))

    def command(self, name: str) -> m.RPCRequest:
        """A command within its limits for a room of its kind where there is one; now and then with something changed."""
        kind, _, verb = name.partition(".")
        fields: dict[str, Any] = msgspec.to_builtins(shaped(self.tape, VERBS[name]))
        own = [room for room in self.rooms if room.startswith(kind)] or [f"{kind}:nowhere"]
        fields |= {"command_id": new_command_id(self.clock.ms)}
        fields["room"] = "" if KINDS[kind].creates == verb else self.tape.one_of(own)
        if self.tape.up_to(9) == 9:
            fields[self.tape.one_of(sorted(fields))] = self.tape.one_of((None, [], {}, "", -1, "\0", [[[]]]))
        return m.RPCRequest(method=name, data=raw(msgspec.json.encode(fields)))

    def trouble(self) -> None:
        match self.tape.up_to(5):
            case 0:
                self.journal.open.clear()
            case 1 | 2:
                self.journal.open.set()
            case 3:
                self.journal.fails_with = JournalFull()
            case 4:
                self.log.is_away = True
            case _:
                self.log.is_away = False

    def pass_time(self, guest: Guest) -> None:
        self.clock.ms += self.tape.one_of((10, 60, 3_000, 60_000))
        self.lobby.hub.ring_alarms()
        guest.pass_time(self.tape.one_of((0.0, 0.0, 2.5, 5.0, 5.0, 26.0)))

    async def rest(self) -> None:
        """The troubles are over: everything still open has its answers, and leaving is possible."""
        self.journal.open.set()
        self.log.is_away = False
        for guest in self.guests:
            guest.stall(False)
        for _ in range(REST_TURNS // 20):
            await turns(20)
            for guest in self.guests:
                guest.check()
            if not any(guest.missing for guest in self.guests):
                break
        await turns(20)
        for guest in self.guests:
            guest.check_answered()
            guest.leave(is_clean=True)
        await turns(20)
        assert not self.lobby.connections, "connections that ended are still counted"


def _of_room(room: str, command: m.Command) -> m.Command:
    """The same about this room, where it is about one."""
    name = next(name for name in m.REQUEST_NAMES if getattr(command, name) is not None)
    request = getattr(command, name)
    if "channel" not in request.__struct_fields__:
        return command
    return msgspec.structs.replace(command, **{name: msgspec.structs.replace(request, channel=room)})


SIGNALS = (b'{"type":"typing"}', b"{}", b"[]", b'{"type":"typing","to":{}}', b'{"type":"%b"}' % (b"x" * 2_000), b"null")


def raw(data: bytes) -> msgspec.Raw:
    return msgspec.Raw(data)


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def _converse(data: bytes) -> None:
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: complaints.append(context))
    clock, journal = FakeClock(), FakeJournal()
    log = NarrowLog(journal)
    log.now_ms = clock
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(open_hub(KINDS, Ports(journal, log), CODECS, SMALL_HUB, clock))
        lobby = await stack.enter_async_context(open_lobby(hub, KnowsSomeWords(), CODECS, SMALL_CONNECTIONS, clock))
        await Course(Tape(data), lobby, journal, log, clock).play()
        assert not hub.failed.is_set(), hub.failure
        await asyncio.wait_for(hub.drain(), 10)
    assert not complaints, complaints


def converse(data: bytes) -> None:
    faults = Faults()
    logger = logging.getLogger("channels")
    logger.addHandler(faults)
    try:
        asyncio.run(_converse(data))
    finally:
        logger.removeHandler(faults)
    assert not faults.seen, "\n".join(faults.seen)


TARGETS = (
    Target(
        "conversations",
        "connections on one node, messages in any order, garbage, stalls, a full or held journal: one answer each, or an end",
        converse,
        [random.Random(number).randbytes(100 * (1 + number % 12)) for number in range(60)],
        ["channels"],
        short_examples=150,
    ),
)
