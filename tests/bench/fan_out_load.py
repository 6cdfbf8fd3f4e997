"""The load of a fan-out: N members that only read and count, one publisher that keeps W messages in flight.

python -m tests.bench.fan_out_load '{"port": …, "members": 1000, "window": 16, "seconds": 3, …}'
"""

import json
import sys
import time
from typing import Any

from tests.bench.sockets import Reader, client_frame, enter, message, open_socket, raise_file_limit
from tests.support.tokens import new_command_id

MARK = b"@@+@@"
"""Stands once in every payload; what is counted is how often it arrives."""

PAYLOAD_BYTES = 200


class Count:
    """Marks seen over all members; a mark that is torn by a read is found in the next one."""

    def __init__(self) -> None:
        self.seen = 0
        self._tails: dict[int, bytes] = {}

    def take(self, fd: int, data: bytes) -> None:
        tail = self._tails.get(fd, b"")
        whole = tail + data
        self.seen += whole.count(MARK)
        self._tails[fd] = whole[1 - len(MARK) :]


def main() -> None:
    options = json.loads(sys.argv[1])
    raise_file_limit()
    sys.stdout.write(json.dumps(run(**options)))


def run(
    port: int, members: int, window: int, seconds: float, room: str = "", token: str = "", per_s: float = 0.0
) -> dict[str, Any]:
    """Deliveries, and the seconds they took. Without ``room`` the server is a reference. ``per_s`` paces the publisher."""
    count = Count()
    reader = Reader(lambda fd, data: count.take(fd, data) if fd != publisher else None)
    sockets = [enter(port, token, room) if room else open_socket(port, "/member") for _ in range(members)]
    for connection in sockets:
        reader.add(connection)
    publisher = reader.add(enter(port, token) if room else open_socket(port, "/publisher"))
    reader.drain()
    warm = _publish(reader, count, publisher, room, members, window, min(seconds / 5, 0.5), 0.0)
    full = _publish(reader, count, publisher, room, members, window, seconds, per_s)
    return {"deliveries": full[0], "seconds": full[1], "began": full[2], "warm_deliveries": warm[0]}


def _publish(
    reader: Reader, count: Count, publisher: int, room: str, members: int, window: int, seconds: float, per_s: float
) -> tuple[int, float, float]:
    started, sent = count.seen, 0
    began = time.monotonic()
    until = began + seconds
    while True:
        now = time.monotonic()
        done = (count.seen - started) // members
        if now >= until and done >= sent:
            return count.seen - started, time.monotonic() - began, began
        if now >= until + 60:
            raise TimeoutError(f"{sent - done} publications were not delivered to everyone within a minute")
        # W at once, and again when everyone has them: what is in flight together stays together
        want = min(window - (sent - done), int((now - began) * per_s) - sent) if per_s else window * (sent == done)
        if now < until and want > 0:
            reader.send(publisher, b"".join(_frame(room, sent + number) for number in range(want)))
            sent += want
        reader.turn(0.05 if not per_s else 0.002)


def _frame(room: str, number: int) -> bytes:
    text = (MARK + b"x" * PAYLOAD_BYTES)[:PAYLOAD_BYTES].decode()
    if not room:
        return client_frame(message(push={"pub": {"data": text}}))
    fields = {"room": room, "command_id": new_command_id(), "text": text}
    return client_frame(message(id=number + 10, rpc={"method": "workspace.post", "data": fields}))


if __name__ == "__main__":
    main()
