"""Members of rooms over fakes: joining, resuming, being put out."""

import json
import weakref
from typing import Any

import pytest

from channels.seats import PUT_OUT_DELETED, PUT_OUT_NOT_ALLOWED, Since
from channels.settings import HubSettings
from domain.ids import RoomAddress
from domain.rejections import (
    AlreadyExists,
    NotAllowed,
    NotRecoverable,
    Unavailable,
)
from domain.roles import Claims, Grant
from tests.support.desk import DESKS
from tests.support.fake_seats import actor_id, identity
from tests.support.live import START_MS, Answers, FakeJournal, new_command_id, open_world

ADA = identity("ada")
SHORT_RING = HubSettings(ring_events=3, resume_events=8)


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
        await world.pass_ms(40)

        assert data["ticks"] == [{"tick": {"type": "worked", "key": "k", "value": 5}, "after": 2}]
        assert data["streams"] == [{"key": "k", "attempt": 1, "position": 0, "text": "half a sen"}]
        assert [(piece["position"], piece["text"]) for piece in seat.pieces] == [(10, "tence")]


async def test_a_piece_does_not_wait_for_a_tick_that_is_due_later() -> None:
    async with open_world(DESKS) as world:
        room = await world.make()
        seat = await world.seat("bob", room)
        await world.give(ADA, "desk.begin", room, key="k")
        for value in (1, 2):
            await world.give(ADA, "desk.report", room, key="k", value=value)
        await world.give(ADA, "desk.tell", room, key="k", text="ab")
        await world.give(ADA, "desk.tell", room, key="k", position=2, text="cd")
        await world.pass_ms(40)

        assert [piece["text"] for piece in seat.pieces] == ["ab", "cd"]
        assert [tick["value"] for tick in seat.ticks] == [1]
        await world.pass_ms(60)
        assert [tick["value"] for tick in seat.ticks] == [1, 2]


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


async def test_who_is_sent_away_while_the_log_is_read_for_a_resume_does_not_join() -> None:
    async with open_world(DESKS, SHORT_RING) as world:
        room = await world.make()
        for text in "abcde":
            await world.give(ADA, "desk.say", room, text=text)
        world.log.may_read.clear()
        seat = await world.seat("bob", room, since=Since("e1", 1))
        await world.give(ADA, "desk.send_away", room, actor_id=actor_id("bob"))
        world.log.may_read.set()
        await world.settle()
        await world.give(ADA, "desk.say", room, text="secret")
        await world.settle()

        assert [type(rejection) for rejection in seat.rejections] == [NotAllowed]
        assert (seat.subscribed, seat.offsets) == ([], [])


async def test_who_has_gone_is_not_kept_until_their_grant_runs_out() -> None:
    async with open_world(DESKS) as world:
        claims = Claims(grants=(Grant(role="viewer", expires_at_ms=START_MS + 86_400_000),))
        gone = []
        for _ in range(3_000):
            seat = await world.seat("bob", who=identity("bob", claims=claims))
            gone.append(weakref.ref(seat))
            world.hub.disconnected(seat, clean=True)
        del seat

        assert not any(seat() for seat in gone)
        assert world.hub.statistics()["alarms"] < 2_000
