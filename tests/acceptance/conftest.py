"""One running server for all acceptance tests of a session, on a folder of its own; each test makes its own rooms."""

import itertools
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import httpx
import pytest
import pytest_asyncio

from tests.acceptance.sdks import NODE_FOLDER, SDKS, node_is_missing
from tests.support.server import ServerProcess, data_folder, open_server
from tests.support.tokens import mint, new_command_id, secret_of

_numbers = itertools.count(1)

Mint = Callable[..., str]
NewRoom = Callable[[], Awaitable[str]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server() -> AsyncIterator[ServerProcess]:
    """Its limits are the product's own, but for a shorter wait before somebody counts as gone."""
    with data_folder() as data:
        async with open_server(data, {"ATRIUM_HUB_LEAVE_AFTER_CUT_MS": "500", "ATRIUM_HUB_LEAVE_AFTER_CLOSE_MS": "200"}) as running:
            yield running


@pytest.fixture
def token(server: ServerProcess) -> Mint:
    """``token("ada", "user", ttl_s=…)``."""
    secret = secret_of(server.data)
    return lambda user, *roles, **claims: mint(secret, user, *roles, **claims)


@pytest.fixture
def new_room(server: ServerProcess, token: Mint) -> NewRoom:
    """A workspace that no other test knows."""

    async def make() -> str:
        number = next(_numbers)
        command = {
            "command_id": new_command_id(),
            "pattern_type": f"acceptance-{number}",
            "name": f"Acceptance {number}",
            "category": "tests",
        }
        async with httpx.AsyncClient(base_url=server.http, trust_env=False) as client:
            headers = {"Authorization": f"Bearer {token('maker', 'user')}"}
            answer = await client.post("/commands/workspace.create", json=command, headers=headers)
            assert answer.is_success, answer.text
            return str(answer.json()["room"])

    return make


@pytest.fixture(scope="session")
def node_sdk() -> Iterator[str]:
    """Installs the JavaScript SDK where npm is there; yields why it cannot be driven, or nothing."""
    if not (NODE_FOLDER / "node_modules" / "centrifuge").is_dir() and (npm := shutil.which("npm")):
        subprocess.run([npm, "ci", "--silent"], cwd=NODE_FOLDER, check=False, timeout=120)
    yield node_is_missing()


@pytest.fixture(params=SDKS)
def sdk(request: pytest.FixtureRequest, node_sdk: str) -> str:
    """The name of one SDK in one format; those that cannot run here are skipped with the reason."""
    which = str(request.param)
    if which.startswith("node") and node_sdk:
        pytest.skip(f"{which}: {node_sdk}")
    return which
