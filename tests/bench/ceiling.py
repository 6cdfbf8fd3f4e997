"""How much the load generator itself can read: its own row in the table, so that nobody takes its limit for the server's."""

import socket
import time

from tests.bench.marks import Marks, marked
from tests.bench.sockets import Reader

FRAMES_BYTES = 300
"""About what a 200-byte text weighs with its envelope."""


def reads_per_s(members: int, window: int, rounds: int) -> float:
    """Deliveries a second that the reader counts when all of them lie ready: ``window`` frames in each of ``members`` sockets."""
    marks = Marks()
    reader = Reader(marks.take)
    pairs = [socket.socketpair() for _ in range(members)]
    for near, _ in pairs:
        reader.add(near)
    bundle = marked(FRAMES_BYTES).encode() * window
    spent = 0.0
    for number in range(1, rounds + 1):
        for _, far in pairs:
            far.sendall(bundle)
        began = time.perf_counter()
        while marks.seen < number * members * window:
            reader.turn(1.0)
        spent += time.perf_counter() - began
    for near, far in pairs:
        near.close()
        far.close()
    return members * window * rounds / spent
