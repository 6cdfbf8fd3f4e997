"""The wire as JSON: text frames, one object per message, messages separated by a newline (PROTOCOL.md).

Payloads of type bytes stand inside as JSON. A message never holds a raw newline, since that would cut it in two.
"""

import re
from array import array
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

import msgspec

from channels.seats import FormatName, RoomMessage
from channels.wire import frames
from channels.wire.codec import MAX_COMMANDS, BadFrame
from channels.wire.messages import REQUEST_NAMES, Command, Reply

MAX_DEPTH: Final = 64
"""Objects and lists inside each other in one message, the wire's own three included. Payloads have their own, lower limit (32) and
a milder answer (107); deeper than this nothing is decoded at all."""

_decoder = msgspec.json.Decoder(Command)
_shallow_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
_encoder = msgspec.json.Encoder()

# Possessive, and an open string ends at the end: linear in the frame's length whatever it holds.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
# Every escape in turn, so that an escaped backslash begins none; group 1 is half a surrogate pair without its other half.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
_STEPS = bytes.maketrans(b"{}[]", b"\x01\xff\x01\xff")


def is_deeper_than(depth: int, text: bytes) -> bool:
    """Whether objects and lists nest deeper than ``depth``, from the raw bytes: no recursion, 12 ms for 512 KiB of brackets."""
    if text.count(b"{") + text.count(b"[") <= depth:
        return False
    steps = _STRING.sub(b"", text).translate(_STEPS, _ALL_BUT_BRACKETS)
    return max(accumulate(array("b", steps)), default=0) > depth


def one_line(data: bytes) -> bytes:
    """JSON without raw newlines: they can only stand between tokens, where a space says the same."""
    return data.replace(b"\n", b" ") if b"\n" in data else data


class JsonCodec:
    """Stateless; one serves every connection."""

    name: FormatName = "json"
    encoding = "json"
    first_byte = frames.TEXT
    separator = b"\n"
    ping: bytes = frames.header(frames.TEXT, 2) + b"{}"

    def decode(self, frame: bytes) -> list[Command]:
        try:
            if not frame.isascii():
                frame.decode()
            if is_deeper_than(MAX_DEPTH, frame):
                raise BadFrame(f"nested deeper than {MAX_DEPTH}")
            commands, frame = _decoded(frame)
        except UnicodeDecodeError:
            raise BadFrame("text that is not UTF-8") from None
        except (msgspec.MsgspecError, RecursionError) as error:
            raise BadFrame(str(error)) from None
        if len(commands) > MAX_COMMANDS:
            raise BadFrame(f"more than {MAX_COMMANDS} commands in one frame")
        for index, command in enumerate(commands):
            if not 0 <= command.id < 1 << 32:
                raise BadFrame("an id is outside of 0 to 4294967295")
            if command.request is None and command.id:
                commands[index] = _with_unknown(command, frame, index)
        return commands

    def encode_reply(self, reply: Reply) -> bytes:
        return one_line(_encoder.encode(reply))

    def encode_room_message(self, room: str, message: RoomMessage) -> bytes:
        # Speed: the payload is encoded already, so the push is laid around it, without building a Reply first.
        channel = _encoder.encode(room)
        data = one_line(message.data)
        if not message.offset:
            return b'{"push":{"channel":%b,"pub":{"data":%b}}}' % (channel, data)
        return b'{"push":{"channel":%b,"pub":{"data":%b,"offset":%d,"tags":{"command_id":%b},"time":%d}}}' % (
            channel,
            data,
            message.offset,
            _encoder.encode(message.command_id),
            message.time_ms,
        )

    def frame(self, messages: Sequence[bytes]) -> bytes:
        return frames.join(frames.TEXT, b"\n", messages)


def _decoded(frame: bytes) -> tuple[list[Command], bytes]:
    """The commands, and the bytes they were read from.

    Half a surrogate pair, as browsers send it of a text that was cut in the middle of an emoji, is no text anywhere behind us. It
    must not cost the connection: it becomes a NUL, which the rules refuse for that one command.
    """
    try:
        return _decoder.decode_lines(frame), frame
    except msgspec.DecodeError:
        mended = _ESCAPE.sub(lambda found: b"\\u0000" if found[1] else found[0], frame)
        if mended == frame:
            raise
        return _decoder.decode_lines(mended), mended


def _with_unknown(command: Command, frame: bytes, index: int) -> Command:
    """A command with an id and none of our requests: say which request it names, if it names one (rare, so decoded twice)."""
    fields: dict[str, msgspec.Raw] = _shallow_decoder.decode_lines(frame)[index]
    names = (name for name, value in fields.items() if name != "id" and name not in REQUEST_NAMES and bytes(value) != b"null")
    return Command(id=command.id, unknown=next(names, ""))
