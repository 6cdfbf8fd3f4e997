"""Calling somebody by ``@name`` in a text: only people who are known where it is said, by the names under which they are known."""

from collections.abc import Mapping
from typing import Final

from domain.ids import ActorId

MENTIONS_MAX: Final = 20
"""People whom one text may call: beyond it a text calls nobody in particular."""
LOOKED_AT_MAX: Final = 100
"""Places of ``@`` that are looked at: a text of nothing else must not keep the room busy."""


def mentioned(text: str, names: Mapping[ActorId, str], author: ActorId | None = None) -> tuple[ActorId, ...]:
    """Whom ``text`` calls, each once, in the order of their first call; never its own ``author``.

    Case does not count, and the longest name that fits does: ``@Ada Lovelace`` is not ``@Ada``. Of two people with the same name
    both are called. An ``@`` inside a word, as in a mail address, calls nobody.
    """
    if "@" not in text:
        return ()
    by_name = _by_name(names)
    lengths = sorted({len(name) for name in by_name}, reverse=True)
    folded = text.casefold()
    called: dict[ActorId, None] = {}
    for start in _places(folded):
        called |= dict.fromkeys(_called_at(folded, start, by_name, lengths))
    return tuple(who for who in called if who != author)[:MENTIONS_MAX]


def _by_name(names: Mapping[ActorId, str]) -> dict[str, list[ActorId]]:
    by_name: dict[str, list[ActorId]] = {}
    for who, name in names.items():
        if name.strip():
            by_name.setdefault(name.strip().casefold(), []).append(who)
    return by_name


def _places(folded: str) -> list[int]:
    """Where a name may begin: behind each ``@`` that does not stand inside a word."""
    places: list[int] = []
    at = folded.find("@")
    while at >= 0 and len(places) < LOOKED_AT_MAX:
        if at == 0 or not folded[at - 1].isalnum():
            places.append(at + 1)
        at = folded.find("@", at + 1)
    return places


def _called_at(folded: str, start: int, by_name: Mapping[str, list[ActorId]], lengths: list[int]) -> list[ActorId]:
    for length in lengths:
        end = start + length
        if end <= len(folded) and not folded[end : end + 1].isalnum() and folded[start:end] in by_name:
            return by_name[folded[start:end]]
    return []
