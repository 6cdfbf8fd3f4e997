"""What a drill sets up before its load begins: people who make rooms, and artisans in the catalogue."""

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

import asyncpg

from domain.ids import keyed_id
from server.maintenance import running_embedded
from tests.drills.history import ClientLog
from tests.support.clients import Person, open_person
from tests.support.server import ServerProcess
from tests.support.tokens import actor_of, mint, secret_of


class Artisan(NamedTuple):
    """Somebody in the catalogue who makes offers; ``user`` signs in for them."""

    id: str
    user: str


class Stage:
    """Made by ``open_stage``. ``name`` keeps apart what two loads make; what people do here is judged like all else."""

    def __init__(self, server: ServerProcess, name: str, stack: AsyncExitStack) -> None:
        self.server = server
        self.name = name
        self._stack = stack
        self._people: dict[str, Person] = {}

    @property
    def logs(self) -> Sequence[ClientLog]:
        return [person.log for person in self._people.values()]

    def rng(self, of: str) -> random.Random:
        """One per part, so that one that does more changes nobody else's course."""
        return random.Random(f"{self.name}/{of}")

    async def person(self, user: str, role: str = "user") -> Person:
        """Somebody who is connected as long as the stage is set up."""
        if user not in self._people:
            token = mint(secret_of(self.server.data), user, role)
            opened = open_person(self.server.socket_address, user, token, actor=actor_of(user))
            self._people[user] = await self._stack.enter_async_context(opened)
        return self._people[user]

    async def artisans(self, *users: str) -> list[Artisan]:
        """Rows of the catalogue, which no room owns, straight into Postgres."""
        artisans = [Artisan(keyed_id("artisan", self.name, user), user) for user in users]
        connection = await asyncpg.connect(dsn_of(self.server))
        try:
            for artisan in artisans:
                actor = actor_of(artisan.user)
                await connection.execute(
                    "INSERT INTO users (id, token_subject) VALUES ($1::uuid, $1::uuid::text) ON CONFLICT DO NOTHING", actor
                )
                await connection.execute(
                    "INSERT INTO sellers (id, user_id, name) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                    artisan.id,
                    actor,
                    artisan.user.title(),
                )
        finally:
            await connection.close()
        return artisans


@asynccontextmanager
async def open_stage(server: ServerProcess, name: str) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        yield Stage(server, name, stack)


def dsn_of(server: ServerProcess) -> str:
    """The Postgres of a running server."""
    return server.env.get("DATABASE_URL") or running_embedded(server.data / "postgres")
