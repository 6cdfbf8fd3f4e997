"""People's own things over HTTP: kept, read, changed, and taken over from the guest one was."""

import hashlib
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from channels.giving import SYSTEM_IDENTITY
from channels.seats import Accepted, Answer, Given
from domain.event_codec import encode
from domain.ids import keyed_id
from server.http.home import new_command_id as made_command_id
from tests.support.house import Caller, OpenHouse, open_test_house
from tests.support.postgres import until
from tests.support.tokens import actor_of, mint, new_command_id

ADA = actor_of("ada")
HOME = f"person:{ADA}"
GUESTS = {"ATRIUM_AUTH_GUESTS": "on"}
ITEMS = [{"type": "concept", "id": "c"}, {"type": "product", "id": "sku-7"}]


@pytest_asyncio.fixture
async def house(dsn: str) -> AsyncIterator[OpenHouse]:
    async with open_test_house(dsn, **GUESTS) as opened:
        yield opened


@pytest.fixture
def ada(house: OpenHouse) -> Caller:
    return house.caller("ada", "user")


@pytest.fixture
def ben(house: OpenHouse) -> Caller:
    return house.caller("ben", "user")


def guest_caller(house: OpenHouse, session: str = "tab-1") -> Caller:
    """A guest with a token of their own: the same session is the same guest."""
    return house.stranger(mint(house.house.secret, "", sub=None, sid=session, name=None))


@pytest.fixture
def guest(house: OpenHouse) -> Caller:
    return guest_caller(house)


async def wrote(caller: Caller, method: str, path: str, body: Any = None) -> Any:
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


# --- Folders ---


async def test_a_folder_is_made_changed_filled_and_removed(ada: Caller) -> None:
    concept = str(uuid.uuid4())
    made = await wrote(ada, "POST", "/me/folders", {"name": "Vases", "tags": ["blue"], "concept_ids": [concept]})
    path = f"/me/folders/{made['folder_id']}"
    await wrote(ada, "PATCH", path, {"description": "for Eve", "is_public": True})
    filled = await wrote(ada, "POST", f"{path}/concepts", {"add": [str(uuid.UUID(int=1))], "take": [concept]})

    folder = await ada.read(f"/folders/{made['folder_id']}", after_offset=filled["offset"])
    removed = await wrote(ada, "DELETE", path)
    left = await ada.read("/me/folders", after_offset=removed["offset"])

    assert (folder["name"], folder["description"], folder["is_public"], folder["tags"]) == ("Vases", "for Eve", True, ["blue"])
    assert folder["concept_ids"] == [str(uuid.UUID(int=1))]
    assert folder["owner"]["id"] == ADA
    assert left["items"] == []


async def test_public_folders_are_for_everybody_and_others_for_nobody_else(ada: Caller, ben: Caller, guest: Caller) -> None:
    public = await wrote(ada, "POST", "/me/folders", {"name": "Shown", "is_public": True, "tags": ["glass"]})
    own = await wrote(ada, "POST", "/me/folders", {"name": "Hidden"})
    await ada.read("/me/folders", after_offset=own["offset"])

    for reader in (ben, guest):
        assert [item["name"] for item in (await reader.read("/folders", public="true", tag="glass"))["items"]] == ["Shown"]
        assert (await reader.read("/folders", tag="wood"))["items"] == []
        assert (await reader.read(f"/folders/{public['folder_id']}"))["name"] == "Shown"
        assert (await reader.get(f"/folders/{own['folder_id']}")).status_code == 403
    assert [item["name"] for item in (await ada.read("/folders", public="false"))["items"]] == ["Hidden", "Shown"]


async def test_nobody_changes_the_folder_of_another(ada: Caller, ben: Caller) -> None:
    made = await wrote(ada, "POST", "/me/folders", {"name": "Shown", "is_public": True})

    answer = await ben.send("PATCH", f"/me/folders/{made['folder_id']}", {"name": "Mine"})

    assert (answer.status_code, answer.json()["code"]) == (404, 411)


