"""What only some kinds of room do: answer questions, refer to each other, take words back, close, count visits, stand in lists."""

import json
from collections.abc import Iterator

import pytest

from channels.open_room import OpenRoom
from channels.rooms import Rooms
from channels.seats import PUT_OUT_CLOSED, Accepted, Since
from channels.settings import HubSettings
from domain.event_codec import encode
from domain.ids import RoomAddress, id_of
from domain.rejections import Malformed, NotAllowed, Unavailable, UnknownCommand, UnknownThing
from tests.support.fake_seats import FakeSeat, actor_id, identity
from tests.support.live import World, open_world
from tests.support.notebook import NOTEBOOKS, VISIT_MS, Notebook, NotebookDecider, notebook_address

ADA, BEN = identity("ada"), identity("ben")


async def begun(world: World, name: str = "one") -> RoomAddress:
    answer = await world.give(ADA, "notebook.begin", name=name)
    assert isinstance(answer, Accepted), answer
    return answer.room


def home_of(name: str) -> RoomAddress:
    return RoomAddress(f"home:{actor_id(name)}")


class TestQuestions:
    async def test_a_question_is_answered_from_the_rooms_state(self) -> None:
        async with open_world(NOTEBOOKS) as world:
            room = await begun(world)
            await world.give(ADA, "notebook.write", room, text="a")

            told = await world.hub.ask(BEN, "notebook.line_count", encode({"room": room}))

            assert json.loads(told.data) == {"lines": 1, "asked_by": "ben"}

    async def test_who_may_not_see_a_room_is_told_nothing(self) -> None:
        async with open_world(NOTEBOOKS) as world:
            payload = encode({"room": notebook_address("nowhere")})

            assert await refused(world, "notebook.line_count", payload) is NotAllowed

    async def test_a_malformed_or_unknown_question_is_refused(self) -> None:
        async with open_world(NOTEBOOKS) as world:
            room = await begun(world)

            assert await refused(world, "notebook.line_count", encode({"room": room, "more": 1})) is Malformed
            assert await refused(world, "notebook.line_count", encode({"room": "home:" + id_of(room)})) is Malformed
            assert await refused(world, "notebook.line_count", b"{") is Malformed
            assert await refused(world, "notebook.what", b"{}") is UnknownCommand


async def refused(world: World, name: str, payload: bytes) -> type[Exception] | None:
    try:
        await world.hub.ask(ADA, name, payload)
    except Exception as error:
        return type(error)
    return None


