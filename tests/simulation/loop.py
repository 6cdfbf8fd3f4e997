"""An event loop without a selector: time stands still while something can run, and then jumps to the next timer."""

import asyncio
import contextvars
import itertools
from asyncio.base_events import BaseEventLoop
from collections.abc import Callable
from random import Random
from typing import Any, Final

LATE_S: Final = 0.002
"""Timers may be late, never early: by so much at most."""
TURN_S: Final = 0.00004
"""What a turn of the loop takes, about."""

OWNER: contextvars.ContextVar[str] = contextvars.ContextVar("owner", default="")
"""On whose behalf something runs: a node's tasks have to end with it."""


class Stuck(Exception):
    """Nothing can run, and nothing ever will: somebody waits for what nobody does."""


class TooLong(Exception):
    """The course does not come to an end."""


class SimFuture(asyncio.Future[Any]):
    """Sets of futures have the same order in every process."""

    _numbers = itertools.count()

    def __init__(self, *, loop: asyncio.AbstractEventLoop) -> None:
        self.number = next(self._numbers)
        super().__init__(loop=loop)

    def __hash__(self) -> int:
        return self.number


class SimTask(asyncio.Task[Any]):
    """Sets of tasks too; and it is known who has made it."""

    _numbers = itertools.count()

    def __init__(self, coroutine: Any, *, loop: asyncio.AbstractEventLoop, **options: Any) -> None:
        self.number = next(self._numbers)
        self.owner = OWNER.get()
        super().__init__(coroutine, loop=loop, **options)

    def __hash__(self) -> int:
        return self.number


class SimLoop(BaseEventLoop):
    """``turns`` counts; more than ``turns_max`` are a fault of what runs here."""

    def __init__(self, rng: Random, turns_max: int) -> None:
        super().__init__()
        self._rng = rng
        self._now = 1_000.0
        self._turns_max = turns_max
        self.turns = 0
        self.on_turn: Callable[[], None] = lambda: None
        self.job_s: Callable[[], float] = lambda: 0.0005
        """How long the next job of a worker thread takes."""
        self._selector = self
        self._clock_resolution = 1e-7
        self.set_task_factory(_task_of)

    def time(self) -> float:
        return self._now

    def block(self, seconds: float) -> None:
        """Somebody holds the loop up for so long."""
        self._now += seconds

    def create_future(self) -> asyncio.Future[Any]:
        return SimFuture(loop=self)

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> asyncio.TimerHandle:
        # Which of two timers of one instant rings first is nobody's promise.
        late_s = self._rng.random() * (LATE_S if self._rng.random() < 0.3 else 1e-5)
        return super().call_at(when + late_s, callback, *args, context=context)

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        """The job of a worker thread: it happens at one instant, some time later, whether or not somebody still waits for it."""
        done = self.create_future()

        def work() -> None:
            try:
                result = func(*args)
            except Exception as error:
                if not done.done():
                    done.set_exception(error)
            else:
                if not done.done():
                    done.set_result(result)

        self.call_later(self.job_s(), work)
        return done

    # What the base class asks of its selector

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise Stuck("nothing can run any more")
        self.turns += 1
        if self.turns > self._turns_max:
            raise TooLong(f"{self.turns} turns of the loop")
        self._now += timeout + self._rng.random() * TURN_S
        self.on_turn()
        return []

    def _process_events(self, event_list: list[Any]) -> None:
        pass

    def _write_to_self(self) -> None:
        pass


def _task_of(loop: Any, coroutine: Any, **options: Any) -> Any:
    return SimTask(coroutine, loop=loop, **options)
