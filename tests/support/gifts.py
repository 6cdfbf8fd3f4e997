"""Gifts over HTTP: concepts, artisans and requests as tests make them in a whole server."""

import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from tests.support.house import Caller
from tests.support.postgres import until

DAY_MS: Final = 24 * 60 * 60 * 1000
PRICING: Final = {"basePrice": "100", "customization": "20.50", "materials": "9.5", "shipping": "0"}


def in_a_day() -> int:
    return int(time.time() * 1000) + DAY_MS


def path_of(room: str, *more: str) -> str:
    return "/".join((f"/concepts/{room.partition(':')[2]}", *more))


async def new_concept(who: Caller, name: str = "Ring", **fields: Any) -> str:
    """A concept that the database has already."""
    room = str((await who.do("concept.create", name=name, **fields))["room"])
    await asked_until(lambda: who.get(path_of(room), after_offset=1), lambda answer: answer.is_success)
    return room


async def new_seller(admin: Caller, who: Caller, name: str = "Smith & Daughter", **fields: Any) -> str:
    """The row of who has just signed in is written a moment later; until then nobody answers for the artisan."""
    user_id = (await who.read("/me"))["actor"]["id"]

    async def ask() -> Any:
        return await admin.send("POST", "/sellers", {"name": name, "user_id": user_id, "email": "s@example.org", **fields})

    return str((await asked_until(ask, lambda answer: answer.is_success)).json()["id"])


async def asked_until(ask: Callable[[], Awaitable[Any]], holds: Callable[[Any], Any]) -> Any:
    """The first answer that holds: what a reaction brings comes a moment later."""
    answers: list[Any] = []

    async def is_so() -> bool:
        answers.append(await ask())
        return bool(holds(answers[-1]))

    await until(is_so)
    return answers[-1]
