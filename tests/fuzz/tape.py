"""Bytes read as decisions, so that one mutated input is one course of events. A tape that is over says zero for ever."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Tape:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def is_over(self) -> bool:
        return self._at >= len(self._data)

    def byte(self) -> int:
        if self.is_over:
            return 0
        self._at += 1
        return self._data[self._at - 1]

    def up_to(self, most: int) -> int:
        """A whole number from 0 to ``most``."""
        size = (most.bit_length() + 7) // 8
        value = 0
        for _ in range(size):
            value = value << 8 | self.byte()
        return value % (most + 1)

    def one_of(self, choices: Sequence[T]) -> T:
        return choices[self.up_to(len(choices) - 1)]

    def chunk(self) -> bytes:
        """Some bytes as they are: up to 255, as many as the next byte says."""
        return self._take(self.byte())

    def rest(self) -> bytes:
        return self._take(len(self._data))

    def _take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        self._at += len(taken)
        return taken
