"""The process's clocks and random numbers for the time of one course: everything that the node asks the machine for."""

import inspect
import logging
import random
import secrets
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from random import Random
from types import FunctionType
from typing import Any
from unittest import mock

from structlog.testing import capture_logs

PRODUCT = ("channels", "domain", "persistence", "server")
_MONOTONIC = time.monotonic


class Faults(logging.Handler):
    """Faults that the product has caught and logged; nothing that is done to a node may lead to one."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0] in PRODUCT and record.exc_info and record.levelno < logging.CRITICAL:
            self.found.append(f"{record.getMessage()}: {record.exc_info[1]!r}")


@contextmanager
def taken_over(rng: Random, monotonic: Callable[[], float], wall_ms: Callable[[], int]) -> Iterator[Faults]:
    """Everything as before behind the block. What is logged goes nowhere; faults are kept."""
    faults, state = Faults(), random.getstate()
    random.seed(rng.random())
    logging.getLogger().addHandler(faults)
    with (
        capture_logs(),
        mock.patch.object(time, "monotonic", monotonic),
        mock.patch.object(time, "time_ns", lambda: wall_ms() * 1_000_000),
        mock.patch.object(uuid, "uuid4", lambda: uuid.UUID(int=rng.getrandbits(128), version=4)),
        mock.patch.object(secrets, "token_urlsafe", lambda size=32: f"{rng.getrandbits(64):016x}"),
        _defaults(monotonic),
        _quiet(faults),
    ):
        try:
            yield faults
        finally:
            logging.getLogger().removeHandler(faults)
            random.setstate(state)


@contextmanager
def _quiet(faults: Faults) -> Iterator[None]:
    """Nothing of the node's own log is printed."""
    loggers = [logging.getLogger(name) for name in PRODUCT] + [logging.getLogger("asyncio")]
    before = [(logger.propagate, logger.handlers[:]) for logger in loggers]
    for logger in loggers:
        logger.propagate = False
        logger.handlers = [faults]
    try:
        yield
    finally:
        for logger, (propagate, handlers) in zip(loggers, before, strict=True):
            logger.propagate, logger.handlers = propagate, handlers


@contextmanager
def _defaults(monotonic: Callable[[], float]) -> Iterator[None]:
    """A clock that stands as a parameter's default was bound when its module was imported."""
    functions = clocked()
    before = [function.__defaults__ for function in functions]
    for function in functions:
        function.__defaults__ = tuple(monotonic if each is _MONOTONIC else each for each in function.__defaults__ or ())
    try:
        yield
    finally:
        for function, defaults in zip(functions, before, strict=True):
            function.__defaults__ = defaults


def clocked() -> tuple[FunctionType, ...]:
    """Functions and methods of the product that have the machine's clock as a default."""
    return _clocked(tuple(sorted(name for name in sys.modules if name.partition(".")[0] in PRODUCT)))


@cache
def _clocked(modules: tuple[str, ...]) -> tuple[FunctionType, ...]:
    found: dict[FunctionType, None] = {}
    for thing in [thing for name in modules for thing in vars(sys.modules[name]).values()]:
        found.update(dict.fromkeys(each for each in _functions_of(thing) if _MONOTONIC in (each.__defaults__ or ())))
    return tuple(found)


def _functions_of(thing: Any) -> list[FunctionType]:
    if isinstance(thing, FunctionType):
        return [thing]
    return [each for each in vars(thing).values() if isinstance(each, FunctionType)] if inspect.isclass(thing) else []