class TestReferences:
    async def test_a_rule_is_told_what_another_room_says_of_itself(self) -> None:
        async with open_world(NOTEBOOKS) as world:
            one, two = await begun(world, "one"), await begun(world, "two")
            seat = await world.seat("ben", one)

            answer = await world.give(ADA, "notebook.copy", one, other=id_of(two))

            assert isinstance(answer, Accepted)
            assert seat.events[-1]["event"] == {"type": "written", "text": "two"}

    async def test_a_closed_room_is_opened_to_be_asked(self) -> None:
        async with open_world(NOTEBOOKS) as world:
            one, two = await begun(world, "one"), await begun(world, "two")
            for _ in range(3):
                await world.pass_ms(60_000)
            assert world.hub.statistics()["rooms_open"] == 0

            assert isinstance(await world.give(ADA, "notebook.copy", one, other=id_of(two)), Accepted)

    async def test_a_look_up_that_fails_is_answered_and_holds_up_nobody(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fails(decider: NotebookDecider, state: Notebook) -> None:
            raise LookupError(state.name)

        async with open_world(NOTEBOOKS) as world:
            one, two = await begun(world, "one"), await begun(world, "two")
            monkeypatch.setattr(NotebookDecider, "referred", fails)

            assert isinstance(await world.give(ADA, "notebook.copy", one, other=id_of(two)), Unavailable)
            assert isinstance(await world.give(ADA, "notebook.write", one, text="a"), Accepted)
            assert world.hub.statistics()["commands_waiting"] == 0

    async def test_what_is_not_there_or_is_no_address_is_unknown(self) -> None:
        async with open_world(NOTEBOOKS) as world:
            one = await begun(world)

            assert isinstance(await world.give(ADA, "notebook.copy", one, other=id_of(notebook_address("no"))), UnknownThing)
            assert isinstance(await world.give(ADA, "notebook.copy", one, other="no uuid"), UnknownThing)


class TestTakingBack:
    async def test_a_resume_and_a_history_bring_no_words_that_were_taken_back(self) -> None:
        async with open_world(NOTEBOOKS) as world:
            room = await begun(world)
            await world.give(ADA, "notebook.write", room, text="a secret")
            await world.give(ADA, "notebook.erase", room, offset=2)

            seat = FakeSeat("ben")
            world.hub.connected(seat)
            await world.subscribe(seat, room, Since("e1", 1))
            page = await world.hub.history(ADA, room, 0, 10)

            missed = [json.loads(message.data)["event"] for message in seat.subscribed[0].missed]
            assert missed == [{"type": "written", "text": ""}, {"type": "erased", "erased": 2}]
            assert not any(b"secret" in message.data for message in page.messages)

    async def test_the_log_is_told_and_a_fresh_snapshot_handed_over(self) -> None:
        async with open_world(NOTEBOOKS) as world:
            room = await begun(world)
            await world.give(ADA, "notebook.write", room, text="a secret")
            await world.give(ADA, "notebook.erase", room, offset=2)

            assert world.log.redacted[room] == {2}
            assert world.log.snapshots[room].offset == 3


class TestClosing:
    async def test_everybody_is_put_out_with_the_rooms_own_sentence(self) -> None:
        async with open_world(NOTEBOOKS) as world:
            room = await begun(world)
            seat = await world.seat("ben", room)

            await world.give(ADA, "notebook.close", room)

            assert seat.unsubscribed == [(room, PUT_OUT_CLOSED)]
            assert seat.events[-1]["event"] == {"type": "closed"}


class TestArrivals:
    async def test_a_visit_is_counted_once_per_person_in_the_interval(self) -> None:
        async with open_world(NOTEBOOKS) as world:
            room = await begun(world)
            seats = [await world.seat("ben", room), await world.seat("ben", room), await world.seat("cyd", room)]
            await world.pass_ms(100)

            assert seats[0].ticks[-1] == {"type": "visits", "key": "visits", "count": 2}

            await world.pass_ms(VISIT_MS)
            await world.seat("ben", room)
            await world.pass_ms(100)

            assert seats[0].ticks[-1]["count"] == 3

    async def test_the_owners_own_visit_is_none(self) -> None:
        async with open_world(NOTEBOOKS) as world:
            seat = await world.seat("ada", await begun(world))
            await world.pass_ms(100)

            assert seat.ticks == []


class TestHomes:
    async def test_people_and_guests_have_a_home_and_bots_have_none(self) -> None:
        async with open_world(NOTEBOOKS) as world:
            homes = [world.hub.home_of(identity("x", kind).actor) for kind in ("user", "guest", "bot", "system")]

            assert homes == [home_of("x"), home_of("x"), None, None]

    async def test_a_home_is_there_without_having_been_made_and_open_to_its_owner_alone(self) -> None:
        async with open_world(NOTEBOOKS) as world:
            own = await world.seat("ada", home_of("ada"))
            other = await world.seat("ben", home_of("ada"))

            assert own.subscribed[0].offset == 0
            assert isinstance(other.rejections[0], NotAllowed)

    async def test_an_empty_home_is_looked_at_as_seldom_as_any_room_while_somebody_is_in_it(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        looks: list[RoomAddress] = []
        look = Rooms._look

        def counted(rooms: Rooms, open_room: OpenRoom) -> None:
            looks.append(open_room.room.address)
            look(rooms, open_room)

        monkeypatch.setattr(Rooms, "_look", counted)
        async with open_world(NOTEBOOKS, HubSettings(idle_close_s=20)) as world:
            own = await world.seat("ada", home_of("ada"))
            for _ in range(10):
                await world.pass_ms(1_000)
            assert looks == [home_of("ada")]

            world.hub.disconnected(own, clean=True)
            for _ in range(20):
                await world.pass_ms(1_000)
            assert world.hub.statistics()["rooms_open"] == 0

    async def test_reading_is_kept_in_the_home_whatever_room_was_read(self) -> None:
        async with open_world(NOTEBOOKS) as world:
            room, home = await begun(world), await world.seat("ada", home_of("ada"))

            answer = await world.give(ADA, "room.mark_read", room, offset=1)

            assert isinstance(answer, Accepted)
            assert answer.room == home_of("ada")
            assert home.events[-1]["event"] == {"type": "read", "read_room": room, "read_offset": 1}

    async def test_reading_of_a_wrong_form_is_refused_with_the_path(self) -> None:
        async with open_world(NOTEBOOKS) as world:
            answer = await world.give(ADA, "room.mark_read", await begun(world), offset="much")

            assert isinstance(answer, Malformed)
            assert "$.offset" in str(answer)

    async def test_a_bot_reads_nothing(self) -> None:
        async with open_world(NOTEBOOKS) as world:
            answer = await world.give(identity("claude", "bot"), "room.mark_read", await begun(world), offset=1)

            assert isinstance(answer, UnknownCommand)


class TestLists:
    async def test_a_room_is_shown_in_its_owners_home_with_what_others_said(self) -> None:
        async with open_world(NOTEBOOKS) as world:
            room, home = await begun(world), await world.seat("ada", home_of("ada"))
            await world.give(BEN, "notebook.write", room, text="a")
            await world.give(ADA, "notebook.write", room, text="b")
            await world.pass_ms(250)
            await world.pass_ms(100)

            assert home.ticks[-1] == {"type": "line", "key": f"room:{room}", "name": "one", "unread": 1}

    async def test_reading_it_changes_the_line_at_once_on_every_device(self) -> None:
        async with open_world(NOTEBOOKS) as world:
            room = await begun(world)
            devices = [await world.seat("ada", home_of("ada")) for _ in range(2)]
            await world.give(BEN, "notebook.write", room, text="a")
            await world.pass_ms(350)
            await world.give(ADA, "room.mark_read", room, offset=2)
            await world.pass_ms(250)
            await world.pass_ms(100)

            assert [device.ticks[-1]["unread"] for device in devices] == [0, 0]

    async def test_a_home_that_is_opened_later_is_shown_the_open_rooms(self) -> None:
        async with open_world(NOTEBOOKS) as world:
            room = await begun(world)
            await world.give(BEN, "notebook.write", room, text="a")
            await world.pass_ms(350)

            home = await world.seat("ada", home_of("ada"))
            await world.pass_ms(250)
            await world.pass_ms(100)

            assert [tick["unread"] for tick in home.ticks] == [1]

    async def test_a_home_is_shown_nothing_of_a_room_that_is_not_for_its_list(self) -> None:
        async with open_world(NOTEBOOKS) as world:
            await begun(world)
            home = await world.seat("ben", home_of("ben"))
            await world.pass_ms(250)
            await world.pass_ms(100)

            assert home.ticks == []

    async def test_what_a_home_costs_does_not_follow_the_rooms_that_are_open(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with open_world(NOTEBOOKS) as world:
            await begun(world)
            home = await world.seat("ada", home_of("ada"))
            looked_at: list[str] = []

            def all_rooms(rooms: Rooms) -> Iterator[OpenRoom]:
                looked_at.append("all rooms")
                return iter(())

            monkeypatch.setattr(Rooms, "__iter__", all_rooms)
            await world.pass_ms(250)
            await world.pass_ms(100)

            assert [tick["unread"] for tick in home.ticks] == [0]
            assert looked_at == []
