"""Rooms and hubs over fakes from opening to end: storage that is away, deadlines, idle rooms, draining, faults of ours."""

import asyncio
import json
from collections.abc import Sequence

import pytest

from channels.seats import Accepted
from channels.settings import HubSettings
from domain.decider import Deadline
from domain.event_codec import UnknownEvent
from domain.ids import RoomAddress
from domain.log import DueDeadline, FinishedReaction, OpenedRoom, PendingReaction, StoredPassing
from domain.rejections import (
    Busy,
    NotAllowed,
    Unavailable,
)
from tests.support.desk import DESKS, desk_address
from tests.support.fake_seats import identity
from tests.support.live import Answers, FakeLog, open_world

ADA = identity("ada")


async def test_a_room_is_opened_once_for_all_who_ask_at_the_same_time() -> None:
    async with open_world(DESKS) as world:
        room = desk_address("one")
        world.log.may_read.clear()
        answers = Answers()
        world.hub.give(answers.given(ADA, "desk.make", name="one"))
        world.hub.give(answers.given(ADA, "desk.say", room, text="a"))
        seat = await world.seat("bob")
        world.hub.subscribe(seat.asks(room))
        world.log.may_read.set()

        made, said = await answers.until(2)

        assert isinstance(made, Accepted)
        assert isinstance(said, Accepted)
        assert world.log.opened == [room]
        assert isinstance(seat.heard[0], NotAllowed)


async def test_missing_and_forbidden_rooms_answer_alike() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        guest = await world.seat("guest", who=identity("guest", "guest"))
        for address in (room, desk_address("nowhere"), RoomAddress("desk:not-a-uuid"), RoomAddress("nothing:x"), RoomAddress("")):
            await world.subscribe(guest, address)

        assert len(guest.rejections) == 5
        assert {(type(rejection), str(rejection)) for rejection in guest.rejections} == {(NotAllowed, str(NotAllowed()))}
        with pytest.raises(NotAllowed):
            await world.hub.standing(guest.identity, room)


async def test_while_storage_is_away_open_rooms_go_on_and_closed_ones_are_unavailable() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        world.log.is_away = True

        assert isinstance(await world.give(ADA, "desk.say", room, text="a"), Accepted)
        seat = await world.seat("bob", room)
        assert seat.subscribed[0].offset == 2
        assert isinstance(await world.give(ADA, "desk.make", name="two"), Unavailable)
        world.log.is_away = False
        assert isinstance(await world.give(ADA, "desk.make", name="two"), Accepted)


async def test_a_room_with_an_unknown_event_is_unavailable_on_this_node(caplog: pytest.LogCaptureFixture) -> None:
    class NewerLog(FakeLog):
        async def open_room(self, room: RoomAddress) -> OpenedRoom:
            raise UnknownEvent("desk has no event 'sung'")

    async with open_world(DESKS) as world:
        world.log.__class__ = NewerLog

        assert isinstance(await world.give(ADA, "desk.make", name="one"), Unavailable)
        assert "desk has no event 'sung'" in caplog.text


async def test_too_many_askers_for_one_opening_are_busy() -> None:
    async with open_world(DESKS, HubSettings(opening_waiting_asks=2)) as world:
        world.log.may_read.clear()
        answers = Answers()
        for _ in range(3):
            world.hub.give(answers.given(ADA, "desk.say", desk_address("one"), text="a"))

        assert [type(answer) for answer in answers.all] == [Busy]
        world.log.may_read.set()
        await answers.until(3)


async def test_silence_ends_a_job_but_not_before_the_last_tick_is_old_enough() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        seat = await world.seat("bob", room)
        await world.give(ADA, "desk.begin", room, key="k", quiet_ms=60_000)
        assert [deadline.what for deadline in world.log.deadlines[room]] == ["job:k"]
        await world.pass_ms(50_000)
        await world.give(ADA, "desk.report", room, key="k", value=1)
        await world.pass_ms(59_999)
        assert seat.offsets == [2]
        await world.pass_ms(1)

        assert [event["event"]["type"] for event in seat.events] == ["begun", "ended"]
        assert seat.events[1]["by"]["kind"] == "system"
        assert world.log.deadlines[room] == ()


