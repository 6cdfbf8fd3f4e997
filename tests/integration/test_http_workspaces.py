"""Reading workspaces over HTTP: what was just written is there, lists page and merge, and nothing is empty that is unknown."""

import uuid
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.house import Caller, OpenHouse, open_test_house


@pytest_asyncio.fixture
async def house(dsn: str) -> AsyncIterator[OpenHouse]:
    async with open_test_house(dsn) as opened:
        yield opened


@pytest.fixture
def ada(house: OpenHouse) -> Caller:
    return house.caller("ada", "user")


@pytest.fixture
def claude(house: OpenHouse) -> Caller:
    return house.caller("claude", "bot")


def path_of(room: str) -> str:
    return f"/workspaces/{room.partition(':')[2]}"


async def test_what_was_just_written_is_read(ada: Caller) -> None:
    room = await ada.new_room(name="Swings")
    written = await ada.do("workspace.submit_description", room, description="Highs and lows", steps=["look", "wait"])

    detail = await ada.read(path_of(room), after_offset=written["offset"])

    assert detail["workspace"]["name"] == "Swings"
    assert detail["workspace"]["description"] == "Highs and lows"
    assert detail["workspace"]["steps"] == ["look", "wait"]


async def test_a_workspace_is_found_by_its_pattern(ada: Caller) -> None:
    room = await ada.new_room(pattern_type="swings")

    detail = await ada.read("/workspaces/by-pattern/swings", room=room, after_offset=1)

    assert f"workspace:{detail['workspace']['id']}" == room


async def test_the_timeline_has_authors_and_pages_backwards(ada: Caller) -> None:
    room = await ada.new_room()
    for number in range(5):
        last = await ada.do("workspace.post", room, text=f"message {number}")

    page = await ada.read(path_of(room) + "/messages", limit=2, after_offset=last["offset"])
    before = await ada.read(path_of(room) + "/messages", limit=2, before=page["before"])
    posted = await ada.read(path_of(room) + "/messages", type="message_posted")

    assert [item["content"] for item in page["items"]] == ["message 3", "message 4"]
    assert [item["content"] for item in before["items"]] == ["message 1", "message 2"]
    assert page["items"][0]["author"]["name"] == "Ada"
    assert len(posted["items"]) == 5


async def test_an_execution_is_found_wherever_it_waits(ada: Caller, claude: Caller) -> None:
    room = await ada.new_room()
    await ada.do("workspace.request_implementation", room)
    waiting = await claude.read("/executions", status="pending", room=room, after_offset=2)
    started = await claude.do("workspace.start_execution", room)

    detail = await claude.read(f"/executions/{started['execution_id']}", room=room, after_offset=started["offset"])
    listed = await ada.read(path_of(room) + "/executions")
    log = await ada.read(f"/executions/{started['execution_id']}/deploy-log")

    assert [item["id"] for item in waiting["items"]] == [started["execution_id"]]
    assert detail["execution"]["status"] == "running"
    assert [link["id"] for link in detail["tries"]] == [started["execution_id"]]
    assert [item["id"] for item in listed["items"]] == [started["execution_id"]]
    assert log["text"] == ""


async def test_feedback_sessions_and_numbers_follow_the_commands(ada: Caller) -> None:
    room = await ada.new_room()
    session = (await ada.do("workspace.create_session", room, name="Monday"))["session_id"]
    await ada.do("workspace.add_feedback", room, content="late by a candle", session_id=session)
    done = await ada.do("workspace.complete_session", room, session_id=session, success_rate=0.75)

    feedback = await ada.read(path_of(room) + "/feedback", sent="false", after_offset=done["offset"])
    sessions = await ada.read(path_of(room) + "/sessions")
    stats = await ada.read(path_of(room) + "/stats")

    assert [item["content"] for item in feedback["items"]] == ["late by a candle"]
    assert [item["name"] for item in sessions["items"]] == ["Monday"]
    assert (stats["sessions_completed"], stats["feedback_unsent"], stats["success_rate"]) == (1, 1, 0.75)


async def test_the_list_pages_newest_first(ada: Caller) -> None:
    rooms = [await ada.new_room() for _ in range(5)]
    await ada.do("workspace.post", rooms[-1], text="x", receipt="stored")

    first = await ada.read("/workspaces", limit=2)
    second = await ada.read("/workspaces", limit=2, after=first["next"])
    third = await ada.read("/workspaces", limit=2, after=second["next"])

    listed = [f"workspace:{item['id']}" for page in (first, second, third) for item in page["items"]]
    assert listed == rooms[::-1]
    assert third["next"] is None
    assert first["lag_s"] >= 0


