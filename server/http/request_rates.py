"""How fast one person may ask over HTTP: as a connection of the socket may."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from channels.rates import Bucket
from domain.ids import ActorId
from domain.rejections import Busy
from server.http.settings import HttpSettings

REMEMBERED_MOST: Final = 20_000
"""People whose bucket is remembered, about 5 MB; whoever has asked for nothing the longest gets a full one."""


class RequestRates:
    def __init__(self, settings: HttpSettings, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._monotonic_s = monotonic_s
        self._buckets: OrderedDict[ActorId, Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def check(self, who: ActorId) -> None:
        """One more request of this person. Raises ``Busy``."""
        now_s = self._monotonic_s()
        bucket = self._buckets.get(who)
        if bucket is None:
            bucket = self._buckets[who] = Bucket(self._settings.requests_per_s, self._settings.request_burst, now_s)
            if len(self._buckets) > REMEMBERED_MOST:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(who)
        if bucket.take(now_s) != "pass":
            raise Busy("too many requests at once: repeat this a little later")
