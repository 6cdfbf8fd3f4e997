"""What is fuzzed: a target is one function that takes bytes and raises only where a promise is broken."""

from collections.abc import Callable, Sequence
from typing import NamedTuple


class Target(NamedTuple):
    """``what`` is its line in the report. ``seeds`` are whole inputs, ``words`` pieces that mutations put in; ``code`` is
    what has to be reached: modules whose branches guide the search.

    ``short_examples`` is how many inputs `make test` tries (about two seconds worth).
    """

    name: str
    what: str
    run: Callable[[bytes], None]
    seeds: Sequence[bytes]
    code: Sequence[str]
    words: Sequence[bytes] = ()
    short_examples: int = 300
