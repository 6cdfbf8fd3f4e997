"""Bots that live in a few rooms, so that there is something to watch: people who talk and test, and a Claude that implements.

They are ordinary clients: every step is a ``POST /commands/…`` with a token of its own, as anyone's bot would do it.
"""

import contextlib
import random
import secrets
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import anyio
import click
import structlog

from domain.ids import keyed_id, room_address

if TYPE_CHECKING:
    import httpx

log = structlog.get_logger(__name__)

MintToken = Callable[[str, str, str], str]
"""user, role, name -> token."""

PATTERNS: Final = (
    ("swings", "Swing points", "price_action"),
    ("bos", "Break of structure", "price_action"),
    ("choch", "Change of character", "price_action"),
    ("order_blocks", "Order blocks", "order_blocks"),
    ("fair_value_gap", "Fair value gaps", "imbalance"),
    ("liquidity_sweep", "Liquidity sweeps", "liquidity"),
    ("equal_highs", "Equal highs and lows", "liquidity"),
    ("premium_discount", "Premium and discount", "zones"),
)
PEOPLE: Final = (("ada", "Ada Lovelace"), ("grace", "Grace Hopper"), ("katherine", "Katherine Johnson"))
REMARKS: Final = (
    "The third high on the hourly chart is marked twice.",
    "Looks right to me on the daily.",
    "Wicks should count, **bodies alone** miss the sweep of 14 March.",
    "Can we see it on a week with a gap?",
    "Much better than yesterday.",
    "Two candles too late in a fast market; see `lookback`.",
)
CORRECTIONS: Final = (
    "Equal highs within a tick are one swing, marked at the second.",
    "An inside bar is no swing.",
    "The lookback should follow volatility.",
)
WORK: Final = (
    ("planning", "Reading the feedback and the detector as it is", ()),
    ("implementing", "Writing the detection", ("Candles without inside bars", "Equal highs merged")),
    ("testing", "Running it over five years of daily candles", ("41 of 44 cases pass",)),
    ("refining", "Tuning the lookback", ("44 of 44 cases pass",)),
    ("deploying", "Handing over", ()),
)


PAUSE_S: Final = 0.5
"""Before something is asked again."""


class Refused(Exception):
    """The room said no: somebody else was there first, and the scene goes on without this step."""


class Cast:
    """Everyone who acts, each with a token of their own, over one HTTP client."""

    def __init__(self, client: "httpx.AsyncClient", mint: MintToken) -> None:
        self._client = client
        self._tokens = {user: mint(user, "member", name) for user, name in PEOPLE}
        self._tokens["claude"] = mint("claude", "bot", "Claude")
        self._tokens["margaret"] = mint("margaret", "admin", "Margaret Hamilton")

    async def do(self, who: str, verb: str, **fields: Any) -> dict[str, Any]:
        """One command. What is temporary is repeated under the same id; raises ``Refused``."""
        body = {"command_id": new_command_id(), **fields}
        while True:
            answer = await self._ask("POST", f"/commands/workspace.{verb}", who, body)
            told: dict[str, Any] = answer.json()
            if answer.is_success:
                return told
            if not told.get("temporary"):
                raise Refused(f"{verb}: {told.get('detail')}")
            await anyio.sleep(PAUSE_S)

    async def view(self, room: str) -> dict[str, Any]:
        answer = await self._ask("GET", f"/rooms/{room}/view", "margaret")
        if not answer.is_success:
            raise Refused(f"view: {answer.json().get('detail')}")
        seen: dict[str, Any] = answer.json()["data"]["view"]
        return seen

    async def _ask(self, method: str, path: str, who: str, body: object = None) -> "httpx.Response":
        """An answer, however often it takes: a cut or a server that goes down says nothing about what has happened."""
        import httpx  # a fifth of a second, which `serve` shall not pay

        while True:
            with contextlib.suppress(httpx.TransportError):
                return await self._client.request(method, path, json=body, headers={"Authorization": f"Bearer {self._tokens[who]}"})
            await anyio.sleep(PAUSE_S)


