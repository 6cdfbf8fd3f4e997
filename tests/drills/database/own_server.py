"""A server whose Postgres is the drill's own: stopped, or reached through a proxy, without the server's doing."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

from persistence.embedded import SOCKET_NAME
from tests.support.commit_proxy import CommitProxy, open_commit_proxy
from tests.support.postgres import StoppablePostgres, stoppable_postgres
from tests.support.server import ServerProcess, data_folder, open_server

SECRET = "x" * 48
WRITES_BEHIND = b"set_config('synchronous_commit'"
"""Only the transactions of the write-behind begin like this."""


class OwnServer(NamedTuple):
    """``dsn`` leads past the proxy, where there is one."""

    server: ServerProcess
    postgres: StoppablePostgres
    dsn: str


@asynccontextmanager
async def open_own_server(command: Sequence[str], environment: Mapping[str, str] | None = None) -> AsyncIterator[OwnServer]:
    """The server knows this Postgres only by its address."""
    async with AsyncExitStack() as stack:
        postgres = await stack.enter_async_context(stoppable_postgres())
        dsn = await postgres.start()
        yield OwnServer(await _open_server(stack, dsn, command, environment or {}), postgres, dsn)


@asynccontextmanager
async def open_proxied_server(command: Sequence[str]) -> AsyncIterator[tuple[OwnServer, CommitProxy]]:
    """The server reaches its Postgres through a proxy that counts and cuts the commits of its write-behind."""
    async with AsyncExitStack() as stack:
        postgres = await stack.enter_async_context(stoppable_postgres())
        dsn = await postgres.start()
        proxy = await stack.enter_async_context(open_commit_proxy(postgres.folder / SOCKET_NAME, of=WRITES_BEHIND))
        proxied = f"postgresql://postgres@127.0.0.1:{proxy.port}/postgres?sslmode=disable"
        yield OwnServer(await _open_server(stack, proxied, command, {}), postgres, dsn), proxy


async def _open_server(
    stack: AsyncExitStack, address: str, command: Sequence[str], environment: Mapping[str, str]
) -> ServerProcess:
    data = stack.enter_context(data_folder())
    (data / "token-secret").write_text(SECRET)
    settings = {"DATABASE_URL": address, "ATRIUM_AUTH_TRUST_TOKEN_ROLES": "on", "ATRIUM_AUTH_TOKEN_SECRET": SECRET}
    return await stack.enter_async_context(open_server(data, {**settings, **environment}, command))
