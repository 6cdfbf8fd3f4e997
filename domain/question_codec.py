"""Bytes -> questions: by name, typed, as strictly as commands."""

from typing import Any, NamedTuple

import msgspec

from domain.decider import Decider, Question, Registry
from domain.ids import kind_of
from domain.limits import OBJECT_MAX_BYTES
from domain.rejections import Malformed, UnknownCommand


class _Form(NamedTuple):
    decider: Decider[Any]
    decoder: msgspec.json.Decoder[Question]


class QuestionCodec:
    """The questions of a registry of kinds, by wire name; decoders are compiled once."""

    def __init__(self, kinds: Registry) -> None:
        self._forms = {
            f"{decider.kind}.{word}": _Form(decider, msgspec.json.Decoder(struct))
            for decider in kinds.values()
            for word, struct in decider.questions.items()
        }

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._forms)

    def decode(self, name: str, payload: bytes) -> tuple[Decider[Any], Question]:
        """Raises ``UnknownCommand``, or ``Malformed`` with a message that names the path."""
        form = self._forms.get(name)
        if form is None:
            raise UnknownCommand(f"there is no question {name[:100]!r}")
        if len(payload) > OBJECT_MAX_BYTES:
            raise Malformed(f"a question may have {OBJECT_MAX_BYTES // 1024} KiB, this one has {len(payload)} bytes - at `$`")
        try:
            question = form.decoder.decode(payload)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            sentence = str(error)
            raise Malformed(sentence if " - at `" in sentence else f"{sentence} - at `$`") from None
        if kind_of(question.room) != form.decider.kind:
            raise Malformed(f"room has to be the address of a {form.decider.kind}, as in {form.decider.kind}:… - at `$.room`")
        return form.decider, question
