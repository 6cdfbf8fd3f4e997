"""Conversations over HTTP: told, read, listed, and kept from everybody else."""

import hashlib
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.support.homes import GUESTS, guest_caller, wrote
from tests.support.house import Caller, OpenHouse, open_test_house
from tests.support.postgres import until


@pytest_asyncio.fixture
async def house(dsn: str) -> AsyncIterator[OpenHouse]:
    async with open_test_house(dsn, **GUESTS) as opened:
        yield opened


@pytest.fixture
def ada(house: OpenHouse) -> Caller:
    return house.caller("ada", "user")


@pytest.fixture
def claude(house: OpenHouse) -> Caller:
    return house.caller("claude", "bot")


def path_of(room: str) -> str:
    return f"/conversations/{room.partition(':')[2]}"


async def started(ada: Caller, **fields: Any) -> str:
    return str((await ada.do("conversation.start", **fields))["room"])


async def told(claude: Caller, room: str, text: str, **more: Any) -> Any:
    """A whole turn; what its completion answers."""
    begun = await claude.do("conversation.begin_turn", room)
    turn = {"turn_id": begun["turn_id"], "attempt": begun["attempt"]}
    await claude.do("conversation.append_turn", room, **turn, position=0, text=text)
    whole = {"length": len(text), "sha256": hashlib.sha256(text.encode()).hexdigest()}
    done = await claude.do(
        "conversation.complete_turn", room, **turn, **whole, model="claude-sonnet", model_version="4.5", tokens=9, **more
    )
    return {**done, "turn_id": begun["turn_id"]}


async def test_what_was_said_and_told_is_read(ada: Caller, claude: Caller) -> None:
    room = await started(ada, context={"title": "Office"})
    await ada.do("conversation.say", room, text="We need 120 desks")
    answer = await told(claude, room, "For how many people?", cost_usd="0.0042", confidence=0.75)
    await claude.do("conversation.set_requirements", room, requirements={"desks": 120})
    done = await ada.do("conversation.rate_turn", room, turn_id=answer["turn_id"], rating=4, accepted=True)

    detail = await ada.read(path_of(room), after_offset=done["offset"])
    messages = (await ada.read(path_of(room) + "/messages"))["items"]
    one = (await ada.read(path_of(room) + "/messages", turn=answer["turn_id"]))["items"]

    assert (detail["title"], detail["requirements"], detail["owner"]["name"]) == ("Office", {"desks": 120}, "Ada")
    assert [(message["role"], message["text"]) for message in messages] == [
        ("user", "We need 120 desks"),
        ("assistant", "For how many people?"),
    ]
    assert [message["id"] for message in one] == [answer["message_id"]]
    assert (one[0]["rating"], one[0]["accepted"], one[0]["author"]["name"]) == (4, True, "Claude")


async def test_the_list_has_ones_own_alone(house: OpenHouse, ada: Caller) -> None:
    room = await started(ada)
    other = house.caller("grace", "user")
    others = await started(other)

    mine = await ada.read("/conversations", room=room, after_offset=1)
    hers = await other.read("/conversations", room=others, after_offset=1)

    assert [f"conversation:{item['id']}" for item in mine["items"]] == [room]
    assert [f"conversation:{item['id']}" for item in hers["items"]] == [others]
    assert (await ada.read("/conversations", status="completed"))["items"] == []
    assert (await ada.read("/conversations", project=str(uuid.uuid4())))["items"] == []


async def test_it_is_found_by_its_public_key(ada: Caller) -> None:
    room = await started(ada)
    await ada.do("conversation.say", room, text="hi", receipt="stored")

    detail = await ada.read(f"/conversations/by-key/{room.partition(':')[2]}")

    assert f"conversation:{detail['id']}" == room
    assert detail["message_count"] == 1


@pytest.mark.parametrize("below", ["", "/messages"])
async def test_for_everybody_else_it_is_not_there(house: OpenHouse, ada: Caller, below: str) -> None:
    room = await started(ada)
    await ada.do("conversation.say", room, text="between us", receipt="stored")
    grace = house.caller("grace", "user")

    forbidden = await grace.get(path_of(room) + below)
    missing = await grace.get(f"/conversations/{uuid.uuid4()}{below}")

    assert forbidden.status_code == missing.status_code == 403
    assert forbidden.json() == missing.json()


