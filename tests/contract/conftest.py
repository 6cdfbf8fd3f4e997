"""The ways to commit, and an empty book of generations."""

from collections.abc import Iterator

import pytest

from persistence.journal.settings import CommitWay
from tests.support.journals import MemoryGenerations


@pytest.fixture(params=["loop", "thread", "process"])
def way(request: pytest.FixtureRequest) -> Iterator[CommitWay]:
    yield request.param


@pytest.fixture
def generations() -> MemoryGenerations:
    return MemoryGenerations()
