"""The hub as a whole over fakes: opening, giving, joining, resuming, closing, failing."""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest

from channels.broker_memory import MemoryBroker
from channels.seats import PUT_OUT_DELETED, PUT_OUT_NOT_ALLOWED, Accepted, PresenceCount, Since
from channels.settings import HubSettings
from domain.decider import Deadline, Reaction, Ref
from domain.event_codec import UnknownEvent
from domain.ids import RoomAddress
from domain.log import DueDeadline, JournalBroken, JournalFull, OpenedRoom, PendingReaction, StorageAway
from domain.rejections import (
    AlreadyExists,
    Busy,
    LimitExceeded,
    Malformed,
    NotAllowed,
    NotRecoverable,
    Unavailable,
    UnknownCommand,
    UnknownThing,
)
from domain.roles import Claims, Grant
from tests.support.desk import DESKS, desk_address
from tests.support.live import START_MS, Answers, FakeJournal, FakeLog, actor_id, identity, new_command_id, open_world

ADA = identity("ada")
DIRECTORY = RoomAddress("directory:desks")
SHORT_RING = HubSettings(ring_events=3, resume_events=8)


# Opening


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


# Giving


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


# Other nodes


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


# Joining and resuming


async def test_a_resume_brings_the_missed_events_and_keeps_the_clients_offset() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        for text in "abc":
            await world.give(ADA, "desk.say", room, text=text)
        seat = await world.seat("bob", room, since=Since("e1", 2))
        (subscribed,) = seat.subscribed

        assert (subscribed.recovered, subscribed.was_recovering, subscribed.offset) == (True, True, 2)
        assert [message.offset for message in subscribed.missed] == [3, 4]
        assert "view" not in json.loads(subscribed.view)


async def test_what_the_ring_no_longer_has_comes_from_the_log() -> None:
    async with open_world(DESKS, SHORT_RING) as world:
        room = await world.make()
        for text in "abcdefg":
            await world.give(ADA, "desk.say", room, text=text)
        seat = await world.seat("bob", room, since=Since("e1", 1))

        assert [message.offset for message in seat.subscribed[0].missed] == [2, 3, 4, 5, 6, 7, 8]
        assert world.log.reads == 1


async def test_events_between_reading_the_log_and_joining_come_once() -> None:
    async with open_world(DESKS, SHORT_RING) as world:
        room = await world.make()
        for text in "abcde":
            await world.give(ADA, "desk.say", room, text=text)
        world.log.may_read.clear()
        seat = await world.seat("bob", room, since=Since("e1", 1))
        await world.give(ADA, "desk.say", room, text="f")
        with world.journal.held():
            answers = Answers()
            world.hub.give(answers.given(ADA, "desk.say", room, text="g"))
            await world.settle()
            # Durable already, and read from the log, but not yet told to this node.
            world.journal.rooms[room] += [record_like(world.journal, room)]
            world.log.may_read.set()
            await world.settle()
            del world.journal.rooms[room][-1]
        await answers.until(1)
        await world.settle()

        (subscribed,) = seat.subscribed
        assert [message.offset for message in subscribed.missed] + seat.offsets == [2, 3, 4, 5, 6, 7, 8]


def record_like(journal: FakeJournal, room: RoomAddress) -> Any:
    newest = journal.rooms[room][-1]
    fields = {name: getattr(newest, name) for name in newest.__struct_fields__}
    return type(newest)(**{**fields, "offset": newest.offset + 1, "command_id": new_command_id()})


@pytest.mark.parametrize(
    "since", [Since("other", 2), Since("e1", 99), Since("e1", 0)], ids=["other epoch", "ahead", "too far behind"]
)
async def test_what_cannot_be_resumed_gets_a_fresh_view_or_a_refusal(since: Since) -> None:
    async with open_world(DESKS, SHORT_RING) as world:
        room = await world.make()
        for text in "abcdefghi":
            await world.give(ADA, "desk.say", room, text=text)
        seat, strict = await world.seat("bob", room, since=since), await world.seat("eve", room, since=since, only_recovered=True)
        (subscribed,) = seat.subscribed

        assert (subscribed.recovered, subscribed.was_recovering, subscribed.offset) == (False, True, 10)
        assert json.loads(subscribed.view)["view"]["name"] == "one"
        assert isinstance(strict.heard[0], NotRecoverable)
        await world.give(ADA, "desk.say", room, text="z")
        await world.settle()
        assert strict.offsets == []


