"""What the server says of itself, over HTTP."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import httpx

from tests.support.server import ServerProcess


async def lag_of(server: ServerProcess) -> dict[str, Any]:
    """``records``, ``oldest_s``, ``rooms_behind`` and ``problem``, as ``/health/ready`` has them."""
    async with httpx.AsyncClient(timeout=10.0, trust_env=False) as client:
        answer = await client.get(f"{server.http}/health/ready")
    return dict(answer.json()["lag"])


async def figure_of(server: ServerProcess, name: str) -> float:
    """One that ``/metrics`` has once."""
    async with httpx.AsyncClient(timeout=10.0, trust_env=False) as client:
        lines = (await client.get(f"{server.http}/metrics")).text.splitlines()
    (value,) = (line.split()[1] for line in lines if line.split()[:1] == [name])
    return float(value)


async def until_lag(server: ServerProcess, condition: Callable[[dict[str, Any]], bool], timeout_s: float) -> dict[str, Any]:
    """Wait until the lag fulfils the condition, ``timeout_s`` at most; returns the last one that was seen."""
    lag = await lag_of(server)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            while not condition(lag):
                await asyncio.sleep(0.1)
                lag = await lag_of(server)
    return lag


def gone(server: ServerProcess, error: Exception) -> str:
    """The complaint about a server that has ended by itself: a finding, and no reason not to judge the rest."""
    said = [line for line in server.lines if line.startswith("atrium:")]
    return f"the server is not there any more ({error!r}), its last words: {said[-1:]}"


async def until_all_is_stored(server: ServerProcess, timeout_s: float) -> list[str]:
    """Once nothing new is given: the journal runs empty, and the write-behind has no trouble."""
    try:
        lag = await until_lag(server, lambda lag: not lag["records"] and not lag["problem"], timeout_s)
    except httpx.TransportError as error:
        return [gone(server, error)]
    complaints = [f"{lag['records']} records are not stored after {timeout_s:g} s"] if lag["records"] else []
    return complaints + ([f"write-behind: {lag['problem']}"] if lag["problem"] else [])
