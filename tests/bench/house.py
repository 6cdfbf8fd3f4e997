"""The server under measurement: a process in a folder of its own, with the limits for people lifted, and tokens for it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from tests.bench.encrypted import COMMAND as ENCRYPTED
from tests.bench.loads import RemoteLoad, open_load
from tests.bench.processes import LOAD_CORE, can_pin, pin_load, pin_tree, unpin_tree
from tests.support.server import ServerProcess, data_folder, open_server
from tests.support.tokens import mint, secret_of

UNBOUNDED = {
    "ATRIUM_CONNECTION_USER_CONNECTIONS": "30000",
    "ATRIUM_CONNECTION_COMMANDS_PER_S": "1e9",
    "ATRIUM_CONNECTION_COMMAND_BURST": "1000000000",
    "ATRIUM_CONNECTION_USER_COMMANDS_PER_S": "1e9",
    "ATRIUM_CONNECTION_USER_COMMAND_BURST": "1000000000",
    "ATRIUM_CONNECTION_PING_INTERVAL_S": "3600",
    "ATRIUM_HUB_IDLE_CLOSE_S": "3600",
    "ATRIUM_SOCKET_CONNECTIONS_PER_ADDRESS": "30000",
    "ATRIUM_LOG_LEVEL": "warning",
}
"""All load comes from one user of one machine, which the limits for people would not let through; and it answers no pings.
Rooms stay open, since ten thousand of them take a while to be measured in."""

PLAIN = ("-m", "server", "serve")
DAY_S = 24 * 3600.0


class House(NamedTuple):
    """A running server and the load generator in front of it."""

    server: ServerProcess
    load: RemoteLoad
    is_tls: bool = False

    @property
    def secret(self) -> str:
        return secret_of(self.server.data)

    def token(self, user: str = "load", role: str = "user") -> str:
        return mint(self.secret, user, role, ttl_s=DAY_S)

    def door(self, is_protobuf: bool = False) -> tuple[int, bool, bool]:
        return self.server.port, self.is_tls, is_protobuf

    async def rooms(self, count: int, name: str) -> list[str]:
        """So many new workspaces, over the load's process."""
        made = await self.load.ask("make_rooms", door=self.door(), token=self.token("maker", "admin"), count=count, name=name)
        rooms: list[str] = made["rooms"]
        return rooms

    def pin(self) -> None:
        if can_pin():
            pin_tree(self.server.pid)
            pin_load(self.load.pid)

    def unpin(self) -> None:
        if can_pin():
            unpin_tree(self.server.pid)
            unpin_tree(self.load.pid)


@asynccontextmanager
async def open_house(command: Sequence[str] = PLAIN) -> AsyncIterator[House]:
    """The server on the first core, the load on the second; its own Postgres beside the load."""
    with data_folder() as data:
        async with open_server(data, UNBOUNDED, command) as server, open_load(load_core()) as load:
            house = House(server, load, command == ENCRYPTED)
            house.pin()
            yield house


def load_core() -> int | None:
    return LOAD_CORE if can_pin() else None