async def test_too_many_bytes_are_not_resumed() -> None:
    async with open_world(DESKS, HubSettings(resume_bytes=1_000)) as world:
        room = await world.make()
        await world.give(ADA, "desk.say", room, text="x" * 2_000)
        seat = await world.seat("bob", room, since=Since("e1", 1))

        assert not seat.subscribed[0].recovered


async def test_a_seat_that_ends_or_unsubscribes_while_its_room_opens_does_not_join() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
    async with open_world(DESKS, journal=world.journal) as again:
        again.log.may_read.clear()
        ended, left = await again.seat("ended"), await again.seat("left")
        for seat in (ended, left):
            again.hub.subscribe(seat.asks(room))
        again.hub.disconnected(ended, clean=False)
        again.hub.unsubscribe(left, room)
        again.log.may_read.set()
        await again.settle()

        assert ended.heard == []
        assert isinstance(left.heard[0], Unavailable)
        assert again.hub.statistics()["members"] == 0


async def test_a_second_subscribe_to_the_same_room_is_refused() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        seat = await world.seat("bob", room)
        await world.subscribe(seat, room)

        assert isinstance(seat.heard[-1], AlreadyExists)
        assert world.hub.statistics()["members"] == 1


async def test_a_joiner_is_given_running_ticks_and_what_was_told() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        await world.give(ADA, "desk.begin", room, key="k")
        await world.give(ADA, "desk.report", room, key="k", value=5)
        await world.give(ADA, "desk.tell", room, key="k", text="half a sen")
        seat = await world.seat("bob", room)
        data = json.loads(seat.subscribed[0].view)
        await world.give(ADA, "desk.tell", room, key="k", position=10, text="tence")
        await world.settle()

        assert data["ticks"] == [{"tick": {"type": "worked", "key": "k", "value": 5}, "after": 2}]
        assert data["streams"] == [{"key": "k", "attempt": 1, "position": 0, "text": "half a sen"}]
        assert [(piece["position"], piece["text"]) for piece in seat.pieces] == [(10, "tence")]


async def test_ticks_are_kept_for_the_row_and_pieces_as_the_whole_fold() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        await world.give(ADA, "desk.begin", room, key="k")
        await world.give(ADA, "desk.report", room, key="k", value=5)
        await world.give(ADA, "desk.tell", room, key="k", text="ab")
        await world.give(ADA, "desk.tell", room, key="k", position=2, text="cd")

        assert [(after, getattr(kept, "value", None) or kept.text) for after, kept in world.log.ticks] == [
            (2, 5),
            (2, "ab"),
            (2, "abcd"),
        ]


# Standing


async def test_who_is_sent_away_hears_that_event_and_nothing_behind_it() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        bob, eve = await world.seat("bob", room), await world.seat("eve", room)
        answers = Answers()
        world.hub.give(answers.given(ADA, "desk.send_away", room, actor_id=actor_id("bob")))
        world.hub.give(answers.given(ADA, "desk.say", room, text="secret"))
        world.hub.give(answers.given(ADA, "desk.take_back", room, actor_id=actor_id("bob")))
        await answers.until(3)
        await world.settle()

        assert bob.offsets == [2]
        assert bob.heard[-1] == {"unsubscribed": PUT_OUT_NOT_ALLOWED}
        assert eve.offsets == [2, 3, 4]
        await world.subscribe(bob, room)
        assert bob.subscribed[-1].offset == 4


async def test_a_paused_member_who_is_sent_away_hears_nothing_more() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        bob = await world.seat("bob", room)
        bob.pause()
        await world.give(ADA, "desk.send_away", room, actor_id=actor_id("bob"))
        bob.is_writable = True
        world.hub.seat_writable(bob)
        await world.settle()

        assert bob.unsubscribed == [(room, PUT_OUT_NOT_ALLOWED)]
        assert bob.offsets == []


