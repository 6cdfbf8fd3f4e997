"""One person or bot: gives commands, repeats what has no answer, comes back after every cut, and writes down what it saw."""

import asyncio
import json
import uuid
from collections.abc import Callable
from typing import Any, Final

import msgspec

from domain.ids import keyed_id
from tests.drills.history import Acked, ClientLog, Entered, Received, Refused, Sent
from tests.simulation.network import Line
from tests.simulation.node import Node
from tests.simulation.world import World

SILENCE_S: Final = 3.0
"""Without an answer for so long, the line is given up."""
IN_FLIGHT: Final = 16
SHOWN: Final = ("messages", "comments", "notifications")
"""Where views have what events made, each with the offset and id of its event."""
TEMPORARY: Final = frozenset({100, 111})
TOKEN_ENDED: Final = 109

_decode = msgspec.json.Decoder().decode


class Place(msgspec.Struct):
    """Where the client stands in one room."""

    epoch: str = ""
    offset: int = 0
    is_inside: bool = False


class Waiting(msgspec.Struct):
    """A command without an answer."""

    method: str
    room: str
    payload: str
    sent_s: float = 0.0


class Client:
    """``run`` is its one task. ``finish`` ends its giving; ``is_settled`` once every answer is in."""

    def __init__(self, world: World, node: Callable[[], Node | None], number: int, rooms: dict[str, str]) -> None:
        self.name = f"client {number}"
        self.kind = "bot" if number % 3 == 2 else "user"
        self.actor = keyed_id("simulated", self.name)
        self.log = ClientLog(self.name, self.actor)
        home = [f"person:{self.actor}"] if self.kind == "user" else []
        self.places = {room: Place() for room in (*rooms, *home)}
        self.acked_tops: dict[str, int] = {}
        self.line: Line | None = None
        self.gives = True
        self._world = world
        self._node = node
        self._rng = world.draw(self.name)
        self._rooms = rooms
        self._home = home[0] if home else ""
        self._waiting: dict[str, Waiting] = {}
        self._done: list[tuple[str, Waiting]] = []
        self._asked: dict[int, str] = {}
        self._entering: dict[int, str] = {}
        self._again: list[str] = []
        self._executions: dict[str, None] = {}
        self._said: dict[str, list[str]] = {}
        """What was said in each conversation of one's own."""
        self.forgotten: list[str] = []
        """What was said in those that were deleted, and the server has said so."""
        self._number = 0
        self._count = 0
        self._heard_s = 0.0

    @property
    def is_settled(self) -> bool:
        return not self._waiting and all(place.is_inside for place in self.places.values())

    @property
    def missing(self) -> str:
        outside = [room for room, place in self.places.items() if not place.is_inside]
        return f"{self.name}: {len(self._waiting)} without an answer, outside of {outside}"

    # Its one task

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self._rng.uniform(0.5, 1.5) * self._world.weather.give_every_s)
            if self.line is None:
                self._connect()
                continue
            if self.gives and len(self._waiting) < IN_FLIGHT and all(self.places[room].is_inside for room in self._rooms):
                self._give()
            again, self._again = self._again, []
            for command_id in again:
                self._put(command_id)
            self._give_up_silence()

    def _connect(self) -> None:
        node = self._node()
        if node is None or node.parts is None:
            return
        self._asked, self._entering, self._again = {}, {}, []
        self._heard_s = self._world.loop.time()
        self.line = Line(self._world, node, self, self._rng)
        number = self._next()
        subs = {self._home: self._since(self._home)} if self._home and self.places[self._home].epoch else {}
        self._say({"id": number, "connect": {"token": self._token(), "subs": subs}})
        for room in self._rooms:
            number = self._next()
            self._entering[number] = room
            self._say({"id": number, "subscribe": {"channel": room, **self._since(room)}})
        for command_id in list(self._waiting):
            self._put(command_id)

    def _token(self) -> str:
        life_s = self._world.weather.token_s
        end_ms = int(self._world.client_ms() + life_s * 1_000) if life_s and not self._world.is_calm else 0
        return f"{self.kind} {self.actor} {end_ms}"

    def _since(self, room: str) -> dict[str, Any]:
        place = self.places[room]
        return {"recover": True, "epoch": place.epoch, "offset": place.offset} if place.epoch else {}

    def _say(self, message: dict[str, Any]) -> None:
        assert self.line is not None
        self.line.send(json.dumps(message).encode())

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _give_up_silence(self) -> None:
        now_s = self._world.loop.time()
        waits = any(waiting.sent_s and now_s - waiting.sent_s > SILENCE_S for waiting in self._waiting.values())
        if self.line is not None and (waits or now_s - self._heard_s > 2 * SILENCE_S):
            self.line.cut()

    # Giving

    def make_rooms(self) -> None:
        """This one makes the rooms; nobody gets in before."""
        for room, pattern in self._rooms.items():
            fields = {"pattern_type": pattern, "name": pattern.title(), "category": "price_action"}
            self._new("workspace.create", room, fields)

    def _give(self) -> None:
        room = self._rng.choice(list(self._rooms))
        if self._done and self._rng.random() < 0.1:
            command_id, waiting = self._rng.choice(self._done)
            if command_id not in self._waiting:
                self._world.fault("command repeated")
                self._waiting[command_id] = waiting
                self._put(command_id)
                return
        method, fields = self._choice(room)
        command_id = self._new(method, room, fields)
        self._put(command_id)
        if method == "workspace.post" and self._rng.random() < 0.05:
            self._world.fault("command sent twice")
            self._put(command_id)

    def _choice(self, room: str) -> tuple[str, dict[str, Any]]:
        self._count += 1
        drawn = self._rng.random()
        if self.kind == "bot" and drawn < 0.5:
            execution = self._rng.choice(list(self._executions) or [str(self.actor)])
            if drawn < 0.15 or not self._executions:
                return "workspace.start_execution", {}
            if drawn < 0.4:
                return "workspace.report_progress", {"execution_id": execution, "progress": self._count % 100}
            return "workspace.complete_execution", {"execution_id": execution}
        if self._home and drawn < 0.14:
            return self._talk(drawn)
        if self._home and drawn < 0.2 and self.places[room].offset:
            return "room.mark_read", {"offset": self.places[room].offset}
        if drawn < 0.27:
            return "workspace.add_feedback", {"content": f"feedback {self._count}"}
        if drawn < 0.32:
            return "workspace.send_feedback", {}
        receipt = {"receipt": "stored"} if drawn > 0.9 else {}
        return "workspace.post", {"text": f"says {self._count} " + "x" * self._rng.choice([0, 0, 400]), **receipt}

    def _talk(self, drawn: float) -> tuple[str, dict[str, Any]]:
        """In one's own conversations. A beginning has a reaction, a line in one's own room; a deletion takes words back."""
        if not self._said or drawn < 0.04:
            return "conversation.start", {"room": ""}
        conversation = self._rng.choice(list(self._said))
        if drawn > 0.12:
            return "conversation.delete", {"room": conversation}
        words = f"words-of-{self.name.replace(' ', '-')}-{self._count}-end"
        self._said[conversation].append(words)
        return "conversation.say", {"room": conversation, "text": words}

    def _new(self, method: str, room: str, fields: dict[str, Any]) -> str:
        value = self._world.client_ms() << 80 | 7 << 76 | self._rng.getrandbits(12) << 64 | 2 << 62 | self._rng.getrandbits(62)
        command_id = str(uuid.UUID(int=value))
        payload = {"room": room, "command_id": command_id, **fields}
        target = self._home if method == "room.mark_read" else payload["room"]
        self._waiting[command_id] = Waiting(method, target, json.dumps(payload))
        return command_id

    def _put(self, command_id: str) -> None:
        if self.line is None or command_id not in self._waiting:
            return
        number, waiting = self._next(), self._waiting[command_id]
        self._asked[number] = command_id
        waiting.sent_s = self._world.loop.time()
        self.log.entries.append(Sent(waiting.room, command_id, self._now_ns()))
        self.line.send(f'{{"id":{number},"rpc":{{"method":"{waiting.method}","data":{waiting.payload}}}}}'.encode())

    def _now_ns(self) -> int:
        return int(self._world.loop.time() * 1e9)

    # Taking

    def ended(self) -> None:
        self.line = None
        for place in self.places.values():
            place.is_inside = False

    def received(self, payload: bytes) -> None:
        self._heard_s = self._world.loop.time()
        for line in payload.split(b"\n"):
            if self.line is not None:
                self._take(_decode(line))

    def _take(self, message: dict[str, Any]) -> None:
        number = message.get("id")
        if not message:
            self._say({})
        elif push := message.get("push"):
            self._pushed(push)
        elif number in self._asked:
            self._answered(self._asked.pop(number), message)
        elif "connect" in message:
            for room, answer in message["connect"].get("subs", {}).items():
                self._entered(room, answer)
        elif number in self._entering and "subscribe" in message:
            self._entered(self._entering[number], message["subscribe"])
        elif "error" in message and self.line is not None:
            self.line.cut()  # temporary, or not there yet; else it never settles, and that is found

    def _pushed(self, push: dict[str, Any]) -> None:
        room = push.get("channel", "")
        if publication := push.get("pub"):
            self._published(room, publication)
        elif entered := push.get("subscribe"):
            self._entered(room, entered)
        elif "unsubscribe" in push and self.line is not None:
            self.line.cut()  # come again with the position

    def _published(self, room: str, publication: dict[str, Any]) -> None:
        data = publication["data"]
        if offset := publication.get("offset"):
            self.log.entries.append(Received(room, offset, data["id"]))
            self.places[room].offset = offset
            if data["event"]["type"] == "claude_started":
                self._executions[data["event"]["execution_id"]] = None

    def _entered(self, room: str, answer: dict[str, Any]) -> None:
        recovered, view = answer.get("recovered", False), answer.get("data", {}).get("view", {})
        shown = tuple((entry["offset"], entry["id"]) for part in SHOWN for entry in view.get(part, ()))
        place = self.places[room]
        place.epoch, place.offset, place.is_inside = answer["epoch"], answer.get("offset", 0), True
        self.log.entries.append(Entered(room, place.epoch, place.offset, recovered, shown))
        self._world.note(f"{self.name} enters {room[:14]} at {place.offset} {recovered}")
        for publication in answer.get("publications", ()):
            self._published(room, publication)

    def _answered(self, command_id: str, message: dict[str, Any]) -> None:
        waiting = self._waiting.get(command_id)
        if waiting is None:
            self._answered_again(command_id, message)
            return
        if error := message.get("error"):
            if error["code"] in TEMPORARY or error.get("temporary"):
                self._again.append(command_id)
                return
            self._world.note(f"{self.name} refused {waiting.method} {error['code']}")
            self.log.entries.append(Refused(waiting.room, command_id, error["code"]))
        else:
            self._accepted(command_id, waiting, message["rpc"]["data"])
        del self._waiting[command_id]

    def _answered_again(self, command_id: str, message: dict[str, Any]) -> None:
        """It was sent twice: the second answer has to be the first one's."""
        waiting = next((waiting for known, waiting in self._done if known == command_id), None)
        if waiting is not None and "rpc" in message:
            self._accepted(command_id, waiting, message["rpc"]["data"])

    def _accepted(self, command_id: str, waiting: Waiting, data: dict[str, Any]) -> None:
        room, offset, event_ids = data["room"], data["offset"], tuple(data["event_ids"])
        self.log.entries.append(Acked(room, command_id, offset, data["epoch"], event_ids, self._now_ns()))
        self._world.note(f"{self.name} acked {room[:14]} {offset} {event_ids}")
        if waiting.method == "conversation.start":
            self._said.setdefault(room, [])
        elif waiting.method == "conversation.delete":
            self.forgotten += self._said.pop(room, [])
        if data.get("stored") and not self._world.is_stored(room, offset):
            self._world.complain(f"{room[:14]} {offset} was called stored, and Postgres does not have it")
        self.acked_tops[room] = max(offset, self.acked_tops.get(room, 0))
        if all(known != command_id for known, _ in self._done):
            self._done = [*self._done[-20:], (command_id, waiting)]
