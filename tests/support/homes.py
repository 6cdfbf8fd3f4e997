"""People's and guests' own rooms over HTTP: who asks, and what only the server gives."""

from typing import Any

from channels.giving import SYSTEM_IDENTITY
from channels.seats import Accepted, Answer, Given
from domain.event_codec import encode
from tests.support.house import Caller, OpenHouse
from tests.support.postgres import until
from tests.support.tokens import mint, new_command_id

GUESTS = {"ATRIUM_AUTH_GUESTS": "on"}


def guest_caller(house: OpenHouse, session: str = "tab-1") -> Caller:
    """A guest with a token of their own: the same session is the same guest."""
    return house.stranger(mint(house.house.secret, "", sub=None, sid=session, name=None))


async def wrote(caller: Caller, method: str, path: str, body: Any = None) -> Any:
    """The body of what has to succeed."""
    answer = await caller.send(method, path, body)
    assert answer.is_success, answer.text
    return answer.json()


async def by_server(house: OpenHouse, name: str, room: str, **fields: Any) -> Accepted:
    """A command that only the server gives: a reaction, or a search."""
    answers: list[Answer] = []
    payload = encode({"room": room, "command_id": new_command_id(), **fields})
    house.house.hub.give(Given(identity=SYSTEM_IDENTITY, name=name, payload=payload, answer=answers.append))

    async def is_answered() -> bool:
        return bool(answers)

    await until(is_answered)
    (answer,) = answers
    assert isinstance(answer, Accepted), answer
    return answer


async def id_of(caller: Caller) -> str:
    return str((await caller.read("/me"))["actor"]["id"])
