"""The end of a server: in slices, in time, in order, and without being killed by its own signal."""

import asyncio
import os
import signal

import httpx
import pytest

from server.socket.server import Ending, Grace
from server.socket.settings import SocketSettings
from tests.unit.server.socket.serving import CARRIERS, Carrier, client_of, serving, until


class Finish:
    """What follows when nobody is connected; remembers that it ran, and can be made to take long."""

    def __init__(self) -> None:
        self.left_s: list[float] = []
        self.begun = asyncio.Event()
        self.takes_s = 0.0
        self.was_cut = False

    async def __call__(self, grace: Grace) -> None:
        self.left_s.append(grace.left_s)
        self.begun.set()
        self.was_cut = not await grace.spend(asyncio.sleep(self.takes_s))


@pytest.mark.parametrize("carrier", CARRIERS)
async def test_sigterm_lets_connections_leave_with_3001_and_then_finishes(carrier: Carrier) -> None:
    finish = Finish()
    async with serving(carrier, ending=Ending(finish, grace_s=5.0)) as served, client_of(served) as client:
        await client.opens()

        os.kill(os.getpid(), signal.SIGTERM)

        assert await client.close_code() == (3001, "the server restarts")
        await asyncio.wait_for(served.task, 5)
        assert len(finish.left_s) == 1
        assert not served.lobby.connections


async def test_nobody_new_is_let_in_meanwhile() -> None:
    finish = Finish()
    finish.takes_s = 5.0
    async with serving(ending=Ending(finish, grace_s=5.0, short_grace_s=0.1)) as served:
        served.server.should_exit = True
        await finish.begun.wait()

        with pytest.raises(OSError):
            async with client_of(served):
                pass


async def test_connections_leave_in_slices() -> None:
    settings = SocketSettings(drain_slice=2, drain_pause_s=0.05)
    async with serving(settings=settings) as served, asyncio.TaskGroup() as tasks:
        ends: list[float] = []

        async def stay(opened: asyncio.Event) -> None:
            async with client_of(served) as client:
                await client.opens()
                opened.set()
                await client.close_code()
                ends.append(served.lobby.loop.time())

        waits = [asyncio.Event() for _ in range(6)]
        for opened in waits:
            tasks.create_task(stay(opened))
        for opened in waits:
            await opened.wait()
        served.server.should_exit = True
        await asyncio.wait_for(served.task, 5)
        await until(lambda: len(ends) == 6)

        assert max(ends) - min(ends) >= 0.08


async def test_a_request_that_is_under_way_is_answered() -> None:
    async with serving() as served, httpx.AsyncClient() as http:
        answer = asyncio.create_task(http.get(f"http://127.0.0.1:{served.port}/slow"))
        await until(lambda: served.server.server_state.tasks)

        served.server.should_exit = True

        assert (await answer).text == "done"
        await asyncio.wait_for(served.task, 5)


async def test_a_second_signal_only_shortens_the_grace() -> None:
    finish = Finish()
    finish.takes_s = 60.0
    async with serving(ending=Ending(finish, grace_s=60.0, short_grace_s=0.05)) as served:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(finish.begun.wait(), 5)
        assert finish.left_s[0] > 50

        os.kill(os.getpid(), signal.SIGINT)

        await asyncio.wait_for(served.task, 5)
        assert finish.was_cut


async def test_two_at_once_do_the_same() -> None:
    finish = Finish()
    finish.takes_s = 60.0
    async with serving(ending=Ending(finish, grace_s=60.0, short_grace_s=0.05)) as served:
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)

        await asyncio.wait_for(served.task, 5)
        assert finish.was_cut


async def test_the_handlers_of_signals_are_given_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    async with serving() as served:
        assert signal.getsignal(signal.SIGTERM) != before
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(served.task, 5)

    assert signal.getsignal(signal.SIGTERM) == before


async def test_grace_is_given_to_work_and_cut_when_it_is_over() -> None:
    never = asyncio.Event()

    assert await Grace(3_600.0, 0.0).spend(asyncio.sleep(0))
    assert not await Grace(0.01, 0.0).spend(never.wait())


async def test_work_under_way_is_cut_when_the_grace_is_shortened_to_nothing() -> None:
    grace = Grace(3_600.0, 0.0)
    begun, never = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        await never.wait()

    spent = asyncio.create_task(grace.spend(work()))
    await begun.wait()

    grace.hurry()

    assert not await spent
    assert grace.left_s == 0.0


async def test_work_that_fails_fails() -> None:
    async def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await Grace(1.0, 0.1).spend(fail())
