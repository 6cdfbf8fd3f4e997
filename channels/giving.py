"""The way of a command through the node: decoded, brought to its room, decided there by the pump, and answered."""

import logging
from collections import deque
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

from channels.attempt import Adopted, Asked, Cause, Repeat
from channels.looking_up import LookingUp
from channels.node import Node
from channels.open_room import OpenRoom
from channels.rooms import Rooms
from channels.seats import Accepted, Answer, Given, Identity
from channels.stored import StoredWaits
from channels.tally import Tally
from channels.throttle import Throttle
from domain.command_codec import CommandCodec
from domain.decider import Decider
from domain.ids import RoomAddress
from domain.log import StorageAway
from domain.record import SYSTEM
from domain.rejections import Busy, Malformed, Rejection, Unavailable
from domain.roles import NO_CLAIMS

logger = logging.getLogger(__name__)

SYSTEM_IDENTITY = Identity(actor=SYSTEM, claims=NO_CLAIMS)


class Giving:
    """``make_dirty`` tells the pump that a room has something to decide."""

    def __init__(self, node: Node, rooms: Rooms, make_dirty: Callable[[OpenRoom], None]) -> None:
        self._node = node
        self._rooms = rooms
        self._make_dirty = make_dirty
        self._commands = CommandCodec(node.kinds)
        self._looking_up = LookingUp(node, rooms)
        self.stored = StoredWaits(node.ports.log, node.now_ms, node.settings)
        self.throttle = Throttle(node.ports.journal, node.now_ms, node.settings)
        self.refusal: Rejection | None = None
        """What every command is answered once the node takes no more."""
        self.on_empty: Callable[[], None] = _nothing
        self.waiting = 0
        """Commands of all rooms that are neither durable nor refused."""
        self.waiting_bytes = 0
        self.tally = Tally()

    def give(self, given: Given) -> None:
        self._give(given, None)

    def give_by_clock(self, name: str, payload: bytes, answer: Callable[[Answer], None]) -> None:
        self._give(Given(identity=SYSTEM_IDENTITY, name=name, payload=payload, answer=answer), None)

    def give_reaction(self, name: str, payload: bytes, cause: Cause, answer: Callable[[Answer], None]) -> None:
        self._give(Given(identity=SYSTEM_IDENTITY, name=name, payload=payload, answer=answer), cause)

    def settle(self, adopted: Adopted, open_room: OpenRoom) -> None:
        """Answer what a room has adopted, or refused."""
        for asked, answer in adopted.answers:
            self._answer(asked, answer)
        for repeat in adopted.repeats:
            self._answer_repeat(open_room, repeat)

    # The way in

    def _give(self, given: Given, cause: Cause | None) -> None:
        given_s = perf_counter()
        try:
            if self.refusal is not None:
                raise self.refusal
            given = self._node.homes.addressed(given)
            decider, command = self._commands.decode(given.name, given.payload)
            size = len(given.payload)
            asked = Asked(identity=given.identity, command=command, answer=given.answer, size=size, given_s=given_s, cause=cause)
            self._bring(self._address_of(decider, asked), asked)
        except Rejection as rejection:
            self._refuse(given, rejection)
        except Exception:
            logger.exception("giving %s failed", given.name)
            self._refuse(given, Unavailable("the server failed at this command"))

    def _refuse(self, given: Given, rejection: Rejection) -> None:
        self.tally.refuse(rejection)
        given.answer(rejection)

    def _address_of(self, decider: Decider[Any], asked: Asked) -> RoomAddress:
        command = asked.command
        if not decider.creates or type(command) is not decider.commands[decider.creates]:
            return command.room
        address = decider.address_of(command, asked.identity.actor)
        if command.room not in ("", address):
            raise Malformed(f"this makes the room {address}, not the one named; leave the room out - at `$.room`")
        return address

    def _bring(self, address: RoomAddress, asked: Asked) -> None:
        """Raises ``Busy`` over a bound; counted from here until its answer."""
        self.throttle.check()
        settings = self._node.settings
        if self.waiting >= settings.node_waiting_commands or self.waiting_bytes >= settings.node_waiting_bytes:
            raise Busy("this server has too much to do; repeat the command in a moment")
        open_room = self._rooms.find(address)
        if open_room is not None:
            self._put(open_room, asked)
        else:
            self._node.decider_of(address)
            self._rooms.when_open(address, partial(self._opened, asked))
        self.waiting += 1
        self.waiting_bytes += asked.size

    def _opened(self, asked: Asked, result: OpenRoom | Rejection) -> None:
        if isinstance(result, OpenRoom):
            try:
                self._put(result, asked)
            except Rejection as rejection:
                self._answer(asked, rejection)
        else:
            self._answer(asked, result)

    def _put(self, open_room: OpenRoom, asked: Asked) -> None:
        open_room.was_asked = True
        room = open_room.room
        if open_room.lookups or room.decider.refs(asked.command):
            self._look_up(open_room, asked)
            return
        room.give(asked)
        self._make_dirty(open_room)

    # References: looked up before the rules see the command, in the order in which the room was asked

    def _look_up(self, open_room: OpenRoom, asked: Asked) -> None:
        if open_room.lookups is None:
            open_room.lookups = deque()
        if len(open_room.lookups) >= self._node.settings.room_waiting_commands:
            raise Busy("this room has too much to do; repeat the command in a moment")
        if not open_room.lookups:
            self._node.lookups.put(partial(self._look_up_all, open_room))
        open_room.lookups.append(asked)

    async def _look_up_all(self, open_room: OpenRoom) -> None:
        lookups = open_room.lookups
        while lookups:
            asked = lookups[0]
            try:
                refs = tuple(open_room.room.decider.refs(asked.command))
                asked.refs = await self._looking_up.find(refs) if refs else {}
                open_room.room.give(asked)
                self._make_dirty(open_room)
            except Rejection as rejection:
                self._answer(asked, rejection)
            except Exception:
                logger.exception("looking up what %s refers to failed", type(asked.command).__qualname__)
                self._answer(asked, Unavailable("what this command refers to cannot be looked up now"))
            finally:
                lookups.popleft()

    # The way out

    def _answer(self, asked: Asked, answer: Answer) -> None:
        self.waiting -= 1
        self.waiting_bytes -= asked.size
        if isinstance(answer, Accepted):
            self.tally.accept(perf_counter() - asked.given_s)
            if asked.command.receipt == "stored":
                self.stored.put(answer, asked.answer)
            else:
                asked.answer(answer)
        else:
            self.tally.refuse(answer)
            asked.answer(answer)
        if not self.waiting:
            self.on_empty()

    def _answer_repeat(self, open_room: OpenRoom, repeat: Repeat) -> None:
        try:
            self._node.workers.put(partial(self._answer_from_log, open_room, repeat))
        except Busy as busy:
            self._answer(repeat.asked, busy)

    async def _answer_from_log(self, open_room: OpenRoom, repeat: Repeat) -> None:
        """The first answer again: computed from the command's records, which the journal's tail or Postgres has."""
        room, receipt = open_room.room, repeat.receipt
        answer: Answer = Unavailable("this command was accepted before; its answer cannot be read now, repeat it in a moment")
        try:
            records = await self._node.ports.log.history(room.address, receipt.first_offset - 1, receipt.count)
            if len(records) == receipt.count:
                answer = room.answer_of(receipt, records)
        except StorageAway:
            pass
        finally:
            self._answer(repeat.asked, answer)


def _nothing() -> None:
    pass
