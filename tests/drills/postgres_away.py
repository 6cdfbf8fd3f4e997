"""Postgres is stopped under load: open rooms go on and can be joined, closed and new ones answer 100, and all arrives later."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from centrifuge.exceptions import ReplyError

from persistence.embedded import EmbeddedSettings, open_embedded
from tests.drills.checker import judge
from tests.drills.history import History
from tests.drills.load import Load, Plan, make_rooms, open_load, stored_events
from tests.drills.report import Report
from tests.support.clients import Person, open_person
from tests.support.raw import open_raw
from tests.support.server import ServerProcess, data_folder, open_server
from tests.support.tokens import mint, new_command_id, secret_of

UNAVAILABLE = 100


class _Postgres:
    """A Postgres of the drill's own, which the server only knows by its address."""

    def __init__(self, folder: Path) -> None:
        self._settings = EmbeddedSettings(data=folder / "away")
        self._stack = AsyncExitStack()
        self.dsn = ""

    async def start(self) -> None:
        self.dsn = await self._stack.enter_async_context(open_embedded(self._settings))

    async def stop(self) -> None:
        await self._stack.aclose()
        self._stack = AsyncExitStack()


async def postgres_away_drill(away_s: float, plan: Plan) -> Report:
    """Take Postgres away for so many seconds in the middle of the load."""
    complaints: list[str] = []
    with data_folder() as folder:
        postgres = _Postgres(folder)
        await postgres.start()
        try:
            (folder / "server").mkdir(mode=0o711)
            environment = {
                "DATABASE_URL": postgres.dsn,
                "ATRIUM_AUTH_TRUST_TOKEN_ROLES": "on",
                "ATRIUM_AUTH_TOKEN_SECRET": "x" * 48,
            }
            (folder / "server" / "token-secret").write_text("x" * 48)
            # a room that nobody sits in closes soon, so that there is one to be found closed
            environment["ATRIUM_HUB_IDLE_CLOSE_S"] = "0.2"
            async with open_server(folder / "server", environment) as server:
                (closed,) = await make_rooms(server, 1, f"closed-{plan.seed}")
                async with open_load(server, plan) as load:
                    await asyncio.sleep(1.5)
                    before = load.acked
                    await postgres.stop()
                    complaints += await _look_around(server, load, closed)
                    await asyncio.sleep(away_s)
                    during = load.acked - before
                    await postgres.start()
                    complaints += await load.settled()
                    complaints += await _until_stored(server, load)
                code = await server.stop()
            stored = await stored_events(postgres.dsn, load.rooms)
        finally:
            await postgres.stop()
    if code != 0:
        complaints += [f"the server ended with {code}", *server.lines[-15:]]
    if during < away_s * plan.rate_per_s * 0.5:
        complaints.append(f"only {during} commands were acknowledged in {away_s} s without Postgres")
    verdict = judge(History(logs=load.logs, stored=stored, rooms=load.rooms))
    figures = {"away": f"{away_s} s", "acknowledged meanwhile": during, "p99": f"{load.quantile_ms(0.99):.0f} ms"}
    return Report(drill="postgres_away", verdict=verdict, figures=figures, complaints=complaints)


async def _look_around(server: ServerProcess, load: Load, closed: str) -> list[str]:
    """While Postgres is away: join an open room, try a closed one, try to make one."""
    complaints = []
    token = mint(secret_of(server.data), "visitor", "user")
    async with open_raw(server.socket_address, token) as visitor:
        joined = await visitor.ask(subscribe={"channel": load.rooms[0]})
        if "subscribe" not in joined:
            complaints.append(f"an open room could not be joined: {joined}")
        shut = await visitor.ask(subscribe={"channel": closed})
        if shut.get("error", {}).get("code") != UNAVAILABLE:
            complaints.append(f"a closed room should answer {UNAVAILABLE}: {str(shut)[:300]}")
        fields = {"command_id": new_command_id(), "pattern_type": "never-made", "name": "Never", "category": "drills"}
        made = await visitor.rpc("workspace.create", fields)
        if made.get("error", {}).get("code") != UNAVAILABLE:
            complaints.append(f"a new room should answer {UNAVAILABLE}: {str(made)[:300]}")
    return complaints


async def _until_stored(server: ServerProcess, load: Load) -> list[str]:
    """A last command per room with the receipt ``stored``: everything before it is in Postgres as well."""
    token = mint(secret_of(server.data), "closer", "user")
    async with open_person(server.socket_address, "closer", token) as closer:
        for room in load.rooms:
            for _ in range(20):
                if await _is_stored(closer, room):
                    break
            else:
                return [f"{room} is not stored a minute after Postgres came back"]
    return []


async def _is_stored(closer: Person, room: str) -> bool:
    try:
        return bool((await closer.give("workspace.post", room, text="closing", receipt="stored")).get("stored"))
    except ReplyError:
        return False
