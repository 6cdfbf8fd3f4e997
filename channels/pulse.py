"""What the clock knows of one connection: connect in time, pings and pongs, the token's end. Sans-I/O; monotonic seconds."""

from math import inf

from channels.settings_of_connections import ConnectionSettings
from channels.wire import codes
from channels.wire.codes import DisconnectCode


class Pulse:
    __slots__ = ("_connect_by_s", "_expired_at_s", "_ping_at_s", "_pong_by_s", "_settings")

    def __init__(self, settings: ConnectionSettings, now_s: float) -> None:
        self._settings = settings
        self._connect_by_s = now_s + settings.connect_timeout_s
        self._expired_at_s = inf
        self._ping_at_s = inf
        self._pong_by_s = inf

    def opened(self, now_s: float, phase: float) -> None:
        """The client is known. Its first ping comes in the second half of an interval, at ``phase`` (0 to 1), so that those who
        came together are not pinged together."""
        self._connect_by_s = inf
        self._ping_at_s = now_s + self._settings.ping_interval_s * (0.5 + 0.5 * phase)

    def expires(self, left_s: float | None, now_s: float) -> None:
        """The token ends in ``left_s`` seconds, or never; a new one may come late by the grace."""
        self._expired_at_s = inf if left_s is None else now_s + left_s + self._settings.expiry_grace_s

    def ponged(self) -> None:
        self._pong_by_s = inf

    def due_s(self) -> float:
        """When to look again."""
        return min(self._connect_by_s, self._expired_at_s, self._ping_at_s, self._pong_by_s)

    def ended(self, now_s: float, is_reading: bool) -> DisconnectCode | None:
        """Whether time is up, and for what. While nothing is read a missing pong is our own doing and not held against anyone."""
        if now_s >= self._connect_by_s:
            return codes.STALE
        if now_s >= self._expired_at_s:
            return codes.CONNECTION_EXPIRED
        if now_s >= self._pong_by_s:
            if is_reading:
                return codes.NO_PONG
            self._pong_by_s = now_s + self._settings.pong_timeout_s
        return None

    def takes_ping(self, now_s: float) -> bool:
        """Whether it is time for a ping; then its pong is expected from here on."""
        if now_s < self._ping_at_s:
            return False
        self._ping_at_s = now_s + self._settings.ping_interval_s
        self._pong_by_s = min(self._pong_by_s, now_s + self._settings.pong_timeout_s)
        return True
