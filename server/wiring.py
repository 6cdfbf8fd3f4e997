"""Everything together: what is opened in which order, and how it ends. The only place that knows all the parts.

::

    Postgres (embedded, or configured) ▶ migrations ▶ storage ▶ hub ▶ people and tokens ▶ lobby ▶ HTTP and socket ▶ ready

It ends in the opposite order, so that nothing that was acknowledged depends on what is gone already (see ``_wind_down``).
"""

import asyncio
import getpass
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Final, NamedTuple

import anyio
import click
import msgspec
import structlog

from channels.hub import Hub, open_hub, wall_clock_ms
from channels.lobby import Lobby, open_lobby
from channels.ports import Authenticator, Deadlines, EventLog, Journal, Ports, Reactions
from channels.seats import FormatName, Seat
from channels.wire.codec import Codec
from channels.wire.json_codec import JsonCodec
from channels.wire.protobuf_codec import ProtobufCodec
from domain.kinds import KINDS
from persistence.database import Database, open_database
from persistence.embedded import CannotStart, open_embedded
from persistence.journal.refusals import JournalRefused
from persistence.migrate import SchemaRefused, standing, upgrade
from persistence.queries.accounts import note_person
from persistence.queries.people import read_people
from persistence.storage import Storage, open_storage
from server.auth.arrivals import Arrivals
from server.auth.authenticator import TokenAuthenticator
from server.auth.key_set import open_key_set
from server.auth.keys import AnyOf, KeySource, SecretKey
from server.auth.minting import TokenOrder, mint, secret_in
from server.auth.people import People
from server.auth.standing_watch import StandingWatch
from server.auth.tokens import TokenReader
from server.figures import figures_of
from server.http.app import build_app
from server.http.context import DevSignIn, Parts
from server.http.health import Health
from server.metrics import MeasuredJournal, Metrics
from server.settings import Settings
from server.telemetry import LoopLag, start_logging

log = structlog.get_logger(__name__)

REFUSED: Final = 2
"""Exit code for what the operator has to put right."""
BROKEN: Final = 3
"""Exit code after the journal failed: nothing more could be acknowledged, a restart takes up what is durable."""
SIGN_IN_TTL_S: Final = 30 * 24 * 3600.0
"""The sign-in link of the embedded default: whoever runs the server at home should not sign in every morning."""

CODECS: Final[dict[FormatName, Codec]] = {"json": JsonCodec(), "protobuf": ProtobufCodec()}


class CannotServe(Exception):
    """What the operator has to put right; the text says how."""
