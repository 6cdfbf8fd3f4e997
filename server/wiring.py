"""Everything together: what is opened in which order, and how it ends. The only place that knows all the parts.

::

    Postgres (embedded, or configured) ▶ migrations ▶ storage ▶ hub ▶ people and tokens ▶ lobby ▶ HTTP and socket ▶ ready

It ends in the opposite order; ``server.serving`` opens the door in front of it and closes it first.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec
import structlog

from channels.hub import Hub, open_hub, wall_clock_ms
from channels.lobby import Lobby, open_lobby
from channels.ports import Authenticator, Deadlines, EventLog, Journal, Ports, Reactions, References
from channels.seats import FormatName, Seat
from channels.wire.codec import Codec
from channels.wire.deflate import DeflateCodec
from channels.wire.json_codec import JsonCodec
from channels.wire.protobuf_codec import ProtobufCodec
from domain.kinds import KINDS
from persistence.database import Database, open_database
from persistence.embedded import open_embedded
from persistence.migrate import standing, upgrade
from persistence.queries.accounts import note_people
from persistence.queries.people import read_people
from persistence.storage import Storage, open_storage
from persistence.write_behind.healing import keep_healing
from server.auth.arrivals import Arrivals
from server.auth.authenticator import TokenAuthenticator
from server.auth.guest_authenticator import GuestAuthenticator
from server.auth.guest_tokens import SECRET_FILE as GUEST_SECRET_FILE
from server.auth.guest_tokens import GuestTokens
from server.auth.key_set import open_key_set
from server.auth.keys import AnyOf, KeySource, SecretKey
from server.auth.minting import secret_in
from server.auth.people import People
from server.auth.standing_watch import StandingWatch
from server.auth.tokens import TokenReader
from server.auth.wrong_tokens import WrongTokens
from server.figures import figures_of
from server.http.context import DevSignIn, Parts
from server.http.health import Health
from server.http.request_rates import RequestRates
from server.http.seen_once import LOOK_AGAIN_MS, SeenOnce
from server.metrics import MeasuredJournal, Metrics
from server.settings import Settings
from server.telemetry import LoopLag, start_logging

log = structlog.get_logger(__name__)

HEALING_PAUSE_S: Final = 10.0
"""Between two looks for rows that wait for those of another room: what they wait for is seconds behind, or an operator's work."""
DUTY_PAUSE_S: Final = 1.0
"""Before a duty that failed is taken up again, so that a lasting fault does not fill the log."""

JSON, PROTOBUF = JsonCodec(), ProtobufCodec()
DEFLATING: Final = (DeflateCodec(JSON, "json+deflate"), DeflateCodec(PROTOBUF, "protobuf+deflate"))
CODECS: Final[dict[FormatName, Codec]] = {codec.name: codec for codec in (JSON, PROTOBUF, *DEFLATING)}


class CannotServe(Exception):
    """What the operator has to put right; the text says how."""


class House(NamedTuple):
    """The running parts, without the door."""

    storage: Storage
    hub: Hub
    lobby: Lobby
    parts: Parts
    secret: str


# --- Opening ---------------------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """Everything behind the door, in its order; raises what the parts refuse with, before anything was changed."""
    async with AsyncExitStack() as stack:
        dsn = await stack.enter_async_context(_database_address(settings))
        await _bring_up_to_date(settings, dsn)
        database = await stack.enter_async_context(open_database(dsn, settings.database))
        storage = await stack.enter_async_context(_storage(settings, database))
        loop_lag = LoopLag()
        # the figures are read when somebody scrapes, by then the hub and the lobby are there
        metrics = Metrics(lambda: figures_of(hub, lobby, storage, loop_lag, DEFLATING)())
        hub = await stack.enter_async_context(open_hub(KINDS, _ports(storage, metrics), CODECS, settings.hub, wall_clock_ms))
        people = People(partial(read_people, database), settings.auth)
        arrivals = Arrivals(partial(note_people, database), wall_clock_ms)
        secret = secret_of(settings)
        guest_tokens = GuestTokens(guest_secret_of(settings), settings.auth.guest_ttl_s)
        signed_in = await stack.enter_async_context(_authenticator(settings, secret, people, arrivals))
        authenticator = GuestAuthenticator(signed_in, guest_tokens, people, arrivals.came)
        lobby = await stack.enter_async_context(open_lobby(hub, authenticator, CODECS, settings.connection, wall_clock_ms))
        watch = StandingWatch(people, partial(known_seats, lobby), hub.recheck, settings.auth, wall_clock_ms)
        healing = partial(keep_healing, database, KINDS, storage.write_behind, HEALING_PAUSE_S)
        await stack.enter_async_context(_running(loop_lag.watch, watch.watch, arrivals.keep_noting, healing))
        health = Health(hub, storage, database, embedded=settings.is_embedded, now_ms=wall_clock_ms)
        dev = DevSignIn(secret, settings.auth.issuer, settings.auth.audience) if settings.dev_sign_in else None
        wrong_tokens = WrongTokens(settings.http.wrong_tokens_a_minute)
        limits = (guest_tokens, wrong_tokens, SeenOnce(LOOK_AGAIN_MS), RequestRates(settings.http))
        parts = Parts(*(hub, storage.log, database, authenticator, health, metrics, settings.http, dev), *limits)
        yield House(storage, hub, lobby, parts, secret)


