"""What a command and a delivery cost inside the process, without sockets, disk and Postgres; and one step of Python beside it.

    python -m tests.bench.cost commands|steps COUNT      prints the processor seconds that COUNT of them took

Counted in calls of Python functions, which are the same on every machine; and in instructions where the processor counts them, else
in processor time, beside the same amount of plain Python.
"""

import asyncio
import gc
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from types import FrameType
from typing import Literal, TypeAlias

from channels.connection import Connection
from channels.hub import open_hub
from channels.lobby import open_lobby
from channels.ports import Ports
from channels.seats import FormatName, Identity
from channels.settings_of_connections import ConnectionSettings
from channels.wire.codec import Codec
from channels.wire.json_codec import JsonCodec
from domain.ids import ActorId, keyed_id
from domain.kinds.workspace.decider import WORKSPACE
from domain.log import Appended, AppendResult, OpenedRoom, Proposal, Snapshot
from domain.record import Actor
from domain.roles import Claims
from tests.bench.processes import ROOT
from tests.bench.sockets import message
from tests.bench.timed_ids import TimedIds
from tests.support.live import FakeJournal, FakeLog

What: TypeAlias = Literal["commands", "steps"]
CONNECTIONS = 16
WINDOW = 16
UNBOUNDED = ConnectionSettings(
    user_connections=1 << 20, commands_per_s=1e9, command_burst=1 << 30, user_commands_per_s=1e9, user_command_burst=1 << 30
)


class NullJournal(FakeJournal):
    """Durable at once, and nothing kept."""

    async def append(self, proposals: Sequence[Proposal]) -> Sequence[AppendResult]:
        await asyncio.sleep(0)
        return [Appended(each.room, each.expected_top + len(each.records)) for each in proposals]


class NullLog(FakeLog):
    async def open_room(self, room: str) -> OpenedRoom:
        return OpenedRoom(None, (), "e1", ())

    def keep_snapshot(self, snapshot: Snapshot) -> None:
        pass


class AnyToken:
    """Fulfils ``channels.ports.Authenticator``: the token is the name."""

    async def identify(self, token: str) -> Identity:
        actor = Actor(id=ActorId(keyed_id("bench", token)), kind="user", name=token)
        return Identity(actor=actor, claims=Claims(token_roles=frozenset({"admin"}), trust_token=True))


class NullTransport:
    """Counts writes, and keeps the last ones until they are looked at."""

    buffered_bytes = 0

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.write: Callable[[bytes], None] = self.received.append

    def close(self, code: int, reason: str) -> None:
        raise AssertionError(f"closed with {code}: {reason}")

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class Client:
    def __init__(self, connection: Connection, transport: NullTransport, ids: TimedIds) -> None:
        self._connection = connection
        self._transport = transport
        self._ids = ids
        self._number = 10
        self.room = ""

    def say(self, **fields: object) -> None:
        self._connection.received(message(**fields))

    def post(self) -> None:
        self._number += 1
        fields = {"room": self.room, "command_id": self._ids.next(), "text": "x" * 120}
        self.say(id=self._number, rpc={"method": "workspace.post", "data": fields})

    def answers(self) -> int:
        """How many commands were answered since the last look."""
        received = self._transport.received
        count = sum(each.count(b'"rpc":{') for each in received)
        assert not any(b'"error"' in each for each in received), received
        received.clear()
        return count

    async def told(self, mark: bytes) -> bytes:
        for _ in range(1_000):
            await asyncio.sleep(0)
            for each in self._transport.received:
                if mark in each:
                    self._transport.received.clear()
                    return each
        raise TimeoutError(f"nothing with {mark!r} in {self._transport.received}")


@asynccontextmanager
async def open_clients(count: int, shared: bool) -> AsyncIterator[list[Client]]:
    """Clients in a room each, or all in one; hub, lobby, rules and codec are the real ones."""
    journal = NullJournal()
    codecs: dict[FormatName, Codec] = {"json": JsonCodec()}
    async with AsyncExitStack() as stack:
        ports = Ports(journal, NullLog(journal))
        hub = await stack.enter_async_context(open_hub({WORKSPACE.kind: WORKSPACE}, ports, codecs))
        lobby = await stack.enter_async_context(open_lobby(hub, AnyToken(), codecs, UNBOUNDED))
        ids = TimedIds()
        clients: list[Client] = []
        for number in range(count):
            transport = NullTransport()
            client = Client(Connection(lobby, transport, "json"), transport, ids)
            client.say(id=1, connect={"token": f"user-{number}"})
            await client.told(b'"connect"')
            client.room = clients[0].room if shared and clients else await _new_room(client, number, ids)
            client.say(id=3, subscribe={"channel": client.room})
            await client.told(b'"recoverable"')
            clients.append(client)
        yield clients


