"""Connections between clients and the node: slow, cut, silent, or full; in order within one, in no order between them."""

from collections import deque
from collections.abc import Callable
from random import Random
from typing import Any, Final, Protocol

from channels.connection import Connection
from tests.simulation.node import Node
from tests.simulation.world import World
from tests.support.frames import payloads

HIGH_WATER_BYTES: Final = 2_048
"""So much may wait for a client that reads nothing, until the node is told: far less than in truth, so that it happens often."""


class Peer(Protocol):
    """The client's end."""

    def received(self, payload: bytes) -> None: ...

    def ended(self) -> None: ...


class Line:
    """One connection. Fits ``channels.transport.Transport`` on the node's side.

    ``is_silent``: nothing arrives any more on either side, and nobody is told. ``is_stalled``: the client reads nothing.
    """

    def __init__(self, world: World, node: Node, peer: Peer, rng: Random) -> None:
        self._world = world
        self._node = node
        self._peer = peer
        self._rng = rng
        self._slow_s = rng.choice([0.0005, 0.003, 0.03])
        self._to_client: deque[bytes] = deque()
        self._to_node: deque[bytes] = deque()
        self._held: deque[bytes] = deque()
        self._unread: deque[bytes] = deque()
        self._is_paused = False
        self._is_reading = True
        self._has_ended_here = False
        self._has_ended_there = False
        self.is_silent = False
        self.is_stalled = False
        self._connection: Connection = node.connect(self)

    # The node's side

    def write(self, framed: bytes) -> None:
        if self._node.is_dead or self._has_ended_there:
            return
        if self.is_stalled:
            self._held.append(framed)
            if self.buffered_bytes > HIGH_WATER_BYTES and not self._is_paused:
                self._is_paused = True
                self._connection.paused()
            return
        self._to_client.append(framed)
        self._later(self._arrive)

    def close(self, code: int, reason: str) -> None:
        if self._has_ended_there:
            return
        self._has_ended_there = True
        self._later(self._end_client)
        self._later(lambda: self._tell_node(True))

    def pause_reading(self) -> None:
        self._is_reading = False

    def resume_reading(self) -> None:
        self._is_reading = True
        self._world.loop.call_soon(self._read)

    @property
    def buffered_bytes(self) -> int:
        return sum(map(len, self._held))

    # The client's side

    def send(self, payload: bytes) -> None:
        if not self._has_ended_here:
            self._to_node.append(payload)
            self._later(self._arrive_at_node)

    def cut(self) -> None:
        """Gone, whatever was under way; either side hears of it some time later, the node perhaps never (it is silent)."""
        if self._has_ended_here:
            return
        self._has_ended_here = True
        self._to_client.clear()
        self._to_node.clear()
        if not self.is_silent:
            self._later(lambda: self._tell_node(False))
        self._peer.ended()

    def node_died(self) -> None:
        self._has_ended_there = True
        self._later(self._end_client)

    def stall(self) -> None:
        self.is_stalled = True

    def flow(self) -> None:
        self.is_stalled = False
        held, self._held = self._held, deque()
        for framed in held:
            self._to_client.append(framed)
            self._later(self._arrive)
        if self._is_paused:
            self._is_paused = False
            if not self._node.is_dead and not self._has_ended_there:
                self._connection.resumed()

    # On the way

    def _later(self, call: Callable[[], Any]) -> None:
        self._world.loop.call_later(self._rng.uniform(0.0, self._slow_s), call)

    def _arrive(self) -> None:
        """The oldest first, however late this one is."""
        if not self._to_client or self.is_silent or self._has_ended_here:
            return
        framed = self._to_client.popleft()
        for payload in payloads(framed):
            if not self._has_ended_here:
                self._peer.received(payload)

    def _arrive_at_node(self) -> None:
        if not self._to_node or self.is_silent:
            return
        self._unread.append(self._to_node.popleft())
        self._read()

    def _read(self) -> None:
        while self._unread and self._is_reading and not self._node.is_dead and not self._has_ended_there:
            self._connection.received(self._unread.popleft())

    def _end_client(self) -> None:
        """Behind all that was written before."""
        if self._to_client and not self.is_silent and not self._has_ended_here:
            self._arrive()
            self._world.loop.call_soon(self._end_client)
        elif not self._has_ended_here and not self.is_silent:
            self._has_ended_here = True
            self._peer.ended()

    def _tell_node(self, is_clean: bool) -> None:
        if not self._node.is_dead:
            self._has_ended_there = True
            self._connection.ended(is_clean)
