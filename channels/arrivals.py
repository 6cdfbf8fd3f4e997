"""What the server gives to a room because somebody has come: at most once per actor in the interval that the kind names."""

import logging
from collections import OrderedDict
from typing import Final

from channels.open_room import OpenRoom
from channels.seats import Answer, Identity
from channels.timers import GiveByClock
from domain.event_codec import encode
from domain.ids import ActorId, RoomAddress, clock_command_id
from domain.rejections import Rejection

logger = logging.getLogger(__name__)

REMEMBERED: Final = 100_000
"""Arrivals that are remembered, about 20 MB; the oldest go first: then somebody may be counted once more than they should."""


class Arrivals:
    def __init__(self, give: GiveByClock) -> None:
        self._give = give
        self._until_ms: OrderedDict[tuple[RoomAddress, ActorId], int] = OrderedDict()

    def came(self, open_room: OpenRoom, identity: Identity, now_ms: int) -> None:
        room = open_room.room
        arrival = room.decider.arrival(room.place.state, identity.actor, identity.claims, now_ms)
        key = (room.address, identity.actor.id)
        if arrival is None or self._until_ms.get(key, 0) > now_ms:
            return
        self._until_ms[key] = now_ms + arrival.interval_ms
        self._until_ms.move_to_end(key)
        while len(self._until_ms) > REMEMBERED:
            self._until_ms.popitem(last=False)
        command_id = clock_command_id(room.address, f"arrival of {identity.actor.id}", now_ms)
        self._give(arrival.name, encode({**arrival.payload, "room": room.address, "command_id": command_id}), _answered)


def _answered(answer: Answer) -> None:
    if isinstance(answer, Rejection):
        logger.info("an arrival was not counted: %s", answer)
