"""Fan-out of one room of a thousand, beside every reference server that this machine can run, in turns."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import NamedTuple

from tests.bench.house import House, load_core
from tests.bench.lines import Line
from tests.bench.loads import RemoteLoad, open_load
from tests.bench.measuring import Measured, costed, in_turns
from tests.bench.processes import can_pin, pin_tree
from tests.bench.rivals import BARE, JOINED, LIBRARY, RIVALS, Rival, open_rival
from tests.bench.sizes import Sizes

ATRIUM = "Atrium"
TARGET_W16 = 1_200_000.0
MOST_OF_BARE = 1.15
"""At one in flight: at most so many times the processor time of the bare writer."""
LEAST_OF_CENTRIFUGE, LEAST_OF_NCHAN = 2.5, 6.0
"""At sixteen in flight, in deliveries per second of processor time."""
PAYLOAD_BYTES = 200


class Arena(NamedTuple):
    """Everyone who is compared, with their members connected: name -> (process, its load, its crowd there)."""

    contestants: dict[str, tuple[int, RemoteLoad]]
    lacking: dict[str, str]

    def run(self, name: str, window: int, seconds: float) -> Callable[[], Awaitable[Measured]]:
        return partial(self._run, name, window, seconds)

    async def _run(self, name: str, window: int, seconds: float) -> Measured:
        pid, load = self.contestants[name]
        how = {"window": window, "payload_bytes": PAYLOAD_BYTES}
        await load.ask("publish", name=name, seconds=min(seconds / 4, 0.3), **how)
        measured, _ = await costed(load, pid, "deliveries", "publish", name=name, seconds=seconds, **how)
        return measured


async def fan_out_lines(house: House, sizes: Sizes) -> list[Line]:
    lines = []
    async with _open_arena(house, sizes) as arena:
        for window in (1, 16):
            runs = {name: arena.run(name, window, sizes.seconds) for name in arena.contestants}
            lines += _lines_of(window, await in_turns(sizes.rounds, runs), arena.lacking)
        house.unpin()
        free = await in_turns(sizes.rounds, {ATRIUM: arena.run(ATRIUM, 16, sizes.seconds)})
        house.pin()
    pinned = next(line for line in lines if line.name == "fan-out W=16, rate")
    return [*lines, unpinned_line("fan-out W=16", pinned, free[ATRIUM].per_s)]


def unpinned_line(name: str, pinned: Line, per_s: float) -> Line:
    """Where the scheduler puts server and load: what pinning gains, or hides."""
    return Line(name=f"{name}, unpinned", unit=pinned.unit, measured=per_s, reference=pinned.measured, reference_name="pinned")


@asynccontextmanager
async def _open_arena(house: House, sizes: Sizes) -> AsyncIterator[Arena]:
    arena = Arena({}, {})
    async with AsyncExitStack() as stack:
        room = (await house.rooms(1, "fan-out"))[0]
        door, token = house.door(), house.token()
        await house.load.ask("crowd", name=ATRIUM, door=door, members=sizes.members, room=room, token=token)
        stack.push_async_callback(house.load.ask, "leave", name=ATRIUM)
        arena.contestants[ATRIUM] = (house.server.pid, house.load)
        for rival in RIVALS.values() if sizes.all_rivals else [RIVALS[name] for name in (BARE, JOINED, LIBRARY)]:
            lacks = rival.prepare()
            if lacks:
                arena.lacking[rival.name] = lacks
            else:
                await _admit(stack, arena, rival, sizes.members)
        yield arena


async def _admit(stack: AsyncExitStack, arena: Arena, rival: Rival, members: int) -> None:
    running = await stack.enter_async_context(open_rival(rival))
    load = await stack.enter_async_context(open_load(load_core()))
    if can_pin():
        pin_tree(running.pid)
    await load.ask("crowd", name=rival.name, door=(running.port, False, False), members=members, dialect=rival.dialect)
    arena.contestants[rival.name] = (running.pid, load)


def _lines_of(window: int, found: dict[str, Measured], lacking: dict[str, str]) -> list[Line]:
    name, ours = f"fan-out W={window}", found[ATRIUM]
    least = BARE if window == 1 else JOINED
    lines = [
        Line(
            name=f"{name}, processor",
            unit="µs/delivery",
            measured=ours.cpu_us,
            reference=found[least].cpu_us,
            reference_name=least,
            most_ratio=MOST_OF_BARE if window == 1 else None,
            more_is_better=False,
        ),
        Line(
            name=f"{name}, rate",
            unit="deliveries/s",
            measured=ours.per_s,
            reference=found[LIBRARY].per_s,
            reference_name=LIBRARY,
            target=TARGET_W16 if window == 16 else None,
        ),
    ]
    lines += [_beside(window, rival, found) for rival in RIVALS if rival in found]
    lines += [Line(name=f"{name} beside {rival}", unit="deliveries/core-s", lacking=what) for rival, what in lacking.items()]
    return [_grouped(line, window) for line in lines]


def _beside(window: int, rival: str, found: dict[str, Measured]) -> Line:
    """What one second of one core delivers: closed loops wait for the reader, processor time does not."""
    least = {"centrifuge Go": LEAST_OF_CENTRIFUGE, "nginx nchan": LEAST_OF_NCHAN}.get(rival) if window == 16 else None
    return Line(
        name=f"fan-out W={window} beside {rival}",
        unit="deliveries/core-s",
        measured=1e6 / found[ATRIUM].cpu_us,
        reference=1e6 / found[rival].cpu_us,
        reference_name=rival,
        least_ratio=least,
    )


def _grouped(line: Line, window: int) -> Line:
    line.group = f"W={window}"
    return line
