"""The load generator: a process of its own that keeps its connections and does what it is told, a line of JSON at a time.

python -m tests.bench.load        {"do": "crowd", "port": …, "members": 1000} -> {"ok": …} or {"error": "…"}
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import jwt

from tests.bench.ceiling import reads_per_s
from tests.bench.commander import Commander
from tests.bench.crowd import Crowd
from tests.bench.entering import Asks, enter_surely
from tests.bench.making import make_rooms
from tests.bench.sockets import Door, Reader, enter, raise_file_limit
from tests.bench.storm import Storm

Answer = dict[str, Any]


class Load:
    """What is connected at the moment, by the name that whoever asks has given it."""

    def __init__(self) -> None:
        self._crowds: dict[str, Crowd] = {}
        self._commanders: dict[str, Commander] = {}
        self._storms: dict[str, Storm] = {}
        self._idle = Reader(lambda fd, data: None)
        self.words: dict[str, Callable[..., Answer | None]] = {
            "crowd": self.crowd,
            "grow": lambda name, members: self._crowds[name].enter(members),
            "shrink": lambda name, members: self._crowds[name].shrink(members),
            "leave": lambda name: self._crowds.pop(name).close(),
            "stop_reading": lambda name: self._crowds[name].stop_reading_one(),
            "publish": lambda name, **how: self._crowds[name].publish(**how),
            "latency": lambda name, **how: self._crowds[name].latency(**how),
            "commander": self.commander,
            "dismiss": lambda name: self._commanders.pop(name).close(),
            "throughput": lambda name, **how: self._commanders[name].throughput(**how),
            "rate": lambda name, **how: self._commanders[name].rate(**how),
            "idle": self.idle,
            "end_idle": self._idle.close_all,
            "make_rooms": lambda door, **how: {"rooms": make_rooms(Door(*door), **how)},
            "storm": self.storm,
            "storm_leave": lambda name: self._storms[name].leave(),
            "storm_return": lambda name: self._storms[name].come_back(),
            "ceiling": lambda **how: {"reads_per_s": reads_per_s(**how)},
        }

    def crowd(self, name: str, door: list[Any], members: int, **who: str) -> None:
        self._crowds[name] = Crowd(Door(*door), **who)
        self._crowds[name].enter(members)

    def commander(self, name: str, door: list[Any], **how: Any) -> None:
        self._commanders[name] = Commander(Door(*door), **how)

    def idle(self, door: list[Any], count: int, room: str, secret: str, own: bool) -> None:
        """Members that say nothing: of one identity, or each with its own."""
        first = len(self._idle)
        tokens = [token_of(secret, f"idle-{number}" if own else "idle") for number in range(first, first + count)]
        if door[1]:
            entered = [enter(Door(*door), token, room) for token in tokens]
        else:
            entered = [each.connection for each in enter_surely(door[0], [Asks(token, room) for token in tokens])]
        for connection in entered:
            self._idle.add(connection)
        self._idle.drain()

    def storm(self, name: str, port: int, secret: str, rooms: list[str], count: int) -> None:
        self._storms[name] = Storm(port, rooms, [token_of(secret, f"storm-{number}") for number in range(count)])


def token_of(secret: str, user: str) -> str:
    now = int(time.time())
    claims = {"sub": user, "name": user, "iat": now, "exp": now + 24 * 3600, "roles": ["user"]}
    return jwt.encode(claims, secret, algorithm="HS256")


def main() -> None:
    raise_file_limit()
    load = Load()
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer: Answer = {"ok": load.words[asked.pop("do")](**asked) or {}}
        except Exception as error:  # told to whoever asked, who raises it
            answer = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
