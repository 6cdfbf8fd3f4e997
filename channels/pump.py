"""The pump: all dirty rooms decide, one append for all of them, and then what they caused goes out. Over and over.

Natural group commit: while one append runs, commands gather, and the next append takes all of them. A room is in at most one
proposal in flight, because there is only one append in flight.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

from channels.attempt import Adopted
from channels.open_room import OpenRoom
from channels.ports import Ports
from channels.settings import HubSettings
from domain.log import AppendResult, Conflict, JournalFull, Proposal, StorageAway
from domain.rejections import Rejection, Unavailable


class Outlet(NamedTuple):
    """Where it goes out. ``settle`` gives a room's answers and publishes what it adopted; ``flush`` comes after all rooms of the
    batch; ``fail`` ends the node."""

    settle: Callable[[OpenRoom, Adopted], None]
    flush: Callable[[], None]
    fail: Callable[[Exception], None]


_FULL = "the server's disk is full; repeat the command in a moment"
_BEHIND = "another node was first and its events cannot be read now; repeat the command in a moment"


class Pump:
    """One per node; ``run`` is its only task."""

    def __init__(self, ports: Ports, outlet: Outlet, now_ms: Callable[[], int], settings: HubSettings) -> None:
        self._journal = ports.journal
        self._log = ports.log
        self._settle = outlet.settle
        self._flush = outlet.flush
        self._fail = outlet.fail
        self._now_ms = now_ms
        self._settings = settings
        self._dirty: dict[OpenRoom, None] = {}
        self._wake = asyncio.Event()
        self._is_stopping = False
        self.idle = asyncio.Event()
        """Set while nothing waits and nothing is in flight."""
        self.idle.set()
        self.appends = 0
        self.appended_records = 0

    def dirty(self, open_room: OpenRoom) -> None:
        """The room has commands to be decided."""
        self._dirty[open_room] = None
        self._wake.set()
        self.idle.clear()

    def stop(self) -> None:
        """End ``run`` after the append in flight; an append is never cancelled from here."""
        self._is_stopping = True
        self._wake.set()

    async def run(self) -> None:
        while not self._is_stopping:
            await self._wake.wait()
            self._wake.clear()
            # One loop turn, so that what has arrived together is decided together, also behind a journal that never suspends.
            await asyncio.sleep(0)
            await self._turn()
            if self._dirty:
                self._wake.set()
            else:
                self.idle.set()

    async def _turn(self) -> None:
        proposing = self._gather()
        self._flush()
        if not proposing:
            return
        try:
            results = await self._journal.append([proposal for _, proposal in proposing])
        except JournalFull:
            self._refuse(proposing, Unavailable(_FULL))
            return
        except Exception as error:
            # JournalBroken, or worse: nobody knows what is durable, so nothing in flight may be acknowledged.
            self._is_stopping = True
            self._fail(error)
            return
        self.appends += 1
        self.appended_records += sum(len(proposal.records) for _, proposal in proposing)
        conflicts = self._adopt(proposing, results)
        self._flush()
        for open_room in conflicts:
            await self._catch_up(open_room)

    def _gather(self) -> list[tuple[OpenRoom, Proposal]]:
        """Let the dirty rooms decide, within the turn's number of commands. Those with nothing to append are settled at once."""
        now_ms, left, left_bytes = self._now_ms(), self._settings.batch_commands, self._settings.batch_bytes
        proposing: list[tuple[OpenRoom, Proposal]] = []
        dirty, self._dirty = self._dirty, {}
        for open_room in dirty:
            room = open_room.room
            if left <= 0 or left_bytes <= 0 or open_room.is_congested:
                self._dirty[open_room] = None
                continue
            waiting = room.waiting
            proposal = room.propose(now_ms, left, left_bytes)
            left -= waiting - room.waiting
            left_bytes -= room.proposed_bytes
            if room.waiting:
                self._dirty[open_room] = None
            if proposal is not None:
                proposing.append((open_room, proposal))
            else:
                self._settle(open_room, room.appended())
        return proposing

    def _adopt(self, proposing: list[tuple[OpenRoom, Proposal]], results: Sequence[AppendResult]) -> list[OpenRoom]:
        conflicts = []
        for (open_room, _), result in zip(proposing, results, strict=True):
            if isinstance(result, Conflict):
                conflicts.append(open_room)
            else:
                self._settle(open_room, open_room.room.appended())
        return conflicts

    async def _catch_up(self, open_room: OpenRoom) -> None:
        """Another node was first: fold in what it wrote; the commands are decided again with the next turn."""
        room = open_room.room
        try:
            missed = await self._log.history(room.address, room.top, self._settings.resume_events)
            adopted = room.conflicted(missed)
        except (StorageAway, ValueError):
            adopted = room.refused(Unavailable(_BEHIND))
        self._settle(open_room, adopted)
        if room.waiting:
            self.dirty(open_room)
        self._flush()

    def _refuse(self, proposing: list[tuple[OpenRoom, Proposal]], rejection: Rejection) -> None:
        for open_room, _ in proposing:
            self._settle(open_room, open_room.room.refused(rejection))
        self._flush()
