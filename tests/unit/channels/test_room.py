"""The room without anything around it: what waits, what is proposed, and what leaves once it is durable."""

from collections.abc import Sequence
from typing import Any

import pytest

from channels.attempt import Adopted, Asked, Cause
from channels.room import Room
from channels.seats import Accepted, Answer
from domain.decider import Reaction
from domain.event_codec import UnknownEvent, encode
from domain.ids import CommandId, RoomAddress, derived_id
from domain.limits import REACTIONS_MAX
from domain.log import OpenedRoom, Proposal, Snapshot
from domain.record import Record
from domain.rejections import AlreadyExists, Busy, CommandIdReused, CommandTooOld, NotAllowed, OutOfOrder, Unavailable, UnknownThing
from tests.support import desk as ask
from tests.support.desk import DESK, desk_address
from tests.support.fake_seats import actor_id, identity
from tests.support.live import START_MS, new_command_id

ADDRESS = desk_address("one")


def new_room(max_waiting: int = 100) -> Room:
    return Room(DESK, ADDRESS, OpenedRoom(None, (), "e1"), max_waiting)


def asked(command: type[Any], who: str = "ada", command_id: CommandId | None = None, **fields: object) -> Asked:
    asked_command = command(room=ADDRESS, command_id=command_id or new_command_id(), **fields)
    return Asked(identity=identity(who), command=asked_command, answer=lambda _: None)


def do(room: Room, *commands: Asked, now_ms: int = START_MS) -> Adopted:
    """Give, propose, and find it durable."""
    for command in commands:
        room.give(command)
    room.propose(now_ms, 100)
    return room.appended()


class Asking(ask.DeskDecider):
    """A desk that asks other rooms for something badly: it fails over one word, and asks far too much over another."""

    def reactions(self, record: Record) -> Sequence[Reaction]:
        if not isinstance(record.event, ask.Said) or record.event.text not in ("broken", "endless"):
            return ()
        if record.event.text == "broken":
            raise RuntimeError("a mistake of this kind")
        return [Reaction(target=ADDRESS, name="desk.say", payload={})] * (REACTIONS_MAX + 1)


def made_room(max_waiting: int = 100) -> Room:
    room = new_room(max_waiting)
    do(room, asked(ask.Make, name="one"))
    return room


def answers_of(adopted: Adopted) -> list[Answer]:
    return [answer for _, answer in adopted.answers]


def test_commands_that_wait_together_are_one_proposal_with_gapless_offsets() -> None:
    room = made_room()
    room.give(asked(ask.Say, text="a", times=2))
    room.give(asked(ask.Say, text="b"))

    proposal = room.propose(START_MS, 100)

    assert proposal is not None
    assert proposal.expected_top == 1
    assert [record.offset for record in proposal.records] == [2, 3, 4]
    assert [(record.ordinal, record.last) for record in proposal.records] == [(0, False), (1, True), (0, True)]
    assert room.top == 1


def test_nothing_of_a_batch_shows_before_it_is_durable() -> None:
    room = made_room()
    view = room.view()
    room.give(asked(ask.Say, text="a"))
    room.propose(START_MS, 100)

    assert room.view() == view
    room.appended()
    assert b'"a"' in room.view()


def test_the_answer_carries_offset_epoch_derived_ids_and_results() -> None:
    room = made_room()
    command = asked(ask.Say, text="a", times=2)

    answer = answers_of(do(room, command))[0]

    ids = tuple(derived_id(ADDRESS, actor_id("ada"), command.command.command_id, ordinal) for ordinal in range(2))
    assert answer == Accepted(room=ADDRESS, offset=3, epoch="e1", event_ids=ids, extra={"lines": ["a", "a"]})


def test_a_rejection_that_rests_on_what_is_not_durable_leaves_with_the_batch() -> None:
    room = made_room()
    room.give(asked(ask.Begin, key="k"))
    room.give(asked(ask.Begin, key="k"))
    room.propose(START_MS, 100)

    first, second = answers_of(room.appended())

    assert isinstance(first, Accepted)
    assert isinstance(second, AlreadyExists)


def test_a_batch_that_could_not_be_written_leaves_no_trace() -> None:
    room = made_room()
    room.give(asked(ask.Begin, key="k"))
    room.give(asked(ask.Begin, key="k"))
    room.propose(START_MS, 100)

    adopted = room.refused(Unavailable("full"))

    assert all(isinstance(answer, Unavailable) for answer in answers_of(adopted))
    assert isinstance(answers_of(do(room, asked(ask.Begin, key="k")))[0], Accepted)


