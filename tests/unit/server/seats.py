"""A connection that only remembers what was done to it."""

from channels.seats import FormatName, Identity
from domain.ids import RoomAddress


class FakeSeat:
    """Fits ``channels.seats.Seat``."""

    format: FormatName = "json"
    is_writable = True

    def __init__(self, identity: Identity) -> None:
        self.client_id = "client"
        self.identity = identity
        self.closed: list[tuple[int, str]] = []

    def write(self, framed: bytes) -> None:
        raise AssertionError("nothing is written here")

    def deliver(self, framed: bytes) -> None:
        self.write(framed)

    def push_unsubscribed(self, room: RoomAddress, code: int, reason: str) -> None:
        raise AssertionError("nothing is put out here")

    def disconnect(self, code: int, reason: str) -> None:
        self.closed.append((code, reason))