async def test_the_same_command_id_makes_one_folder(ada: Caller) -> None:
    path = f"/me/folders?command_id={new_command_id()}"

    first = await wrote(ada, "POST", path, {"name": "Vases"})
    again = await wrote(ada, "POST", path, {"name": "Vases"})
    other = await ada.send("POST", path, {"name": "Cups"})

    assert first == again
    assert (other.status_code, other.json()["code"]) == (422, 417)
    assert len((await ada.read("/me/folders", after_offset=first["offset"]))["items"]) == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "named"),
    [
        ("POST", "/me/folders", {"name": ""}, "name"),
        ("POST", "/me/folders", {"name": "x", "colour": "red"}, "colour"),
        ("POST", "/me/folders", {"name": "x", "concept_ids": ["x"]}, "concept_ids"),
        ("POST", "/me/comparisons", {"items": []}, "items"),
        ("POST", "/me/devices", {"endpoint": "https://push.example/1"}, "p256dh"),
        ("PATCH", "/me/ai-preferences", {"preferred_models": ["hal-9000"]}, "preferred_models"),
        ("POST", "/me/inbox/settle", {}, "notification_ids"),
        ("POST", "/me/claim", {"guest_token": ""}, "guest_token"),
        ("POST", "/me/claim", {"guest_token": "no token"}, "guest_token"),
    ],
)
async def test_a_write_without_its_form_names_what_is_wrong(ada: Caller, method: str, path: str, body: Any, named: str) -> None:
    answer = await ada.send(method, path, body)

    assert (answer.status_code, answer.json()["code"]) == (400, 107)
    assert named in answer.json()["detail"]


# --- The library ---


async def test_a_concept_that_is_not_there_is_no_favourite(ada: Caller) -> None:
    answer = await ada.send("PUT", f"/me/favourites/{uuid.uuid4()}")

    assert (answer.status_code, answer.json()["code"]) == (404, 411)
    assert (await ada.send("DELETE", f"/me/favourites/{uuid.uuid4()}")).status_code == 404


async def test_a_concept_of_others_is_a_favourite_and_ones_own_is_not(ada: Caller, ben: Caller) -> None:
    concept = (await ben.do("concept.create", name="Vase"))["room"].partition(":")[2]

    kept = await wrote(ada, "PUT", f"/me/favourites/{concept}")
    own = await ben.send("PUT", f"/me/favourites/{concept}")
    listed = await ada.read("/me/favourites", after_offset=kept["offset"])
    gone = await wrote(ada, "DELETE", f"/me/favourites/{concept}")

    assert [item["concept_id"] for item in listed["items"]] == [concept]
    assert (own.status_code, own.json()["code"]) == (400, 107)
    assert (await ada.read("/me/favourites", after_offset=gone["offset"]))["items"] == []


async def test_comparisons_are_saved_changed_and_removed(ada: Caller, ben: Caller) -> None:
    saved = await wrote(ada, "POST", "/me/comparisons", {"items": ITEMS, "metadata": {"a": 1, "b": 2}})
    path = f"/me/comparisons/{saved['comparison_id']}"
    changed = await wrote(ada, "PATCH", path, {"metadata": {"a": None}})

    comparison = await ada.read(path, after_offset=changed["offset"])

    assert (comparison["items"], comparison["metadata"]) == (ITEMS, {"b": 2})
    assert [item["id"] for item in (await ada.read("/me/comparisons"))["items"]] == [saved["comparison_id"]]
    assert (await ben.get(path)).status_code == 403
    removed = await wrote(ada, "DELETE", path)
    assert (await ada.get(path, after_offset=removed["offset"])).status_code == 403