class Scene:
    """One workspace through its life, over and over."""

    def __init__(self, cast: Cast, pattern: tuple[str, str, str], pause_s: float) -> None:
        self._cast = cast
        self._pattern = pattern
        self._pause_s = pause_s
        self._room = ""

    async def play(self) -> None:
        while True:
            try:
                await self._open()
                await self._round()
            except Refused as error:
                log.debug("a step of the demo was refused", room=self._room, error=str(error))
            await self._rest(8)

    async def _open(self) -> None:
        pattern_type, name, category = self._pattern
        if self._room:
            return
        with contextlib.suppress(Refused):  # an earlier start of the demo has made it
            await self._cast.do("ada", "create", pattern_type=pattern_type, name=name, category=category)
        self._room = room_address("workspace", keyed_id("workspace", pattern_type))

    async def _round(self) -> None:
        workspace = (await self._cast.view(self._room))["workspace"]
        is_new = workspace["status"] in ("soon", "implementing")
        if workspace["status"] == "soon":
            await self._describe()
        elif not is_new and workspace["status"] != "beta":
            await self._act("margaret", "return_to_beta", reason="A new week of data disagrees")
        await self._talk()
        if not is_new:
            await self._correct()
        await self._claude_works()
        if not is_new and random.random() < 0.5:
            await self._approve(workspace["version"])

    async def _describe(self) -> None:
        await self._act(
            "ada",
            "submit_description",
            description=f"{self._pattern[1]}: where the market turned, and everyone could see it.",
            reasoning="A later candle has to confirm it, else every wick is a pattern.",
            steps=["Find the candle", "Wait for confirmation", "Mark it once"],
        )
        await self._act("grace", "request_implementation")

    async def _talk(self) -> None:
        for who, _ in random.sample(PEOPLE, 2):
            await self._act(who, "post", text=random.choice(REMARKS))

    async def _correct(self) -> None:
        session = await self._act("katherine", "create_session", name=time.strftime("Test of %H:%M"))
        for content in random.sample(CORRECTIONS, 2):
            await self._act("katherine", "add_feedback", content=content, session_id=session["session_id"])
        await self._act(
            "katherine", "complete_session", session_id=session["session_id"], success_rate=round(random.uniform(0.6, 0.98), 2)
        )
        await self._act("grace", "send_feedback")

    async def _claude_works(self) -> None:
        try:
            execution = (await self._act("claude", "start_execution"))["execution_id"]
        except Refused:
            execution = self._running(await self._cast.view(self._room))
        for number, (phase, note, checkpoints) in enumerate(WORK):
            await self._act("claude", "advance_phase", execution_id=execution, phase=phase, note=note, progress=number * 20)
            for step in range(6):
                await self._act(
                    "claude", "report_progress", rest=0.4, execution_id=execution, progress=number * 20 + step * 3, note=note
                )
            for title in checkpoints:
                await self._act("claude", "add_checkpoint", execution_id=execution, title=title, progress=number * 20 + 17)
        await self._finish(execution)

    async def _finish(self, execution: str) -> None:
        await self._act(
            "claude",
            "complete_execution",
            execution_id=execution,
            files=[f"src/detectors/{self._pattern[0]}.py", f"tests/test_{self._pattern[0]}.py"],
            commit_hash=secrets.token_hex(20),
            commit_message=f"{self._pattern[1]}: follow the corrections of this round",
        )
        await self._act("claude", "start_deploy", execution_id=execution)
        await self._act("claude", "report_building", rest=3, execution_id=execution)
        await self._act("claude", "succeed_deploy", execution_id=execution, url=f"https://patterns.example/{self._pattern[0]}")

    def _running(self, view: dict[str, Any]) -> str:
        """The execution that an earlier start of the demo left behind."""
        running = [execution["id"] for execution in view["executions"] if execution["status"] == "running"]
        if not running:
            raise Refused("nothing to work on")
        return str(running[-1])

    async def _approve(self, version: str) -> None:
        await self._act("ada", "approve", note="Good enough to trade on paper.")
        major, minor, _ = version.split(".")
        await self._act("claude", "set_version", version=f"{major}.{int(minor) + 1}.0")
        await self._act("margaret", "verify")

    async def _act(self, who: str, verb: str, rest: float = 1.5, **fields: Any) -> dict[str, Any]:
        told = await self._cast.do(who, verb, room=self._room, **fields)
        await self._rest(rest)
        return told

    async def _rest(self, seconds: float) -> None:
        await anyio.sleep(seconds * random.uniform(0.6, 1.4) * self._pause_s)


class Demo:
    """``rooms`` workspaces acted in at the same time; ``speed`` 2 is twice as fast."""

    def __init__(self, rooms: int, speed: float) -> None:
        self._rooms = rooms
        self._pause_s = 1 / speed

    async def act(self, address: str, mint: MintToken) -> None:
        """Until cancelled, against the server at ``address``. A fault of the demo ends the demo, never the server."""
        import httpx  # a fifth of a second, which `serve` shall not pay

        try:
            async with (
                httpx.AsyncClient(base_url=address, timeout=30, trust_env=False) as client,
                anyio.create_task_group() as tasks,
            ):
                cast = Cast(client, mint)
                patterns = (*PATTERNS, *_more_patterns(self._rooms))[: self._rooms]
                click.echo(_programme(address, patterns))
                for pattern in patterns:
                    tasks.start_soon(Scene(cast, pattern, self._pause_s).play)
        except* (httpx.HTTPError, ValueError, KeyError) as group:
            log.warning("the demo has ended", error=repr(group.exceptions[0]))


def _programme(address: str, patterns: Sequence[tuple[str, str, str]]) -> str:
    """Where to watch: a room's address follows from its pattern, so it can be told before the room is there."""
    lines = [f"    {name:<24}{address}/#/workspaces/{keyed_id('workspace', pattern_type)}" for pattern_type, name, _ in patterns]
    return "\n".join(["  The bots act in (sign in first):", *lines, ""])


def _more_patterns(rooms: int) -> list[tuple[str, str, str]]:
    return [(f"pattern_{number}", f"Pattern {number}", "price_action") for number in range(len(PATTERNS), rooms)]


def new_command_id() -> str:
    """A uuid7: Unix milliseconds first."""
    value = time.time_ns() // 1_000_000 << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0x2 << 62 | secrets.randbits(62)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