async def _new_room(client: Client, number: int, ids: TimedIds) -> str:
    fields = {"command_id": ids.next(), "pattern_type": f"cost-{number}", "name": "cost", "category": "bench"}
    client.say(id=2, rpc={"method": "workspace.create", "data": fields})
    answer = await client.told(b'"room":"')
    return answer.partition(b'"room":"')[2].partition(b'"')[0].decode()


async def give(clients: Sequence[Client], count: int) -> None:
    """``count`` commands in all, ``WINDOW`` in flight for each client; returns when all are answered."""
    left, answered = count, 0
    for client in clients:
        for _ in range(min(WINDOW, left)):
            client.post()
            left -= 1
    while answered < count:
        await asyncio.sleep(0)
        for client in clients:
            done = client.answers()
            answered += done
            for _ in range(min(done, left)):
                client.post()
                left -= 1


async def publish(clients: Sequence[Client], count: int) -> None:
    """``count`` publications to everyone, one at a time."""
    for _ in range(count):
        clients[0].post()
        await clients[-1].told(b'"pub"')
        for client in clients:
            client.answers()


def steps(count: int) -> int:
    """Plain Python: what the rest is made of."""
    total = 0
    for number in range(count):
        total += _step(number, (number,))
    return total


def _step(number: int, pair: tuple[int, ...]) -> int:
    return len(pair) if number else 0


async def calls_per_command(count: int) -> float:
    """Calls of Python functions for one command, from its bytes to its answer."""
    async with open_clients(CONNECTIONS, shared=False) as clients:
        return await _calls_per(partial(give, clients), count)


async def calls_per_publication(members: int, count: int) -> float:
    """Calls of Python functions for one command and its event's way to all members of its room."""
    async with open_clients(members, shared=True) as clients:
        return await _calls_per(partial(publish, clients), count)


async def _calls_per(run: Callable[[int], Awaitable[None]], count: int) -> float:
    # what the first ones bring about is done once
    await run(count)
    with _counted() as calls:
        await run(count)
    return calls[0] / count


class _counted:  # noqa: N801  # reads as a word of the with statement
    def __enter__(self) -> list[int]:
        self._calls = [0]
        sys.setprofile(self._note)
        return self._calls

    def __exit__(self, *failure: object) -> None:
        sys.setprofile(None)

    def _note(self, frame: FrameType, event: str, argument: object) -> None:
        # the bench's own clients are not what is weighed
        if event == "call" and frame.f_code.co_filename != __file__:
            self._calls[0] += 1


async def processor_s(what: What, count: int) -> float:
    """Processor seconds of ``count`` commands or steps."""
    if what == "steps":
        began = time.process_time()
        steps(count)
        return time.process_time() - began
    async with open_clients(CONNECTIONS, shared=False) as clients:
        gc.freeze()
        began = time.process_time()
        await give(clients, count)
        return time.process_time() - began


def spent(what: What, count: int) -> float:
    """For one of ``what``: instructions where they are counted, else seconds; the same unit for everything on one machine."""
    few, many = _spent_by_process(what, count), _spent_by_process(what, 3 * count)
    return max(many - few, 1e-12) / (2 * count)


def _spent_by_process(what: What, count: int) -> float:
    command = [sys.executable, "-m", "tests.bench.cost", what, str(count)]
    if counts_instructions():
        command = ["perf", "stat", "-x", ",", "-e", "instructions:u", *command]
        told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stderr
        return float(next(line for line in told.splitlines() if "instructions" in line).partition(",")[0])
    return float(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


def counts_instructions() -> bool:
    """Most virtual machines have no such counter."""
    if not shutil.which("perf"):
        return False
    probe = subprocess.run(["perf", "stat", "-x", ",", "-e", "instructions:u", "true"], capture_output=True, text=True, check=False)
    return probe.returncode == 0 and any(line[:1].isdigit() for line in probe.stderr.splitlines() if "instructions" in line)


def main() -> None:
    what: What = "steps" if sys.argv[1] == "steps" else "commands"
    sys.stdout.write(str(asyncio.run(processor_s(what, int(sys.argv[2])))))


if __name__ == "__main__":
    main()
