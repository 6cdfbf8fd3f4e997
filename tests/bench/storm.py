"""A reconnect storm: connections that were in rooms, are cut all at once, and come back with their token and their position."""

import re
import socket
import time
from collections.abc import Sequence

from tests.bench.entering import AT_ONCE, TRIES, Asks, Entered, enter_all, enter_surely

_POSITION = re.compile(rb'"id":2.*?"epoch":"([^"]+)"', re.DOTALL)
_OFFSET = re.compile(rb'"id":2.*?"offset":(\d+)', re.DOTALL)
_RESET = b"\1\0\0\0\0\0\0\0"


class Storm:
    """Enters on being made; ``leave`` cuts everyone, ``come_back`` brings them back and says how that went."""

    def __init__(self, port: int, rooms: Sequence[str], tokens: Sequence[str]) -> None:
        self._port = port
        everyone = [Asks(token, rooms[number % len(rooms)]) for number, token in enumerate(tokens)]
        self._inside = enter_surely(port, everyone)
        self._positions = [_position(each) for each in self._inside]

    def leave(self) -> None:
        """By a reset, as a proxy that restarts does it."""
        for each in self._inside:
            each.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            each.connection.close()
        self._inside.clear()

    def come_back(self) -> dict[str, float]:
        """Everyone at once; done when each has its subscribe reply. ``missed`` counts the events that these replies brought."""
        began = time.monotonic()
        coming, tries = enter_all(self._port, self._positions, AT_ONCE), 1
        self._inside = [each for each in coming if each.answer]
        # as clients do it: one who was hung up on comes again
        while len(self._inside) < len(self._positions) and tries < TRIES:
            again = [each.asks for each in coming if not each.answer]
            coming, tries = enter_all(self._port, again, AT_ONCE), tries + 1
            self._inside += [each for each in coming if each.answer]
        took = time.monotonic() - began
        replies = [each.answer[each.answer.find(b'"id":2') :] for each in self._inside]
        refused = sum(b'"error"' in reply[:40] for reply in replies)
        resumed = [reply for reply in replies if b'"recovered":true' in reply]
        return {
            "seconds": took,
            "resumed": float(len(resumed)),
            "fresh": float(len(replies) - len(resumed) - refused),
            "refused": float(refused + len(self._positions) - len(replies)),
            "tries": float(tries),
            "missed": float(sum(reply.count(b'"tags":{"command_id"') for reply in resumed)),
        }


def _position(entered: Entered) -> Asks:
    epoch, offset = _POSITION.search(entered.answer), _OFFSET.search(entered.answer)
    if epoch is None or offset is None:
        raise ConnectionError(f"not let in: {entered.answer[-300:]!r}")
    return entered.asks._replace(epoch=epoch[1].decode(), offset=int(offset[1]))
