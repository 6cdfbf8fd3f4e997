"""The public keys of whoever signs people in: read from a file or an address, kept, and refreshed in the background."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import anyio
import structlog

from server.auth.keys import KeysAway, VerifyKey, keys_in, matching
from server.auth.settings import AuthSettings

log = structlog.get_logger(__name__)

DOCUMENT_BYTES_MOST: Final = 1024 * 1024
"""A key set has a few kilobytes; whoever sends more is not answered with our memory."""

Fetch = Callable[[], Awaitable[bytes]]
"""Reads the document; raises ``OSError`` where it cannot be had."""


class KeySet:
    """Fits ``keys.KeySource``. Known keys go on to count while the issuer is away; only without any is it ``KeysAway``."""

    def __init__(self, fetch: Fetch, settings: AuthSettings, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._settings = settings
        self._monotonic_s = monotonic_s
        self._keys: tuple[VerifyKey, ...] = ()
        self._is_known = False
        self._tried_at_s = float("-inf")
        self._one_at_a_time = anyio.Lock()

    async def keys_for(self, algorithm: str, kid: str) -> Sequence[VerifyKey]:
        found = matching(self._keys, algorithm, kid)
        if not found:
            await self._ask_again()
            found = matching(self._keys, algorithm, kid)
        if not found and not self._is_known:
            raise KeysAway("the keys of the issuer cannot be reached")
        return found

    async def _ask_again(self) -> None:
        asked_at_s = self._monotonic_s()
        async with self._one_at_a_time:
            # whoever waited for the lock takes what the one before has brought
            if self._tried_at_s < asked_at_s and asked_at_s - self._tried_at_s >= self._settings.jwks_cooldown_s:
                await self.refresh()

    async def refresh(self) -> bool:
        """Read the document once; False where it cannot be had or is no key set, and what was known stays."""
        self._tried_at_s = self._monotonic_s()
        try:
            with anyio.fail_after(self._settings.jwks_timeout_s):
                self._keys = keys_in(await self._fetch())
        except (OSError, ValueError) as error:  # TimeoutError is an OSError
            log.warning("keys not refreshed", source=self._settings.jwks, error=str(error) or type(error).__name__)
            return False
        self._is_known = True
        return True

    async def keep_fresh(self) -> None:
        while True:
            is_fresh = await self.refresh()
            await anyio.sleep(self._settings.jwks_refresh_s if is_fresh else self._settings.jwks_cooldown_s)


@asynccontextmanager
async def open_key_set(settings: AuthSettings) -> AsyncIterator[KeySet]:
    """The set of ``settings.jwks``, refreshed until the block ends. Starting does not wait for the issuer."""
    async with fetching(settings) as fetch, anyio.create_task_group() as tasks:
        keys = KeySet(fetch, settings)
        tasks.start_soon(keys.keep_fresh)
        yield keys
        tasks.cancel_scope.cancel()


@asynccontextmanager
async def fetching(settings: AuthSettings) -> AsyncIterator[Fetch]:
    if urlsplit(settings.jwks).scheme in ("http", "https"):
        async with _http_fetch(settings) as fetch:
            yield fetch
        return
    path = anyio.Path(settings.jwks.removeprefix("file://"))

    async def read_file() -> bytes:
        return await path.read_bytes()

    yield read_file


@asynccontextmanager
async def _http_fetch(settings: AuthSettings) -> AsyncIterator[Fetch]:
    import httpx  # a fifth of a second of every start, needed only by those who use an address

    async with httpx.AsyncClient(timeout=settings.jwks_timeout_s) as client:

        async def read_address() -> bytes:
            try:
                async with client.stream("GET", settings.jwks) as response:
                    response.raise_for_status()
                    document = b""
                    async for part in response.aiter_bytes():
                        document += part
                        if len(document) > DOCUMENT_BYTES_MOST:
                            raise OSError("the key set is larger than a megabyte")
                    return document
            except httpx.HTTPError as error:
                raise OSError(f"{type(error).__name__}: {error}") from error

        yield read_address


def check_source(jwks: str) -> None:
    """Raises ``ValueError`` for what cannot be meant: a plain http address elsewhere, or a file that is not there."""
    parts = urlsplit(jwks)
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError("keys over plain http could be anyone's: use https")
    if parts.scheme not in ("http", "https") and not Path(jwks.removeprefix("file://")).is_file():
        raise ValueError(f"there is no file {jwks}")
