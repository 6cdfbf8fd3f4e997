"""What a client is told when it is let in: at once, or together with the home that its connection follows from the start.

The reply waits for the home a moment. Where that is not to be had in time it goes without, and the home follows by a push as soon
as it can be opened. Sans-I/O; seconds of a monotonic clock.
"""

from collections.abc import Mapping
from math import inf
from typing import Final

import msgspec

from channels.seats import Since
from channels.wire import messages as m
from domain.ids import RoomAddress

PAUSE_S: Final = 5.0
"""Before a home that could not be opened is asked for again: its storage is away, or everybody has come at once."""
_AT_ONCE: Final = 0.0
_NOW: Final = -1.0


class Greeting:
    __slots__ = ("_again_s", "_by_s", "_is_resume", "_owed", "_subs", "home")

    def __init__(self) -> None:
        self.home: RoomAddress | None = None
        self._subs: Mapping[str, m.SubscribeRequest] = {}
        self._owed: m.Reply | None = None
        self._by_s = inf
        self._again_s = inf
        self._is_resume = False

    def due_s(self) -> float:
        return min(self._by_s, self._again_s)

    def note(self, subs: Mapping[str, m.SubscribeRequest]) -> None:
        """What the client says it followed before without having asked for it."""
        self._subs = subs

    def owe(self, reply: m.Reply, home: RoomAddress, by_s: float) -> Since | None:
        """Wait with ``reply`` for ``home``, until ``by_s`` at most; the position that the client has of it."""
        self._owed, self.home, self._by_s = reply, home, by_s
        before, self._subs = self._subs.get(home), {}
        self._is_resume = before is not None and before.recover
        return Since(before.epoch, before.offset) if before is not None and before.recover else None

    def arrived(self, result: m.SubscribeResult) -> m.Reply:
        """The home is followed: what the client is told."""
        reply = self.take()
        if reply is not None and reply.connect is not None:
            return m.Reply(id=reply.id, connect=msgspec.structs.replace(reply.connect, subs={str(self.home): result}))
        subscribe = m.Subscribe(
            recoverable=result.recoverable,
            epoch=result.epoch,
            offset=result.offset,
            positioned=result.positioned,
            data=result.data,
        )
        return m.Reply(push=m.Push(channel=str(self.home), subscribe=subscribe))

    def take(self) -> m.Reply | None:
        """The reply without the home, if it is still owed."""
        reply, self._owed, self._by_s = self._owed, None, inf
        return reply

    def lost(self) -> None:
        """The home is not followed (any more): it is to be asked for again, after a pause."""
        self._again_s = _NOW

    def starts_anew(self) -> bool:
        """Whether the client, which has waited too long, has named a position of its home. A push has no place for what was missed
        since: so that answer is not waited for any more, and the home is asked for at once, whole."""
        if not self._is_resume:
            return False
        self._is_resume, self._again_s = False, _AT_ONCE
        return True

    def is_late(self, now_s: float) -> bool:
        return now_s >= self._by_s

    def is_to_ask_again(self, now_s: float) -> bool:
        if self._again_s == _NOW:
            self._again_s = now_s + PAUSE_S
        if now_s < self._again_s:
            return False
        self._again_s = inf
        return True
