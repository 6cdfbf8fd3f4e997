"""Bounds and times of the HTTP API, with units and reasons."""

from pathlib import Path
from typing import Annotated

import msgspec


class HttpSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``page`` is the folder of the built browser app, served at ``/``."""

    page: Path
    origins: tuple[str, ...] = ()
    """Other origins (https://app.example) whose pages may use the API and the socket; the server's own always may."""
    body_most_bytes: int = 512 * 1024
    """The largest body; the same as the largest frame of the socket, since both carry the same commands."""
    after_offset_wait_s: float = 3.0
    """How long a read waits for what its caller has just written; then 503, which says to ask again."""
    command_wait_s: float = 10.0
    """How long a command may go unanswered (a slow disk, a journal that is full); then 503: repeat it with the same id."""
    requests_per_s: Annotated[float, msgspec.Meta(gt=0)] = 200.0
    """Sustained rate of one person over HTTP: what one connection of the socket may. Beyond it 429."""
    request_burst: Annotated[int, msgspec.Meta(ge=1)] = 1_000
    """What may come at once."""
    wrong_tokens_a_minute: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 10
    """Wrong share tokens from one address (of IPv6: one /64); then it waits for the rest of the minute."""
    page_size: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50
    """Entries of a list where the caller names no ``limit``; 100 is the most."""
    metrics: bool = True
    """Whether /metrics answers; it says how much, never who."""
