"""The journal's budget at the door: from 80 % on producers are slowed, at 100 % refused."""

from collections.abc import Callable

from channels.ports import Journal
from channels.settings import HubSettings
from domain.rejections import Busy, Unavailable


class Throttle:
    """A bucket whose rate falls to nothing as the journal fills. ``note`` reads the fill after every append; commands read it again
    only once it is high, so that an almost empty journal costs one comparison."""

    __slots__ = ("_filled_ms", "_journal", "_now_ms", "_settings", "_tokens", "fill")

    def __init__(self, journal: Journal, now_ms: Callable[[], int], settings: HubSettings) -> None:
        self._journal = journal
        self._now_ms = now_ms
        self._settings = settings
        self._tokens = 0.0
        self._filled_ms = now_ms()
        self.fill = journal.fill

    def note(self) -> None:
        self.fill = self._journal.fill

    def check(self) -> None:
        """Raises ``Busy`` or ``Unavailable``."""
        if self.fill < self._settings.slowed_from_fill:
            return
        self.fill = self._journal.fill
        if self.fill >= 1:
            raise Unavailable("the journal is full, its database takes nothing; repeat the command in a moment")
        if self.fill >= self._settings.slowed_from_fill:
            self._take_token()

    def _take_token(self) -> None:
        settings, now_ms = self._settings, self._now_ms()
        rate = settings.slowed_commands_per_s * (1 - self.fill) / (1 - settings.slowed_from_fill)
        # At most a tenth of a second is saved up: a burst of a whole second would be no slowing.
        self._tokens = min(rate / 10 + 1, self._tokens + rate * max(0, now_ms - self._filled_ms) / 1_000)
        self._filled_ms = now_ms
        if self._tokens < 1:
            raise Busy("the journal is almost full; repeat the command a little later")
        self._tokens -= 1