async def test_a_deleted_room_puts_everyone_out_with_its_code() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        bob = await world.seat("bob", room)
        await world.give(ADA, "desk.remove", room)
        await world.settle()

        assert bob.offsets == [2]
        assert bob.unsubscribed == [(room, PUT_OUT_DELETED)]
        await world.subscribe(bob, room)
        assert isinstance(bob.heard[-1], NotAllowed)


async def test_a_changed_identity_is_checked_again() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        bob = await world.seat("bob", room)
        bob.identity = identity("bob", "guest")
        world.hub.recheck(bob)

        assert bob.unsubscribed == [(room, PUT_OUT_NOT_ALLOWED)]


async def test_a_grant_that_runs_out_puts_its_owner_out() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        claims = Claims(grants=(Grant(role="viewer", expires_at_ms=START_MS + 5_000),))
        bob = await world.seat("bob", room, who=identity("bob", claims=claims))
        await world.pass_ms(4_000)
        assert bob.unsubscribed == []
        await world.pass_ms(1_001)
        await world.pass_ms(1)

        assert bob.unsubscribed == [(room, PUT_OUT_NOT_ALLOWED)]


# Reading


async def test_history_pages_forwards_and_backwards_from_ring_and_log() -> None:
    async with open_world(DESKS, SHORT_RING) as world:
        room = await world.make()
        for text in "abcdef":
            await world.give(ADA, "desk.say", room, text=text)

        async def offsets(after: int, limit: int, reverse: bool = False) -> list[int]:
            page = await world.hub.history(ADA, room, after, limit, reverse)
            assert (page.epoch, page.offset) == ("e1", 7)
            return [message.offset for message in page.messages]

        assert await offsets(5, 10) == [6, 7]
        assert await offsets(0, 2, reverse=True) == [7, 6]
        assert world.log.reads == 0
        assert await offsets(1, 2) == [2, 3]
        assert await offsets(4, 2, reverse=True) == [3, 2]
        assert await offsets(0, 0) == []
        assert world.log.reads == 2
        world.log.is_away = True
        with pytest.raises(Unavailable):
            await offsets(1, 2)


async def test_presence_tells_actors_with_their_devices() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        phone, laptop = await world.seat("phone", room, who=ADA), await world.seat("laptop", room, who=ADA)
        await world.seat("bob", room)

        assert await world.hub.presence_stats(ADA, room) == PresenceCount(clients=3, actors=2)
        assert (await world.hub.presence(ADA, room))[0].clients == (phone.client_id, laptop.client_id)
        with pytest.raises(NotAllowed):
            await world.hub.presence(identity("guest", "guest"), room)


async def test_a_look_and_a_standing_need_no_membership() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        looked = await world.hub.look(ADA, room)

        assert (looked.offset, json.loads(looked.view)["view"]["name"]) == (1, "one")
        assert (await world.hub.standing(ADA, room)).role == "member"


async def test_signals_reach_members_and_nothing_else_is_let_through() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        ada, bob = await world.seat("ada", room), await world.seat("bob", room)
        world.hub.signal(ada, room, b'{"type":\n "typing", "where": 3}')
        await world.settle()

        assert bob.signals == [{"type": "typing", "where": 3}]
        for data, error in (
            (b'{"type":"shout"}', Malformed),
            (b"[]", Malformed),
            (b'{"type":"typing","x":"%s"}' % (b"y" * 2_000), LimitExceeded),
        ):
            with pytest.raises(error):
                world.hub.signal(ada, room, data)
        with pytest.raises(NotAllowed):
            world.hub.signal(await world.seat("eve"), room, b'{"type":"typing"}')


# Directory


