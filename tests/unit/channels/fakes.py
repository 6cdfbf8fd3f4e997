"""Stand-ins around a connection: a hub whose rooms are lists, an authenticator that knows some words, a transport."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, cast

from channels.connection import Connection
from channels.hub import Hub
from channels.lobby import Lobby, open_lobby
from channels.ports import InvalidToken
from channels.seats import (
    Accepted,
    Answer,
    FormatName,
    Given,
    HistoryPage,
    Identity,
    PresenceCount,
    Present,
    RoomMessage,
    Seat,
    Standing,
    SubscribeAsked,
    Subscribed,
    Told,
)
from channels.settings_of_connections import ConnectionSettings
from channels.wire.codec import Codec
from channels.wire.deflate import DeflateCodec
from channels.wire.json_codec import JsonCodec
from channels.wire.protobuf_codec import ProtobufCodec
from domain.ids import ActorId, RoomAddress, ThingId
from domain.record import Actor
from domain.rejections import Malformed, NotAllowed, SignInNeeded, Unavailable
from domain.roles import NO_CLAIMS

NOW_MS = 1_795_222_800_000
JSON, PROTOBUF = JsonCodec(), ProtobufCodec()
DEFLATING = (DeflateCodec(JSON, "json+deflate"), DeflateCodec(PROTOBUF, "protobuf+deflate"))
CODECS: dict[FormatName, Codec] = {codec.name: codec for codec in (JSON, PROTOBUF, *DEFLATING)}


class FakeHub:
    """Rooms whose address begins with ``workspace:`` exist. Commands are answered at once, or by ``answer_all``."""

    def __init__(self) -> None:
        self.members: dict[RoomAddress, list[Seat]] = {}
        self.logs: dict[RoomAddress, list[RoomMessage]] = {}
        self.given: list[Given] = []
        self.asked: list[SubscribeAsked] = []
        self.calls: list[tuple[str, str]] = []
        self.is_slow = False
        self.is_stuck = False
        self.questions = frozenset({"workspace.how_many"})
        self.home: RoomAddress | None = None

    # ---- what tests do

    def publish(self, room: RoomAddress, data: bytes, is_event: bool = True) -> None:
        """As the real one does: each format is encoded once, each member is written once."""
        log = self.logs.setdefault(room, [])
        offset = len(log) + 1 if is_event else 0
        message = RoomMessage(data=data, offset=offset, command_id="c" if is_event else "")
        if is_event:
            log.append(message)
        framed = {name: codec.frame([codec.encode_room_message(room, message)]) for name, codec in CODECS.items()}
        for seat in list(self.members.get(room, ())):
            if seat.is_writable:
                seat.write(framed[seat.format])

    def answer_all(self) -> None:
        given, self.given = self.given, []
        for one in given:
            one.answer(self._accepted(one))

    def let_in_all(self) -> None:
        asked, self.asked = self.asked, []
        for one in asked:
            self._let_in(one)

    def said(self, call: str) -> int:
        return sum(name == call for name, _ in self.calls)

    # ---- the hub's calls

    def give(self, given: Given) -> None:
        if self.is_slow:
            self.given.append(given)
        elif given.name == "workspace.post":
            # as in a real room: the reply first, then its event in the same turn
            given.answer(self._accepted(given))
            self.publish(RoomAddress("workspace:1"), b'{"event":%b}' % given.payload)
        else:
            given.answer(Malformed("$: unknown"))

    def subscribe(self, asked: SubscribeAsked) -> None:
        if not asked.room.startswith("workspace:"):
            asked.answer(NotAllowed())
        elif self.is_slow:
            self.asked.append(asked)
        else:
            self._let_in(asked)

    def unsubscribe(self, seat: Seat, room: RoomAddress) -> None:
        self.calls.append(("unsubscribe", room))
        if seat in self.members.get(room, ()):
            self.members[room].remove(seat)

    def connected(self, seat: Seat) -> None:
        self.calls.append(("connected", seat.client_id))

    def disconnected(self, seat: Seat, clean: bool) -> None:
        self.calls.append(("left clean" if clean else "cut", seat.client_id))
        for members in self.members.values():
            if seat in members:
                members.remove(seat)

    def seat_paused(self, seat: Seat) -> None:
        assert not seat.is_writable
        self.calls.append(("paused", seat.client_id))

    def seat_writable(self, seat: Seat) -> None:
        assert seat.is_writable
        self.calls.append(("writable", seat.client_id))

    def recheck(self, seat: Seat) -> None:
        self.calls.append(("recheck", seat.identity.actor.id))

    def signal(self, seat: Seat, room: RoomAddress, data: bytes) -> None:
        if b"typing" not in data:
            raise Malformed("$.type: unknown")
        self.publish(room, b'{"signal":%b}' % data, is_event=False)

    async def presence(self, identity: Identity, room: RoomAddress) -> tuple[Present, ...]:
        await self._wait()
        return tuple(Present(actor=seat.identity.actor, clients=(seat.client_id,)) for seat in self.members.get(room, ()))

    async def presence_stats(self, identity: Identity, room: RoomAddress) -> PresenceCount:
        await self._wait()
        return PresenceCount(clients=len(self.members.get(room, ())), actors=1)

    async def history(self, identity: Identity, room: RoomAddress, after: int, limit: int, reverse: bool = False) -> HistoryPage:
        log = self.logs.get(room, [])
        return HistoryPage(messages=tuple(log[after : after + limit]), epoch="e", offset=len(log))

    async def standing(self, identity: Identity, room: RoomAddress) -> Standing:
        if not room.startswith("workspace:"):
            raise NotAllowed
        return Standing(room=room, role="member")

    async def _wait(self) -> None:
        if self.is_stuck:
            await asyncio.get_running_loop().create_future()

    async def ask(self, identity: Identity, name: str, payload: bytes) -> Told:
        await self._wait()
        return Told(data=b'{"asked":%b}' % payload)

    def write_replies_by(self, write_owed: Callable[[], None]) -> None:
        self.write_owed = write_owed

    def home_of(self, actor: Actor) -> RoomAddress | None:
        return self.home

    def _accepted(self, given: Given) -> Answer:
        log = self.logs.get(RoomAddress("workspace:1"), [])
        return Accepted(room=RoomAddress("workspace:1"), offset=len(log) + 1, epoch="e", event_ids=(ThingId("t"),))

    def _let_in(self, asked: SubscribeAsked) -> None:
        log = self.logs.setdefault(asked.room, [])
        if asked.since is not None and asked.since.epoch == "e":
            missed = tuple(log[asked.since.offset :])
            answer = Subscribed(
                epoch="e", offset=asked.since.offset, view=b'{"ticks":[]}', missed=missed, was_recovering=True, recovered=True
            )
        else:
            answer = Subscribed(epoch="e", offset=len(log), view=b'{"view":{}}', was_recovering=asked.since is not None)
        self.members.setdefault(asked.room, []).append(asked.seat)
        asked.answer(answer)


class FakeAuthenticator:
    """``bad`` is not ours, ``late`` has run out, ``away`` cannot be told, ``stuck`` never ends; any other word is its own actor.
    With ``name:60`` the token ends in 60 s."""

    def __init__(self) -> None:
        self.is_held: asyncio.Event | None = None

    async def identify(self, token: str) -> Identity:
        name, _, left_s = token.partition(":")
        if self.is_held is not None:
            await self.is_held.wait()
        match name:
            case "bad":
                raise InvalidToken
            case "late":
                raise SignInNeeded("the token has run out")
            case "away":
                raise Unavailable("keys are away")
            case "broken":
                raise RuntimeError("a mistake")
            case "stuck":
                await asyncio.get_running_loop().create_future()
        expires_at_ms = NOW_MS + int(left_s) * 1000 if left_s else None
        return Identity(actor=Actor(id=ActorId(name or "guest"), name=name), claims=NO_CLAIMS, expires_at_ms=expires_at_ms)


class FakeTransport:
    """Remembers what was written; ``stalled()`` is a network that takes nothing, ``write`` then pauses above the high water."""

    def __init__(self) -> None:
        self.connection: Connection | None = None
        self.writes: list[bytes] = []
        self.written = asyncio.Event()
        self.closed: tuple[int, str] | None = None
        self.is_reading = True
        self.buffered_bytes = 0
        self._is_stalled = False
        self._is_paused = False

    def write(self, framed: bytes) -> None:
        self.writes.append(framed)
        self.written.set()
        if self._is_stalled:
            self.buffered_bytes += len(framed)
            if self.buffered_bytes > 65_536 and not self._is_paused and self.connection is not None:
                self._is_paused = True
                self.connection.paused()

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)

    def pause_reading(self) -> None:
        self.is_reading = False

    def resume_reading(self) -> None:
        self.is_reading = True

    @contextmanager
    def stalled(self) -> Iterator[None]:
        self._is_stalled = True
        yield
        self._is_stalled = False
        self.buffered_bytes = 0
        if self._is_paused and self.connection is not None:
            self._is_paused = False
            self.connection.resumed()


@asynccontextmanager
async def a_lobby(hub: FakeHub, authenticator: FakeAuthenticator | None = None, **settings: Any) -> AsyncIterator[Lobby]:
    async with open_lobby(
        cast("Hub", hub), authenticator or FakeAuthenticator(), CODECS, ConnectionSettings(**settings), lambda: NOW_MS
    ) as lobby:
        yield lobby
