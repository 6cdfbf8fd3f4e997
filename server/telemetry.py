"""What the process says of itself: logs, metrics, and how late the event loop is."""

import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from typing import Any, Final, Literal, TypeAlias

import anyio
import msgspec
import structlog

LogFormat: TypeAlias = Literal["auto", "json", "console"]
LogLevel: TypeAlias = Literal["debug", "info", "warning", "error"]


class LogSettings(msgspec.Struct, frozen=True, kw_only=True):
    format: LogFormat = "auto"
    """One JSON object a line, or columns for people; auto: columns on a terminal."""
    level: LogLevel = "info"
    """The least that is written."""
    requests: bool = False
    """A line per HTTP request and connection: costs about 50 µs each."""


_SECRET_NAMES: Final = re.compile(r"token|secret|password|authorization|cookie|dsn|database_url", re.IGNORECASE)
_TOKEN: Final = re.compile(r"eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LINES: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""In a traceback newlines and tabs are its own; what a client put into a message has passed ``repr`` or stays on its line."""

Fields: TypeAlias = MutableMapping[str, Any]


def without_secrets(_logger: Any, _method: str, fields: Fields) -> Fields:
    """Fields that are named like a secret, and texts that look like a token, are not written."""
    for name, value in fields.items():
        if _SECRET_NAMES.search(name):
            fields[name] = "***"
        elif isinstance(value, str):
            fields[name] = _TOKEN.sub("eyJ***", value)
    return fields


def on_one_line(_logger: Any, _method: str, fields: Fields) -> Fields:
    """Control characters of a client's text are written as escapes: nobody forges a line or moves the operator's cursor."""
    for name, value in fields.items():
        if isinstance(value, str):
            pattern = _LINES if name == "exception" else _CONTROL
            fields[name] = pattern.sub(lambda found: found.group().encode("unicode_escape").decode(), value)
    return fields


def start_logging(settings: LogSettings) -> None:
    """Everything that logs, uvicorn and our libraries included, comes out of one place in one form, on standard error."""
    is_json = settings.format == "json" or (settings.format == "auto" and not sys.stderr.isatty())
    common: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        without_secrets,
        on_one_line,
    ]
    last = structlog.processors.JSONRenderer() if is_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *common, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *common],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    logging.basicConfig(handlers=[handler], level=settings.level.upper(), force=True)
    for name in _noisy(settings):
        logging.getLogger(name).setLevel(logging.WARNING)


def _noisy(settings: LogSettings) -> Iterator[str]:
    yield from ("httpx", "httpcore", "alembic", "asyncio", "uvicorn.error")
    if not settings.requests:
        yield "uvicorn.access"


class LoopLag:
    """How late the event loop comes: sampled, with the worst of the last half minute."""

    interval_s: Final = 0.25
    """Four samples a second cost nothing and see every pause that a person would."""
    kept: Final = 120

    def __init__(self) -> None:
        self._samples: list[float] = [0.0]

    @property
    def last_s(self) -> float:
        return self._samples[-1]

    @property
    def worst_s(self) -> float:
        return max(self._samples)

    async def watch(self) -> None:
        while True:
            due_s = anyio.current_time() + self.interval_s
            await anyio.sleep_until(due_s)
            self._samples = [*self._samples[-self.kept + 1 :], max(0.0, anyio.current_time() - due_s)]
