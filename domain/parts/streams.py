"""Streams: text that is told piece by piece, and the fold that a late joiner is given.

A teller says ``(key, attempt, position, text)``. The attempt fences: once a new telling has begun, the old one is over. The
position is the number of characters told before, so any teller can go on where the last one stopped, or rewind when it is told to.
"""

import msgspec

from domain.decider import Piece
from domain.rejections import OutOfOrder

KEPT_BYTES = 256 * 1024
"""A fold keeps this much of the end of its text, in UTF-8: what a view may hold, and what ``deploy_logs`` holds."""


class Fold(msgspec.Struct, frozen=True, kw_only=True):
    """The text of one stream as told so far: ``text`` begins at ``start`` (characters); what stood before it is gone."""

    key: str
    attempt: int
    start: int = 0
    text: str = ""

    @property
    def end(self) -> int:
        """The position that the next piece has to begin at."""
        return self.start + len(self.text)

    def accept(self, piece: Piece) -> "Fold":
        """The fold with ``piece`` behind it; a repeat of what was told already changes nothing.

        A piece that repeats the end and goes on adds only what is new. Raises ``OutOfOrder`` with the expected attempt and
        position when the piece leaves a hole, tells something else at a place, or belongs to another attempt.
        """
        if piece.attempt > self.attempt:
            return Fold(key=self.key, attempt=piece.attempt).accept(piece)
        if piece.attempt < self.attempt:
            raise self._out_of_order(f"attempt {piece.attempt} is over, attempt {self.attempt} is being told")
        if piece.position > self.end:
            raise self._out_of_order(f"a piece is missing before position {piece.position}")
        known = self._known_part(piece)
        if not self.text.startswith(known.text, known.position - self.start):
            raise self._out_of_order(f"another text stands at position {piece.position} already")
        return self._with(piece.text[self.end - piece.position :])

    def since(self, position: int) -> Piece | None:
        """What was told from ``position`` on, for a reader who has the rest; None when there is nothing new.

        The piece begins later than ``position`` when that part of the text is gone.
        """
        position = max(position, self.start)
        if position >= self.end:
            return None
        return Piece(key=self.key, attempt=self.attempt, position=position, text=self.text[position - self.start :])

    def _known_part(self, piece: Piece) -> Piece:
        """The part of ``piece`` that this fold still holds; what was cut away at the front cannot be compared any more."""
        position = max(piece.position, self.start)
        return msgspec.structs.replace(
            piece, position=position, text=piece.text[position - piece.position : self.end - piece.position]
        )

    def _with(self, text: str) -> "Fold":
        if not text:
            return self
        kept = _last_bytes(self.text + text)
        return Fold(key=self.key, attempt=self.attempt, start=self.end + len(text) - len(kept), text=kept)

    def _out_of_order(self, why: str) -> OutOfOrder:
        sentence = f"{why}; go on with attempt {self.attempt} at position {self.end}"
        return OutOfOrder(sentence, expected_attempt=self.attempt, expected_position=self.end)


def _last_bytes(text: str) -> str:
    if len(text) * 4 <= KEPT_BYTES:
        return text
    if text.isascii():
        return text[-KEPT_BYTES:]
    # A character that the cut splits is left out, so the text stays valid and its start falls on a character.
    return text.encode()[-KEPT_BYTES:].decode(errors="ignore")
