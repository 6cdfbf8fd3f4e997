"""Seats that remember what they hear, and whose they are."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from channels.seats import FormatName, Identity, Since, SubscribeAsked, Subscribed
from domain.ids import ActorId, RoomAddress, keyed_id
from domain.record import Actor
from domain.rejections import Rejection
from domain.roles import NO_CLAIMS, Claims


def identity(name: str, kind: str = "user", claims: Claims = NO_CLAIMS) -> Identity:
    return Identity(actor=Actor(id=actor_id(name), kind=kind, name=name), claims=claims)  # type: ignore[arg-type]  # tests say it right


def actor_id(name: str) -> ActorId:
    return ActorId(keyed_id("actor", name))


class FakeSeat:
    """A connection that keeps what it is told, in order: ``heard`` holds the answer to its subscribe and every message.

    ``high_water`` messages pause it, as a transport does, from within ``write``; ``on_pause`` is then told.
    """

    def __init__(self, name: str, format_name: FormatName = "json", who: Identity | None = None) -> None:
        self.client_id = f"client of {name}"
        self.identity = who or identity(name)
        self.format: FormatName = format_name
        self.is_writable = True
        self.heard: list[Any] = []
        self.writes = 0
        self.unsubscribed: list[tuple[str, int]] = []
        self.high_water: int | None = None
        self.on_pause: Callable[[FakeSeat], None] = lambda seat: None

    def write(self, framed: bytes) -> None:
        assert self.is_writable, "written to while paused"
        self.writes += 1
        lines = [json.loads(line) for line in framed.splitlines()]
        self.heard += lines
        if self.high_water is not None:
            self.high_water -= len(lines)
            if self.high_water <= 0:
                self.pause()

    def pause(self) -> None:
        self.high_water = None
        self.is_writable = False
        self.on_pause(self)

    def deliver(self, framed: bytes) -> None:
        self.write(framed)

    def push_unsubscribed(self, room: RoomAddress, code: int, reason: str) -> None:
        self.unsubscribed.append((room, code))
        self.heard.append({"unsubscribed": code})

    def disconnect(self, code: int, reason: str) -> None:
        self.heard.append({"disconnected": code})

    # What a test asks of it

    @property
    def events(self) -> list[dict[str, Any]]:
        return [each["data"] for each in self.heard if isinstance(each, dict) and each.get("offset")]

    @property
    def offsets(self) -> list[int]:
        return [each["offset"] for each in self.events]

    @property
    def ticks(self) -> list[dict[str, Any]]:
        return [data["tick"] for data in self._passing() if "tick" in data]

    @property
    def pieces(self) -> list[dict[str, Any]]:
        return [data["stream"] for data in self._passing() if "stream" in data]

    @property
    def signals(self) -> list[dict[str, Any]]:
        return [data["signal"] for data in self._passing() if "signal" in data]

    @property
    def pushes(self) -> list[dict[str, Any]]:
        return [each["reply"]["push"] for each in self.heard if isinstance(each, dict) and "reply" in each]

    @property
    def subscribed(self) -> list[Subscribed]:
        return [each for each in self.heard if isinstance(each, Subscribed)]

    @property
    def rejections(self) -> list[Rejection]:
        return [each for each in self.heard if isinstance(each, Rejection)]

    def asks(self, room: RoomAddress, since: Since | None = None, **options: bool) -> SubscribeAsked:
        return SubscribeAsked(seat=self, room=room, since=since, answer=self.heard.append, **options)

    def _passing(self) -> Iterable[dict[str, Any]]:
        return (each["data"] for each in self.heard if isinstance(each, dict) and each.get("offset") == 0)
