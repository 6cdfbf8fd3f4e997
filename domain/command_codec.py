"""Bytes -> commands: by name, typed, with every limit of the command's form checked once, here.

What would poison a row later is refused before anything else sees it: NUL, lone surrogates, numbers that are none, depth, sizes.
"""

import contextlib
import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple, NoReturn

import msgspec

from domain.decider import Command, Decider, Registry
from domain.event_codec import encode
from domain.ids import kind_of
from domain.limits import DEPTH_MAX, OBJECT_MAX_BYTES, PAYLOAD_MAX_BYTES
from domain.rejections import Malformed, UnknownCommand

ADDRESS_MAX: Final = 255
"""Characters of a room's address: the wire's limit for channels."""

_is_uuid = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch


class _Form(NamedTuple):
    """How one command is read. ``objects`` are its open JSON fields."""

    decider: Decider[Any]
    decoder: msgspec.json.Decoder[Command]
    creates: bool
    objects: tuple[str, ...]


class CommandCodec:
    """The commands of a registry of kinds, by wire name; decoders are compiled once."""

    def __init__(self, kinds: Registry) -> None:
        self._forms = {
            f"{decider.kind}.{verb}": _Form(decider, msgspec.json.Decoder(struct), verb == decider.creates, _open_objects(struct))
            for decider in kinds.values()
            for verb, struct in decider.commands.items()
        }

    @property
    def names(self) -> frozenset[str]:
        """Every wire name there is."""
        return frozenset(self._forms)

    def decode(self, name: str, payload: bytes) -> tuple[Decider[Any], Command]:
        """Raises ``UnknownCommand``, or ``Malformed`` with a message that names the path."""
        form = self._forms.get(name)
        if form is None:
            raise UnknownCommand(f"there is no command {name[:100]!r}")
        if len(payload) > PAYLOAD_MAX_BYTES:
            raise Malformed(f"a command may have {PAYLOAD_MAX_BYTES // 1024} KiB, this one has {len(payload)} bytes - at `$`")
        try:
            command = form.decoder.decode(payload)
        except (ValueError, RecursionError) as error:
            _refuse(payload, error)
        if _is_suspicious(payload):
            _check_flaws(msgspec.json.decode(payload))
        _check_envelope(form, command)
        if len(payload) > OBJECT_MAX_BYTES:
            _check_objects(form, command)
        return form.decider, command


def _open_objects(struct: type[Command]) -> tuple[str, ...]:
    return tuple(field.name for field in msgspec.structs.fields(struct) if "dict" in str(field.type))


def _is_suspicious(payload: bytes) -> bool:
    """Cheap, on the bytes: a NUL can only stand there escaped, and what opens at most 32 times is not nested deeper."""
    return b"\\u0000" in payload or payload.count(b"{") + payload.count(b"[") > DEPTH_MAX


def _check_envelope(form: _Form, command: Command) -> None:
    if not _is_uuid(command.command_id):
        raise Malformed("command_id has to be a uuid in small letters whose first 48 bits are the time (uuid7) - at `$.command_id`")
    room, kind = command.room, form.decider.kind
    if form.creates and not room:
        return
    if kind_of(room) != kind or len(room) > ADDRESS_MAX:
        raise Malformed(f"room has to be the address of a {kind}, as in {kind}:… - at `$.room`")


def _check_objects(form: _Form, command: Command) -> None:
    for name in form.objects:
        if len(encode(getattr(command, name))) > OBJECT_MAX_BYTES:
            raise Malformed(f"an open object may have {OBJECT_MAX_BYTES // 1024} KiB - at `$.{name}`")


def _refuse(payload: bytes, error: ValueError | RecursionError) -> NoReturn:
    """Say what is wrong and where. A flaw inside a value is looked for with the lenient parser, which gets further."""
    with contextlib.suppress(ValueError, RecursionError):
        _check_flaws(json.loads(payload))
    if isinstance(error, RecursionError):
        raise Malformed(f"nested deeper than {DEPTH_MAX} levels - at `$`") from None
    if isinstance(error, msgspec.ValidationError):
        message = str(error)
        raise Malformed(message if " - at `" in message else f"{message} - at `$`") from None
    raise Malformed("the command is not JSON in UTF-8 - at `$`") from None


def _check_flaws(value: object) -> None:
    for path, flaw in _flaws(value):
        raise Malformed(f"{flaw} - at `{path}`")


def _flaws(value: object) -> Iterator[tuple[str, str]]:
    """Every flaw below ``value`` that JSON allows and rows do not: (path, what). Not recursive, since depth is one of them."""
    waiting: list[tuple[object, str, int]] = [(value, "$", 1)]
    while waiting:
        inner, path, depth = waiting.pop()
        if isinstance(inner, str):
            yield from ((path, flaw) for flaw in _flaws_of_text(inner))
        elif isinstance(inner, float) and not math.isfinite(inner):
            yield path, "not a finite number"
        elif isinstance(inner, dict | list):
            if depth > DEPTH_MAX:
                yield path, f"nested deeper than {DEPTH_MAX} levels"
                return
            waiting.extend(_children(inner, path, depth + 1))


def _children(inner: dict[str, object] | list[object], path: str, depth: int) -> Iterator[tuple[object, str, int]]:
    if isinstance(inner, list):
        yield from ((item, f"{path}[{index}]", depth) for index, item in enumerate(inner))
        return
    for key, item in inner.items():
        inside = f"{path}.{_shown(key)}"
        yield key, inside, depth
        yield item, inside, depth


def _flaws_of_text(text: str) -> Iterator[str]:
    if "\x00" in text:
        yield "text may not contain NUL"
    if any("\ud800" <= character <= "\udfff" for character in text):
        yield "text may not contain half a surrogate pair"


def _shown(key: str) -> str:
    """A key as a message may carry it."""
    return key[:50].replace("\x00", "\\u0000").encode(errors="backslashreplace").decode()
