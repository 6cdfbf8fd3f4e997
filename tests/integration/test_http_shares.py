"""Shares over HTTP: made with a link, entered by it, read by who may, and closed to everybody when they are over."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import jwt
import pytest
import pytest_asyncio

from tests.support.house import Caller, OpenHouse, open_test_house
from tests.support.postgres import until
from tests.support.tokens import actor_of, new_command_id

GUEST_ID = "a-random-text-that-a-phone-keeps"


@pytest_asyncio.fixture
async def house(dsn: str) -> AsyncIterator[OpenHouse]:
    async with open_test_house(dsn) as opened:
        yield opened


@pytest.fixture
def ada(house: OpenHouse) -> Caller:
    return house.caller("ada", "user")


async def new_concept(caller: Caller, name: str = "Lamp") -> str:
    return str((await caller.do("concept.create", name=name))["room"].partition(":")[2])


async def shared(caller: Caller, **fields: Any) -> dict[str, Any]:
    """A new share of a new concept: the answer of POST /shares."""
    body = {"command_id": new_command_id(), "concept_id": await new_concept(caller), **fields}
    answer = await caller.send("POST", "/shares", body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def enter(house: OpenHouse, token: str, authorization: str = "", **body: Any) -> httpx.Response:
    headers = {"X-Share-Token": token, **({"Authorization": f"Bearer {authorization}"} if authorization else {})}
    return await house.client.post("/shares/enter", json=body, headers=headers)


async def guest_of(house: OpenHouse, token: str, name: str = "Gus", guest_id: str = GUEST_ID) -> Caller:
    answer = await enter(house, token, name=name, guest_id=guest_id)
    assert answer.is_success, answer.text
    return Caller(house.client, answer.json()["token"])


def by_link(house: OpenHouse, token: str) -> Caller:
    caller = Caller(house.client, "")
    caller.headers = {"X-Share-Token": token}
    return caller


# --- Making ---


async def test_a_share_is_made_with_a_token_that_is_told_once(ada: Caller) -> None:
    made = await shared(ada)

    assert made["room"] == f"share:{made['share_id']}"
    assert len(made["token"]) >= 43
    assert made["stored"] is True
    read = await ada.get(f"/shares/{made['share_id']}")
    assert (read.status_code, made["token"] in read.text) == (200, False)


async def test_a_repeat_makes_the_same_share_with_the_same_token(ada: Caller) -> None:
    body = {"command_id": new_command_id(), "concept_id": await new_concept(ada)}
    first = (await ada.send("POST", "/shares", body)).json()
    second = (await ada.send("POST", "/shares", body)).json()
    other = await ada.send("POST", "/shares", {**body, "allow_voting": True})

    assert first == second
    assert other.json()["code"] == 417


async def test_only_ones_own_concept_is_shared(house: OpenHouse, ada: Caller) -> None:
    concept_id = await new_concept(house.caller("ben", "user"))
    answer = await ada.send("POST", "/shares", {"command_id": new_command_id(), "concept_id": concept_id})

    assert (answer.status_code, answer.json()["code"]) == (404, 411)


async def test_mail_addresses_are_kept_for_the_owner_and_leave_no_other_trace(house: OpenHouse, ada: Caller) -> None:
    made = await shared(ada, shared_with=["Cleo@Example.org", actor_of("ben")])

    named = await ada.read(f"/shares/{made['share_id']}/addressees")
    events = (await ada.get(f"/rooms/{made['room']}/events")).text
    ben = house.caller("ben", "user")
    assert (named["addresses"], named["unknown_count"]) == (["cleo@example.org"], 1)
    assert "example.org" not in events.lower()
    assert (await ben.get(f"/shares/{made['share_id']}/addressees")).status_code == 403
    assert (await ben.get(f"/shares/{made['share_id']}")).status_code == 200


async def test_whoever_is_no_longer_named_is_out_and_their_address_forgotten(house: OpenHouse, ada: Caller) -> None:
    made = await shared(ada, shared_with=["cleo@example.org", actor_of("ben")])
    change = {"command_id": new_command_id(), "shared_with": ["dora@example.org"]}
    changed = await ada.send("POST", f"/shares/{made['share_id']}/addressees", change)

    assert changed.status_code == 200, changed.text
    named = await ada.read(f"/shares/{made['share_id']}/addressees", after_offset=changed.json()["offset"])
    assert named == {"people": [], "addresses": ["dora@example.org"], "unknown_count": 0}
    assert (await house.caller("ben", "user").get(f"/shares/{made['share_id']}")).status_code == 403
    kept = await house.house.parts.database.fetchval("SELECT count(*) FROM share_addressees")
    assert kept == 1


async def test_an_old_change_that_is_said_again_forgets_nothing_of_a_newer_one(ada: Caller) -> None:
    made = await shared(ada)
    old = {"command_id": new_command_id(), "shared_with": ["dora@example.org"]}
    new = {"command_id": new_command_id(), "shared_with": ["cleo@example.org"]}
    for change in (old, new, old):
        changed = await ada.send("POST", f"/shares/{made['share_id']}/addressees", change)
        assert changed.status_code == 200, changed.text

    named = await ada.read(f"/shares/{made['share_id']}/addressees")
    assert named == {"people": [], "addresses": ["cleo@example.org"], "unknown_count": 0}


@pytest.mark.parametrize("shared_with", [["nobody"], ["x" * 300 + "@example.org"], ["a@b.example"] * 101])
async def test_addressees_have_a_form(ada: Caller, shared_with: list[str]) -> None:
    answer = await ada.send(
        "POST", "/shares", {"command_id": new_command_id(), "concept_id": new_command_id(), "shared_with": shared_with}
    )

    assert (answer.status_code, answer.json()["code"]) == (400, 107)


async def test_a_friend_is_known_by_their_verified_mail_address(house: OpenHouse, ada: Caller) -> None:
    made = await shared(ada, shared_with=["cleo@example.org"], is_public=False)
    cleo = house.caller("cleo", "user")
    assert (await cleo.get(f"/shares/{made['share_id']}")).status_code == 403

    query = """
        INSERT INTO users (id, kind, token_subject, email, email_verified_at)
        VALUES ($1::uuid, 'person', 'cleo', 'cleo@example.org', now())
        ON CONFLICT (id) DO UPDATE SET email = excluded.email, email_verified_at = excluded.email_verified_at
    """
    await house.house.parts.database.execute(query, actor_of("cleo"))

    async def is_let_in() -> bool:
        return (await cleo.get(f"/shares/{made['share_id']}")).status_code == 200

    await until(is_let_in)
    assert (await cleo.read(f"/rooms/{made['room']}/standing"))["role"] == "friend"


# --- Entering ---


async def test_a_guest_enters_by_the_link_and_talks(house: OpenHouse, ada: Caller) -> None:
    made = await shared(ada, allow_voting=True)
    entered = (await enter(house, made["token"], name="Gus", guest_id=GUEST_ID)).json()
    guest = Caller(house.client, entered["token"])

    assert (entered["room"], entered["concept_name"], entered["guest"]["name"]) == (made["room"], "Lamp", "Gus")
    said = await guest.do("share.add_comment", made["room"], text="nice")
    await guest.do("share.add_comment", made["room"], text="really", parent_id=said["comment_id"])
    voted = await guest.do("share.vote", made["room"], vote="UPVOTE", receipt="stored")
    assert (voted["up"], voted["down"]) == (1, 0)

    link = by_link(house, made["token"])
    (comment,) = (await link.read(f"/shares/{made['share_id']}/comments"))["items"]
    (reply,) = (await link.read(f"/shares/{made['share_id']}/comments", parent=comment["id"]))["items"]
    assert (comment["comment"], comment["author"]["name"], comment["reply_count"], reply["comment"]) == ("nice", "Gus", 1, "really")
    assert await guest.read(f"/shares/{made['share_id']}/votes") == {"up": 1, "down": 0, "mine": "UPVOTE"}
    assert await link.read(f"/shares/{made['share_id']}/votes") == {"up": 1, "down": 0, "mine": None}
    shown = await link.read(f"/shares/{made['share_id']}")
    assert (shown["comment_count"], shown["up"], shown["status"]) == (2, 1, "active")


async def test_a_guest_who_keeps_their_id_is_the_same_the_next_time(house: OpenHouse, ada: Caller) -> None:
    made = await shared(ada)
    first, second, other = [
        (await enter(house, made["token"], name=name, **fields)).json()
        for name, fields in (("Gus", {"guest_id": GUEST_ID}), ("Gustav", {"guest_id": GUEST_ID}), ("Gus", {}))
    ]

    assert first["guest"]["id"] == second["guest"]["id"] != other["guest"]["id"]
    assert GUEST_ID not in jwt.decode(first["token"], options={"verify_signature": False})["sid"]


async def test_a_guests_token_opens_its_room_and_nothing_else(house: OpenHouse, ada: Caller) -> None:
    made, other = await shared(ada), await shared(ada)
    guest = await guest_of(house, made["token"])
    workspace = await ada.new_room()

    assert (await guest.read(f"/rooms/{made['room']}/standing"))["role"] == "guest"
    refused = [
        await guest.get(f"/rooms/{other['room']}/view"),
        await guest.get(f"/shares/{other['share_id']}"),
        await guest.get(f"/rooms/{workspace}/view"),
        await guest.get("/workspaces"),
        await guest.get(f"/shares/{made['share_id']}/addressees"),
        await guest.give("share.change_share", made["room"], allow_voting=True),
        await guest.give("concept.create", name="Mine"),
    ]
    assert [answer.status_code for answer in refused] == [403] * 7


async def test_whoever_is_signed_in_enters_as_themselves_and_as_a_guest(house: OpenHouse, ada: Caller) -> None:
    made = await shared(ada)
    eve = house.caller("eve", "admin")
    entered = (await enter(house, made["token"], eve.token)).json()
    caller = Caller(house.client, entered["token"])

    assert entered["guest"] == {"id": actor_of("eve"), "name": "Eve"}
    assert (await caller.read(f"/rooms/{made['room']}/standing"))["role"] == "guest"
    me = await caller.read("/me")
    assert (me["actor"]["id"], me["is_admin"]) == (actor_of("eve"), False)
    assert (await caller.get("/workspaces")).status_code == 403


async def test_a_suspended_account_does_not_enter_by_a_link_either(house: OpenHouse, ada: Caller) -> None:
    made = await shared(ada)
    eve = house.caller("eve", "user")
    caller = Caller(house.client, (await enter(house, made["token"], eve.token)).json()["token"])
    query = """
        INSERT INTO users (id, kind, token_subject, status) VALUES ($1::uuid, 'person', 'eve', 'suspended')
        ON CONFLICT (id) DO UPDATE SET status = excluded.status
    """
    await house.house.parts.database.execute(query, actor_of("eve"))

    async def is_out() -> bool:
        return (await caller.get("/me")).status_code == 401

    await until(is_out)
    assert (await enter(house, made["token"], eve.token)).status_code == 401


@pytest.mark.parametrize("name,shown", [("", "Guest"), ("  Gus \n the\x00 Great ", "Gus the Great"), ("\x07", "Guest")])
async def test_a_guests_name_is_one_clean_line(house: OpenHouse, ada: Caller, name: str, shown: str) -> None:
    made = await shared(ada)

    assert (await enter(house, made["token"], name=name)).json()["guest"]["name"] == shown


async def test_a_guest_stays_no_longer_than_the_share(house: OpenHouse, ada: Caller) -> None:
    ends = house.house.parts.health.now_ms() + 3_600_000
    made, endless = await shared(ada, expires_at=ends), await shared(ada)

    first, second = (await enter(house, made["token"])).json(), (await enter(house, endless["token"])).json()
    assert first["expires_at"] == ends
    assert second["expires_at"] > ends


# --- The end ---


async def test_after_revoking_the_link_opens_nothing_and_says_so(house: OpenHouse, ada: Caller) -> None:
    made = await shared(ada)
    guest = await guest_of(house, made["token"])
    await ada.do("share.revoke_share", made["room"])

    answers = [
        await enter(house, made["token"]),
        await guest.give("share.add_comment", made["room"], text="late"),
        await by_link(house, made["token"]).get(f"/shares/{made['share_id']}"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(410, 422)] * 3
    assert (await guest.get(f"/shares/{made['share_id']}")).status_code == 403
    assert (await ada.get(f"/shares/{made['share_id']}")).status_code == 403
    (listed,) = (await ada.read("/shares"))["items"]
    assert listed["id"] == made["share_id"]


async def test_a_share_that_is_not_public_is_not_entered_by_its_link(house: OpenHouse, ada: Caller) -> None:
    made = await shared(ada)
    guest = await guest_of(house, made["token"])
    await ada.do("share.change_share", made["room"], is_public=False)

    assert (await enter(house, made["token"])).status_code == 403
    assert (await guest.get(f"/rooms/{made['room']}/view")).status_code == 403


async def test_a_share_runs_out_at_its_time(house: OpenHouse, ada: Caller) -> None:
    made = await shared(ada, expires_at=house.house.parts.health.now_ms() + 700)
    assert (await enter(house, made["token"])).is_success

    async def is_over() -> bool:
        return not (await enter(house, made["token"])).is_success

    async def is_listed_as_over() -> bool:
        return bool((await ada.read("/shares"))["items"][0]["status"] == "expired")

    await until(is_over)
    await until(is_listed_as_over)
    assert (await enter(house, made["token"])).status_code == 410


# --- Guessing ---


async def test_wrong_tokens_are_counted_and_then_nobody_from_there_may_try(dsn: str) -> None:
    async with open_test_house(dsn, ATRIUM_HTTP_WRONG_TOKENS_A_MINUTE="3") as house:
        made = await shared(house.caller("ada", "user"))
        wrong = [await enter(house, f"wrong-{number}") for number in range(3)]
        blocked = [await enter(house, made["token"]), await by_link(house, made["token"]).get(f"/shares/{made['share_id']}")]

        assert [answer.status_code for answer in wrong] == [403] * 3
        assert [(answer.status_code, answer.json()["code"]) for answer in blocked] == [(429, 111)] * 2
        assert 0 < int(blocked[0].headers["Retry-After"]) <= 60


async def test_without_a_token_nobody_enters(house: OpenHouse) -> None:
    assert (await enter(house, "")).status_code == 403
    assert (await house.client.get("/shares")).status_code == 401


# --- Reading ---


async def test_ones_own_shares_page_newest_first_and_by_concept(house: OpenHouse, ada: Caller) -> None:
    made = [await shared(ada) for _ in range(3)]
    await shared(house.caller("ben", "user"))
    first = await ada.read("/shares", limit=2)
    second = await ada.read("/shares", limit=2, after=first["next"])
    listed = [*first["items"], *second["items"]]

    assert [item["id"] for item in listed] == [one["share_id"] for one in reversed(made)]
    assert [item["concept_name"] for item in listed] == ["Lamp"] * 3
    one = (await ada.read("/shares", concept=listed[1]["concept_id"]))["items"]
    assert [item["id"] for item in one] == [listed[1]["id"]]


async def test_comments_page_in_their_order_and_deleted_ones_keep_their_place(house: OpenHouse, ada: Caller) -> None:
    made = await shared(ada)
    ids = [(await ada.do("share.add_comment", made["room"], text=f"{number}"))["comment_id"] for number in range(4)]
    done = await ada.do("share.delete_comment", made["room"], comment_id=ids[1])
    path = f"/shares/{made['share_id']}/comments"
    first = await ada.read(path, limit=3, after_offset=done["offset"])
    rest = await ada.read(path, limit=3, after=first["next"])

    assert [item["comment"] for item in (*first["items"], *rest["items"])] == ["0", "", "2", "3"]
    assert first["items"][1]["deleted_at"] is not None
    assert rest["next"] is None


async def test_strangers_are_told_nothing(house: OpenHouse, ada: Caller) -> None:
    made = await shared(ada)
    sam = house.caller("sam", "user")

    for path in ("", "/comments", "/votes", "/addressees"):
        assert (await sam.get(f"/shares/{made['share_id']}{path}")).status_code == 403
    other = await shared(ada)
    assert (await by_link(house, made["token"]).get(f"/shares/{other['share_id']}")).status_code == 403
