"""Comments and votes as rules that any kind of room may use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.event_codec import decode, encode
from domain.ids import ActorId, RoomAddress
from domain.parts.discussion import (
    Ballot,
    Discussion,
    check_deletion,
    check_edit,
    check_has_voted,
    check_new_comment,
    with_comment,
    with_deletion,
    with_edit,
    with_vote,
    without_vote,
)
from domain.record import Event, Record
from domain.rejections import NotYours, UnknownThing, WrongStatus
from tests.unit.domain.story import ADA, BEN, record_of


class Said(Event, frozen=True, kw_only=True, tag="said"):
    """Any event that holds a comment's words."""


def said(offset: int) -> Record:
    return record_of(RoomAddress("thing:1"), offset, Said(), ADA.actor)


def test_a_comment_is_found_by_its_records_id() -> None:
    record = said(1)
    discussion = with_comment(Discussion(), record, "nice", None, ())

    assert check_edit(discussion, record.id, ADA.actor.id).offsets == (1,)
    assert check_new_comment(discussion, record.id) == discussion.remarks[record.id]
    with pytest.raises(NotYours):
        check_edit(discussion, record.id, BEN.actor.id)
    with pytest.raises(UnknownThing):
        check_deletion(discussion, "?", ADA.actor.id, may_delete_all=True)


def test_an_edit_and_a_deletion_follow_the_comment() -> None:
    first, second = said(1), said(2)
    discussion = with_edit(with_comment(Discussion(), first, "nice", None, ()), second, first.id, "nicer", ())
    assert check_deletion(discussion, first.id, BEN.actor.id, may_delete_all=True).offsets == (1, 2)

    discussion = with_deletion(discussion, first.id)
    assert (discussion.count, discussion.newest[0].text, discussion.newest[0].is_deleted) == (0, "", True)
    with pytest.raises(WrongStatus):
        check_new_comment(discussion, first.id)
    assert decode(encode(discussion), Discussion) == discussion


voters = st.sampled_from([ActorId(name) for name in "abc"])


@given(st.lists(st.tuples(voters, st.sampled_from(["UPVOTE", "DOWNVOTE", None])), max_size=30))
def test_a_ballot_counts_every_voters_last_word(presses: list[tuple[ActorId, str | None]]) -> None:
    ballot, plain = Ballot(), {}
    for voter, word in presses:
        if word is None:
            ballot = without_vote(ballot, voter)
            plain.pop(voter, None)
        else:
            ballot = with_vote(ballot, voter, word)  # type: ignore[arg-type]  # drawn from the two words
            plain[voter] = word

    assert dict(ballot.votes) == plain
    assert (ballot.up, ballot.down) == (list(plain.values()).count("UPVOTE"), list(plain.values()).count("DOWNVOTE"))


def test_only_a_vote_that_is_there_is_withdrawn() -> None:
    ballot = with_vote(Ballot(), ADA.actor.id, "UPVOTE")

    assert check_has_voted(ballot, ADA.actor.id) == "UPVOTE"
    with pytest.raises(WrongStatus):
        check_has_voted(ballot, BEN.actor.id)
