"""What both formats of the wire can do. Everything here is pure; frames are WebSocket frames of the server (unmasked)."""

from collections.abc import Sequence
from typing import Final, Protocol

from channels.seats import FormatName, RoomMessage
from channels.wire.messages import Command, Reply

MAX_COMMANDS: Final = 4_096
"""Commands in one frame: an empty one is a byte or two, so 512 KiB could hold hundreds of thousands. SDKs send some hundreds."""


class BadFrame(Exception):
    """The client's frame is not of the protocol; the message says where. The connection ends with 3501."""


class Codec(Protocol):
    name: FormatName
    encoding: str
    """What a message looks like before it is framed: formats of one encoding share what was encoded."""
    first_byte: int
    """Of the frames, and ``separator`` stands between the messages of one."""
    separator: bytes
    ping: bytes
    """An empty message, framed: the same for everyone."""

    def decode(self, frame: bytes) -> list[Command]:
        """All commands of one inbound WebSocket message, in order. Raises ``BadFrame``."""
        ...

    def encode_reply(self, reply: Reply) -> bytes:
        """One message, not yet joined or framed."""
        ...

    def encode_room_message(self, room: str, message: RoomMessage) -> bytes:
        """A publication push of a room: one message, not yet joined or framed."""
        ...

    def frame(self, messages: Sequence[bytes]) -> bytes:
        """Messages joined into as few WebSocket frames as the size of a frame (64 KiB, one message may be larger) allows."""
        ...
