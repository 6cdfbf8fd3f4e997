"""One client of the load: gives commands at its pace, reads a room, survives every cut, and writes down all of it.

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
from tests.support.tokens import new_command_id

TEMPORARY = frozenset({100, 111})
IN_FLIGHT = 64
"""Commands without an answer; then the client waits, as people do."""

ANSWER_S = 10.0
"""A server that says nothing for so long is given up, and the connection made anew."""

_decode = msgspec.json.Decoder().decode


class Worker:
    """Made once per load and run as one task; ``finish`` ends its giving, and ``is_settled`` says that every answer is in."""

    def __init__(self, address: str, token: str, actor: str, room: str, interval_s: float, rng: random.Random, name: str) -> None:
        self.log = ClientLog(name, actor)
        self.room = room
        self.offset = 0
        self.epoch = ""
        self.latencies_ms: list[float] = []
        self.closes: Counter[int] = Counter()
        self.is_inside = False
        self._address = address
        self._token = token
        self._interval_s = interval_s
        self._rng = rng
        self._waiting: dict[str, str] = {}
        self._asked: dict[int, str] = {}
        self._sent_at: dict[str, float] = {}
        self._again: list[str] = []
        self._number = 0
        self._count = 0
        self._gives = True

    @property
    def is_settled(self) -> bool:
        return not self._waiting

    @property
    def acked_top(self) -> int:
        return max((entry.offset for entry in self.log.entries if isinstance(entry, Acked)), default=0)

    def finish(self) -> None:
        """Give nothing new; what is unanswered is repeated until it is answered."""
        self._gives = False

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            with contextlib.suppress(OSError, TimeoutError, InvalidHandshake, InvalidMessage, EOFError):
                await self._connection()
            self.is_inside = False
            await asyncio.sleep(self._rng.uniform(0.05, 0.3))

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
        subscribe: dict[str, Any] = {"channel": self.room}
        if self.epoch:
            subscribe |= {"recover": True, "epoch": self.epoch, "offset": self.offset}
        first = [{"id": self._next(), "connect": {"token": self._token}}, {"id": self._next(), "subscribe": subscribe}]
        self._enter_id = self._number
        await socket.send("\n".join(json.dumps(message) for message in first))
        for command_id in list(self._waiting):
            await self._put(socket, command_id)
        while True:
            await asyncio.sleep(self._rng.uniform(0.5, 1.5) * self._interval_s)
            if self._gives and self.is_inside and len(self._waiting) < IN_FLIGHT:
                self._count += 1
                command_id = new_command_id()
                payload = {"room": self.room, "command_id": command_id, "text": f"{self.log.name} says {self._count}"}
                self._waiting[command_id] = json.dumps(payload)
                await self._put(socket, command_id)
            again, self._again = self._again, []
            for command_id in again:
                await self._put(socket, command_id)
            self._give_up_silence(socket)

    async def _put(self, socket: ClientConnection, command_id: str) -> None:
        number = self._next()
        self._asked[number] = command_id
        self.log.entries.append(Sent(self.room, command_id, time.monotonic_ns()))
        self._sent_at[command_id] = time.monotonic()
        await socket.send(f'{{"id":{number},"rpc":{{"method":"workspace.post","data":{self._waiting[command_id]}}}}}')

    def _give_up_silence(self, socket: ClientConnection) -> None:
        oldest = next(iter(self._waiting), None)
        if oldest and time.monotonic() - self._sent_at.get(oldest, time.monotonic()) > ANSWER_S:
            socket.transport.abort()

    def _next(self) -> int:
        self._number += 1
        return self._number

    # Taking

    async def _take(self, message: dict[str, Any], socket: ClientConnection) -> None:
        if not message:
            await socket.send("{}")
        elif push := message.get("push"):
            self._pushed(push)
        elif message.get("id") in self._asked:
            self._answered(self._asked.pop(message["id"]), message)
        elif message.get("id") == self._enter_id:
            self._entered(message, socket)
        elif "error" in message:
            socket.transport.abort()  # the connect was refused: temporary, or the drill will show it by never settling

    def _pushed(self, push: dict[str, Any]) -> None:
        publication = push.get("pub", {})
        if offset := publication.get("offset"):
            self.log.entries.append(Received(self.room, offset, publication["data"]["id"]))
            self.offset = offset

    def _entered(self, message: dict[str, Any], socket: ClientConnection) -> None:
        answer = message.get("subscribe")
        if answer is None:
            socket.transport.abort()
            return
        recovered = answer.get("recovered", False)
        view = answer.get("data", {}).get("view", {})
        shown = tuple((entry["offset"], entry["id"]) for entry in view.get("messages", ()))
        self.epoch = answer["epoch"]
        self.log.entries.append(Entered(self.room, self.epoch, answer.get("offset", 0), recovered, shown))
        self.offset = answer.get("offset", 0)
        for publication in answer.get("publications", ()):
            self._pushed({"pub": publication})
        self.is_inside = True

    def _answered(self, command_id: str, message: dict[str, Any]) -> None:
        if error := message.get("error"):
            if error["code"] in TEMPORARY or error.get("temporary"):
                self._again.append(command_id)
                return
            self.log.entries.append(Refused(self.room, command_id, error["code"]))
        else:
            data = message["rpc"]["data"]
            moment = time.monotonic_ns()
            self.log.entries.append(
                Acked(data["room"], command_id, data["offset"], data["epoch"], tuple(data["event_ids"]), moment)
            )
            self.latencies_ms.append((time.monotonic() - self._sent_at[command_id]) * 1000)
        self._waiting.pop(command_id, None)
        self._sent_at.pop(command_id, None)
