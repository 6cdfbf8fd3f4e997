"""From (epoch, offset) to what a member has missed: the ring of a room's newest events."""

from collections.abc import Callable, Iterable, Sequence

from channels.seats import RoomMessage, Since
from channels.settings import HubSettings


class Ring:
    """The newest events of a room as they were published, gapless, bounded by count and by bytes: the oldest go first."""

    __slots__ = ("_first", "_max_bytes", "_max_events", "_messages", "_start", "size_bytes", "top")

    def __init__(self, max_events: int, max_bytes: int, top: int) -> None:
        self._max_events = max_events
        self._max_bytes = max_bytes
        # A list with a start that moves: slices from anywhere in it cost only what they hold, unlike a deque's.
        self._messages: list[RoomMessage] = []
        self._start = 0
        self._first = top + 1
        self.top = top
        self.size_bytes = 0

    def __len__(self) -> int:
        return len(self._messages) - self._start

    @property
    def first(self) -> int:
        """The oldest offset at hand; ``top + 1`` when there is none."""
        return self._first

    def push(self, message: RoomMessage) -> None:
        if message.offset != self.top + 1:
            raise ValueError(f"a hole in the ring: {message.offset} after {self.top}")
        self.top = message.offset
        messages = self._messages
        messages.append(message)
        self.size_bytes += len(message.data)
        count = len(messages) - self._start
        if count > self._max_events or self.size_bytes > self._max_bytes:
            self._drop_oldest(count)

    def _drop_oldest(self, count: int) -> None:
        messages = self._messages
        while count > self._max_events or (self.size_bytes > self._max_bytes and count > 1):
            self.size_bytes -= len(messages[self._start].data)
            self._start += 1
            self._first += 1
            count -= 1
        if self._start > 256 and self._start * 2 > len(messages):
            del messages[: self._start]
            self._start = 0

    def rewrite(self, offsets: Iterable[int], rewritten: Callable[[RoomMessage], RoomMessage]) -> None:
        """Put other messages in the place of those at ``offsets``, as far as they are at hand."""
        for offset in offsets:
            if self._first <= offset <= self.top:
                place = self._start + offset - self._first
                message = rewritten(self._messages[place])
                self.size_bytes += len(message.data) - len(self._messages[place].data)
                self._messages[place] = message

    def since(self, offset: int, max_events: int | None = None, max_bytes: int | None = None) -> Sequence[RoomMessage] | None:
        """The events behind ``offset``, oldest first, within the limits (one at least); None where the ring begins later."""
        if offset + 1 < self._first or offset > self.top:
            return None
        begin = self._start + offset + 1 - self._first
        end = len(self._messages) if max_events is None else min(len(self._messages), begin + max_events)
        return fitting(self._messages[begin:end], max_bytes)

    def before(self, offset: int, max_events: int) -> Sequence[RoomMessage] | None:
        """The ``max_events`` before ``offset``, newest first (fewer at the log's beginning); None where the ring begins later."""
        first = max(1, offset - max_events)
        if first < self._first or offset > self.top + 1:
            return None
        begin, end = (self._start + each - self._first for each in (first, offset))
        return self._messages[begin:end][::-1]


def fitting(messages: Sequence[RoomMessage], max_bytes: int | None) -> Sequence[RoomMessage]:
    """The longest beginning of ``messages`` within ``max_bytes``, one message at least."""
    if max_bytes is None:
        return messages
    size = 0
    for index, message in enumerate(messages):
        size += len(message.data)
        if size > max_bytes and index > 0:
            return messages[:index]
    return messages


def size_of(messages: Sequence[RoomMessage]) -> int:
    return sum(len(message.data) for message in messages)


def is_resumable(since: Since, epoch: str, top: int, settings: HubSettings) -> bool:
    """Whether the missed events may be given at all, wherever they lie: same log, and not too many."""
    return since.epoch == epoch and 0 <= top - since.offset <= settings.resume_events
