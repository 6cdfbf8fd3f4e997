"""A client of a connection over a fake transport."""

import asyncio
import json

from channels.connection import Connection
from channels.lobby import Lobby
from tests.support.frames import payloads
from tests.unit.channels.fakes import FakeTransport


async def turn() -> None:
    """Everything that is due in this loop turn and in those it leads to."""
    for _ in range(6):
        await asyncio.sleep(0)


class Client:
    """The other end of a fake transport, in JSON."""

    def __init__(self, lobby: Lobby) -> None:
        self.transport = FakeTransport()
        self.connection = Connection(lobby, self.transport, "json")
        self.transport.connection = self.connection

    def send(self, *commands: object) -> None:
        self.connection.received("\n".join(json.dumps(command) for command in commands).encode())

    def takes(self) -> list[list[dict[str, object]]]:
        """What was written since the last time: per write, its messages."""
        writes, self.transport.writes = self.transport.writes, []
        return [[json.loads(line) for payload in payloads(write) for line in payload.split(b"\n")] for write in writes]

    async def opens(self, token: str = "ada") -> "Client":
        self.send({"id": 1, "connect": {"token": token}})
        await turn()
        self.takes()
        return self
