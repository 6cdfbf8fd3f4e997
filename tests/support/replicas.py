"""A client's copy of a desk room, folded from what its seat hears; it complains as soon as something does not fit."""

import json
from typing import Any

from channels.seats import RESUBSCRIBE, Subscribed
from tests.support.live import FakeSeat


class Answered:
    """An answer to a command, among what the seat hears."""

    def __init__(self, command_id: str, answer: object) -> None:
        self.command_id = command_id
        self.answer = answer


class Replica:
    """One client: folds views and events, and holds the promises against them."""

    def __init__(self, seat: FakeSeat) -> None:
        self.seat = seat
        self.read = 0
        self.is_member = False
        self.has_been_in = False
        self.offset = 0
        self.spoken: list[str] = []
        self.jobs: set[str] = set()
        self.told: dict[str, tuple[int, str]] = {}
        self.unanswered: set[str] = set()

    def listen(self) -> None:
        heard = self.seat.heard
        while self.read < len(heard):
            each = heard[self.read]
            self.read += 1
            if isinstance(each, Subscribed):
                self._enter(each)
            elif isinstance(each, Answered):
                self.unanswered.discard(each.command_id)
            elif isinstance(each, dict) and "unsubscribed" in each:
                assert each["unsubscribed"] == RESUBSCRIBE
                self.is_member = False
            elif isinstance(each, dict) and "room" in each:
                assert self.is_member, "something of a room that the seat is not in"
                self._take(each["offset"], each["command_id"], each["data"])

    def _enter(self, subscribed: Subscribed) -> None:
        assert not self.is_member
        self.is_member = self.has_been_in = True
        data = json.loads(subscribed.view)
        if subscribed.recovered:
            assert subscribed.offset == self.offset
            for message in subscribed.missed:
                self._take(message.offset, message.command_id, json.loads(message.data))
        else:
            self.offset = subscribed.offset
            self.spoken = data["view"]["spoken"]
            self.jobs = set(data["view"]["jobs"])
        self.told = {each["key"]: (each["attempt"], each["text"]) for each in data["streams"]}
        assert {each["tick"]["key"] for each in data["ticks"]} <= self.jobs
        assert set(self.told) <= self.jobs

    def _take(self, offset: int, command_id: str, data: dict[str, Any]) -> None:
        if offset:
            assert offset == self.offset + 1, f"{offset} after {self.offset}"
            assert command_id not in self.unanswered, "an own event before its reply"
            self.offset = offset
            self._fold(data["event"])
        elif "tick" in data:
            assert data["tick"]["key"] in self.jobs, "a tick of a key that is not live"
        elif "stream" in data:
            self._hear(data["stream"])

    def _fold(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "said":
                self.spoken.append(event["text"])
            case "begun":
                self.jobs.add(event["key"])
            case "ended":
                self.jobs.discard(event["key"])
                self.told.pop(event["key"], None)

    def _hear(self, piece: dict[str, Any]) -> None:
        key, attempt = piece["key"], piece["attempt"]
        assert key in self.jobs, "a piece of a key that is not live"
        known_attempt, known = self.told.get(key, (attempt, ""))
        if attempt != known_attempt:
            known = ""
        assert piece["position"] == len(known), "a stream with a hole or a double"
        self.told[key] = (attempt, known + piece["text"])
