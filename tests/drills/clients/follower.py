"""Readers by the thousand: each follows one room, comes back after every cut with token and position, and writes all of it down."""

import asyncio
import contextlib
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from tests.bench.sockets import raise_file_limit
from tests.drills.clients.wire import Wire, open_wire
from tests.drills.history import ClientLog, Entered, Received
from tests.support.tokens import actor_of

ANSWER_S = 15.0
"""A server that does not let in or refuse for so long is tried anew."""
BACK_OFF_S, BACK_OFF_MOST_S = 0.2, 10.0
"""Before it comes again: twice as long after every failure, and any part of that, as the SDKs do."""
SLICE, SLICE_S = 20, 0.1
"""How many come first, before the next ones do: two hundred a second."""
RESUBSCRIBE = 2500
"""Ends of a subscription from here on ask to subscribe again."""
TEMPORARY = frozenset({100, 111})

_decode = msgspec.json.Decoder().decode


class Follower:
    """One connection after the other, as ``run`` makes them. ``may_come`` holds it back while its drill wants nobody to come."""

    def __init__(self, port: int, user: str, token: str, room: str, may_come: asyncio.Event, receive_bytes: int = 0) -> None:
        self.log = ClientLog(user, actor_of(user))
        """Of this connection alone: a person may have several."""
        self.token = token
        self.room = room
        self.epoch = ""
        self.offset = 0
        self.is_inside = False
        self.is_out = False
        """Sent away for good: it does not come back."""
        self.tries = self.entries = self.resumes = self.refreshes = 0
        self.closes: list[int] = []
        self.losses: list[int] = []
        """The closes that came while it was inside."""
        self.refusals: Counter[int] = Counter()
        self.put_out: list[int] = []
        self._port = port
        self._may_come = may_come
        self._receive_bytes = receive_bytes
        self._wire: Wire | None = None
        self._number = 10
        self._ended = asyncio.Event()
        self._asked_ns = 0
        self._failures = 0

    async def run(self) -> None:
        """Until cancelled, or sent away for good."""
        while not self.is_out:
            await self._may_come.wait()
            entered = self.entries
            with contextlib.suppress(OSError, TimeoutError):
                await self._connection()
            self._failures = 0 if self.entries > entered else self._failures + 1
            self.is_inside = False
            await asyncio.sleep(random.uniform(0.05, min(BACK_OFF_MOST_S, BACK_OFF_S * 2**self._failures)))

    async def _connection(self) -> None:
        self._ended.clear()
        self.tries += 1
        self._asked_ns = time.monotonic_ns()
        first = [{"id": 1, "connect": {"token": self.token}}, {"id": 2, "subscribe": self._subscribe()}]
        self._wire = await open_wire(self._port, _joined(first), self._took, self._has_ended, self._receive_bytes)
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), ANSWER_S)
            if self.is_inside or self.is_out:
                await self._ended.wait()
        finally:
            self._wire.reset()

    def _subscribe(self) -> dict[str, Any]:
        since = {"recover": True, "epoch": self.epoch, "offset": self.offset} if self.epoch else {}
        return {"channel": self.room, **since}

    # ---- what drills do with it

    def reset(self) -> None:
        if self._wire is not None:
            self._wire.reset()

    def stop_reading(self) -> None:
        if self._wire is not None:
            self._wire.stop_reading()

    def go_on_reading(self) -> None:
        if self._wire is not None:
            self._wire.go_on_reading()

    def refresh(self, token: str) -> None:
        """Show a new token; the answer is counted in ``refreshes``."""
        self.token = token
        self._number += 1
        self._send({"id": self._number, "refresh": {"token": token}})

    # ---- what comes

    def _has_ended(self, code: int) -> None:
        self.closes.append(code)
        if self.is_inside:
            self.losses.append(code)
        self.is_inside = False
        if 3500 <= code < 4000 or 4500 <= code < 5000:
            self.is_out = True
        self._ended.set()

    def _took(self, frame: bytes) -> None:
        for line in frame.split(b"\n"):
            self._heard(_decode(line))

    def _heard(self, message: dict[str, Any]) -> None:
        if not message:
            self._send({})
        elif push := message.get("push"):
            if push.get("channel") == self.room:
                self._pushed(push)
        elif error := message.get("error"):
            self._refused(error)
        elif "subscribe" in message:
            self._entered(message["subscribe"])
        elif "refresh" in message:
            self.refreshes += 1

    def _pushed(self, push: dict[str, Any]) -> None:
        if publication := push.get("pub"):
            self._published(publication)
        elif unsubscribed := push.get("unsubscribe"):
            self.is_inside = False
            self.put_out.append(unsubscribed["code"])
            if unsubscribed["code"] < RESUBSCRIBE:
                self.is_out = True  # and stays connected: who was put out shall hear nothing more
            else:
                self._asked_ns = time.monotonic_ns()
                self._number += 1
                self._send({"id": self._number, "subscribe": self._subscribe()})

    def _refused(self, error: dict[str, Any]) -> None:
        self.refusals[error["code"]] += 1
        if error["code"] not in TEMPORARY:
            self.is_out = True
        self.reset()

    def _entered(self, answer: dict[str, Any]) -> None:
        recovered, missed = answer.get("recovered", False), answer.get("publications", ())
        messages = answer.get("data", {}).get("view", {}).get("messages", ())
        shown = tuple((message["offset"], message["id"]) for message in messages)
        self.epoch, self.offset = answer["epoch"], answer.get("offset", 0)
        top = missed[-1]["offset"] if missed else self.offset
        self.log.entries.append(Entered(self.room, self.epoch, self.offset, recovered, shown, self._asked_ns, top))
        self.is_inside = True
        self.entries += 1
        self.resumes += recovered
        for publication in missed:
            self._published(publication)

    def _published(self, publication: dict[str, Any]) -> None:
        if offset := publication.get("offset"):
            data = publication["data"]
            self.log.entries.append(Received(self.room, offset, data["id"], data["at"]))
            self.offset = offset

    def _send(self, message: dict[str, Any]) -> None:
        if self._wire is not None:
            self._wire.send(_joined([message]))


