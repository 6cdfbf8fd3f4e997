"""Counting without parsing: every published payload carries one mark, and what is counted is how often it arrives."""

MARK = b"@#@"
_MAY_BE_TORN = frozenset(b"@#")


def marked(size: int) -> str:
    """A text of ``size`` bytes with one mark in it."""
    return (MARK + b"x" * size)[: max(size, len(MARK))].decode()


class Marks:
    """Marks seen over all members. A mark that a read has torn apart is found with the next one."""

    def __init__(self) -> None:
        self.seen = 0
        self._tails: dict[int, bytes] = {}

    def take(self, fd: int, data: bytes) -> None:
        # nearly no read ends within a mark, so nearly none is copied
        if fd in self._tails:
            data = self._tails.pop(fd) + data
        self.seen += data.count(MARK)
        if data[-1] in _MAY_BE_TORN and not data.endswith(MARK):
            self._tails[fd] = data[-2:]
