"""Every setting of the server, in one frozen struct gathered from ``ATRIUM_…`` variables. ``atrium settings`` prints them all."""

import ipaddress
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from channels.settings import HubSettings
from channels.settings_of_connections import ConnectionSettings
from persistence.database import DatabaseSettings
from persistence.embedded import EmbeddedSettings
from persistence.journal.settings import JournalSettings
from persistence.write_behind.settings import WriteBehindSettings
from server.auth.key_set import check_source
from server.auth.keys import SECRET_BYTES_LEAST
from server.auth.settings import AuthSettings
from server.environment import Secret, Setting, SettingRefused, describe, read_struct, strangers
from server.http.settings import HttpSettings
from server.socket.settings import SocketSettings
from server.telemetry import LogSettings

ROOT: Final = Path(__file__).resolve().parents[1]


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where it listens, and where its data is."""

    host: str = "127.0.0.1"
    """The address to listen on; only this machine by default. 0.0.0.0 is everyone who can reach it: put TLS in front."""
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8000
    """Also as PORT. 0 takes a free one."""
    data: Path = Path("data")
    """Also as DATA. Holds the journal, the embedded Postgres and the generated secret: what is acknowledged stands here."""
    database_url: Secret = ""
    """Also as DATABASE_URL. A PostgreSQL 15 to 18 (postgresql://…) instead of the embedded one."""
    accept_loss: bool = False
    """Start although the journal that belongs to the database is gone, and say what may be missing."""
    migrate: bool = True
    """Bring the database's schema up to date at the start; off where that is a step of the deployment (atrium migrate up)."""
    grace_s: float = 10.0
    """From SIGTERM: time in which connections leave in slices and what is written behind reaches Postgres."""
    short_grace_s: float = 1.0
    """What remains of it after a second SIGTERM or Ctrl-C."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The groups, each defined beside the code that uses it. A field of ``hub`` is ``ATRIUM_HUB_…``, of ``server`` ``ATRIUM_…``."""

    server: ServerSettings
    log: LogSettings
    http: HttpSettings
    auth: AuthSettings
    socket: SocketSettings
    connection: ConnectionSettings
    hub: HubSettings
    journal: JournalSettings
    write_behind: WriteBehindSettings
    database: DatabaseSettings
    embedded: EmbeddedSettings

    @property
    def is_embedded(self) -> bool:
        """Whether the server brings its own Postgres."""
        return not self.server.database_url

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        host = self.server.host
        try:
            return host == "localhost" or ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    @property
    def trust_token_roles(self) -> bool:
        return self.is_embedded if self.auth.trust_token_roles is None else self.auth.trust_token_roles

    @property
    def dev_sign_in(self) -> bool:
        """Anyone may become anyone: therefore only where nobody else can reach it."""
        return self.is_embedded and self.is_loopback and self.auth.dev_sign_in is not False and not self.auth.jwks


def group_name(field: str) -> str:
    """The middle of a variable's name: the server's own settings have none."""
    return "" if field == "server" else field


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Raises ``SettingRefused``, naming the variable."""
    server = read_struct(ServerSettings, "", environ)
    derived: dict[str, dict[str, Any]] = {
        "journal": {"folder": server.data / "journal"},
        "embedded": {"data": server.data / "postgres"},
        "http": {"page": ROOT / "client-examples" / "browser" / "dist"},
    }
    groups: dict[str, Any] = {}
    for field in msgspec.structs.fields(Settings):
        if field.name != "server":
            groups[field.name] = read_struct(field.type, field.name, environ, derived.get(field.name))
        if field.name == "http":
            # who may call the API from another page may open a socket from it
            derived["socket"] = {"allowed_origins": groups["http"].origins}
    settings = Settings(server=server, **groups)
    _check(settings)
    return settings


def _check(settings: Settings) -> None:
    auth, server = settings.auth, settings.server
    if auth.token_secret and len(auth.token_secret.encode()) < SECRET_BYTES_LEAST:
        raise SettingRefused(f"ATRIUM_AUTH_TOKEN_SECRET is shorter than {SECRET_BYTES_LEAST} bytes: anyone could guess it")
    if auth.guest_secret and len(auth.guest_secret.encode()) < SECRET_BYTES_LEAST:
        raise SettingRefused(f"ATRIUM_AUTH_GUEST_SECRET is shorter than {SECRET_BYTES_LEAST} bytes: anyone could guess it")
    if server.database_url and not server.database_url.startswith(("postgresql://", "postgres://")):
        raise SettingRefused("DATABASE_URL is no address of a PostgreSQL: postgresql://user:password@host:5432/database")
    if auth.jwks:
        try:
            check_source(auth.jwks)
        except ValueError as error:
            raise SettingRefused(f"ATRIUM_AUTH_JWKS={auth.jwks!r}: {error}") from error
    if not settings.is_embedded and not auth.token_secret and not auth.jwks and not auth.guests:
        raise SettingRefused("with a database of your own set ATRIUM_AUTH_TOKEN_SECRET or ATRIUM_AUTH_JWKS: nobody could sign in")
    if auth.dev_sign_in and not settings.dev_sign_in:
        raise SettingRefused(
            "ATRIUM_AUTH_DEV_SIGN_IN=on lets anyone become anyone: it is possible with the embedded database, "
            "on a loopback address and without ATRIUM_AUTH_JWKS only"
        )


def described(settings: Settings) -> Iterator[tuple[str, list[Setting]]]:
    """(group, its lines) for ``atrium settings``."""
    for field in msgspec.structs.fields(Settings):
        yield field.name, describe(getattr(settings, field.name), group_name(field.name))


def warnings_of(settings: Settings, environ: Mapping[str, str]) -> list[str]:
    """What is allowed but probably not meant."""
    known = [line.variable for _, lines in described(settings) for line in lines]
    return strangers(environ, known)
