"""The process: the door in front of the house, from the first line that it prints to its exit code."""

import asyncio
import contextlib
import gc
import getpass
import os
import signal
import socket
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import Final

import click
import structlog

from domain.log import JournalBroken, JournalForsaken, JournalFull, StorageAway
from persistence.embedded import CannotStart
from persistence.journal.refusals import JournalRefused
from persistence.migrate import SchemaRefused
from server.auth.minting import TokenOrder, mint
from server.http.app import build_app
from server.settings import Settings
from server.socket.endpoint import socket_route
from server.socket.entrance import Entrance
from server.socket.server import AtriumServer, Ending, Grace, uvicorn_config
from server.telemetry import start_logging
from server.wiring import CannotServe, House, open_house

log = structlog.get_logger(__name__)

CLEAN: Final = 0
REFUSED: Final = 2
"""Exit code for what the operator has to put right."""
BROKEN: Final = 3
"""Exit code after the journal failed: nothing more could be acknowledged; a restart takes up what is durable."""
REFUSALS: Final = (CannotServe, CannotStart, JournalBroken, JournalFull, JournalRefused, SchemaRefused, StorageAway)

SIGN_IN_TTL_S: Final = 30 * 24 * 3600.0
"""Of the printed link: whoever runs the server at home should not have to sign in every morning."""
GC_THRESHOLDS: Final = (50_000, 20, 1_000)
"""Rooms, receipts and records on their way to Postgres are trees without cycles. With Python's own numbers looking through them
stopped the loop for 80 ms several times a second at 180,000 objects (answers at 2,000/s: p99 84 ms, with these 10 ms)."""
KEEP_ALIVE_S: Final = 75
"""Longer than the idle time of common proxies, so that it is never us who close a connection they are just using."""
BACKLOG: Final = 4_096
"""Connections that wait to be accepted: a reconnect storm."""

Beside = Callable[[str, Callable[[str, str, str], str]], Coroutine[None, None, None]]
"""What runs beside the server once it listens: told its address, and how to mint a token (user, role, name)."""


def run(settings: Settings, beside: Beside | None = None) -> int:
    """Serve until a signal; returns the exit code."""
    start_logging(settings.log)
    _open_many_files()
    # Speed: what is made while starting stays for good, and is not worth looking through again and again.
    gc.disable()
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(_until_signalled(settings, beside))
    except KeyboardInterrupt:
        return CLEAN
    except Exception as error:
        refusal = next(_leaves(error, REFUSALS), None)
        if refusal is None:
            raise
        click.secho(f"atrium: {refusal}", fg="red", err=True)
        return REFUSED