def _joined(messages: Sequence[dict[str, Any]]) -> bytes:
    return "\n".join(json.dumps(message) for message in messages).encode()


@asynccontextmanager
async def following(followers: Sequence[Follower]) -> AsyncIterator[None]:
    """All of them run inside the block; the first time they come little by little."""
    raise_file_limit()
    tasks = []
    try:
        for number, follower in enumerate(followers):
            tasks.append(asyncio.create_task(follower.run()))
            if number % SLICE == SLICE - 1:
                await asyncio.sleep(SLICE_S)
        yield
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end


async def until(is_so: Callable[[], bool], within_s: float) -> bool:
    """Look until it is so; False when it is not after ``within_s``."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    while not is_so():
        if loop.time() > deadline:
            return False
        await asyncio.sleep(0.05)
    return True


async def until_inside(followers: Sequence[Follower], within_s: float) -> list[str]:
    if await until(lambda: all(follower.is_inside for follower in followers), within_s):
        return []
    outside = [follower for follower in followers if not follower.is_inside]
    return [f"{len(outside)} of {len(followers)} are not inside after {within_s:.0f} s: {_told(outside)}"]


async def until_read(followers: Sequence[Follower], tops: dict[str, int], within_s: float) -> list[str]:
    """Wait until each has read its room up to the top that is named for it."""

    def behind() -> list[Follower]:
        return [one for one in followers if not one.is_inside or one.offset < tops.get(one.room, 0)]

    if await until(lambda: not behind(), within_s):
        return []
    return [f"{len(behind())} of {len(followers)} have not read to the end after {within_s:.0f} s: {_told(behind())}"]


def _told(followers: Sequence[Follower]) -> str:
    some = followers[:5]
    return ", ".join(
        f"{one.log.name} at {one.offset}, closes {one.closes[-3:]}, refusals {dict(one.refusals)}, put out {one.put_out}"
        for one in some
    )
