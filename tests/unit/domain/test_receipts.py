"""Repeats get the first answer, nothing runs twice, and what is remembered is bounded."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.event_codec import digest_of
from domain.ids import ActorId, CommandId, RoomAddress, clock_command_id, keyed_id
from domain.kinds.workspace.events import MessagePosted
from domain.receipts import (
    AHEAD_MS,
    GENERATION_MAX,
    GENERATION_MS,
    MARKS_MAX,
    REMEMBERED_MAX,
    REMEMBERED_MS,
    Receipt,
    Receipts,
    ReceiptsDraft,
)
from domain.record import SYSTEM, Actor, Record
from domain.rejections import CommandIdReused, CommandTooOld, Malformed
from tests.unit.domain.story import ADA, BEN, START_MS, command_id, workspace

ROOM = RoomAddress("workspace:1")
DIGEST = "0123456789abcdef"
NOTHING = Receipts()
PEOPLE = [Actor(id=ActorId(keyed_id("person", str(number)))) for number in range(6)]


def record(
    offset: int, cid: CommandId, actor: Actor = ADA.actor, at_ms: int = START_MS, ordinal: int = 0, digest: str = DIGEST
) -> Record:
    return Record(
        room=ROOM,
        offset=offset,
        time_ms=at_ms,
        actor=actor,
        command_id=cid,
        ordinal=ordinal,
        last=True,
        digest=digest,
        event=MessagePosted(text="x"),
        version=1,
        body=b"{}",
    )


def accepted(
    count: int, since_ms: int = START_MS, ahead_ms: int = 0, actor: Actor = ADA.actor, into: Receipts = NOTHING
) -> Receipts:
    """``count`` commands, one a millisecond; their ids are dated ``ahead_ms`` after they were accepted."""
    receipts = into
    for number in range(count):
        at = since_ms + number
        receipts = receipts.with_record(record(number + 1, command_id(1, at + ahead_ms), actor, at))
    return receipts


def test_an_accepted_command_is_found_with_its_place() -> None:
    receipts = Receipts().with_record(record(5, command_id(1))).with_record(record(6, command_id(1), ordinal=1))

    receipt = receipts.find(ADA.actor.id, command_id(1), DIGEST)
    assert receipt is not None
    assert (receipt.first_offset, receipt.count, receipt.last_offset) == (5, 2, 6)


def test_a_command_is_its_actors_own() -> None:
    receipts = Receipts().with_record(record(5, command_id(1)))

    assert receipts.find(BEN.actor.id, command_id(1), DIGEST) is None
    assert receipts.find(ADA.actor.id, command_id(2), DIGEST) is None


def test_other_content_under_the_same_id_is_refused() -> None:
    receipts = Receipts().with_record(record(5, command_id(1)))

    with pytest.raises(CommandIdReused, match="take a new one"):
        receipts.find(ADA.actor.id, command_id(1), "f" * 16)


def test_asking_for_another_receipt_is_the_same_content() -> None:
    story = workspace()
    durable = story.command("post", text="hello")
    stored = type(durable)(room=story.room, command_id=durable.command_id, text="hello", receipt="stored")

    assert digest_of(durable) == digest_of(stored)
    assert digest_of(durable) != digest_of(story.command("post", text="hello"))


def test_remembering_changes_nothing_that_somebody_holds() -> None:
    before = Receipts()
    before.with_record(record(5, command_id(1)))

    assert len(before) == 0


def test_a_new_command_may_be_as_old_as_what_is_remembered() -> None:
    receipts = Receipts()
    now = START_MS + REMEMBERED_MS

    receipts.check_age(ADA.actor, command_id(1, START_MS + 1), now)
    with pytest.raises(CommandTooOld, match="history"):
        receipts.check_age(ADA.actor, command_id(1, START_MS), now)


def test_a_command_that_is_dated_far_ahead_is_refused_with_a_word_about_the_clock() -> None:
    Receipts().check_age(ADA.actor, command_id(1, START_MS + AHEAD_MS), START_MS)
    with pytest.raises(Malformed, match=r"clock right - at `\$\.command_id`"):
        Receipts().check_age(ADA.actor, command_id(1, START_MS + AHEAD_MS + 1), START_MS)


def test_the_systems_commands_may_be_of_any_age() -> None:
    Receipts().check_age(SYSTEM, command_id(1, 1), START_MS)


def test_commands_are_found_for_24_hours_and_refused_afterwards() -> None:
    receipts = accepted(1)
    late = START_MS + REMEMBERED_MS
    receipts = accepted(1, late - 1, into=receipts)
    assert receipts.find(ADA.actor.id, command_id(1), DIGEST) is not None

    receipts = accepted(1, late + GENERATION_MS, into=receipts)
    assert receipts.find(ADA.actor.id, command_id(1), DIGEST) is None
    with pytest.raises(CommandTooOld):
        receipts.check_age(ADA.actor, command_id(1), late + GENERATION_MS)


def test_of_too_many_commands_the_oldest_are_forgotten_and_refused_never_run_again() -> None:
    receipts = accepted(REMEMBERED_MAX + GENERATION_MAX + 1)
    now = START_MS + REMEMBERED_MAX + GENERATION_MAX

    assert REMEMBERED_MAX - GENERATION_MAX < len(receipts) <= REMEMBERED_MAX
    for number in range(0, REMEMBERED_MAX + GENERATION_MAX, 97):
        cid = command_id(1, START_MS + number)
        if receipts.find(ADA.actor.id, cid, DIGEST) is None:
            with pytest.raises(CommandTooOld):
                receipts.check_age(ADA.actor, cid, now)
    receipts.check_age(ADA.actor, command_id(2, now), now)


def test_a_clock_that_runs_ahead_lets_nothing_run_twice_and_shuts_out_nobody_else() -> None:
    receipts = accepted(1, ahead_ms=AHEAD_MS // 2)
    receipts = accepted(REMEMBERED_MAX + GENERATION_MAX, START_MS + 1, actor=BEN.actor, into=receipts)
    now = START_MS + REMEMBERED_MAX + GENERATION_MAX + 1
    dated_ahead = command_id(1, START_MS + AHEAD_MS // 2)

    assert receipts.find(ADA.actor.id, dated_ahead, DIGEST) is None
    with pytest.raises(CommandTooOld, match="clock right"):
        receipts.check_age(ADA.actor, dated_ahead, now)
    receipts.check_age(BEN.actor, command_id(1, now), now)


def test_a_floor_of_one_actor_goes_when_the_rooms_has_passed_it() -> None:
    receipts = accepted(1, ahead_ms=5)
    for _ in range(3):
        receipts = accepted(REMEMBERED_MAX, START_MS + REMEMBERED_MAX * 2, actor=BEN.actor, into=receipts)

    assert dict(receipts.floors) == {}


def test_receipts_come_back_from_their_snapshot() -> None:
    receipts = accepted(GENERATION_MAX * 2 + 3, ahead_ms=7).with_mark(RoomAddress("share:1"), 4)
    again = Receipts.load(receipts.dump())

    assert again.dump() == receipts.dump()
    assert len(again) == len(receipts)
    assert again.newest_ms == receipts.newest_ms == START_MS + GENERATION_MAX * 2 + 2
    assert again.find(ADA.actor.id, command_id(1, START_MS + 7), DIGEST) is not None
    assert again.mark(RoomAddress("share:1")) == 4
    assert Receipts.load(Receipts().dump()).newest_ms == 0


def test_a_reaction_is_taken_once_per_source_room() -> None:
    source, other = RoomAddress("share:1"), RoomAddress("share:2")
    receipts = Receipts().with_mark(source, 7).with_mark(source, 3)

    assert (receipts.mark(source), receipts.mark(other)) == (7, 0)


def test_a_dump_is_bounded_in_bytes() -> None:
    receipts = accepted(REMEMBERED_MAX)

    assert len(receipts.dump()) < 2 * 1024 * 1024
    assert ActorId(keyed_id("person", "Ada")) == ADA.actor.id


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 3)), max_size=40))
def test_a_batch_remembers_what_its_records_would_one_by_one(commands: list[tuple[int, int]]) -> None:
    """A command has one to three events; the same id may not come twice, as the room sees to."""
    one_by_one, draft, offset = Receipts(), ReceiptsDraft(Receipts()), 0
    for number, (actor, count) in enumerate(commands):
        records = [
            record(offset + 1 + ordinal, clock_command_id(ROOM, str(number), START_MS), PEOPLE[actor], START_MS + offset, ordinal)
            for ordinal in range(count)
        ]
        offset += count
        for each in records:
            one_by_one = one_by_one.with_record(each)
        draft.add(records)
        assert draft.find(records[0].actor.id, records[0].command_id, DIGEST) == Receipt(DIGEST, records[0].offset, count)

    assert draft.done() == one_by_one


def test_the_marks_of_rooms_that_were_silent_for_long_are_forgotten() -> None:
    receipts = Receipts()
    for number in range(2 * MARKS_MAX + 1):
        receipts = receipts.with_mark(RoomAddress(f"share:{number}"), 5)
    again = Receipts.load(receipts.dump())

    assert len(again.marks) + len(again.older_marks) <= 2 * MARKS_MAX
    assert [again.mark(RoomAddress(f"share:{number}")) for number in (0, MARKS_MAX, 2 * MARKS_MAX)] == [0, 5, 5]
    assert again.with_mark(RoomAddress(f"share:{MARKS_MAX}"), 3).mark(RoomAddress(f"share:{MARKS_MAX}")) == 5


def test_marks_that_an_earlier_release_has_stored_are_read() -> None:
    stored = json.loads(Receipts().with_mark(RoomAddress("share:1"), 4).dump())
    del stored["older_marks"]

    assert Receipts.load(json.dumps(stored).encode()).mark(RoomAddress("share:1")) == 4


def test_a_draft_takes_a_mark_and_leaves_its_base_as_it_was() -> None:
    base = Receipts().with_mark(RoomAddress("a:1"), 3)
    draft = ReceiptsDraft(base)
    draft.set_mark(RoomAddress("a:1"), 7)
    draft.set_mark(RoomAddress("b:1"), 2)

    assert [draft.mark(RoomAddress(source)) for source in ("a:1", "b:1", "c:1")] == [7, 2, 0]
    assert base.mark(RoomAddress("a:1")) == 3
    assert draft.done().mark(RoomAddress("a:1")) == 7
