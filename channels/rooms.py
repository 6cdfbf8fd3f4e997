"""The rooms of this node by address: opened when first asked for, one opening per address; closed when idle and stored."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from functools import partial

from channels.audience import Surroundings
from channels.open_room import OpenRoom
from channels.ports import EventLog
from channels.workers import Workers
from domain.event_codec import UnknownEvent
from domain.ids import RoomAddress
from domain.log import OpenedRoom, StorageAway
from domain.rejections import Busy, Rejection, Unavailable

logger = logging.getLogger(__name__)

Build = Callable[[RoomAddress, OpenedRoom], OpenRoom]
Then = Callable[[OpenRoom | Rejection], None]

NOT_STORED_PAUSE_MS = 1_000
"""How long an idle room whose last record is not stored yet waits before it asks again."""
NOT_THERE_CLOSE_MS = 1_000
"""How long a room that does not exist is remembered as such."""


class Rooms:
    """``build`` makes an open room of what the log knows of it; it raises ``UnknownEvent`` for what another release wrote."""

    def __init__(self, log: EventLog, build: Build, workers: Workers, around: Surroundings) -> None:
        self._log = log
        self._build = build
        self._workers = workers
        self._alarms = around.alarms
        self._settings = around.settings
        self._now_ms = around.now_ms
        self._open: dict[RoomAddress, OpenRoom] = {}
        self._opening: dict[RoomAddress, list[Then]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[OpenRoom]:
        return iter(list(self._open.values()))

    @property
    def opening(self) -> int:
        return len(self._opening)

    def find(self, address: RoomAddress) -> OpenRoom | None:
        return self._open.get(address)

    def when_open(self, address: RoomAddress, then: Then) -> None:
        """Call ``then`` once: at once where the room is open, else when its opening ends, in the order of the calls.

        Raises ``Busy`` where too many wait already.
        """
        open_room = self._open.get(address)
        if open_room is not None:
            then(open_room)
            return
        waiting = self._opening.get(address)
        if waiting is None:
            self._workers.put(partial(self._open_room, address))
            waiting = self._opening[address] = []
        elif len(waiting) >= self._settings.opening_waiting_asks:
            raise Busy("this room is just being opened for many; repeat it in a moment")
        waiting.append(then)

    async def opened(self, address: RoomAddress) -> OpenRoom:
        """The room, opened where it is closed. Raises ``Busy``, and why it could not be opened."""
        open_room = self._open.get(address)
        if open_room is not None:
            return open_room
        opened: asyncio.Future[OpenRoom | Rejection] = asyncio.get_running_loop().create_future()
        self.when_open(address, lambda result: None if opened.done() else opened.set_result(result))
        result = await opened
        if isinstance(result, Rejection):
            raise result
        return result

    async def _open_room(self, address: RoomAddress) -> None:
        try:
            opened = await self._log.open_room(address)
            open_room = self._open[address] = self._build(address, opened)
            result: OpenRoom | Rejection = open_room
        except Rejection as rejection:
            result = rejection
        except StorageAway:
            result = Unavailable("this room cannot be opened now: its storage is away; repeat it in a moment")
        except UnknownEvent as error:
            logger.error("%s stays closed on this node: %s", address, error)
            result = Unavailable("this room waits for a newer release of the server")
        except Exception:
            logger.exception("opening %s failed", address)
            result = Unavailable("this room cannot be opened now")
        for then in self._opening.pop(address):
            try:
                then(result)
            except Exception:
                logger.exception("what waited for %s failed", address)
        if isinstance(result, OpenRoom):
            self._look_later(result, self._idle_ms(result))

    def _look_later(self, open_room: OpenRoom, pause_ms: int) -> None:
        """One alarm per room is on its way at any time."""
        self._alarms.set(self._now_ms() + pause_ms, lambda now_ms: self._look(open_room))

    def _idle_ms(self, open_room: OpenRoom) -> int:
        # A room that does not exist holds nothing: whoever guesses addresses shall not fill the memory for a minute each.
        return int(self._settings.idle_close_s * 1_000) if open_room.room.top else NOT_THERE_CLOSE_MS

    def _look(self, open_room: OpenRoom) -> None:
        """Close a room that nobody has needed for the idle time, once its last record is stored."""
        room = open_room.room
        if self._open.get(room.address) is not open_room:
            return
        if open_room.is_needed:
            # An own room may well be empty while somebody is in it: that is no reason to look at thousands of them every second.
            open_room.was_asked = False
            self._look_later(open_room, int(self._settings.idle_close_s * 1_000))
        elif open_room.was_asked:
            open_room.was_asked = False
            self._look_later(open_room, self._idle_ms(open_room))
        elif room.top == 0 or self._log.is_stored(room.address, room.top):
            self._close(open_room)
        else:
            open_room.keep_snapshot()
            self._look_later(open_room, NOT_STORED_PAUSE_MS)

    def _close(self, open_room: OpenRoom) -> None:
        """In one instant, so that an opening finds the room either open or closed."""
        open_room.close()
        del self._open[open_room.room.address]

    def drop(self, open_room: OpenRoom) -> None:
        """A room that failed here: its next opening starts from the log."""
        open_room.deadlines.cancel()
        self._open.pop(open_room.room.address, None)
