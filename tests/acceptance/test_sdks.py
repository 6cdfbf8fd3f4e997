"""The official SDKs as they come: create, watch, post, resume, refresh, presence, history and signals, in JSON and in Protobuf."""

import asyncio

import pytest

from tests.acceptance.conftest import Mint, NewRoom
from tests.acceptance.sdks import Refusal, Sdk, open_sdk
from tests.support.proxy import Weather, open_proxy
from tests.support.server import ServerProcess
from tests.support.tokens import actor_of, new_command_id

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_room_is_created_watched_and_posted_to(sdk: str, server: ServerProcess, token: Mint) -> None:
    pattern = f"created-by-{sdk}"
    address = server.socket_address
    async with (
        open_sdk(sdk, address, "ada", token("ada", "user")) as ada,
        open_sdk(sdk, address, "ben", token("ben", "user")) as ben,
    ):
        room = (await ada.give("workspace.create", pattern_type=pattern, name="Swings", category="price_action"))["room"]
        seen = await ben.watch(room)
        command_id = new_command_id()
        answer = await ada.give("workspace.post", room, text="Looks right", command_id=command_id)
        await seen.until(lambda: seen.texts() == ["Looks right"])

    assert seen.entries[0].data["view"]["workspace"]["pattern_type"] == pattern
    assert seen.offsets == [seen.entries[0].offset + 1] == [answer["offset"]]
    assert seen.events[0]["id"] == answer["event_ids"][0]
    assert seen.events[0]["by"]["id"] == actor_of("ada")
    assert seen.command_ids == [command_id]


async def test_a_cut_connection_resumes_without_hole_or_double(
    sdk: str, server: ServerProcess, token: Mint, new_room: NewRoom
) -> None:
    room = await new_room()
    async with open_proxy(server.port) as proxy:
        address = f"ws://127.0.0.1:{proxy.port}/connection/websocket"
        async with (
            open_sdk(sdk, address, "ada", token("ada", "user")) as ada,
            open_sdk("python-json", server.socket_address, "ben", token("ben", "user")) as ben,
        ):
            seen = await ada.watch(room)
            await ben.give("workspace.post", room, text="before")
            await seen.until(lambda: "before" in seen.texts())
            proxy.weather = Weather(refuses=True)
            proxy.reset()
            for number in range(5):
                await ben.give("workspace.post", room, text=f"missed {number}")
            proxy.weather = Weather()
            await seen.until(lambda: "missed 4" in seen.texts())
            await ben.give("workspace.post", room, text="after")
            await seen.until(lambda: "after" in seen.texts())

    assert seen.texts() == ["before", *[f"missed {number}" for number in range(5)], "after"]
    assert seen.offsets == list(range(seen.offsets[0], seen.offsets[0] + 7))
    assert [(entry.was_recovering, entry.recovered) for entry in seen.entries] == [(False, False), (True, True)]


async def test_a_connection_that_dies_in_the_middle_of_a_message_resumes(
    sdk: str, server: ServerProcess, token: Mint, new_room: NewRoom
) -> None:
    room = await new_room()
    async with open_proxy(server.port) as proxy:
        address = f"ws://127.0.0.1:{proxy.port}/connection/websocket"
        async with (
            open_sdk(sdk, address, "ada", token("ada", "user")) as ada,
            open_sdk("python-json", server.socket_address, "ben", token("ben", "user")) as ben,
        ):
            seen = await ada.watch(room)
            proxy.weather = Weather(cut_after_bytes=60)
            await ben.give("workspace.post", room, text="torn " * 100)
            proxy.weather = Weather()
            await ben.give("workspace.post", room, text="whole")
            await seen.until(lambda: "whole" in seen.texts())

    assert seen.texts() == ["torn " * 100, "whole"]
    assert len(seen.entries) >= 2


async def test_a_token_is_refreshed_before_it_runs_out(sdk: str, server: ServerProcess, token: Mint, new_room: NewRoom) -> None:
    room = await new_room()
    short, long = token("ada", "user", ttl_s=2), token("ada", "user", ttl_s=600)
    async with open_sdk(sdk, server.socket_address, "ada", short, fresh=[long]) as ada:
        seen = await ada.watch(room)
        await asyncio.sleep(3.5)  # past the first token's end: the time itself is what is tested
        await ada.give("workspace.post", room, text="still here")
        await seen.until(lambda: "still here" in seen.texts())

        assert (ada.times_connected, ada.ended) == (1, [])