async def test_a_stored_deadline_opens_its_closed_room_and_fires_there() -> None:
    class Stored:
        async def due(self, now_ms: int, limit: int) -> Sequence[DueDeadline]:
            return [DueDeadline(room, Deadline(what="job:k", at_ms=0, name="desk.end", payload={}))]

    async with open_world(DESKS) as world:
        room = await world.make()
        await world.give(ADA, "desk.begin", room, key="k", quiet_ms=1_000)
    async with open_world(DESKS, HubSettings(sweep_interval_s=0), journal=world.journal, deadlines=Stored()) as again:
        await again.settle()
        assert again.log.opened == [room]
        await again.pass_ms(1_001)
        await again.settle()

        assert [record.event.__class__.__name__ for record in world.journal.rooms[room]] == ["Made", "Begun", "Ended"]


async def test_an_idle_room_closes_only_after_its_last_record_is_stored_and_hands_over_its_state() -> None:
    async with open_world(DESKS, HubSettings(idle_close_s=10)) as world:
        world.log.stored_up_to = {}
        room = await world.make()
        await world.pass_ms(10_000)
        await world.pass_ms(10_000)
        await world.pass_ms(1_000)
        assert world.hub.statistics()["rooms_open"] == 1
        world.log.store(room, 1)
        await world.pass_ms(1_000)
        assert world.hub.statistics()["rooms_open"] == 0
        assert world.log.snapshots[room].offset == 1

        seat = await world.seat("bob", room)
        assert seat.subscribed[0].offset == 1
        assert len(world.log.opened) == 2


async def test_a_room_with_members_does_not_close() -> None:
    async with open_world(DESKS, HubSettings(idle_close_s=10)) as world:
        await world.seat("bob", await world.make())
        for _ in range(10):
            await world.pass_ms(10_000)

        assert world.hub.statistics()["rooms_open"] == 1


async def test_what_passes_is_there_again_after_a_room_was_closed() -> None:
    async with open_world(DESKS, HubSettings(idle_close_s=10)) as world:
        room = await world.make()
        await world.give(ADA, "desk.begin", room, key="k")
        await world.give(ADA, "desk.report", room, key="k", value=1)
        await world.give(ADA, "desk.tell", room, key="k", text="half a sen")
        for _ in range(3):
            await world.pass_ms(10_000)
        assert world.hub.statistics()["rooms_open"] == 0

        seat = await world.seat("bob", room)
        data = json.loads(seat.subscribed[0].view)
        answer = await world.give(ADA, "desk.tell", room, key="k", position=10, text="tence")
        await world.pass_ms(40)

        assert isinstance(answer, Accepted)
        assert data["streams"] == [{"key": "k", "attempt": 1, "position": 0, "text": "half a sen"}]
        # a piece is the key's last word here, so its tick is not kept beside it
        assert [(piece["position"], piece["text"]) for piece in seat.pieces] == [(10, "tence")]


async def test_what_ended_while_nobody_remembered_is_dropped_when_the_room_opens() -> None:
    async with open_world(DESKS) as world:
        room = desk_address("one")
        world.log.passing[room] = {"k": StoredPassing(key="k", after=1, at_ms=5, tick=b'{"type":"worked","key":"k","value":1}')}
        await world.make("one")

        assert (room, 0, frozenset({"k"})) in world.log.ended


async def test_a_room_that_does_not_exist_is_soon_forgotten() -> None:
    async with open_world(DESKS) as world:
        await world.give(ADA, "desk.say", desk_address("nowhere"), text="a")
        await world.pass_ms(1_000)
        await world.pass_ms(1_000)

        assert world.hub.statistics()["rooms_open"] == 0


async def test_every_so_many_events_a_snapshot_is_handed_over() -> None:
    async with open_world(DESKS, HubSettings(snapshot_events=5)) as world:
        room = await world.make()
        await world.give(ADA, "desk.say", room, text="a", times=3)
        assert room not in world.log.snapshots
        await world.give(ADA, "desk.say", room, text="a", times=2)

        assert world.log.snapshots[room].offset == 6


async def test_a_draining_node_answers_what_waits_and_refuses_what_is_new() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        seat = await world.seat("bob", room)
        answers = Answers()
        with world.journal.held():
            world.hub.give(answers.given(ADA, "desk.say", room, text="a"))
            await world.settle()
            draining = asyncio.create_task(world.hub.drain())
            await world.settle()
            assert not draining.done()
            world.hub.give(answers.given(ADA, "desk.say", room, text="b"))
            await world.subscribe(await world.seat("late"), room)
        await asyncio.wait_for(draining, 5)
        await world.settle()

        assert [type(answer) for answer in answers.all] == [Unavailable, Accepted]
        assert seat.offsets == [2]
        assert world.log.snapshots[room].offset == 2


