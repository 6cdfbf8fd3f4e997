"""After a crash: deadlines are made again, room by room, whatever one room may be like."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

from domain.decider import Deadline
from domain.ids import RoomAddress
from domain.log import OpenedRoom
from persistence.journal.tail import Tail
from persistence.restart import _catch_up
from tests.support.desk import DESKS, desk_address

ONE, TWO, THREE = desk_address("one"), desk_address("two"), desk_address("three")


class Log:
    """Room one cannot be opened, for a reason that nobody has thought of."""

    def __init__(self) -> None:
        self.kept: list[RoomAddress] = []

    async def rooms_with_streams(self) -> Sequence[RoomAddress]:
        return [TWO, THREE]

    async def open_room(self, room: RoomAddress) -> OpenedRoom:
        if room == ONE:
            raise RuntimeError("not thought of")
        return OpenedRoom(None, (), "e1")

    def keep_deadlines(self, room: RoomAddress, offset: int, deadlines: Sequence[Deadline]) -> None:
        self.kept.append(room)


async def test_a_room_that_cannot_be_opened_costs_the_others_nothing() -> None:
    log, journal = Log(), SimpleNamespace(tail=Tail(0, 1))

    await _catch_up(cast("Any", log), cast("Any", journal), DESKS, [ONE, TWO])

    assert log.kept == [TWO, THREE]
