"""Whatever happens in whatever order: every member sees the log without a hole or a double, and its own replies first.

The machine drives a whole hub over a journal that can be held, full, or overtaken by another node. Each seat feeds a replica.
"""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from channels.hub import Hub, open_hub
from channels.ports import Ports
from channels.seats import Accepted, Given, Since
from channels.settings import HubSettings
from domain.event_codec import encode
from domain.ids import clock_command_id
from domain.log import JournalFull
from domain.record import Record
from tests.support.desk import DESKS, Said, desk_address
from tests.support.fake_seats import FakeSeat, identity
from tests.support.live import FakeClock, FakeJournal, FakeLog, codecs, new_command_id
from tests.support.replicas import Answered, Replica

ROOM = desk_address("one")
KEYS = st.sampled_from(["a", "b"])
SMALL = HubSettings(
    slice_members=2,
    writes_per_turn=1,
    ring_events=6,
    resume_events=10,
    catch_up_bytes=400,
    batch_commands=4,
    room_waiting_commands=12,
    snapshot_events=5,
    presence_members=3,
    idle_close_s=3_600,
)


class Interleavings(RuleBasedStateMachine):
    seats: Bundle[Replica] = Bundle("seats")
    gone: Bundle[Replica] = Bundle("gone")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.clock = FakeClock()
        self.journal = FakeJournal()
        self.log = FakeLog(self.journal)
        self.replicas: list[Replica] = []
        self.answers: dict[str, list[Answered]] = {}
        self.given: list[tuple[Replica, str, dict[str, Any]]] = []
        self.names = 0
        self.hub: Hub = self.run(
            self.stack.enter_async_context(open_hub(DESKS, Ports(self.journal, self.log), codecs(), SMALL, self.clock))
        )

    def run(self, coroutine: Any) -> Any:
        return self.loop.run_until_complete(coroutine)

    @initialize(target=seats, formats=st.lists(st.booleans(), min_size=4, max_size=8))
    def make(self, formats: list[bool]) -> Any:
        payload = {"command_id": new_command_id(), "name": "one"}
        self.hub.give(Given(identity=identity("maker"), name="desk.make", payload=encode(payload), answer=lambda _: None))
        self.run(turns(8))
        assert len(self.journal.rooms[ROOM]) == 1
        return multiple(*[self.connect_one(protobuf) for protobuf in formats])

    # Seats

    @rule(target=seats, protobuf=st.booleans())
    def connect(self, protobuf: bool) -> Replica:
        return self.connect_one(protobuf)

    def connect_one(self, protobuf: bool) -> Replica:
        self.names += 1
        seat = FakeSeat(f"seat {self.names}", "protobuf" if protobuf else "json")
        seat.on_pause = self.hub.seat_paused  # type: ignore[assignment]  # the fake fulfils Seat
        replica = Replica(seat)
        self.replicas.append(replica)
        self.hub.connected(seat)
        self.hub.subscribe(seat.asks(ROOM, wants_join_leave=protobuf))
        return replica

    @rule(replica=seats)
    def subscribe_again(self, replica: Replica) -> None:
        replica.listen()
        if replica.is_member:
            self.hub.unsubscribe(replica.seat, ROOM)
            replica.listen()
            replica.is_member = False
        since = Since(self.journal.epoch, replica.offset) if replica.has_been_in else None
        self.hub.subscribe(replica.seat.asks(ROOM, since))

    @rule(replica=seats)
    def leave(self, replica: Replica) -> None:
        self.hub.unsubscribe(replica.seat, ROOM)
        replica.listen()
        replica.is_member = False

    @rule(target=gone, replica=consumes(seats), clean=st.booleans())
    def disconnect(self, replica: Replica, clean: bool) -> Replica:
        replica.listen()
        self.hub.disconnected(replica.seat, clean)
        replica.is_member = False
        return replica

    @rule(target=seats, replica=consumes(gone))
    def come_back(self, replica: Replica) -> Replica:
        replica.seat.is_writable = True
        self.hub.connected(replica.seat)
        self.subscribe_again(replica)
        return replica

    @rule(replica=seats)
    def pause(self, replica: Replica) -> None:
        if replica.seat.is_writable:
            replica.seat.pause()

    @rule(replica=seats, messages=st.integers(1, 3))
    def pause_soon(self, replica: Replica, messages: int) -> None:
        replica.seat.high_water = messages

    @rule(replica=seats)
    def become_writable(self, replica: Replica) -> None:
        if not replica.seat.is_writable:
            replica.seat.is_writable = True
            self.hub.seat_writable(replica.seat)

    # Commands

    def give(self, replica: Replica, name: str, **fields: object) -> None:
        self.give_payload(replica, name, {"room": ROOM, "command_id": new_command_id(self.clock.ms), **fields})

    def give_payload(self, replica: Replica, name: str, payload: dict[str, Any]) -> None:
        command_id = payload["command_id"]
        if command_id not in self.answers:
            replica.unanswered.add(command_id)

        def answer(given: object) -> None:
            answered = Answered(command_id, given)
            replica.seat.heard.append(answered)
            self.answers.setdefault(command_id, []).append(answered)

        self.given.append((replica, name, payload))
        self.hub.give(Given(identity=replica.seat.identity, name=name, payload=encode(payload), answer=answer))

    @rule(replica=seats, times=st.integers(1, 5), text=st.sampled_from("xyz"))
    def say(self, replica: Replica, times: int, text: str) -> None:
        self.give(replica, "desk.say", text=text, times=times)

    @rule(replica=seats, key=KEYS)
    def begin(self, replica: Replica, key: str) -> None:
        self.give(replica, "desk.begin", key=key)

    @rule(replica=seats, key=KEYS)
    def end(self, replica: Replica, key: str) -> None:
        self.give(replica, "desk.end", key=key)

    @rule(replica=seats, key=KEYS, value=st.integers(0, 9))
    def report(self, replica: Replica, key: str, value: int) -> None:
        self.give(replica, "desk.report", key=key, value=value)

    @rule(replica=seats, key=KEYS, reports=st.integers(1, 3), ends=st.booleans())
    def work(self, replica: Replica, key: str, reports: int, ends: bool) -> None:
        """Ticks faster than they may leave, and perhaps the end right behind them."""
        self.give(replica, "desk.begin", key=key)
        for value in range(reports):
            self.give(replica, "desk.report", key=key, value=value)
            self.run(turns(3))
        if ends:
            self.give(replica, "desk.end", key=key)

    @rule(replica=seats, key=KEYS, attempt=st.integers(1, 2), text=st.text("lm", min_size=1, max_size=3))
    def tell(self, replica: Replica, key: str, attempt: int, text: str) -> None:
        known_attempt, known = replica.told.get(key, (attempt, ""))
        position = len(known) if known_attempt == attempt else 0
        self.give(replica, "desk.tell", key=key, attempt=attempt, position=position, text=text)

    @rule(replica=seats)
    def signal(self, replica: Replica) -> None:
        replica.listen()
        if replica.is_member:
            self.hub.signal(replica.seat, ROOM, b'{"type":"typing"}')

    @rule(index=st.integers(0, 9))
    def repeat(self, index: int) -> None:
        if index < len(self.given):
            self.give_payload(*self.given[-1 - index])

    # The journal and the time

    @rule()
    def hold_journal(self) -> None:
        self.journal.open.clear()

    @rule()
    def release_journal(self) -> None:
        self.journal.open.set()

    @rule()
    def fill_journal(self) -> None:
        self.journal.fails_with = JournalFull()

    @rule(count=st.integers(1, 3))
    def let_another_node_be_first(self, count: int) -> None:
        """It appends behind the room's back; this node finds out by its next append."""
        records = self.journal.rooms[ROOM]
        for _ in range(count):
            self.names += 1
            records.append(foreign(len(records) + 1, max(self.clock.ms, records[-1].time_ms), self.names))

    @rule(replica=seats, joiner=seats, first=st.integers(3, 6), second=st.integers(3, 6))
    def join_while_written(self, replica: Replica, joiner: Replica, first: int, second: int) -> None:
        """One event is on its way to the slices when the next is published and somebody comes in."""
        self.give(replica, "desk.say", text="first")
        self.run(turns(first))
        self.give(replica, "desk.say", text="second")
        self.run(turns(second))
        self.subscribe_again(joiner)

    @rule(count=st.integers(1, 4))
    def turn(self, count: int) -> None:
        self.run(turns(count))

    @rule(passed_ms=st.sampled_from([10, 60, 200, 3_000]))
    def pass_time(self, passed_ms: int) -> None:
        self.clock.ms += passed_ms
        self.hub.ring_alarms()

    @invariant()
    def nobody_complains(self) -> None:
        for replica in self.replicas:
            replica.listen()

    def teardown(self) -> None:
        try:
            self.end_in_peace()
        finally:
            self.run(self.stack.aclose())
            self.loop.close()

    def end_in_peace(self) -> None:
        """Let everything come to rest, then compare all replicas with the log."""
        self.journal.open.set()
        for replica in self.replicas:
            replica.seat.high_water = None
            replica.seat.is_writable = True
            self.hub.seat_writable(replica.seat)
        writer = FakeSeat("the last word")
        done = Answered("", None)

        def answer(given: object) -> None:
            done.answer = given

        # A last command, so that the node finds out what another one may have appended.
        for _ in range(3):
            if not isinstance(done.answer, Accepted):
                self.run(turns(20))
                payload = {"room": ROOM, "command_id": new_command_id(self.clock.ms), "text": "end"}
                self.hub.give(Given(identity=writer.identity, name="desk.say", payload=encode(payload), answer=answer))
                self.run(turns(60))
        self.run(asyncio.wait_for(self.hub.drain(), 5))
        self.run(turns(60))
        self.check_end()

    def check_end(self) -> None:
        records = self.journal.rooms.get(ROOM, [])
        spoken = [record.event.text for record in records if isinstance(record.event, Said)]
        for replica in self.replicas:
            replica.listen()
            if replica.is_member:
                assert replica.offset == len(records)
                assert replica.spoken == spoken
                assert not replica.unanswered
        self.check_answers(records)

    def check_answers(self, records: list[Record]) -> None:
        by_command: dict[str, list[Record]] = {}
        for record in records:
            by_command.setdefault(record.command_id, []).append(record)
        for command_id, made in by_command.items():
            assert [record.ordinal for record in made] == list(range(len(made))), "a command ran twice"
            for answered in self.answers.get(command_id, ()):
                if isinstance(answered.answer, Accepted):
                    assert answered.answer.offset == made[-1].offset
                    assert list(answered.answer.event_ids) == [record.id for record in made]
        for command_id, all_answers in self.answers.items():
            accepted = [each.answer for each in all_answers if isinstance(each.answer, Accepted)]
            assert all(answer.event_ids == () or command_id in by_command for answer in accepted), "acknowledged and not there"


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def foreign(offset: int, time_ms: int, number: int) -> Record:
    event = Said(text=f"foreign {number}")
    return Record(
        room=ROOM,
        offset=offset,
        time_ms=time_ms,
        actor=identity("elsewhere").actor,
        command_id=clock_command_id("elsewhere", str(number), time_ms),
        ordinal=0,
        last=True,
        digest="",
        event=event,
        version=1,
        body=encode(event),
    )


Interleavings.TestCase.settings = settings(
    max_examples=150,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestInterleavings = Interleavings.TestCase