async def test_the_directory_tells_what_changes_in_its_rooms_once_per_interval() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        await world.pass_ms(250)
        seat = await world.seat("bob", DIRECTORY)
        assert json.loads(seat.subscribed[0].view)["view"] == {"entries": [{"name": "one", "lines": 0, "progress": 0}]}

        for text in "abc":
            await world.give(ADA, "desk.say", room, text=text)
        await world.pass_ms(250)
        await world.give(ADA, "desk.begin", room, key="k")
        await world.give(ADA, "desk.report", room, key="k", value=40)
        await world.pass_ms(250)
        await world.give(ADA, "desk.remove", room)
        await world.pass_ms(250)

        shared = {"type": "directory_entry", "key": room}
        assert seat.ticks == [
            {**shared, "name": "one", "lines": 3, "progress": 0},
            {**shared, "name": "one", "lines": 3, "progress": 40},
            {**shared, "is_gone": True},
        ]
        assert seat.offsets == []


async def test_who_may_see_no_room_of_a_kind_may_not_see_its_directory() -> None:
    async with open_world(DESKS) as world:
        guest = await world.seat("guest", DIRECTORY, who=identity("guest", "guest"))

        assert isinstance(guest.heard[0], NotAllowed)


async def test_a_directory_is_never_resumed_but_given_afresh() -> None:
    async with open_world(DESKS) as world:
        await world.make()
        await world.pass_ms(250)
        seat = await world.seat("bob", DIRECTORY, since=Since("e1", 0))

        assert not seat.subscribed[0].recovered
        assert world.hub.open_entries("desk")


# Time


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


async def test_a_room_with_members_or_with_something_live_does_not_close() -> None:
    async with open_world(DESKS, HubSettings(idle_close_s=10)) as world:
        room, other = await world.make("one"), await world.make("two")
        await world.seat("bob", room)
        await world.give(ADA, "desk.begin", other, key="k")
        await world.give(ADA, "desk.report", other, key="k", value=1)
        for _ in range(10):
            await world.pass_ms(10_000)

        assert world.hub.statistics()["rooms_open"] == 2


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


# The end


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


# Reactions


class Outbox:
    def __init__(self, *pending: PendingReaction) -> None:
        self.rows = list(pending)
        self.finished: list[tuple[str, str]] = []
        self.is_forgetful = False

    async def pending(self, limit: int) -> Sequence[PendingReaction]:
        return list(self.rows)

    async def finish(self, reaction_id: str, outcome: str, message: str = "") -> None:
        if self.is_forgetful:
            raise StorageAway
        self.finished.append((reaction_id, outcome))
        self.rows = [row for row in self.rows if row.id != reaction_id]


def pending(number: int, name: str, target: RoomAddress, **payload: object) -> PendingReaction:
    return PendingReaction(f"r{number}", desk_address("source"), number, Reaction(target=target, name=name, payload=payload))


async def test_reactions_are_delivered_in_order_and_end_as_done_refused_or_waiting() -> None:
    target = desk_address("one")
    outbox = Outbox(
        pending(1, "desk.say", target, text="a"),
        pending(2, "desk.end", target, key="none"),
        pending(3, "moon.land", RoomAddress("moon:1")),
        pending(4, "desk.say", target, text="b"),
    )
    async with open_world(DESKS) as world:
        await world.make()
    async with open_world(DESKS, HubSettings(reaction_interval_s=0), journal=world.journal, reactions=outbox) as again:
        await again.settle(100)

        assert outbox.finished == [("r1", "done"), ("r2", "refused"), ("r3", "waiting"), ("r4", "done")]
        assert len(world.journal.rooms[target]) == 3


async def test_a_reaction_that_is_delivered_twice_happens_once() -> None:
    target = desk_address("one")
    outbox = Outbox(pending(1, "desk.say", target, text="a"))
    outbox.is_forgetful = True
    async with open_world(DESKS) as world:
        await world.make()
    async with open_world(DESKS, HubSettings(reaction_interval_s=0), journal=world.journal, reactions=outbox) as again:
        await again.settle(100)
        outbox.is_forgetful = False
        await again.settle(100)

        assert outbox.finished == [("r1", "done")]
        assert len(world.journal.rooms[target]) == 2