def test_ticks_alone_need_no_append_and_carry_the_offset_they_come_after() -> None:
    room = made_room()
    do(room, asked(ask.Begin, key="k"))
    room.give(asked(ask.Report, key="k", value=3))

    assert room.propose(START_MS, 100) is None
    adopted = room.appended()

    assert [(passing.after, passing.what.key) for passing in adopted.passing] == [(2, "k")]
    assert answers_of(adopted) == [Accepted(room=ADDRESS, offset=2, epoch="e1")]


def test_a_tick_that_its_own_batch_ends_does_not_leave() -> None:
    room = made_room()
    do(room, asked(ask.Begin, key="k"))

    adopted = do(room, asked(ask.Report, key="k", value=3), asked(ask.End, key="k"))

    assert adopted.passing == []
    assert adopted.ended == {"k"}


def test_a_key_that_is_begun_anew_in_the_same_batch_ticks_again_and_is_told_from_the_beginning() -> None:
    room = made_room()
    do(room, asked(ask.Begin, key="k"), asked(ask.Tell, key="k", text="old"))

    adopted = do(room, asked(ask.End, key="k"), asked(ask.Begin, key="k"), asked(ask.Tell, key="k", text="new"))

    assert adopted.ended == {"k"}
    assert room.place.folds["k"].text == "new"


def test_a_repeat_after_the_append_is_answered_from_its_records() -> None:
    room = made_room()
    command = asked(ask.Say, text="a")
    room.give(command)
    proposal = room.propose(START_MS, 100)
    assert proposal is not None
    first = answers_of(room.appended())[0]

    adopted = do(room, command)

    (repeat,) = adopted.repeats
    assert adopted.messages == []
    assert room.answer_of(repeat.receipt, proposal.records) == first


def test_a_repeat_in_the_same_batch_waits_for_the_same_answer() -> None:
    room = made_room()
    command = asked(ask.Say, text="a")

    adopted = do(room, command, command)

    assert len(adopted.messages) == 1
    assert [repeat.receipt.first_offset for repeat in adopted.repeats] == [2]


def test_a_rejection_is_not_remembered() -> None:
    room = made_room()
    command_id = new_command_id()
    assert isinstance(answers_of(do(room, asked(ask.End, command_id=command_id, key="k")))[0], UnknownThing)
    do(room, asked(ask.Begin, key="k"))

    assert isinstance(answers_of(do(room, asked(ask.End, command_id=command_id, key="k")))[0], Accepted)


def test_another_command_under_a_used_id_is_refused() -> None:
    room = made_room()
    command_id = new_command_id()
    do(room, asked(ask.Say, command_id=command_id, text="a"))

    assert isinstance(answers_of(do(room, asked(ask.Say, command_id=command_id, text="b")))[0], CommandIdReused)


def test_a_command_id_from_before_the_memory_is_refused() -> None:
    room = made_room()
    old = new_command_id(START_MS - 25 * 3_600_000)

    assert isinstance(answers_of(do(room, asked(ask.Say, command_id=old, text="a")))[0], CommandTooOld)


def test_the_time_of_records_never_falls() -> None:
    room = made_room()
    do(room, asked(ask.Say, text="a"), now_ms=START_MS + 500)

    adopted = do(room, asked(ask.Say, text="b"), now_ms=START_MS - 9_000)

    assert adopted.messages[0].time_ms == START_MS + 500


def test_after_a_conflict_the_batch_is_decided_again_on_what_the_other_node_wrote() -> None:
    here, there = made_room(), made_room()
    theirs = asked(ask.Begin, "eve", key="k")
    there.give(theirs)
    their_proposal = there.propose(START_MS, 100)
    assert their_proposal is not None
    here.give(asked(ask.Begin, key="k"))
    here.give(asked(ask.Say, text="a"))
    here.propose(START_MS, 100)

    followed = here.conflicted(their_proposal.records)
    proposal = here.propose(START_MS, 100)

    assert [message.offset for message in followed.messages] == [2]
    assert proposal is not None
    assert [record.offset for record in proposal.records] == [3]
    refused, accepted = answers_of(here.appended())
    assert isinstance(refused, AlreadyExists)
    assert isinstance(accepted, Accepted)


def test_after_a_conflict_standing_is_computed_again() -> None:
    here, there = made_room(), made_room()
    there.give(asked(ask.SendAway, "eve", actor_id=actor_id("ada")))
    their_proposal = there.propose(START_MS, 100)
    assert their_proposal is not None
    here.give(asked(ask.Say, "ada", text="a"))
    here.propose(START_MS, 100)

    followed = here.conflicted(their_proposal.records)
    here.propose(START_MS, 100)

    assert [cut.offset for cut in followed.cuts] == [2]
    assert isinstance(answers_of(here.appended())[0], NotAllowed)


