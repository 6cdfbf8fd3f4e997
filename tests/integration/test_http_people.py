"""Rights over HTTP: granted, taken away, run out, and felt within a second by those who are here."""

import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.support.house import Caller, OpenHouse, open_test_house
from tests.support.postgres import until
from tests.support.tokens import actor_of

ADA, GRACE = actor_of("ada"), actor_of("grace")


@pytest_asyncio.fixture
async def house(dsn: str) -> AsyncIterator[OpenHouse]:
    """Tokens only narrow here: rights come from the database. ``root`` has one from before."""
    async with open_test_house(dsn, ATRIUM_AUTH_TRUST_TOKEN_ROLES="off", ATRIUM_AUTH_STANDING_CACHE_S="0.05") as opened:
        for user in ("root", "ada", "grace"):
            await opened.caller(user).read("/me")
        await until(lambda: has_row(opened, "grace"))
        await opened.house.parts.database.execute(
            "INSERT INTO user_roles (id, user_id, role) VALUES ($1::uuid, $2::uuid, 'admin')", str(uuid.uuid4()), actor_of("root")
        )
        await until(lambda: is_admin(opened.caller("root")))
        yield opened


async def has_row(house: OpenHouse, user: str) -> bool:
    return (await house.stranger(house.caller("ada").token).get(f"/users/{actor_of(user)}")).is_success


async def is_admin(caller: Caller) -> bool:
    return bool((await caller.read("/me"))["is_admin"])


@pytest.fixture
def root(house: OpenHouse) -> Caller:
    return house.caller("root")


@pytest.fixture
def ada(house: OpenHouse) -> Caller:
    return house.caller("ada")


async def grant(root: Caller, user_id: str = ADA, **fields: Any) -> Any:
    answer = await root.send("POST", f"/users/{user_id}/roles", {"role": "admin", **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_whoever_comes_gets_a_row_with_name_and_nothing_private(ada: Caller) -> None:
    assert await ada.read(f"/users/{GRACE}") == {"id": GRACE, "name": "Grace", "image": ""}


async def test_a_grant_counts_and_is_listed_and_can_be_taken_back(root: Caller, ada: Caller) -> None:
    room = await ada.new_room()
    assert (await ada.give("workspace.change_details", room, name="New")).status_code == 403

    given = await grant(root)
    await until(lambda: is_admin(ada))
    assert (await ada.give("workspace.change_details", room, name="New")).is_success
    assert [row["role"] for row in await ada.read("/me/roles")] == ["admin"]

    assert (await root.send("DELETE", f"/users/{ADA}/roles/{given['id']}")).status_code == 204
    await until(lambda: is_not_admin(ada))
    assert (await ada.give("workspace.change_details", room, name="Newer")).status_code == 403


async def is_not_admin(caller: Caller) -> bool:
    return not await is_admin(caller)


async def test_the_same_grant_again_moves_its_end(root: Caller) -> None:
    first = await grant(root, expires_at=int(time.time() * 1000) + 60_000)
    again = await grant(root)

    assert first["id"] == again["id"]
    assert len(await root.read(f"/users/{ADA}/roles")) == 1


async def test_a_grant_ends_at_its_own_time(root: Caller, ada: Caller) -> None:
    await grant(root, expires_at=int(time.time() * 1000) + 1_500)
    await until(lambda: is_admin(ada))

    await until(lambda: is_not_admin(ada))


async def test_a_suspended_account_is_not_let_in_until_it_is_active_again(root: Caller, ada: Caller) -> None:
    assert (await root.send("PATCH", f"/users/{ADA}", {"status": "suspended"})).status_code == 200
    await until(lambda: answers(ada, 401))

    await root.send("PATCH", f"/users/{ADA}", {"status": "active"})
    await until(lambda: answers(ada, 200))


async def test_a_deleted_account_is_not_let_in(root: Caller, ada: Caller) -> None:
    await root.send("PATCH", f"/users/{ADA}", {"deleted": True})

    await until(lambda: answers(ada, 401))
    assert (await root.get(f"/users/{ADA}")).status_code == 403


async def answers(caller: Caller, status: int) -> bool:
    return (await caller.get("/me")).status_code == status


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", f"/users/{ADA}/roles", {"role": "admin"}),
        ("GET", f"/users/{GRACE}/roles", None),
        ("DELETE", f"/users/{ADA}/roles/{uuid.UUID(int=1)}", None),
        ("PATCH", f"/users/{GRACE}", {"status": "suspended"}),
    ],
)
async def test_only_administrators_change_rights(ada: Caller, method: str, path: str, body: Any) -> None:
    answer = await ada.send(method, path, body)

    assert (answer.status_code, answer.json()["code"]) == (403, 103)


async def test_a_token_narrows_an_administrator(house: OpenHouse) -> None:
    assert not await is_admin(house.caller("root", "user"))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"role": "king"}, 400),
        ({"role": "admin", "resource_type": "shop"}, 400),
        ({"role": "admin", "expires_at": -1}, 400),
        ({"role": "admin", "colour": "red"}, 400),
    ],
)
async def test_a_grant_without_its_form_is_told(root: Caller, body: Any, status: int) -> None:
    assert (await root.send("POST", f"/users/{ADA}/roles", body)).status_code == status


async def test_nobody_is_granted_anything_whom_nobody_knows(root: Caller) -> None:
    nobody = uuid.uuid4()

    assert (await root.send("POST", f"/users/{nobody}/roles", {"role": "admin"})).status_code == 403
    assert (await root.send("PATCH", f"/users/{nobody}", {"status": "suspended"})).status_code == 403
    assert (await root.send("PATCH", f"/users/{ADA}", {})).status_code == 400