async def test_the_list_can_be_narrowed_to_ones_own(house: OpenHouse, ada: Caller) -> None:
    mine = await ada.new_room(category="zones")
    await house.caller("grace", "user").new_room(category="zones")

    own = await ada.read("/workspaces", created_by="me", category="zones", room=mine, after_offset=1)

    assert [f"workspace:{item['id']}" for item in own["items"]] == [mine]


async def test_a_list_merges_what_open_rooms_know_before_the_database_does(dsn: str) -> None:
    async with open_test_house(dsn, ATRIUM_WRITE_BEHIND_BATCH_AGE_S="3600") as slow:
        ada = slow.caller("ada", "user")
        room = await ada.new_room(name="Fresh")
        await ada.do("workspace.request_implementation", room)

        listed = (await ada.read("/workspaces", status="implementing"))["items"]
        gone = (await ada.read("/workspaces", status="soon"))["items"]

    assert [(item["name"], item["status"]) for item in listed] == [("Fresh", "implementing")]
    assert gone == []


async def test_what_the_database_does_not_have_in_time_is_temporary(dsn: str) -> None:
    async with open_test_house(dsn, ATRIUM_WRITE_BEHIND_BATCH_AGE_S="3600", ATRIUM_HTTP_AFTER_OFFSET_WAIT_S="0.05") as slow:
        ada = slow.caller("ada", "user")
        room = await ada.new_room()

        answer = await ada.get(path_of(room), after_offset=1)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert answer.json()["code"] == 100


@pytest.mark.parametrize("below", ["", "/messages", "/executions", "/sessions", "/feedback", "/stats"])
async def test_an_empty_answer_never_stands_for_what_is_not_there(ada: Caller, below: str) -> None:
    answer = await ada.get(f"/workspaces/{uuid.uuid4()}{below}")

    assert answer.status_code == 403
    assert answer.json()["code"] == 103


@pytest.mark.parametrize(
    ("path", "query", "named"),
    [
        ("/workspaces", {"limit": 101}, "limit"),
        ("/workspaces", {"status": "lost"}, "status"),
        ("/workspaces", {"created_by": "someone"}, "created_by"),
        ("/workspaces", {"after": "x"}, "after"),
        ("/executions", {"status": "pending,lost"}, "status"),
    ],
)
async def test_a_question_without_its_form_names_what_is_wrong(
    ada: Caller, path: str, query: dict[str, object], named: str
) -> None:
    answer = await ada.get(path, **query)

    assert answer.status_code == 400
    assert answer.json()["code"] == 107
    assert named in answer.json()["detail"]


async def test_an_older_session_that_is_not_there_answers_as_all_do(ada: Caller) -> None:
    assert (await ada.get(f"/implementation-sessions/{uuid.uuid4()}")).status_code == 403


async def test_patterns_that_are_missing_and_those_that_are_forbidden_answer_alike(house: OpenHouse, ada: Caller) -> None:
    room, other = await ada.new_room(pattern_type="gaps"), await ada.new_room(pattern_type="flags")
    bound = house.caller("eve", rooms={other: "member"})

    assert (await bound.get("/workspaces/by-pattern/flags", room=other, after_offset=1)).is_success
    forbidden = await bound.get("/workspaces/by-pattern/gaps", room=room, after_offset=1)
    missing = await bound.get("/workspaces/by-pattern/holes")

    assert forbidden.status_code == missing.status_code == 403
    assert forbidden.json() | {"instance": ""} == missing.json() | {"instance": ""}


LISTS = (
    "/workspaces",
    "/workspaces/by-pattern/gaps",
    "/executions",
    "/concepts",
    "/conversations",
    "/quote-requests",
    "/quotes?seller=me",
)


@pytest.mark.parametrize("path", LISTS)
async def test_an_offset_without_its_room_says_what_is_missing(ada: Caller, path: str) -> None:
    answer = await ada.get(path, after_offset=3)

    assert answer.status_code == 400
    assert "say in which with room" in answer.json()["detail"]


@pytest.mark.parametrize("path", LISTS)
async def test_how_far_a_room_has_come_is_told_to_those_in_it_alone(house: OpenHouse, ada: Caller, path: str) -> None:
    conversation = (await ada.do("conversation.start"))["room"]

    answer = await house.caller("ben").get(path, room=conversation, after_offset=1)

    assert answer.status_code == 403