async def test_presence_names_who_is_here_and_tells_who_comes_and_goes(
    sdk: str, server: ServerProcess, token: Mint, new_room: NewRoom
) -> None:
    room = await new_room()
    address = server.socket_address
    async with open_sdk(sdk, address, "ada", token("ada", "user")) as ada:
        seen = await ada.watch(room)
        async with open_sdk(sdk, address, "ben", token("ben", "user")) as ben:
            await ben.watch(room)
            await seen.until(lambda: actor_of("ben") in seen.joined)
            assert await ada.presence(room) == {actor_of("ada"), actor_of("ben")}
            assert await ada.stats(room) == (2, 2)
        await seen.until(lambda: actor_of("ben") in seen.left)
        assert await ada.presence(room) == {actor_of("ada")}


async def test_history_is_read_in_pages_both_ways(sdk: str, server: ServerProcess, token: Mint, new_room: NewRoom) -> None:
    room = await new_room()
    async with open_sdk(sdk, server.socket_address, "ada", token("ada", "user")) as ada:
        await ada.watch(room)
        for number in range(5):
            await ada.give("workspace.post", room, text=f"post {number}")
        newest = await ada.history(room, limit=2, reverse=True)
        first = await ada.history(room, limit=3, since=(newest.top - 5, newest.epoch))
        second = await ada.history(room, limit=3, since=(first.offsets[-1], newest.epoch))

    assert newest.texts == ["post 4", "post 3"]
    assert first.texts == ["post 0", "post 1", "post 2"]
    assert second.texts == ["post 3", "post 4"]
    assert second.offsets[-1] == second.top == newest.top


async def test_a_signal_reaches_the_others_and_is_not_kept(sdk: str, server: ServerProcess, token: Mint, new_room: NewRoom) -> None:
    room = await new_room()
    address = server.socket_address
    async with (
        open_sdk(sdk, address, "ada", token("ada", "user")) as ada,
        open_sdk(sdk, address, "ben", token("ben", "user")) as ben,
    ):
        seen = await ada.watch(room)
        await ben.watch(room)
        await ben.signal(room, {"type": "typing"})
        await seen.until(lambda: bool(seen.signals))
        history = await ada.history(room, limit=10)

    assert seen.signals[0]["signal"]["type"] == "typing"
    assert seen.signals[0]["by"]["id"] == actor_of("ben")
    assert len(history.offsets) == 1  # what created the room, and nothing else


async def test_publishing_anything_but_a_signal_is_refused(sdk: str, server: ServerProcess, token: Mint, new_room: NewRoom) -> None:
    room = await new_room()
    async with open_sdk(sdk, server.socket_address, "ada", token("ada", "user")) as ada:
        await ada.watch(room)
        with pytest.raises(Refusal) as refusal:
            await ada.signal(room, {"type": "message_posted", "text": "sneaked in"})

    assert refusal.value.code == 103
    assert len(str(refusal.value)) > 20


async def test_a_refusal_has_its_code_and_a_sentence(sdk: str, server: ServerProcess, token: Mint, new_room: NewRoom) -> None:
    room = await new_room()
    async with open_sdk(sdk, server.socket_address, "ada", token("ada", "user")) as ada:
        with pytest.raises(Refusal) as refusal:
            await ada.give("workspace.verify", room)

    assert refusal.value.code == 103
    assert len(str(refusal.value)) > 20


async def test_somebody_who_comes_late_gets_the_view_with_what_is_under_way(
    sdk: str, server: ServerProcess, token: Mint, new_room: NewRoom
) -> None:
    room = await new_room()
    address = server.socket_address
    async with (
        open_sdk("python-json", address, "ada", token("ada", "user")) as ada,
        open_sdk("python-json", address, "claude", token("claude", "bot")) as claude,
        open_sdk(sdk, address, "ben", token("ben", "user")) as ben,
    ):
        await ada.give("workspace.request_implementation", room)
        await claude.give("workspace.start_execution", room)
        execution = (await _executions(claude, room))[-1]
        await claude.give("workspace.report_progress", room, execution_id=execution["id"], progress=41, note="Reading")
        seen = await ben.watch(room)
        await claude.give("workspace.report_progress", room, execution_id=execution["id"], progress=42, note="Writing")
        await seen.until(lambda: any(tick["tick"]["progress"] == 42 for tick in seen.ticks))

    view = seen.entries[0].data["view"]
    assert view["workspace"]["status"] == "implementing"
    assert [run["status"] for run in view["executions"]] == ["running"]
    assert [tick["tick"]["progress"] for tick in seen.ticks] == sorted(tick["tick"]["progress"] for tick in seen.ticks)


async def test_standing_says_what_one_is_in_a_room(sdk: str, server: ServerProcess, token: Mint, new_room: NewRoom) -> None:
    room = await new_room()
    async with open_sdk(sdk, server.socket_address, "ada", token("ada", "user")) as ada:
        assert await ada.ask("room.standing", room=room) == {"room": room, "role": "member"}


async def _executions(sdk: Sdk, room: str) -> list[dict[str, str]]:
    seen = await sdk.watch(room)
    return list(seen.entries[-1].data["view"]["executions"])
