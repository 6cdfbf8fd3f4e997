"""Commands given to a hub over fakes: refused, held, repeated, slowed, answered, and shared with another node."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from channels.broker_memory import MemoryBroker
from channels.seats import Accepted
from channels.settings import HubSettings
from domain.decider import Command, Context, Decision, Ref
from domain.log import JournalBroken, JournalFull, StorageAway
from domain.rejections import (
    AlreadyExists,
    Busy,
    Malformed,
    Unavailable,
    UnknownCommand,
    UnknownThing,
)
from tests.support.desk import DESKS, Desk, DeskDecider, Worked, desk_address
from tests.support.fake_seats import identity
from tests.support.live import Answers, FakeJournal, open_world

ADA = identity("ada")


async def test_a_malformed_or_unknown_command_is_refused_at_once() -> None:
    async with open_world(DESKS) as world:
        answers = Answers()
        world.hub.give(answers.given(ADA, "desk.sing", desk_address("one")))
        world.hub.give(answers.given(ADA, "desk.say", desk_address("one"), txt="a"))
        world.hub.give(answers.given(ADA, "desk.make", desk_address("two"), name="one"))

        assert [type(answer) for answer in answers.all] == [UnknownCommand, Malformed, Malformed]


async def test_nothing_leaves_while_the_append_runs() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        seat = await world.seat("ada", room)
        answers = Answers()
        with world.journal.held():
            world.hub.give(answers.given(ADA, "desk.say", room, text="a"))
            world.hub.give(answers.given(ADA, "desk.end", room, key="k"))
            await world.settle()
            late = await world.seat("bob", room)
            assert answers.all == []
            assert seat.offsets == []
            assert late.subscribed[0].offset == 1
        await answers.until(2)
        await world.settle()

        assert seat.offsets == late.offsets == [2]


async def test_the_reply_stands_before_the_own_event() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        seat = await world.seat("ada", room)
        answers = Answers()
        answers.put = seat.heard.append  # type: ignore[method-assign]  # the seat hears the answer as its session would tell it
        world.hub.give(answers.given(ADA, "desk.say", room, text="a"))
        await world.settle()

        _, answer, event = seat.heard
        assert isinstance(answer, Accepted)
        assert event["offset"] == answer.offset


async def test_commands_gather_while_an_append_runs() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        answers = Answers()
        with world.journal.held():
            world.hub.give(answers.given(ADA, "desk.say", room, text="first"))
            await world.settle()
            for _ in range(5):
                world.hub.give(answers.given(ADA, "desk.say", room, text="more"))
            await world.settle()
        await answers.until(6)

        assert [len(batch.records) for batch in world.journal.batches] == [1, 1, 5]


async def test_a_repeat_of_a_command_in_flight_gets_the_same_answer() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        answers = Answers()
        given = answers.given(ADA, "desk.say", room, text="a", times=2)
        with world.journal.held():
            world.hub.give(given)
            await world.settle()
            world.hub.give(given)
            await world.settle()
        first, second = await answers.until(2)

        assert first == second
        assert isinstance(first, Accepted)
        assert first.extra == {"lines": ["a", "a"]}
        assert len(world.journal.rooms[room]) == 3


async def test_a_full_journal_refuses_and_goes_on() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        seat = await world.seat("bob", room)
        world.journal.fails_with = JournalFull()

        assert isinstance(await world.give(ADA, "desk.say", room, text="a"), Unavailable)
        assert isinstance(await world.give(ADA, "desk.say", room, text="b"), Accepted)
        await world.settle()
        assert [event["event"]["text"] for event in seat.events] == ["b"]


async def test_a_broken_journal_acknowledges_nothing_and_ends_the_node(caplog: pytest.LogCaptureFixture) -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        answers = Answers()
        world.journal.fails_with = JournalBroken("fsync")
        world.hub.give(answers.given(ADA, "desk.say", room, text="a"))

        await asyncio.wait_for(world.hub.failed.wait(), 5)
        await world.settle()

        assert isinstance(world.hub.failure, JournalBroken)
        assert answers.all == []
        assert isinstance(await world.give(ADA, "desk.say", room, text="b"), Unavailable)
        await asyncio.wait_for(world.hub.drain(), 5)
        assert "journal" in caplog.text or "fsync" in caplog.text


async def test_an_almost_full_journal_slows_producers_and_a_full_one_refuses() -> None:
    async with open_world(DESKS, HubSettings(slowed_commands_per_s=100)) as world:
        room = await world.make()
        world.journal.fill = 0.9
        assert isinstance(await world.give(ADA, "desk.say", room, text="notes the fill"), Accepted)
        world.clock.ms += 100
        answers = Answers()
        for _ in range(50):
            world.hub.give(answers.given(ADA, "desk.say", room, text="a"))
        await world.settle()
        assert len(answers.accepted) == 5  # 100/s at 0.8, half of it at 0.9, for a tenth of a second
        assert {type(rejection) for rejection in answers.rejections} == {Busy}

        world.journal.fill = 1.0
        assert isinstance(await world.give(ADA, "desk.say", room, text="a"), Unavailable)
        world.journal.fill = 0.1
        assert isinstance(await world.give(ADA, "desk.say", room, text="a"), Accepted)


async def test_the_node_has_a_bound_for_all_rooms_together() -> None:
    async with open_world(DESKS, HubSettings(node_waiting_commands=3)) as world:
        room = await world.make()
        answers = Answers()
        with world.journal.held():
            for _ in range(4):
                world.hub.give(answers.given(ADA, "desk.say", room, text="a"))
            assert [type(answer) for answer in answers.all] == [Busy]
        await answers.until(4)

        assert world.hub.statistics()["commands_waiting"] == 0


async def test_a_reply_waits_for_postgres_where_that_was_asked() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        world.log.stored_up_to = {}
        answers = Answers()
        world.hub.give(answers.given(ADA, "desk.say", room, text="a", receipt="stored"))
        await world.settle()
        assert answers.all == []

        world.log.store(room, 2)
        (answer,) = await answers.until(1)

        assert isinstance(answer, Accepted)
        assert answer.stored is True


async def test_a_reply_that_waited_too_long_for_postgres_says_so() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        world.log.stored_up_to = {}
        answers = Answers()
        world.hub.give(answers.given(ADA, "desk.say", room, text="a", receipt="stored"))
        await world.settle()
        world.clock.ms += 3_000

        (answer,) = await answers.until(1)

        assert isinstance(answer, Accepted)
        assert answer.stored is False


async def test_references_are_looked_up_before_the_rule_and_later_commands_keep_their_order() -> None:
    class Catalogue:
        is_away = False

        async def look_up(self, refs: Iterable[Ref]) -> Mapping[Ref, Any]:
            await asyncio.sleep(0)
            if self.is_away:
                raise StorageAway
            return {ref: "known" for ref in refs if ref.id == "lamp"}

    catalogue = Catalogue()
    async with open_world(DESKS, references=catalogue) as world:
        room = await world.make()
        answers = Answers()
        world.hub.give(answers.given(ADA, "desk.refer", room, thing="lamp"))
        world.hub.give(answers.given(ADA, "desk.say", room, text="then"))
        lamp, then = await answers.until(2)
        assert isinstance(lamp, Accepted)
        assert isinstance(then, Accepted)
        assert (lamp.offset, then.offset) == (2, 3)

        assert isinstance(await world.give(ADA, "desk.refer", room, thing="moon"), UnknownThing)
        catalogue.is_away = True
        assert isinstance(await world.give(ADA, "desk.refer", room, thing="lamp"), Unavailable)


async def test_two_nodes_over_one_journal_take_turns_and_their_members_see_the_same() -> None:
    journal, first_broker, second_broker = FakeJournal(), MemoryBroker(), MemoryBroker()
    first_broker.connect(second_broker)
    async with (
        open_world(DESKS, journal=journal, broker=first_broker) as here,
        open_world(DESKS, journal=journal, broker=second_broker) as there,
    ):
        room = await here.make()
        one, two = await here.seat("one", room), await there.seat("two", room)
        answers = Answers()
        with journal.held():
            here.hub.give(answers.given(ADA, "desk.begin", room, key="k"))
            there.hub.give(answers.given(identity("bob"), "desk.begin", room, key="k"))
            await here.settle()
        results = await answers.until(2)
        await here.settle()

        assert {type(result) for result in results} == {Accepted, AlreadyExists}
        assert isinstance(await there.give(identity("bob"), "desk.say", room, text="a"), Accepted)
        await here.settle()
        assert one.offsets == two.offsets == [2, 3]


class CuriousDesk(DeskDecider):
    """Notes which last ticks its rules were told of."""

    def __init__(self) -> None:
        self.told: list[dict[str, int]] = []

    def decide(self, state: Desk, command: Command, context: Context) -> Decision:
        self.told.append({key: tick.value for key, tick in context.last_ticks.items() if isinstance(tick, Worked)})
        return super().decide(state, command, context)


async def test_rules_are_told_the_last_tick_of_every_live_key() -> None:
    desk = CuriousDesk()
    async with open_world({desk.kind: desk}) as world:
        room = await world.make()
        await world.give(ADA, "desk.begin", room, key="k")
        answers = Answers()
        for value in (3, 5):
            world.hub.give(answers.given(ADA, "desk.report", room, key="k", value=value))
        await answers.until(2)
        await world.give(ADA, "desk.end", room, key="k")
        await world.give(ADA, "desk.say", room, text="a")

    assert desk.told == [{}, {}, {}, {"k": 3}, {"k": 5}, {}]
