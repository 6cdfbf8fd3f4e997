"""A slow reader (20 kB/s) beside a fast one, under a streamed text and progress ticks: both end with the same, in bounded memory.

The slow one misses no event; of ticks it gets the newest, of the text the rest from where it is.
"""

import asyncio
import base64
import random
from pathlib import Path
from typing import Any

import msgspec

from tests.drills.catalog import Orders
from tests.drills.checker import Verdict
from tests.drills.report import Report
from tests.support.clients import Person, Watched, open_person
from tests.support.proxy import Weather, open_proxy
from tests.support.server import ServerProcess, data_folder, open_server
from tests.support.tokens import mint, secret_of

APPENDS_PER_S = 100
TICKS_PER_S = 50
PIECE_BYTES = 1_500
SLOW_BYTES_PER_S = 20_000.0
RECEIVE_BYTES = 16 * 1024
MEMORY_MOST_MB = 24.0
"""What the server may grow by meanwhile: a ring of 512 KiB, a fold of 256 KiB and the journal's tail, many times over."""


class Copy(msgspec.Struct):
    """What one reader knows at the end."""

    offsets: list[int]
    progress: list[int]
    text: str
    jumps: list[str]


class Bot:
    """Runs one execution with a deploy, and tells both."""

    def __init__(self, person: Person, room: str) -> None:
        self.person = person
        self.room = room
        self.execution_id = ""
        self.text = ""
        self._random = random.Random(room)

    async def tell(self) -> None:
        piece = base64.b64encode(self._random.randbytes(PIECE_BYTES)).decode()  # the line compresses what it can
        position, self.text = len(self.text), self.text + piece
        told = {"execution_id": self.execution_id, "attempt": 1, "position": position, "text": piece}
        await self.person.give("workspace.append_deploy_log", self.room, **told)

    async def tick(self, progress: int) -> None:
        await self.person.give("workspace.report_progress", self.room, execution_id=self.execution_id, progress=progress)


async def slow_reader_drill(orders: Orders) -> Report:
    """Stream for ``orders.seconds``, let the slow one catch up, and compare."""
    with data_folder() as data:
        async with open_server(data, command=orders.command) as server, open_proxy(server.port, RECEIVE_BYTES) as proxy:
            secret = secret_of(data)
            slow_address = f"ws://127.0.0.1:{proxy.port}/connection/websocket"
            async with (
                open_person(server.socket_address, "bot", mint(secret, "bot", "bot")) as bot_person,
                open_person(server.socket_address, "admin", mint(secret, "admin", "admin")) as admin,
                open_person(server.socket_address, "fast", mint(secret, "fast", "user")) as fast,
                open_person(slow_address, "slow", mint(secret, "slow", "user")) as slow,
            ):
                made = await admin.give("workspace.create", pattern_type="slow-reader", name="Slow reader", category="drills")
                await admin.give("workspace.request_implementation", made["room"])
                bot = Bot(bot_person, made["room"])
                started = await bot_person.give("workspace.start_execution", bot.room)
                bot.execution_id = started["execution_id"]
                await bot_person.give("workspace.start_deploy", bot.room, execution_id=bot.execution_id)
                readers = [await person.watch(bot.room) for person in (fast, slow)]
                proxy.weather = Weather(bytes_per_s=SLOW_BYTES_PER_S)
                before_mb = rss_mb(server)
                events = await _stream(bot, admin, orders.seconds)
                grown_mb = rss_mb(server) - before_mb
                proxy.weather = Weather()
                complaints = await _until_equal(readers, bot, events, orders.settle_s)
                copies = [copy_of(reader) for reader in readers]
    complaints += judged(*copies, bot.text, events)
    if grown_mb > MEMORY_MOST_MB:
        complaints.append(f"the server grew by {grown_mb:.1f} MB")
    figures = {
        "streamed": f"{len(bot.text) / 1e6:.1f} MB of text",
        "events": events,
        "ticks of the fast": len(copies[0].progress),
        "of the slow": len(copies[1].progress),
        "grown": f"{grown_mb:.1f} MB",
    }
    return Report(drill="slow_reader", verdict=Verdict(), figures=figures, complaints=complaints)


