"""One client of the load: plays its part at its pace, reads its rooms, survives every cut, and writes down all of it.

It speaks the protocol by hand, because it has to know exactly what left and what came back; SDKs watch beside it.
"""

import asyncio
import contextlib
import json
import random
import time
from collections import Counter
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from tests.drills.history import Acked, ClientLog, Entered, Received, Refused, Sent
from tests.drills.scripts.script import Give, Script
from tests.drills.streams import Streams
from tests.support.tokens import new_command_id

TEMPORARY = frozenset({100, 111})
IN_FLIGHT = 64
"""Commands without an answer; then the client waits, as people do."""
AGAIN_AT_ONCE = 4
"""Of refused commands, between two pauses: who repeats all of them at once, over and over, is refused for that alone."""

ANSWER_S = 10.0
"""A server that says nothing for so long is given up, and the connection made anew."""

SHOWN = ("messages", "comments", "notifications")
"""Where views have what events made, each with the offset and id of its event."""

_decode = msgspec.json.Decoder().decode


class Place(msgspec.Struct):
    """Where the client stands in one room."""

    epoch: str = ""
    offset: int = 0
    is_inside: bool = False
    asked_ns: int = 0
    """When it was last asked to be let in."""


class Waiting(msgspec.Struct):
    """A command without an answer."""

    give: Give
    payload: str
    sent_s: float = 0.0


