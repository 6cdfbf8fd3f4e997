"""Whether a delivery and a command cost the same in small and large: by members, rooms, payload, format, and with TLS."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from tests.bench.encrypted import COMMAND as ENCRYPTED
from tests.bench.house import House, open_house
from tests.bench.lines import Line
from tests.bench.measuring import Measured, costed, in_turns
from tests.bench.sizes import Sizes

PAYLOADS = (50, 200, 2_000, 20_000)
"""Bytes; the longest is what a message's text may have at most."""
MOST_GROWTH = 1.25
"""What still counts as flat: the noise between two runs of the same."""
WINDOW = 16
ROOM_MEMBERS = 100
SHARED_WINDOW = 8
"""In flight per connection where all of them may be in one room, which has a bound of its own."""


async def growth_lines(house: House, sizes: Sizes) -> list[Line]:
    return [
        *await _by_members(house, sizes),
        *await _by_rooms(house, sizes),
        *await _by_payload(house, sizes),
        *await _by_format(house, sizes),
        *await _by_encryption(sizes),
    ]


def _powers(most: int, first: int) -> list[int]:
    powers = [first]
    while powers[-1] * 10 <= most:
        powers.append(powers[-1] * 10)
    return powers


async def _publish(house: House, sizes: Sizes, name: str, payload_bytes: int = 200, window: int = WINDOW) -> Measured:
    how: dict[str, float | str] = {"name": name, "window": window, "payload_bytes": payload_bytes}
    await house.load.ask("publish", seconds=sizes.axis_seconds / 4, **how)
    measured, _ = await costed(house.load, house.server.pid, "deliveries", "publish", seconds=sizes.axis_seconds, **how)
    return measured


async def _command(house: House, sizes: Sizes, name: str, payload_bytes: int = 120, window: int = 32) -> Measured:
    how: dict[str, float | str] = {"name": name, "window": window, "payload_bytes": payload_bytes}
    await house.load.ask("throughput", seconds=sizes.axis_seconds / 4, **how)
    measured, _ = await costed(house.load, house.server.pid, "answers", "throughput", seconds=sizes.axis_seconds, **how)
    return measured


async def _crowd(house: House, name: str, members: int, is_protobuf: bool = False) -> None:
    room = (await house.rooms(1, name))[0]
    door = house.door(is_protobuf)
    await house.load.ask("crowd", name=name, door=door, members=members, room=room, token=house.token())


async def _by_members(house: House, sizes: Sizes) -> list[Line]:
    """Rooms of all sizes side by side, measured in turns."""
    counts = _powers(sizes.most_members, 10)
    for count in counts:
        await _crowd(house, f"members-{count}", count)
    runs = {count: partial(_publish, house, sizes, f"members-{count}") for count in counts}
    found = await in_turns(sizes.axis_rounds, runs)
    for count in counts:
        await house.load.ask("leave", name=f"members-{count}")
    # a publication costs what a command costs; only in a room of a hundred or more does a delivery show
    flat = {count: measured for count, measured in found.items() if count >= ROOM_MEMBERS}
    return [*_curve("deliveries by members", "members", found), _flat("µs per delivery, members", flat, "µs/delivery")]


async def _by_rooms(house: House, sizes: Sizes) -> list[Line]:
    """Commands into one, ten, … ten thousand open rooms; and a room of a hundred while all these are open beside it."""
    rooms = await house.rooms(sizes.most_rooms, "growth")
    await _crowd(house, "beside", ROOM_MEMBERS)
    commands: dict[int, Measured] = {}
    deliveries: dict[int, Measured] = {}
    for count in _powers(sizes.most_rooms, 1):
        how = {"door": house.door(), "token": house.token(), "connections": sizes.connections}
        await house.load.ask("commander", name="rooms", rooms=rooms[:count], **how)
        runs: dict[str, Callable[[], Awaitable[Measured]]] = {
            "commands": partial(_command, house, sizes, "rooms", window=SHARED_WINDOW),
            "deliveries": partial(_publish, house, sizes, "beside"),
        }
        found = await in_turns(sizes.axis_rounds, runs)
        commands[count], deliveries[count] = found["commands"], found["deliveries"]
        await house.load.ask("dismiss", name="rooms")
    await house.load.ask("leave", name="beside")
    return [
        *_curve("commands by rooms", "rooms", commands, "commands/s"),
        *_curve("deliveries by open rooms", "rooms", deliveries),
        _flat("µs per delivery, open rooms", deliveries, "µs/delivery"),
        _flat("µs per command, rooms", {count: each for count, each in commands.items() if count >= 10}, "µs/command"),
    ]