async def test_a_profile_is_replaced_and_preferences_are_changed(ada: Caller, guest: Caller) -> None:
    assert (await ada.read("/me/style-profile"))["profile"] == {}
    await wrote(ada, "PUT", "/me/style-profile", {"warm": 1})
    await wrote(ada, "PUT", "/me/style-profile", {"cold": 2})
    await wrote(ada, "PATCH", "/me/ai-preferences", {"preferred_models": ["gpt-4o"]})
    last = await wrote(ada, "PATCH", "/me/ai-preferences", {"model_weights": {"gpt-4o": 0.5}})

    preferences = await ada.read("/me/ai-preferences", after_offset=last["offset"])

    assert (await ada.read("/me/style-profile"))["profile"] == {"cold": 2}
    assert (preferences["preferred_models"], preferences["model_weights"]) == (["gpt-4o"], {"gpt-4o": 0.5})
    refused = await guest.send("PUT", "/me/style-profile", {"warm": 1})
    assert (refused.status_code, "sign in first" in refused.json()["detail"]) == (403, True)


async def test_searches_are_noted_by_the_server_and_clicked_by_the_person(house: OpenHouse, ada: Caller) -> None:
    noted = await by_server(house, "person.note_search", HOME, query="blue vase", filters={"max": 5}, result_count=3)
    thing = str(uuid.uuid4())
    clicked = await wrote(ada, "POST", f"/me/searches/{noted.event_ids[0]}/clicks", {"thing_id": thing})

    (search,) = (await ada.read("/me/searches", after_offset=clicked["offset"]))["items"]

    assert (search["query"], search["filters"], search["result_count"]) == ("blue vase", {"max": 5}, 3)
    assert search["clicked"] == [thing]
    assert (await ada.give("person.note_search", HOME, query="x", result_count=0)).status_code == 403


async def test_devices_are_told_without_their_keys(ada: Caller) -> None:
    keys = {"p256dh": "public-key", "auth": "very-secret"}
    added = await wrote(ada, "POST", "/me/devices", {"endpoint": "https://push.example/secret-path", "name": "Phone", **keys})
    assert added["device_id"]

    devices = await ada.get("/me/devices", after_offset=added["offset"])
    removed = await wrote(ada, "DELETE", f"/me/devices/{added['device_id']}")

    (device,) = devices.json()
    assert (device["id"], device["kind"], device["name"], device["host"]) == (added["device_id"], "web", "Phone", "push.example")
    assert "secret" not in devices.text
    assert await ada.read("/me/devices", after_offset=removed["offset"]) == []


# --- Inbox, own list, unread ---


async def told(house: OpenHouse, number: int = 1, **fields: Any) -> Accepted:
    values = {"what": "reply", "source": f"share:{number}", "title": f"Vase {number}", "at": number, **fields}
    return await by_server(house, "person.notify", HOME, **values)


async def test_the_inbox_pages_and_is_settled(house: OpenHouse, ada: Caller) -> None:
    for number in range(1, 4):
        last = await told(house, number)

    first = await ada.read("/me/inbox", limit=2, after_offset=last.offset)
    second = await ada.read("/me/inbox", limit=2, after=first["next"])
    settled = await wrote(ada, "POST", "/me/inbox/settle", {"notification_ids": [first["items"][0]["id"]]})
    unread = await ada.read("/me/inbox", unread="true", after_offset=settled["offset"])
    rest = await wrote(ada, "POST", "/me/inbox/settle", {"up_to": last.offset})

    assert [item["title"] for item in (*first["items"], *second["items"])] == ["Vase 3", "Vase 2", "Vase 1"]
    assert second["next"] is None
    assert settled["unread_count"] == 2
    assert [item["title"] for item in unread["items"]] == ["Vase 2", "Vase 1"]
    assert (await ada.read("/me/unread", after_offset=rest["offset"]))["inbox"] == 0