async def _stream(bot: Bot, admin: Person, seconds: float) -> int:
    """Appends and ticks at their rates, and an event now and then; the number of events."""
    loop = asyncio.get_running_loop()
    began, told, ticked, events = loop.time(), 0, 0, 0
    while (passed := loop.time() - began) < seconds:
        while told < passed * APPENDS_PER_S:
            await bot.tell()
            told += 1
        while ticked < passed * TICKS_PER_S:
            await bot.tick(min(99, int(99 * passed / seconds)))
            ticked += 1
        if events < passed * 5:
            await admin.give("workspace.post", bot.room, text=f"event {events}")
            events += 1
        await asyncio.sleep(0.002)
    return events


async def _until_equal(readers: list[Watched], bot: Bot, events: int, settle_s: float) -> list[str]:
    top = readers[0].entries[0].stream_position.offset + events
    for name, reader in zip(("fast", "slow"), readers, strict=True):
        try:
            await reader.until(lambda reader=reader: reader.offset >= top and _end_of(reader) >= len(bot.text), settle_s)
        except TimeoutError:
            return [f"the {name} one is at offset {reader.offset} of {top} and at {_end_of(reader)} of {len(bot.text)}"]
    return []


def _end_of(reader: Watched) -> int:
    piece = reader.last_piece
    return piece["position"] + len(piece["text"]) if piece else 0


def copy_of(reader: Watched) -> Copy:
    """What the publications, in their order, make of it; ``jumps`` are pieces that did not follow."""
    kept_from, text, jumps = 0, "", []
    for piece in reader.pieces:
        end = kept_from + len(text)
        if piece["position"] > end:
            # the server keeps the newest 256 KiB of a log: a slow reader may be told that the middle is gone
            kept_from, text = piece["position"], ""
        elif piece["position"] < end:
            jumps.append(f"a piece at {piece['position']} although {end} was told")
        text += piece["text"]
    ticks = [tick["tick"]["progress"] for tick in reader.ticks if "progress" in tick["tick"]]
    return Copy(offsets=[event["offset"] for event in reader.events], progress=ticks, text=text, jumps=jumps)


def judged(fast: Copy, slow: Copy, told: str, events: int) -> list[str]:
    """What is not as promised."""
    complaints = [*fast.jumps, *slow.jumps]
    for name, copy in (("fast", fast), ("slow", slow)):
        if copy.offsets != list(range(copy.offsets[0], copy.offsets[0] + len(copy.offsets))):
            complaints.append(f"the {name} one's events are not in order, or some between them are missing")
        if len(copy.offsets) != events:
            complaints.append(f"the {name} one has {len(copy.offsets)} of {events} events")
        if not told.endswith(copy.text) or not copy.text:
            complaints.append(f"the {name} one's text is not the end of what was told")
        if copy.progress != sorted(copy.progress):
            complaints.append(f"the {name} one's progress fell")
    if fast.text != told:
        complaints.append(f"the fast one has {len(fast.text)} of {len(told)} characters")
    if fast.progress[-1:] != slow.progress[-1:]:
        complaints.append(f"they end at {fast.progress[-1:]} and {slow.progress[-1:]}")
    if len(slow.progress) >= len(fast.progress):
        complaints.append("the slow one was given as many ticks as the fast one")
    return complaints


def rss_mb(server: ServerProcess) -> float:
    """Resident memory of the server's own process."""
    fields: dict[str, Any] = dict(
        line.split(":", 1) for line in Path(f"/proc/{server.pid}/status").read_text().splitlines() if ":" in line
    )
    return int(fields["VmRSS"].split()[0]) / 1024