async def _by_payload(house: House, sizes: Sizes) -> list[Line]:
    await _crowd(house, "payload", min(sizes.members, 200))
    rooms = await house.rooms(sizes.connections, "sized")
    how = {"door": house.door(), "token": house.token(), "connections": sizes.connections}
    await house.load.ask("commander", name="payload", rooms=rooms, **how)
    deliveries = await in_turns(
        sizes.axis_rounds,
        {size: partial(_publish, house, sizes, "payload", size, min(WINDOW, 64_000 // size)) for size in PAYLOADS},
    )
    # in flight in all: what a connection may have waiting at most is 256 KiB
    commands = await in_turns(
        sizes.axis_rounds, {size: partial(_command, house, sizes, "payload", size) for size in PAYLOADS if size <= 2_000}
    )
    await house.load.ask("leave", name="payload")
    await house.load.ask("dismiss", name="payload")
    return [*_curve("deliveries by payload", "bytes", deliveries), *_curve("commands by payload", "bytes", commands, "commands/s")]


async def _by_format(house: House, sizes: Sizes) -> list[Line]:
    members = min(sizes.members, 500)
    await _crowd(house, "json", members)
    await _crowd(house, "protobuf", members, is_protobuf=True)
    found = await in_turns(sizes.rounds, {name: partial(_publish, house, sizes, name) for name in ("json", "protobuf")})
    for name in found:
        await house.load.ask("leave", name=name)
    return [_pair("deliveries in Protobuf", found["protobuf"], found["json"], "the same in JSON")]


async def _by_encryption(sizes: Sizes) -> list[Line]:
    """TLS ends in the process here; behind a proxy the figures without it hold."""
    members = min(sizes.members, 500)
    async with open_house(command=ENCRYPTED) as encrypted, open_house() as plain:
        await _crowd(encrypted, "tls", members)
        await _crowd(plain, "plain", members)
        found = await in_turns(
            sizes.rounds, {"tls": partial(_publish, encrypted, sizes, "tls"), "plain": partial(_publish, plain, sizes, "plain")}
        )
    return [_pair("deliveries over TLS", found["tls"], found["plain"], "the same without")]


def _pair(name: str, ours: Measured, other: Measured, other_name: str) -> Line:
    return Line(
        name=name, unit="µs/delivery", measured=ours.cpu_us, reference=other.cpu_us, reference_name=other_name, more_is_better=False
    )


def _curve(name: str, axis: str, found: dict[int, Measured], unit: str = "deliveries/s") -> list[Line]:
    lines = []
    for x, each in found.items():
        note = f"{each.cpu_us:.2f} µs of the server"
        lines.append(Line(name=f"{name}: {x:,} {axis}", unit=unit, measured=each.per_s, group=name, x=float(x), note=note))
    return lines


def _flat(name: str, found: dict[int, Measured], unit: str) -> Line:
    """How much dearer it becomes at most on the way up: a place of the curve beside the cheapest up to there."""
    counts: Sequence[int] = list(found)
    cheapest_so_far = {count: min(counts[: place + 1], key=lambda each: found[each].cpu_us) for place, count in enumerate(counts)}
    dearest = max(counts, key=lambda count: found[count].cpu_us / found[cheapest_so_far[count]].cpu_us)
    cheapest = cheapest_so_far[dearest]
    return Line(
        name=f"{name} {counts[0]:,} to {counts[-1]:,}",
        unit=unit,
        measured=found[dearest].cpu_us,
        reference=found[cheapest].cpu_us,
        reference_name=f"at {cheapest:,}",
        most_ratio=MOST_GROWTH,
        more_is_better=False,
        note=f"grows most at {dearest:,}",
    )
