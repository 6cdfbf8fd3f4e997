"""Commits in a writer thread: the loop goes on while the disk works.

Beside a loop that always has Python to run, a thread gets the interpreter lock only every ``sys.getswitchinterval()`` (5 ms), and a
commit needs it several times. So the interval is shortened for the whole process while the thread is there.
"""

import asyncio
import contextlib
import queue
import sys
import threading
from collections.abc import AsyncIterator, Callable

from persistence.journal.committer import Writing
from persistence.journal.segment import Row


class ThreadCommitter:
    """Use ``open_thread_committer``. At most one commit and one rotation wait in the queue, by the contract."""

    def __init__(self, writing: Writing, loop: asyncio.AbstractEventLoop) -> None:
        self._writing = writing
        self._loop = loop
        self._jobs: queue.SimpleQueue[tuple[Callable[[], None], asyncio.Future[None]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    async def commit(self, row: Row) -> None:
        await self._run(lambda: self._writing.commit(row))

    async def prepare(self, ordinal: int) -> None:
        await asyncio.to_thread(self._writing.prepare, ordinal)

    async def switch(self) -> None:
        await self._run(self._writing.switch)

    async def seal(self) -> None:
        await asyncio.to_thread(self._writing.seal)

    async def close(self) -> None:
        await self._run(self._writing.close)

    async def end(self) -> None:
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self, job: Callable[[], None]) -> asyncio.Future[None]:
        done: asyncio.Future[None] = self._loop.create_future()
        self._jobs.put((job, done))
        return done

    def _work(self) -> None:
        while (taken := self._jobs.get()) is not None:
            job, done = taken
            try:
                job()
            except Exception as error:
                self._loop.call_soon_threadsafe(_fail, done, error)
            else:
                self._loop.call_soon_threadsafe(_finish, done)


def _finish(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)


def _fail(done: asyncio.Future[None], error: Exception) -> None:
    if not done.done():
        done.set_exception(error)


@contextlib.asynccontextmanager
async def open_thread_committer(writing: Writing, switch_interval_s: float) -> AsyncIterator[ThreadCommitter]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(switch_interval_s)
    committer = ThreadCommitter(writing, asyncio.get_running_loop())
    try:
        yield committer
    finally:
        await committer.end()
        sys.setswitchinterval(before)
