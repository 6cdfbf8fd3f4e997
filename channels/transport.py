"""What carries the bytes of one connection. Two exist: the socket itself under uvicorn, and plain ASGI (``server/socket``)."""

from typing import Protocol


class Transport(Protocol):
    """One WebSocket from our side. No call blocks or raises; after the end they do nothing."""

    def write(self, framed: bytes) -> None:
        """Whole WebSocket frames, kept in order. May call ``Receiver.paused`` before it returns."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Say goodbye behind everything that was written. Nothing is received any more; ``Receiver.ended`` follows at the end."""
        ...

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    @property
    def buffered_bytes(self) -> int:
        """What was written and has not left the process."""
        ...


class Receiver(Protocol):
    """What a transport tells, each as a plain call in the instant it happens."""

    def received(self, message: bytes) -> None:
        """One whole WebSocket message."""
        ...

    def broken(self, what: str) -> None:
        """What came is against the rules or the limits of the transport: the connection ends with 3501."""
        ...

    def paused(self) -> None:
        """More than the high water (64 KiB) waits to leave."""
        ...

    def resumed(self) -> None: ...

    def ended(self, is_clean: bool) -> None:
        """The other side has closed (``is_clean``) or is gone: nothing can be written any more. Called once, at the first sign."""
        ...
