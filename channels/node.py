"""What the parts of one hub share, made once by ``open_hub``."""

import re
from typing import Any, NamedTuple

from channels.audience import Surroundings
from channels.homes import Homes
from channels.ports import Ports
from channels.settings import HubSettings
from channels.workers import Workers
from domain.decider import Decider, Registry
from domain.ids import RoomAddress, id_of, kind_of
from domain.rejections import NotAllowed

_is_uuid = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch


class Node(NamedTuple):
    kinds: Registry
    ports: Ports
    around: Surroundings
    workers: Workers
    lookups: Workers
    homes: Homes

    @property
    def settings(self) -> HubSettings:
        return self.around.settings

    def now_ms(self) -> int:
        return self.around.now_ms()

    def decider_of(self, address: RoomAddress) -> Decider[Any]:
        """Raises ``NotAllowed`` for what cannot be a room's address: it looks like a room that is not there."""
        decider = self.kinds.get(kind_of(address))
        if decider is None or not _is_uuid(id_of(address)):
            raise NotAllowed
        return decider
