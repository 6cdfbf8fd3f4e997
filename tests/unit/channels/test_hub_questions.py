"""What a hub over fakes tells those who ask: history, presence, looks, signals, the directory."""

import asyncio
import json

import pytest

from channels.seats import PresenceCount, Since
from channels.settings import HubSettings
from domain.ids import RoomAddress
from domain.rejections import (
    LimitExceeded,
    Malformed,
    NotAllowed,
    Unavailable,
)
from tests.support.desk import DESKS
from tests.support.fake_seats import actor_id, identity
from tests.support.live import open_world

ADA = identity("ada")
DIRECTORY = RoomAddress("directory:desks")
SHORT_RING = HubSettings(ring_events=3, resume_events=8)


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
        assert await offsets(2**70, 2) == []
        assert await offsets(2**70, 2, reverse=True) == [7, 6]
        assert world.log.reads == 2, "what is behind the top is not asked of Postgres, which has no such numbers"
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


async def test_who_is_sent_away_while_history_is_read_is_told_nothing() -> None:
    async with open_world(DESKS, HubSettings(ring_events=1)) as world:
        room = await world.make()
        await world.give(ADA, "desk.say", room, text="a")
        world.log.may_read.clear()
        asking = asyncio.create_task(world.hub.history(identity("bob"), room, 0, 100))
        await world.settle()
        await world.give(ADA, "desk.send_away", room, actor_id=actor_id("bob"))
        await world.give(ADA, "desk.say", room, text="secret")
        world.log.may_read.set()

        with pytest.raises(NotAllowed):
            await asking
