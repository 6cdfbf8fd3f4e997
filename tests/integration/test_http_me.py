"""People's own things over HTTP: kept, changed, read, and nobody else's."""

import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from server.http.home import new_command_id as made_command_id
from tests.support.homes import GUESTS, by_server, guest_caller, wrote
from tests.support.house import Caller, OpenHouse, open_test_house
from tests.support.tokens import actor_of, new_command_id

ADA = actor_of("ada")
HOME = f"person:{ADA}"
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


@pytest.fixture
def guest(house: OpenHouse) -> Caller:
    return guest_caller(house)


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