async def test_what_is_read_on_one_device_is_read_on_the_other(house: OpenHouse, ada: Caller, ben: Caller) -> None:
    phone, laptop = ada, house.caller("ada", "user", device="laptop")
    room = (await ada.do("conversation.start"))["room"]
    for text in ("one", "two"):
        said = await ada.do("conversation.say", room, text=text)

    async def is_listed() -> bool:
        return [item["room"] for item in (await ada.read("/me/rooms"))["items"]] == [room]

    await until(is_listed)
    assert (await phone.read("/me/unread"))["rooms"] == []
    bot = house.caller("claude", "bot")
    turn = await bot.do("conversation.begin_turn", room)
    words = "Good choice."
    piece = {"turn_id": turn["turn_id"], "attempt": 1, "position": 0, "text": words}
    await bot.do("conversation.append_turn", room, **piece)
    whole = {"turn_id": turn["turn_id"], "attempt": 1, "length": len(words), "sha256": sha256(words)}
    answered = await bot.do("conversation.complete_turn", room, **whole, model="claude", model_version="5", receipt="stored")

    before = await laptop.read("/me/unread")
    read = await phone.do("room.mark_read", room, offset=answered["offset"])
    after = await laptop.read("/me/unread", after_offset=read["offset"])
    again = await laptop.do("room.mark_read", room, offset=said["offset"])

    (unread,) = before["rooms"]
    assert unread["room"] == room
    assert unread["unread"] >= 1
    assert after["rooms"] == []
    assert again["event_ids"] == []
    (listed,) = (await laptop.read("/me/rooms"))["items"]
    assert (listed["room"], listed["read_offset"], listed["unread"]) == (room, answered["offset"], 0)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# --- Whose things ---


PATHS = ["/me/folders", "/me/favourites", "/me/comparisons", "/me/searches", "/me/inbox", "/me/unread", "/me/rooms", "/me/devices"]


@pytest.mark.parametrize("path", PATHS)
async def test_a_bot_has_no_room_of_its_own(house: OpenHouse, path: str) -> None:
    answer = await house.caller("claude", "bot").get(path)

    assert (answer.status_code, answer.json()["code"]) == (403, 103)


@pytest.mark.parametrize("path", PATHS)
async def test_a_token_for_single_rooms_reads_nothing_of_ones_own(house: OpenHouse, path: str) -> None:
    bound = house.caller("ada", rooms={"workspace:x": "member"})

    assert (await bound.get(path)).status_code == 403


@pytest.mark.parametrize("path", PATHS)
async def test_a_guest_has_everything_but_it_is_empty(guest: Caller, path: str) -> None:
    answer = await guest.read(path)

    assert (answer if isinstance(answer, list) else answer.get("items", answer.get("rooms"))) == []


async def test_what_is_behind_an_offset_is_temporary(dsn: str) -> None:
    slow = {"ATRIUM_WRITE_BEHIND_BATCH_AGE_S": "3600", "ATRIUM_HTTP_AFTER_OFFSET_WAIT_S": "0.05"}
    async with open_test_house(dsn, **slow) as house:
        ada = house.caller("ada", "user")
        made = await wrote(ada, "POST", "/me/folders", {"name": "Vases"})

        answer = await ada.get("/me/folders", after_offset=made["offset"])

    assert (answer.status_code, answer.json()["code"]) == (503, 100)


def test_a_command_id_of_the_server_carries_the_time() -> None:
    now_ms = int(time.time() * 1000)
    key = uuid.UUID(made_command_id(now_ms))

    assert (key.version, key.int >> 80) == (7, now_ms)


# --- The claim ---


async def busy(house: OpenHouse, guest: Caller) -> str:
    """A guest who has kept something; their own room."""
    home = f"person:{await id_of(guest)}"
    await wrote(guest, "POST", "/me/folders", {"name": "Vases", "concept_ids": [str(uuid.UUID(int=7))]})
    saved = await wrote(guest, "POST", "/me/comparisons", {"items": ITEMS})
    assert [item["items"] for item in (await guest.read("/me/comparisons", after_offset=saved["offset"]))["items"]] == [ITEMS]
    return home


async def until_moved(ada: Caller) -> list[Any]:
    async def is_moved() -> bool:
        return bool((await ada.read("/me/folders"))["items"])

    await until(is_moved)
    return list((await ada.read("/me/folders"))["items"])