class Worker:
    """Made once per load and run as one task; ``finish`` ends its giving, and ``is_settled`` says that every answer is in.

    ``home`` is its person's own room, which the server lets it into by itself; empty for bots.
    """

    def __init__(self, address: str, token: str, log: ClientLog, script: Script, interval_s: float, home: str) -> None:
        self.log = log
        self.script = script
        self.places = {room: Place() for room in (script.room, home) if room}
        self.acked_tops: dict[str, int] = {}
        self.acked = 0
        self.latencies_ms: list[float] = []
        self.closes: Counter[int] = Counter()
        self.refusals: Counter[int] = Counter()
        self.streams = Streams()
        self._address = address
        self._token = token
        self._interval_s = interval_s
        self._home = home
        self._rng = script.rng
        self._waiting: dict[str, Waiting] = {}
        self._asked: dict[int, str] = {}
        self._again: list[str] = []
        self._number = 0
        self._connect_id = self._subscribe_id = 0
        self._gives = True

    @property
    def is_settled(self) -> bool:
        return not self._waiting

    @property
    def is_inside(self) -> bool:
        return all(place.is_inside for place in self.places.values())

    def finish(self) -> None:
        """Give nothing new; what is unanswered is repeated until it is answered."""
        self._gives = False

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            with contextlib.suppress(OSError, TimeoutError, InvalidHandshake, InvalidMessage, EOFError):
                await self._connection()
            for place in self.places.values():
                place.is_inside = False
            await asyncio.sleep(random.uniform(0.05, 0.3))

    async def _connection(self) -> None:
        async with connect(
            self._address, max_size=None, compression=None, ping_interval=None, open_timeout=5.0, close_timeout=0.5, proxy=None
        ) as socket:
            giving = asyncio.create_task(self._enter_and_give(socket))
            try:
                while True:
                    async with asyncio.timeout(60.0):
                        frame = await socket.recv()
                    for line in (frame if isinstance(frame, str) else frame.decode()).split("\n"):
                        await self._take(_decode(line), socket)
            except ConnectionClosed as end:
                self.closes[end.rcvd.code if end.rcvd else 1006] += 1
            finally:
                giving.cancel()
                await asyncio.gather(giving, return_exceptions=True)

    # Giving

    async def _enter_and_give(self, socket: ClientConnection) -> None:
        self._asked.clear()
        self._again.clear()
        await socket.send("\n".join(json.dumps(message) for message in self._first()))
        for command_id in list(self._waiting):
            await self._put(socket, command_id)
        while True:
            await asyncio.sleep(random.uniform(0.5, 1.5) * self._interval_s)
            if self._gives and self.is_inside and len(self._waiting) < IN_FLIGHT:
                await self._give(socket)
            again, self._again = self._again[:AGAIN_AT_ONCE], self._again[AGAIN_AT_ONCE:]
            for command_id in again:
                await self._put(socket, command_id)
            self._give_up_silence(socket)

    def _first(self) -> list[dict[str, Any]]:
        """Connect, and where the script has a room, subscribe to it; from where it stands, if it was there before."""
        for place in self.places.values():
            place.asked_ns = time.monotonic_ns()
        since = {room: self._since(place) for room, place in self.places.items()}
        home = {self._home: since[self._home]} if self._home and since[self._home] else {}
        self._connect_id = self._next()
        first: list[dict[str, Any]] = [{"id": self._connect_id, "connect": {"token": self._token, "subs": home}}]
        if self.script.room:
            self._subscribe_id = self._next()
            first.append({"id": self._subscribe_id, "subscribe": {"channel": self.script.room, **since[self.script.room]}})
        return first

    @staticmethod
    def _since(place: Place) -> dict[str, Any]:
        return {"recover": True, "epoch": place.epoch, "offset": place.offset} if place.epoch else {}

    async def _give(self, socket: ClientConnection) -> None:
        give = self.script.next()
        if give is None:
            return
        command_id = new_command_id()
        give = give._replace(room=give.room or self.script.room)
        payload = json.dumps({"room": give.room, "command_id": command_id, **give.fields})
        self._waiting[command_id] = Waiting(give, payload)
        await self._put(socket, command_id)

    async def _put(self, socket: ClientConnection, command_id: str) -> None:
        number, waiting = self._next(), self._waiting[command_id]
        self._asked[number] = command_id
        words = str(waiting.give.fields.get("text", ""))
        self.log.entries.append(Sent(waiting.give.room, command_id, time.monotonic_ns(), words))
        waiting.sent_s = time.monotonic()
        await socket.send(f'{{"id":{number},"rpc":{{"method":"{waiting.give.method}","data":{waiting.payload}}}}}')

    def _give_up_silence(self, socket: ClientConnection) -> None:
        oldest = next(iter(self._waiting.values()), None)
        if oldest and oldest.sent_s and time.monotonic() - oldest.sent_s > ANSWER_S:
            socket.transport.abort()

    def _next(self) -> int:
        self._number += 1
        return self._number

    # Taking

    async def _take(self, message: dict[str, Any], socket: ClientConnection) -> None:
        number = message.get("id")
        if not message:
            await socket.send("{}")
        elif push := message.get("push"):
            self._pushed(push, socket)
        elif number in self._asked:
            self._answered(self._asked.pop(number), message)
        elif number == self._connect_id and "connect" in message:
            for room, answer in message["connect"].get("subs", {}).items():
                self._entered(room, answer)
        elif number == self._subscribe_id and "subscribe" in message:
            self._entered(self.script.room, message["subscribe"])
        elif "error" in message:
            socket.transport.abort()  # temporary, or not there yet; else the drill will show it by never settling

    def _pushed(self, push: dict[str, Any], socket: ClientConnection) -> None:
        room = push.get("channel", "")
        if publication := push.get("pub"):
            self._published(room, publication)
        elif entered := push.get("subscribe"):
            self._entered(room, entered)
        elif "unsubscribe" in push:
            socket.transport.abort()  # come again with the position

    def _published(self, room: str, publication: dict[str, Any]) -> None:
        data = publication["data"]
        if offset := publication.get("offset"):
            self.log.entries.append(Received(room, offset, data["id"], data["at"]))
            self.places[room].offset = offset
            self.streams.heard(data["event"])
            self.script.saw(room, data)
        elif "stream" in data:
            self.streams.told(data["stream"])

    def _entered(self, room: str, answer: dict[str, Any]) -> None:
        recovered, data = answer.get("recovered", False), answer.get("data", {})
        view = data.get("view", {})
        shown = tuple((entry["offset"], entry["id"]) for part in SHOWN for entry in view.get(part, ()))
        place = self.places[room]
        place.epoch, place.offset, place.is_inside = answer["epoch"], answer.get("offset", 0), True
        missed = answer.get("publications", ())
        top = missed[-1]["offset"] if missed else place.offset
        self.log.entries.append(Entered(room, place.epoch, place.offset, recovered, shown, place.asked_ns, top))
        if not recovered:
            self.script.entered(room, view)
        for publication in missed:
            self._published(room, publication)
        for piece in data.get("streams", ()):
            self.streams.told(piece, is_entry=True)

    def _answered(self, command_id: str, message: dict[str, Any]) -> None:
        waiting = self._waiting[command_id]
        if error := message.get("error"):
            if error["code"] in TEMPORARY or error.get("temporary"):
                self._again.append(command_id)
                return
            self.log.entries.append(Refused(waiting.give.room, command_id, error["code"]))
            self.refusals[error["code"]] += 1
            self.script.refused(waiting.give, error)
        else:
            self._accepted(command_id, waiting, message["rpc"]["data"])
        del self._waiting[command_id]

    def _accepted(self, command_id: str, waiting: Waiting, data: dict[str, Any]) -> None:
        room, offset, event_ids = data["room"], data["offset"], tuple(data["event_ids"])
        self.log.entries.append(Acked(room, command_id, offset, data["epoch"], event_ids, time.monotonic_ns()))
        self.acked += 1
        self.acked_tops[room] = max(offset, self.acked_tops.get(room, 0))
        self.latencies_ms.append((time.monotonic() - waiting.sent_s) * 1000)
        self.script.answered(waiting.give, data)