def test_a_hole_in_what_was_missed_is_an_error() -> None:
    room, there = made_room(), made_room()
    there.give(asked(ask.Say, text="a", times=2))
    proposal = there.propose(START_MS, 100)
    assert proposal is not None

    with pytest.raises(ValueError, match="hole"):
        room.follow(proposal.records[1:])


def test_an_event_that_changes_standing_is_a_cut_with_the_state_right_behind_it() -> None:
    room = made_room()

    adopted = do(room, asked(ask.SendAway, actor_id=actor_id("bob")), asked(ask.TakeBack, actor_id=actor_id("bob")))

    assert [(cut.offset, cut.state.away) for cut in adopted.cuts] == [(2, {actor_id("bob")}), (3, frozenset())]


def test_a_fault_in_a_rule_refuses_that_command_only(caplog: pytest.LogCaptureFixture) -> None:
    room = made_room()

    failed, accepted = answers_of(do(room, asked(ask.Break), asked(ask.Say, text="a")))

    assert isinstance(failed, Unavailable)
    assert "ZeroDivisionError" not in str(failed)
    assert isinstance(accepted, Accepted)
    assert "a fault in a rule" in caplog.text


def test_a_full_room_is_busy() -> None:
    room = made_room(max_waiting=1)
    room.give(asked(ask.Say, text="a"))

    with pytest.raises(Busy):
        room.give(asked(ask.Say, text="b"))


def test_a_wrong_place_in_a_stream_is_refused_with_the_expected_one() -> None:
    room = made_room()
    do(room, asked(ask.Begin, key="k"), asked(ask.Tell, key="k", text="abc"))

    answer = answers_of(do(room, asked(ask.Tell, key="k", position=5, text="f")))[0]

    assert isinstance(answer, OutOfOrder)
    assert "position 3" in str(answer)


def test_a_piece_whose_batch_was_refused_was_never_told() -> None:
    room = made_room()
    do(room, asked(ask.Begin, key="k"))
    room.give(asked(ask.Tell, key="k", text="abc"))
    room.give(asked(ask.Say, text="a"))
    room.propose(START_MS, 100)
    room.refused(Unavailable("full"))

    assert isinstance(answers_of(do(room, asked(ask.Tell, key="k", text="xyz")))[0], Accepted)


def test_a_reaction_that_was_taken_is_not_taken_again() -> None:
    room = made_room()
    source = RoomAddress("desk:source")

    def reaction() -> Asked:
        each = asked(ask.Say, text="a")
        each.cause = Cause(source, 7)
        return each

    assert len(do(room, reaction()).messages) == 1
    assert do(room, reaction()).messages == []


def test_a_room_opens_from_snapshot_and_records_as_it_was() -> None:
    room = made_room()
    proposals: list[Proposal] = []
    for text in "ab":
        room.give(asked(ask.Say, text=text))
        proposal = room.propose(START_MS, 100)
        assert proposal is not None
        proposals.append(proposal)
        room.appended()
        if text == "a":
            snapshot = room.snapshot()

    opened = Room(DESK, ADDRESS, OpenedRoom(snapshot, proposals[1].records, "e1"), 100)

    assert opened.place._replace(receipts=room.place.receipts) == room.place
    assert opened.view() == room.view()


def test_a_snapshot_of_another_release_is_not_read() -> None:
    snapshot = Snapshot(room=ADDRESS, offset=1, version=2, state=encode({}), receipts=b"")

    with pytest.raises(UnknownEvent):
        Room(DESK, ADDRESS, OpenedRoom(snapshot, (), "e1"), 100)


def test_times_do_not_run_backwards_behind_a_snapshot_without_records() -> None:
    room = made_room()
    opened = Room(DESK, ADDRESS, OpenedRoom(room.snapshot(), (), "e1"), 100)

    opened.give(asked(ask.Say, text="a"))
    proposal = opened.propose(START_MS - 60_000, 100)

    assert proposal is not None
    assert [record.time_ms for record in proposal.records] == [START_MS]


@pytest.mark.parametrize("word", ["broken", "endless"])
def test_a_command_whose_reactions_cannot_be_told_is_refused_and_leaves_no_trace(word: str) -> None:
    room = Room(Asking(), ADDRESS, OpenedRoom(None, (), "e1"), 100)
    for command in (asked(ask.Make, name="one"), asked(ask.Say, text=word), asked(ask.Say, text="well")):
        room.give(command)

    proposal = room.propose(START_MS, 100)

    assert proposal is not None
    assert [record.offset for record in proposal.records] == [1, 2]
    assert [type(answer) for answer in answers_of(room.appended())] == [Accepted, Unavailable, Accepted]