async def test_what_a_guest_kept_is_the_persons_after_signing_in(house: OpenHouse, ada: Caller, guest: Caller) -> None:
    await busy(house, guest)
    conversation = (await guest.do("conversation.start"))["room"]
    await guest.do("conversation.say", conversation, text="Hello")

    claimed = await wrote(ada, "POST", "/me/claim", {"guest_token": guest.token})

    assert claimed["guest_id"] == await id_of(guest)
    (folder,) = await until_moved(ada)
    assert (folder["name"], folder["concept_count"]) == ("Vases", 1)
    assert [item["items"] for item in (await ada.read("/me/comparisons"))["items"]] == [ITEMS]
    assert (await guest.read("/me/folders"))["items"] == []
    assert (await guest.read("/me/comparisons"))["items"] == []

    async def is_owner() -> bool:
        rooms = [item["room"] for item in (await ada.read("/me/rooms"))["items"]]
        return conversation in rooms and (await ada.read(f"/rooms/{conversation}/standing"))["role"] == "owner"

    await until(is_owner)


async def test_the_guests_room_takes_nothing_more(house: OpenHouse, ada: Caller, guest: Caller) -> None:
    await busy(house, guest)
    await wrote(ada, "POST", "/me/claim", {"guest_token": guest.token})
    await until_moved(ada)

    answer = await guest.send("POST", "/me/folders", {"name": "More"})

    assert (answer.status_code, answer.json()["code"]) == (409, 410)
    assert "sign in here too" in answer.json()["detail"]


async def test_claiming_again_is_harmless_and_by_somebody_else_refused(
    house: OpenHouse, ada: Caller, ben: Caller, guest: Caller
) -> None:
    await busy(house, guest)
    first = await wrote(ada, "POST", "/me/claim", {"guest_token": guest.token})
    await until_moved(ada)

    again = await wrote(ada, "POST", "/me/claim", {"guest_token": guest.token})
    refused = await ben.send("POST", "/me/claim", {"guest_token": guest.token})

    assert again["guest_id"] == first["guest_id"]
    assert (refused.status_code, refused.json()["code"]) == (409, 409)
    assert len((await ada.read("/me/folders"))["items"]) == 1


async def test_a_claim_survives_the_end_of_the_server_and_happens_once(dsn: str) -> None:
    """The first server ends before a reaction could arrive; the second one goes on, and the caller repeats the claim."""
    async with open_test_house(dsn, **GUESTS) as house:
        await busy(house, guest_caller(house))
        token = guest_caller(house).token
        key = new_command_id()
        claimed = await wrote(house.caller("ada", "user"), "POST", f"/me/claim?command_id={key}", {"guest_token": token})
    async with open_test_house(dsn, **GUESTS) as house:
        ada = house.caller("ada", "user")
        again = await wrote(ada, "POST", f"/me/claim?command_id={key}", {"guest_token": token})
        (folder,) = await until_moved(ada)
        once_more = await wrote(ada, "POST", "/me/claim", {"guest_token": token})

        assert (claimed["offset"], again["offset"]) == (1, 1)
        assert folder["name"] == "Vases"
        assert once_more["guest_id"] == claimed["guest_id"]
        assert len((await ada.read("/me/folders"))["items"]) == 1
        assert len((await ada.read("/me/comparisons"))["items"]) == 1


async def test_only_people_claim_and_only_guests_are_claimed(house: OpenHouse, ada: Caller, ben: Caller, guest: Caller) -> None:
    by_guest = await guest.send("POST", "/me/claim", {"guest_token": guest_caller(house, "tab-2").token})
    of_person = await ada.send("POST", "/me/claim", {"guest_token": ben.token})
    by_bot = await house.caller("claude", "bot").send("POST", "/me/claim", {"guest_token": guest.token})
    by_command = await ada.give("person.claim", HOME, guest_id=keyed_id("guest", "x"))

    assert (by_guest.status_code, "sign in first" in by_guest.json()["detail"]) == (403, True)
    assert (of_person.status_code, "no guest's token" in of_person.json()["detail"]) == (400, True)
    assert (by_bot.status_code, by_command.status_code) == (403, 403)