@asynccontextmanager
async def _database_address(settings: Settings) -> AsyncIterator[str]:
    try:
        settings.server.data.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=settings.server.data).close()
    except OSError as error:
        raise CannotServe(
            f"the data folder {settings.server.data} cannot be made or written: {error.strerror}. Set DATA to another one"
        ) from error
    if not settings.is_embedded:
        yield settings.server.database_url
        return
    async with open_embedded(settings.embedded) as dsn:
        yield dsn


async def _bring_up_to_date(settings: Settings, dsn: str) -> None:
    if settings.server.migrate:
        for revision in await upgrade(dsn):
            log.info("migration applied", version=revision.version, description=revision.description)
    elif missing := (await standing(dsn)).pending:
        raise CannotServe(f"the database lacks migration {missing[0].version}: run `atrium migrate up`")


def _storage(settings: Settings, database: Database) -> AbstractAsyncContextManager[Storage]:
    # the flush at the end is the server's (``server.serving``), which hears of a second signal
    write_behind = msgspec.structs.replace(settings.write_behind, drain_s=settings.server.short_grace_s)
    begin = partial(start_logging, settings.log)
    return open_storage(database, settings.journal, write_behind, KINDS, accept_loss=settings.server.accept_loss, begin=begin)


def _ports(storage: Storage, metrics: Metrics) -> Ports:
    """What persistence offers fits what the live side asks for: the type checker's proof."""
    journal: Journal = MeasuredJournal(storage.journal, metrics.append_histogram())
    event_log: EventLog = storage.log
    deadlines: Deadlines = storage.deadlines
    reactions: Reactions = storage.reactions
    references: References = storage.references
    return Ports(journal=journal, log=event_log, deadlines=deadlines, reactions=reactions, references=references)


@asynccontextmanager
async def _authenticator(settings: Settings, secret: str, people: People, arrivals: Arrivals) -> AsyncIterator[Authenticator]:
    async with AsyncExitStack() as stack:
        sources: list[KeySource] = [SecretKey(secret)] if secret else []
        if settings.auth.jwks:
            sources.append(await stack.enter_async_context(open_key_set(settings.auth)))
        yield TokenAuthenticator(
            TokenReader(AnyOf(*sources), settings.auth),
            people,
            settings.auth,
            trust_token=settings.trust_token_roles,
            came=arrivals.came,
            now_ms=wall_clock_ms,
        )


def secret_of(settings: Settings) -> str:
    """The configured secret, the generated one of the embedded default, or none where somebody else signs people in."""
    if settings.auth.token_secret or not settings.is_embedded or settings.auth.jwks:
        return settings.auth.token_secret
    try:
        return secret_in(settings.server.data)
    except (OSError, ValueError) as error:
        raise CannotServe(f"the secret for tokens cannot be kept in the data folder: {error}") from error


def guest_secret_of(settings: Settings) -> str:
    """What signs the tokens of shares' guests: configured, or made in the data folder."""
    if settings.auth.guest_secret:
        return settings.auth.guest_secret
    try:
        return secret_in(settings.server.data, GUEST_SECRET_FILE)
    except (OSError, ValueError) as error:
        raise CannotServe(f"the secret for guests' tokens cannot be kept in the data folder: {error}") from error


def known_seats(lobby: Lobby) -> Iterable[Seat]:
    """Connections whose client is known; the others have no identity yet."""
    return [seat for seat in lobby.connections if hasattr(seat, "identity")]


@asynccontextmanager
async def _running(*duties: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """The server's own duties; they end with the block."""
    tasks = [asyncio.create_task(_kept_up(duty)) for duty in duties]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _kept_up(duty: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """A fault in a duty is told and the duty taken up again: none of them is worth everyone's connection."""
    while True:
        try:
            await duty()
        except Exception:
            log.exception("a duty of the server failed and goes on")
            await asyncio.sleep(DUTY_PAUSE_S)
