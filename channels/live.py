"""Passing things of one room: ticks (latest wins per key), streams (told piece by piece) and signals (dropped first).

Only what has passed the output gate comes in here. What a fast member sees is the same for all of them, so it is taken once per
turn; one that lagged is brought up from its own heads.
"""

from collections.abc import Collection, Iterable, Mapping

from channels.fan_out import Head, Heads
from channels.publications import piece_message, tick_data
from channels.seats import RoomMessage
from channels.settings import HubSettings
from domain.decider import Piece, Tick
from domain.parts.streams import Fold


class _LastTick:
    """The last value of a key, encoded when first needed. ``sent_ms`` is when the key was last published."""

    __slots__ = ("after", "data", "sent_ms", "tick")

    def __init__(self, tick: Tick, after: int, sent_ms: int, data: bytes) -> None:
        self.tick = tick
        self.after = after
        self.sent_ms = sent_ms
        self.data = data


class Live:
    __slots__ = (
        "_begun_in",
        "_folds",
        "_lives",
        "_new_ticks",
        "_settings",
        "_signals",
        "_streamed_ms",
        "_ticks",
        "heads",
        "ticked_at",
        "values",
    )

    def __init__(self, settings: HubSettings) -> None:
        self._settings = settings
        self._ticks: dict[str, _LastTick] = {}
        self._new_ticks: dict[str, None] = {}
        self._folds: Mapping[str, Fold] = {}
        self._lives = 0
        # A key may be begun anew with the same attempt: a head from before its end is not a place in the new telling.
        self._begun_in: dict[str, int] = {}
        self._signals: dict[tuple[str, str], RoomMessage] = {}
        self._streamed_ms = 0
        self.heads: Heads = {}
        """Up to where each stream has been published; replaced, never changed."""
        self.ticked_at: dict[str, int] = {}
        """Live key -> Unix milliseconds of its last tick or piece: what rules on silence go by."""
        self.values: dict[str, Tick] = {}
        """Live key -> its last tick: what is shown must not run backwards."""

    def put_tick(self, tick: Tick, after: int, now_ms: int, data: bytes = b"") -> None:
        """``data`` is the publication's, where it is not just the tick's own."""
        last = self._ticks.get(tick.key)
        self._ticks[tick.key] = _LastTick(tick, after, last.sent_ms if last else 0, data)
        self._new_ticks[tick.key] = None
        self.values[tick.key] = tick
        self.ticked_at[tick.key] = now_ms

    def restore(self, tick: Tick, after: int, at_ms: int) -> None:
        """A last tick from before the room was opened here: for joiners and rules; it is not published again."""
        self._ticks[tick.key] = _LastTick(tick, after, at_ms, b"")
        self.values[tick.key] = tick
        self.ticked_at[tick.key] = at_ms

    def forget_tick(self, key: str) -> None:
        self._ticks.pop(key, None)
        self._new_ticks.pop(key, None)
        self.values.pop(key, None)
        self.ticked_at.pop(key, None)

    def put_folds(self, folds: Mapping[str, Fold], told: Iterable[str], now_ms: int) -> None:
        """The room's folds as they are now; ``told`` are the keys of which a piece has come."""
        self._folds = folds
        self._begun_in = {key: self._begun_in.get(key, self._lives) for key in folds}
        for key in told:
            self.ticked_at[key] = now_ms

    def end(self, keys: Collection[str]) -> None:
        """Events have ended these keys: what waits for them is dropped before those events are published."""
        if not keys:
            return
        for key in keys:
            self.forget_tick(key)
        self._folds = {key: fold for key, fold in self._folds.items() if key not in keys}
        self._begun_in = {key: life for key, life in self._begun_in.items() if key not in keys}
        self.heads = {key: head for key, head in self.heads.items() if key not in keys}
        self._lives += 1

    def put_signal(self, client_id: str, signal_type: str, message: RoomMessage) -> None:
        """The latest per client and type; over the bound of a turn the newcomer is dropped."""
        if len(self._signals) < self._settings.signals_per_turn or (client_id, signal_type) in self._signals:
            self._signals[client_id, signal_type] = message

    def take(self, now_ms: int, *, is_membership_change: bool = False) -> list[RoomMessage]:
        """What is to be published now: pieces and ticks that are due, signals. What is not due stays.

        Before the member list changes all pieces leave: whoever comes is given the streams as far as they are told.
        """
        messages = self._take_pieces(now_ms) if is_membership_change or self._is_stream_due(now_ms) else []
        if self._new_ticks:
            messages += self._take_ticks(now_ms)
        if self._signals:
            messages += self._signals.values()
            self._signals = {}
        return messages

    def next_due_ms(self) -> int | None:
        """When the earliest tick or piece that waits for its turn may leave."""
        due = [self._ticks[key].sent_ms + self._settings.tick_interval_ms for key in self._new_ticks]
        if self._has_untold():
            due.append(self._streamed_ms + self._settings.stream_interval_ms)
        return min(due, default=None)

    def last_ticks(self) -> list[bytes]:
        """For a joiner: the last tick of every live key, as publication data."""
        return [_data_of(last) for last in self._ticks.values()]

    def told(self) -> list[Piece]:
        """For a joiner: every stream as far as it has been told."""
        return [Piece(key=fold.key, attempt=fold.attempt, position=fold.start, text=fold.text) for fold in self._folds.values()]

    def since(self, heads: Heads) -> list[RoomMessage]:
        """For a member that lagged: the rest of each stream from its own position, and the last ticks."""
        messages = [piece_message(piece) for piece in self._pieces_since(heads)]
        return messages + [RoomMessage(data=data) for data in self.last_ticks()]

    def _pieces_since(self, heads: Heads) -> list[Piece]:
        pieces = []
        for key, fold in self._folds.items():
            head = heads.get(key)
            is_known = head is not None and head.attempt == fold.attempt and head.life >= self._begun_in[key]
            piece = fold.since(head.position if head is not None and is_known else 0)
            if piece is not None:
                pieces.append(piece)
        return pieces

    def _has_untold(self) -> bool:
        """Whether some stream has been told further than it was published."""
        heads = self.heads
        return any(
            (head := heads.get(key)) is None
            or head.attempt != fold.attempt
            or head.life < self._begun_in[key]
            or head.position < fold.end
            for key, fold in self._folds.items()
        )

    def _is_stream_due(self, now_ms: int) -> bool:
        return _is_over(self._streamed_ms, self._settings.stream_interval_ms, now_ms)

    def _take_pieces(self, now_ms: int) -> list[RoomMessage]:
        if not self._folds:
            return []
        pieces = self._pieces_since(self.heads)
        if pieces:
            self._streamed_ms = now_ms
            told = {piece.key: Head(piece.attempt, piece.position + len(piece.text), self._lives) for piece in pieces}
            self.heads = {**self.heads, **told}
        return [piece_message(piece) for piece in pieces]

    def _take_ticks(self, now_ms: int) -> list[RoomMessage]:
        interval_ms = self._settings.tick_interval_ms
        due = [key for key in self._new_ticks if _is_over(self._ticks[key].sent_ms, interval_ms, now_ms)]
        messages = []
        for key in due:
            del self._new_ticks[key]
            last = self._ticks[key]
            last.sent_ms = now_ms
            messages.append(RoomMessage(data=_data_of(last)))
        return messages


def _is_over(since_ms: int, interval_ms: int, now_ms: int) -> bool:
    """Also where the wall clock was set back: nothing shall wait until it is where it was."""
    return not 0 <= now_ms - since_ms < interval_ms


def _data_of(last: _LastTick) -> bytes:
    if not last.data:
        last.data = tick_data(last.tick, last.after)
    return last.data
