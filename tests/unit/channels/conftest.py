"""A pretended hub, and a lobby in front of it."""

from collections.abc import AsyncIterator

import pytest

from channels.lobby import Lobby
from tests.unit.channels.fakes import FakeHub, a_lobby


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


@pytest.fixture
async def lobby(hub: FakeHub) -> AsyncIterator[Lobby]:
    async with a_lobby(hub) as lobby:
        yield lobby
