"""The official SDKs behind one face, so that each scenario is written once: for Python and JavaScript, JSON and Protobuf."""

import asyncio
import contextlib
import json
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import msgspec
from centrifuge import StreamPosition
from centrifuge.exceptions import ReplyError

from tests.support.clients import Person, Watched, open_person
from tests.support.tokens import new_command_id

NODE_FOLDER = Path(__file__).parent / "node"
SDKS = ("python-json", "python-protobuf", "node-json", "node-protobuf")
WAIT_S = 15.0


class Refusal(Exception):
    """The server refused, as the SDK told it."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Entry(msgspec.Struct):
    """One answered subscribe."""

    offset: int
    epoch: str
    recovered: bool
    was_recovering: bool
    data: dict[str, Any]


class Page(msgspec.Struct):
    """One page of history."""

    offsets: list[int]
    texts: list[str]
    top: int
    epoch: str


class Seen(Protocol):
    """What came of one room."""

    @property
    def events(self) -> list[dict[str, Any]]: ...
    @property
    def ticks(self) -> list[dict[str, Any]]: ...
    @property
    def signals(self) -> list[dict[str, Any]]: ...
    @property
    def entries(self) -> Sequence[Entry]: ...
    @property
    def offsets(self) -> list[int]:
        """Of the events, in the order of their delivery."""
        ...

    @property
    def command_ids(self) -> list[str]:
        """Tags of the events, in the same order."""
        ...

    @property
    def joined(self) -> list[str]:
        """Users."""
        ...

    @property
    def left(self) -> list[str]: ...
    def texts(self) -> list[str]:
        """Posted texts, of the newest view and everything after it."""
        ...

    async def until(self, condition: Callable[[], bool], timeout_s: float = WAIT_S) -> None: ...


class Sdk(Protocol):
    """One connection. Refusals are raised as ``Refusal``."""

    @property
    def times_connected(self) -> int: ...
    @property
    def ended(self) -> list[tuple[int, str]]:
        """Terminal disconnects: code and reason."""
        ...

    async def watch(self, room: str) -> Seen: ...
    async def give(self, command: str, room: str = "", /, **fields: Any) -> dict[str, Any]: ...
    async def ask(self, method: str, /, **fields: Any) -> Any: ...
    async def presence(self, room: str) -> set[str]: ...
    async def stats(self, room: str) -> tuple[int, int]: ...
    async def history(self, room: str, limit: int, since: tuple[int, str] | None = None, reverse: bool = False) -> Page: ...
    async def signal(self, room: str, data: dict[str, Any]) -> None: ...
    async def until(self, condition: Callable[[], bool], timeout_s: float = WAIT_S) -> None: ...


@asynccontextmanager
async def open_sdk(which: str, address: str, user: str, token: str, fresh: Sequence[str] = ()) -> AsyncIterator[Sdk]:
    """A connected client of one of ``SDKS``; ``fresh`` are the tokens that it is given when it asks for new ones."""
    language, _, format_name = which.partition("-")
    if language == "node":
        async with _open_node(format_name, address, token, fresh) as node:
            yield node
        return
    tokens = iter(fresh)

    async def get_token() -> str:
        return next(tokens)

    source = get_token if fresh else None
    async with open_person(address, user, token, protobuf=format_name == "protobuf", get_token=source) as person:
        yield PythonSdk(person)


# --- Python ----------------------------------------------------------------------------------------------------------------------


class PythonSeen:
    def __init__(self, watched: Watched, person: Person) -> None:
        self._watched = watched
        self._person = person
        self.ticks = watched.ticks
        self.signals = watched.signals
        self.until = watched.until
        self.texts = watched.texts

    @property
    def events(self) -> list[dict[str, Any]]:
        return self._watched.events

    @property
    def entries(self) -> list[Entry]:
        return [
            Entry(
                context.stream_position.offset,
                context.stream_position.epoch,
                context.recovered,
                context.was_recovering,
                self._person.decode(context.data) or {},
            )
            for context in self._watched.entries
        ]

    @property
    def offsets(self) -> list[int]:
        return [publication.offset for publication in self._watched.publications if publication.offset]

    @property
    def command_ids(self) -> list[str]:
        return [publication.tags["command_id"] for publication in self._watched.publications if publication.offset]

    @property
    def joined(self) -> list[str]:
        return [info.user for info in self._watched.joined]

    @property
    def left(self) -> list[str]:
        return [info.user for info in self._watched.left]


class PythonSdk:
    def __init__(self, person: Person) -> None:
        self._person = person
        self.until = person.until

    @property
    def times_connected(self) -> int:
        return len(self._person.connected)

    @property
    def ended(self) -> list[tuple[int, str]]:
        return [(context.code, context.reason) for context in self._person.disconnected]

    async def watch(self, room: str) -> Seen:
        return PythonSeen(await self._person.watch(room, join_leave=True), self._person)

    async def give(self, command: str, room: str = "", /, **fields: Any) -> dict[str, Any]:
        with _refusals():
            return await self._person.give(command, room, **fields)

    async def ask(self, method: str, /, **fields: Any) -> Any:
        with _refusals():
            return await self._person.ask(method, **fields)

    async def presence(self, room: str) -> set[str]:
        with _refusals():
            return {info.user for info in (await self._person.client.presence(room)).clients.values()}

    async def stats(self, room: str) -> tuple[int, int]:
        with _refusals():
            result = await self._person.client.presence_stats(room)
        return result.num_clients, result.num_users

    async def history(self, room: str, limit: int, since: tuple[int, str] | None = None, reverse: bool = False) -> Page:
        position = StreamPosition(*since) if since else None
        with _refusals():
            result = await self._person.client.history(room, limit=limit, since=position, reverse=reverse)
        messages = [self._person.decode(publication.data) for publication in result.publications]
        offsets = [publication.offset for publication in result.publications]
        return Page(offsets, _texts_of(messages), result.offset, result.epoch)

    async def signal(self, room: str, data: dict[str, Any]) -> None:
        with _refusals():
            await self._person.client.publish(room, self._person.encode(data))


@contextlib.contextmanager
def _refusals() -> Any:
    try:
        yield
    except ReplyError as error:
        raise Refusal(error.code, error.message) from error


# --- JavaScript ------------------------------------------------------------------------------------------------------------------


class NodeSeen:
    def __init__(self, moved: "NodeSdk") -> None:
        self.until = moved.until
        self.entries: list[Entry] = []
        self.events: list[dict[str, Any]] = []
        self.ticks: list[dict[str, Any]] = []
        self.signals: list[dict[str, Any]] = []
        self.offsets: list[int] = []
        self.command_ids: list[str] = []
        self.joined: list[str] = []
        self.left: list[str] = []
        self._view: dict[str, Any] = {}

    def texts(self) -> list[str]:
        return _texts_of([*self._view.get("messages", []), *self.events])

    def take(self, told: dict[str, Any]) -> None:
        match told["told"]:
            case "subscribed":
                data = told.get("data") or {}
                self.entries.append(Entry(told["offset"], told["epoch"], told["recovered"], told["wasRecovering"], data))
                self.ticks += data.get("ticks", [])
                if not told["recovered"]:
                    self._view, self.events = data.get("view", {}), []
            case "publication":
                self._publication(told)
            case "join":
                self.joined.append(told["info"]["user"])
            case "leave":
                self.left.append(told["info"]["user"])

    def _publication(self, told: dict[str, Any]) -> None:
        data = told["data"]
        if "event" in data:
            self.events.append(data)
            self.offsets.append(told["offset"])
            self.command_ids.append(told["tags"]["command_id"])
        elif "tick" in data:
            self.ticks.append(data)
        elif "signal" in data:
            self.signals.append(data)


class NodeSdk:
    """The agent's process: questions by number, and what it tells by itself."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.times_connected = 0
        self.ended: list[tuple[int, str]] = []
        self._process = process
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._rooms: dict[str, NodeSeen] = {}
        self._moved = asyncio.Event()

    async def do(self, what: str, **fields: Any) -> Any:
        assert self._process.stdin is not None
        number = len(self._asked) + 1
        self._asked[number] = asyncio.get_running_loop().create_future()
        self._process.stdin.write(json.dumps({"id": number, "do": what, **fields}).encode() + b"\n")
        await self._process.stdin.drain()
        return await asyncio.wait_for(self._asked[number], WAIT_S)

    async def listen(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            self._take(json.loads(line))
            self._moved.set()

    async def until(self, condition: Callable[[], bool], timeout_s: float = WAIT_S) -> None:
        async with asyncio.timeout(timeout_s):
            while not condition():
                self._moved.clear()
                await self._moved.wait()

    def _take(self, message: dict[str, Any]) -> None:
        if "id" in message:
            future = self._asked[message["id"]]
            if error := message.get("error"):
                future.set_exception(Refusal(error["code"], error["message"]))
            else:
                future.set_result(message["result"])
        elif message["told"] == "connected":
            self.times_connected += 1
        elif message["told"] == "disconnected":
            self.ended.append((message["code"], message["reason"]))
        elif room := message.get("room"):
            self._rooms[room].take(message)

    async def watch(self, room: str) -> Seen:
        seen = self._rooms[room] = NodeSeen(self)
        await self.do("watch", room=room)
        await self.until(lambda: bool(seen.entries))
        return seen

    async def give(self, command: str, room: str = "", /, **fields: Any) -> dict[str, Any]:
        payload = {"command_id": new_command_id(), **({"room": room} if room else {}), **fields}
        return dict(await self.do("rpc", method=command, data=payload))

    async def ask(self, method: str, /, **fields: Any) -> Any:
        return await self.do("rpc", method=method, data=fields)

    async def presence(self, room: str) -> set[str]:
        return {info["user"] for info in await self.do("presence", room=room)}

    async def stats(self, room: str) -> tuple[int, int]:
        result = await self.do("stats", room=room)
        return result["numClients"], result["numUsers"]

    async def history(self, room: str, limit: int, since: tuple[int, str] | None = None, reverse: bool = False) -> Page:
        position = {"offset": since[0], "epoch": since[1]} if since else None
        result = await self.do("history", room=room, limit=limit, since=position, reverse=reverse)
        publications = result["publications"]
        texts = _texts_of([publication["data"] for publication in publications])
        return Page([publication["offset"] for publication in publications], texts, result["offset"], result["epoch"])

    async def signal(self, room: str, data: dict[str, Any]) -> None:
        await self.do("publish", room=room, data=data)


@asynccontextmanager
async def _open_node(format_name: str, address: str, token: str, fresh: Sequence[str]) -> AsyncIterator[NodeSdk]:
    process = await asyncio.create_subprocess_exec(
        "node",
        str(NODE_FOLDER / "agent.mjs"),
        format_name,
        address,
        token,
        *fresh,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=4 * 1024 * 1024,
    )
    sdk = NodeSdk(process)
    listening = asyncio.create_task(sdk.listen())
    try:
        await sdk.do("connect")
        await sdk.until(lambda: bool(sdk.times_connected or sdk.ended))
        yield sdk
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 5.0)
        except TimeoutError:
            process.kill()
            await process.wait()
        await listening


def node_is_missing() -> str:
    """Why the JavaScript SDK cannot be driven here, or nothing."""
    if shutil.which("node") is None:
        return "node is not installed"
    if not (NODE_FOLDER / "node_modules" / "centrifuge").is_dir():
        return f"the JavaScript SDK is not installed: npm ci in {NODE_FOLDER.relative_to(Path.cwd())}"
    return ""


def _texts_of(messages: Sequence[dict[str, Any]]) -> list[str]:
    return [message["event"]["text"] for message in messages if message["event"]["type"] == "message_posted"]