async def test_keys_that_are_missing_and_those_that_are_forbidden_answer_alike(house: OpenHouse, ada: Caller) -> None:
    room = await started(ada)
    await ada.do("conversation.say", room, text="hi", receipt="stored")
    grace = house.caller("grace", "user")

    forbidden = await grace.get(f"/conversations/by-key/{room.partition(':')[2]}")
    missing = await grace.get("/conversations/by-key/none")

    assert forbidden.status_code == missing.status_code == 403
    assert forbidden.json() == missing.json()


async def test_a_bot_reads_what_it_answers(ada: Caller, claude: Caller) -> None:
    room = await started(ada)
    done = await ada.do("conversation.say", room, text="hi")

    assert (await claude.read(path_of(room) + "/messages", after_offset=done["offset"]))["items"][0]["text"] == "hi"


async def test_a_deleted_conversation_is_gone_with_every_word(house: OpenHouse, ada: Caller, claude: Caller) -> None:
    room = await started(ada, context={"title": "Palimpsest"})
    await ada.do("conversation.say", room, text="Palimpsest, between us", receipt="stored")
    await told(claude, room, "A Palimpsest?", receipt="stored")
    await ada.do("conversation.delete", room, receipt="stored")
    count = "SELECT count(*) FROM room_events WHERE room = $1"

    assert (await ada.get(path_of(room))).status_code == 403
    assert (await ada.read("/conversations"))["items"] == []
    database = house.house.parts.database
    assert await database.fetchval(count, room) == 6
    assert await database.fetchval(f"{count} AND body::text LIKE '%Palimpsest%'", room) == 0
    assert await database.fetchval("SELECT count(*) FROM ai_model_metrics") == 1


async def test_what_is_being_told_is_asked_of_the_room(ada: Caller, claude: Caller) -> None:
    room = await started(ada)
    begun = await claude.do("conversation.begin_turn", room)
    turn = {"turn_id": begun["turn_id"], "attempt": 1}
    await claude.do("conversation.append_turn", room, **turn, position=0, text="How many ")
    wrong = await claude.give("conversation.append_turn", room, **turn, position=40, text="people?")

    asked = await ada.send("POST", "/questions/conversation.read_turn", {"room": room, "turn_id": begun["turn_id"], "position": 4})

    assert wrong.json()["code"] == 416
    assert "go on with attempt 1 at position 9" in wrong.json()["detail"]
    assert asked.json() == {**turn, "position": 4, "text": "many ", "is_running": True}


async def test_a_guests_conversations_are_the_sessions_until_a_person_claims_them(house: OpenHouse, ada: Caller) -> None:
    guest, other = guest_caller(house), guest_caller(house, "tab-2")
    room = await started(guest)
    await guest.do("conversation.say", room, text="hi", receipt="stored")
    rows = "SELECT user_id IS NULL AS is_anonymous, length(session_token) AS hash_length FROM conversations"
    database = house.house.parts.database

    assert [f"conversation:{item['id']}" for item in (await guest.read("/conversations"))["items"]] == [room]
    assert (await other.read("/conversations"))["items"] == []
    assert (await other.get(path_of(room))).status_code == 403
    assert dict((await database.fetch(rows))[0]) == {"is_anonymous": True, "hash_length": 64}
    await wrote(ada, "POST", "/me/claim", {"guest_token": guest.token})

    async def is_adas() -> bool:
        return bool((await ada.read("/conversations"))["items"])

    await until(is_adas)
    assert (await guest.read("/conversations"))["items"] == []
    assert dict((await database.fetch(rows))[0]) == {"is_anonymous": False, "hash_length": None}


@pytest.mark.parametrize("project", ["x" * 36, "0A0A0A0A-0A0A-4A0A-8A0A-0A0A0A0A0A0A", "0a0a0a0a-0a0a0-a0a-8a0a-0a0a0a0a0a0a"])
async def test_what_can_be_no_id_never_comes_into_the_log(ada: Caller, project: str) -> None:
    answer = await ada.give("conversation.start", project_id=project)

    assert (answer.status_code, answer.json()["code"]) == (400, 107)
    assert "$.project_id" in answer.text