def _open_many_files() -> None:
    """Each connection is a file, and what systems allow at first is often 1,024; ``server.socket.doorstep`` keeps some back."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on Windows; not everywhere as far as it says
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    with contextlib.suppress(ImportError):  # not on Windows
        import uvloop

        return uvloop.new_event_loop
    return None


async def _until_signalled(settings: Settings, beside: Beside | None) -> int:
    """Before the server listens a SIGTERM ends the start, later it ends the server."""
    starting = asyncio.current_task()
    assert starting is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, starting.cancel)
    try:
        return await serve(settings, beside, _leave_signals_to)
    except asyncio.CancelledError:
        log.info("ended while starting")
        return CLEAN


async def serve(
    settings: Settings, beside: Beside | None = None, on_server: Callable[[AtriumServer], None] = lambda server: None
) -> int:
    """Open the house, then the door; returns the exit code. Raises what the parts refuse with.

    ``on_server`` is called with the server just before it serves.
    """
    duties: list[asyncio.Task[None]] = []
    failures: list[BaseException | None] = []

    def listens(address: str) -> None:
        _greet(settings, house, address)
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        gc.enable()
        if beside is not None:
            duties.append(asyncio.create_task(beside(address, partial(_mint, settings, house)), name="beside"))

    with _bound(settings) as listening:
        async with open_house(settings) as house:
            server = _server(settings, house, listens)
            duties.append(asyncio.create_task(_end_when_broken(house, server, failures), name="watch the journal"))
            on_server(server)
            try:
                await server.serve(sockets=[listening])
            finally:
                await _cancelled(duties)
        return BROKEN if failures or house.hub.failure is not None else CLEAN


def _leave_signals_to(server: AtriumServer) -> None:
    """The server takes signals while it serves; whatever comes while the rest is closed behind it finds the end under way."""
    asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.handle_exit)


def _server(settings: Settings, house: House, on_listening: Callable[[str], None]) -> AtriumServer:
    entrance = Entrance(house.lobby, settings.socket)
    app = build_app(house.parts, [socket_route(entrance)])
    config = uvicorn_config(
        app,
        entrance,
        loop="none",
        log_config=None,
        access_log=settings.log.requests,
        lifespan="off",
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        backlog=BACKLOG,
    )
    ending = Ending(partial(_finish, house), settings.server.grace_s, settings.server.short_grace_s)
    host = _shown_host(settings.server.host)
    return AtriumServer(
        config, house.lobby, settings.socket, ending, lambda addresses: on_listening(f"http://{host}:{addresses[0][1]}")
    )


def _greet(settings: Settings, house: House, address: str) -> None:
    click.echo(f"\n  Atrium      {address}")
    if settings.dev_sign_in:
        user = _os_user()
        click.echo(f"  sign in     {address}/#token={_mint(settings, house, user, 'admin', user, SIGN_IN_TTL_S)}")
    database = f"embedded in {settings.embedded.data}" if settings.is_embedded else "as configured"
    click.echo(f"  database    {database}\n  ready\n")


def _mint(settings: Settings, house: House, user: str, role: str, name: str, ttl_s: float = SIGN_IN_TTL_S) -> str:
    if not house.secret:
        raise CannotServe("tokens are signed by somebody else here (ATRIUM_AUTH_JWKS): the demo needs ATRIUM_AUTH_TOKEN_SECRET")
    auth = settings.auth
    order = TokenOrder(user=user, roles=(role,), name=name, ttl_s=ttl_s, issuer=auth.issuer, audience=auth.audience)
    return mint(house.secret, order)


# --- The end ---------------------------------------------------------------------------------------------------------------------


async def _finish(house: House, grace: Grace) -> None:
    """Nobody is connected any more: answer what waits, then let Postgres have what it can get in the time that is left.

    What is not stored by then stays in the journal for the next start.
    """
    house.parts.health.drain()
    if house.hub.failure is not None:
        return
    await grace.spend(house.hub.drain())
    await grace.spend(house.storage.flush(grace.left_s))
    if waiting := house.storage.lag().records_waiting:
        log.warning("stopped with records still to be stored: the next start goes on with them", records=waiting)


async def _end_when_broken(house: House, server: AtriumServer, failures: list[BaseException | None]) -> None:
    failure = await _failure(house)
    failures.append(failure)
    if isinstance(failure, JournalForsaken):
        found = "Postgres does not follow this server's journal any more"
        advice = "What was acknowledged and is not stored stays in the journal's folder; see who else writes to this database"
    else:
        found = "the journal cannot be written any more"
        advice = "What was acknowledged is safe; look at the disk"
    end = f"({failure}): nothing more is acknowledged, the server ends."
    click.secho(f"atrium: {found} {end} {advice}, then start again.", fg="red", err=True)
    server.should_exit = True


async def _failure(house: House) -> BaseException | None:
    """The hub hears of a broken journal with the next command: a server where nobody does anything has to end, too."""
    by_hub, by_journal = asyncio.create_task(house.hub.failed.wait()), asyncio.create_task(house.storage.broken())
    try:
        await asyncio.wait([by_hub, by_journal], return_when=asyncio.FIRST_COMPLETED)
        return by_journal.result() if by_journal.done() else house.hub.failure
    finally:
        by_hub.cancel()
        by_journal.cancel()


async def _cancelled(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            log.error("what ran beside the server failed", exc_info=result)


# --- The door --------------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _bound(settings: Settings) -> Iterator[socket.socket]:
    """The listening socket's address is taken before anything else is opened, so that a second start is told at once."""
    host, port = settings.server.host, settings.server.port
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise CannotServe(f"ATRIUM_HOST={host!r} is no address of this machine: {error.strerror}") from error
    family, kind, protocol, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    listening = socket.socket(family, kind, protocol)
    with contextlib.closing(listening):
        if os.name == "posix":  # elsewhere the option would let two servers share a port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(address)
        except OSError as error:
            raise CannotServe(f"port {port} of {host} cannot be listened on: {error.strerror}. Set PORT to another one") from error
        yield listening


def _shown_host(host: str) -> str:
    """What to type into a browser on this machine."""
    if host in ("127.0.0.1", "0.0.0.0", "::", "::1", ""):
        return "localhost"
    return f"[{host}]" if ":" in host else host


def _os_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name, as in some containers
        return "admin"


def _leaves(error: BaseException, kinds: tuple[type[Exception], ...]) -> Iterator[BaseException]:
    """Task groups wrap what ends them; here are the causes of these kinds."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner, kinds)
    elif isinstance(error, kinds):
        yield error