async def test_leaving_the_block_waits_for_the_append_in_flight() -> None:
    answers = Answers()
    async with open_world(DESKS) as world:
        room = await world.make()
        world.journal.open.clear()
        world.hub.give(answers.given(ADA, "desk.say", room, text="a"))
        await world.settle()
        asyncio.get_running_loop().call_soon(world.journal.open.set)

    assert len(answers.accepted) == 1


async def test_a_room_that_cannot_publish_is_opened_again_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    async with open_world(DESKS) as world:
        room, other = await world.make("one"), await world.make("two")
        bob = await world.seat("bob", room)
        world.log.keep_deadlines = None  # type: ignore[method-assign,assignment]  # a fault of ours
        await world.give(ADA, "desk.begin", room, key="k", quiet_ms=1_000)
        await world.settle()

        assert bob.unsubscribed == [(room, 2500)]
        assert isinstance(await world.give(ADA, "desk.say", other, text="a"), Accepted)
        assert isinstance(await world.give(ADA, "desk.say", room, text="a"), Accepted)
        assert "could not publish" in caplog.text


async def test_a_fault_in_looking_for_deadlines_or_reactions_does_not_end_the_node(caplog: pytest.LogCaptureFixture) -> None:
    looks: list[str] = []

    class Faulty:
        async def due(self, now_ms: int, limit: int) -> Sequence[DueDeadline]:
            looks.append("deadlines")
            raise RuntimeError("conflict with recovery")

        async def pending(self, limit: int) -> Sequence[PendingReaction]:
            looks.append("reactions")
            raise RuntimeError("read-only transaction")

        async def finish(self, finished: Sequence[FinishedReaction]) -> None:
            """Never comes to it."""

        async def until_new(self, timeout_s: float) -> None:
            await asyncio.sleep(timeout_s)

    settings = HubSettings(sweep_interval_s=0, reaction_interval_s=0)
    async with open_world(DESKS, settings, deadlines=Faulty(), reactions=Faulty()) as world:
        await world.settle()

        assert world.hub.failure is None
        assert min(looks.count("deadlines"), looks.count("reactions")) > 1
        assert isinstance(await world.give(ADA, "desk.make", name="one"), Accepted)


async def test_due_deadlines_of_open_rooms_do_not_hide_those_of_closed_ones() -> None:
    class Stored:
        """An open room's deadline is due by its row as long as its ticks have moved it in memory alone."""

        async def due(self, now_ms: int, limit: int) -> Sequence[DueDeadline]:
            deadline = Deadline(what="job:k", at_ms=0, name="desk.end", payload={})
            return [DueDeadline(room, deadline) for room in (busy, closed)][:limit]

    async with open_world(DESKS) as world:
        busy, closed = await world.make("busy"), await world.make("closed")
    settings = HubSettings(sweep_interval_s=0, sweep_rooms=1)
    async with open_world(DESKS, settings, journal=world.journal, deadlines=Stored()) as again:
        await again.seat("bob", busy)
        await again.settle()

        assert set(again.log.opened) == {busy, closed}


async def test_no_task_outlives_a_hub_whose_end_is_cancelled() -> None:
    before, is_open, leave = asyncio.all_tasks(), asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with open_world(DESKS) as world:
            world.journal.open.clear()
            world.hub.give(Answers().given(ADA, "desk.make", name="one"))
            await world.journal.appending.wait()
            is_open.set()
            await leave.wait()

    life = asyncio.create_task(live())
    await is_open.wait()
    assert len(asyncio.all_tasks() - before) > 2
    leave.set()
    await asyncio.sleep(0)  # it is leaving now, and waits for the append that is under way
    life.cancel()
    with pytest.raises(asyncio.CancelledError):
        await life

    assert asyncio.all_tasks() - before == set()


async def test_an_append_that_hangs_does_not_keep_a_hub_from_ending() -> None:
    answers = Answers()
    async with asyncio.timeout(5):
        async with open_world(DESKS, HubSettings(last_append_s=0.01)) as world:
            world.journal.open.clear()
            world.hub.give(answers.given(ADA, "desk.make", name="one"))
            await world.journal.appending.wait()

    assert answers.all == [], "nobody knows whether it is durable"
