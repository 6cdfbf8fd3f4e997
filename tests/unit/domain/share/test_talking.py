"""Comments and votes in a share, rule by rule."""

import pytest

from domain.decider import Asker
from domain.kinds.share import events as did
from domain.kinds.share.commands import MyVote
from domain.kinds.share.decider import SHARE
from domain.kinds.share.ticks import Tally
from domain.kinds.share.view import VoteAnswer, VoteCount
from domain.parts.discussion import COMMENTS_MAX, DEPTH_MAX, EDITS_MAX, NEWEST_MAX, NEWEST_MAX_BYTES, VOTERS_MAX
from domain.rejections import CommentsOff, LimitReached, NotYours, UnknownThing, VotingOff, WrongStatus
from tests.unit.domain.share.stories import CLEO, FRIEND, GUEST, LINKED, SOME_ID, ShareStory, shared, voter
from tests.unit.domain.story import ADA, BEN, Person


def test_a_comment_has_its_events_id_and_is_told_with_its_place() -> None:
    story = shared()
    record = story.give(GUEST, story.command("add_comment", text="nice"))[0]

    assert record.event == did.CommentAdded(text="nice", owner_id=ADA.actor.id, title="Lamp", comment_count=1)
    (comment,) = story.view.comments
    assert (comment.id, comment.text, comment.by, comment.offset, comment.at) == (
        record.id,
        "nice",
        GUEST.actor,
        record.offset,
        story.at_ms,
    )
    assert SHARE.results([record]) == {"comment_id": record.id, "depth": 0, "comment_count": 1, "mentions": ()}


def test_an_answer_stands_below_what_it_answers() -> None:
    story = shared()
    first = story.given(GUEST, "add_comment", text="nice")

    (event,) = story.when(BEN, "add_comment", text="I think so too", parent_id=first)
    assert isinstance(event, did.CommentAdded)
    assert (event.parent_id, event.depth, event.parent_author_id) == (first, 1, GUEST.actor.id)


def test_answers_are_nested_so_deep_and_no_deeper() -> None:
    story, parent = shared(), None
    for _ in range(DEPTH_MAX + 1):
        parent = story.given(GUEST, "add_comment", text="and", parent_id=parent)

    with pytest.raises(LimitReached, match="further up"):
        story.when(GUEST, "add_comment", text="too deep", parent_id=parent)


def test_an_unknown_comment_is_neither_answered_nor_changed() -> None:
    story = shared()
    for verb, fields in (
        ("add_comment", {"text": "x", "parent_id": SOME_ID}),
        ("edit_comment", {"text": "x", "comment_id": SOME_ID}),
        ("delete_comment", {"comment_id": SOME_ID}),
    ):
        with pytest.raises(UnknownThing, match=SOME_ID):
            story.when(GUEST, verb, **fields)


def test_where_comments_are_off_nothing_is_said_but_may_be_taken_back() -> None:
    story = shared()
    comment_id = story.given(GUEST, "add_comment", text="nice")
    story.given(ADA, "change_share", allow_comments=False)

    with pytest.raises(CommentsOff, match="no comments"):
        story.when(ADA, "add_comment", text="x")
    with pytest.raises(CommentsOff, match="no comments"):
        story.when(GUEST, "edit_comment", comment_id=comment_id, text="x")
    story.given(GUEST, "delete_comment", comment_id=comment_id)
    assert story.view.share.comment_count == 0


def test_a_comment_is_put_in_other_words_by_its_author_alone() -> None:
    story = shared()
    comment_id = story.given(GUEST, "add_comment", text="nice")
    for who in (ADA, BEN):
        with pytest.raises(NotYours, match="author"):
            story.when(who, "edit_comment", comment_id=comment_id, text="ugly")

    story.given(GUEST, "edit_comment", comment_id=comment_id, text="very nice")
    (comment,) = story.view.comments
    assert (comment.text, comment.edited_at, comment.by) == ("very nice", story.at_ms, GUEST.actor)


def test_a_comment_is_changed_so_often_and_no_more() -> None:
    story = shared()
    comment_id = story.given(GUEST, "add_comment", text="nice")
    for number in range(EDITS_MAX):
        story.given(GUEST, "edit_comment", comment_id=comment_id, text=f"nice {number}")

    with pytest.raises(LimitReached, match="say it anew"):
        story.when(GUEST, "edit_comment", comment_id=comment_id, text="nicest")


@pytest.mark.parametrize("who", [GUEST, ADA])
def test_a_deleted_comment_takes_its_words_back_and_keeps_its_place(who: Person) -> None:
    story = shared()
    comment_id = story.given(GUEST, "add_comment", text="nice @Ben")
    answer = story.given(BEN, "add_comment", text="really?", parent_id=comment_id)
    story.given(GUEST, "edit_comment", comment_id=comment_id, text="nicer")

    record = story.give(who, story.command("delete_comment", comment_id=comment_id))[0]
    assert record.event == did.CommentDeleted(comment_id=comment_id, redacted=(2, 4), comment_count=1)
    assert SHARE.redacts(record) == (2, 4)
    gone, stays = story.view.comments
    assert (gone.id, gone.text, gone.mentions, gone.is_deleted) == (comment_id, "", (), True)
    assert (stays.id, stays.text, stays.parent_id) == (answer, "really?", comment_id)


def test_nobody_else_deletes_a_comment() -> None:
    story = shared()
    comment_id = story.given(GUEST, "add_comment", text="nice")

    for who in (BEN, CLEO, LINKED):
        with pytest.raises(NotYours, match="owner"):
            story.when(who, "delete_comment", comment_id=comment_id)


def test_a_deleted_comment_is_neither_answered_changed_nor_deleted_again() -> None:
    story = shared()
    comment_id = story.given(GUEST, "add_comment", text="nice")
    story.given(GUEST, "delete_comment", comment_id=comment_id)

    with pytest.raises(WrongStatus, match="answer another"):
        story.when(BEN, "add_comment", text="what?", parent_id=comment_id)
    with pytest.raises(WrongStatus, match="already"):
        story.when(GUEST, "edit_comment", comment_id=comment_id, text="x")
    with pytest.raises(WrongStatus, match="already"):
        story.when(GUEST, "delete_comment", comment_id=comment_id)


def test_comments_are_bounded() -> None:
    story = shared()
    for number in range(COMMENTS_MAX):
        story.given(GUEST, "add_comment", text=str(number))

    with pytest.raises(LimitReached, match="no more are taken"):
        story.when(GUEST, "add_comment", text="one more")
    assert [comment.text for comment in story.view.comments] == [str(n) for n in range(COMMENTS_MAX - NEWEST_MAX, COMMENTS_MAX)]


def test_of_large_comments_fewer_are_kept_and_the_newest_always() -> None:
    story = shared()
    for _ in range(40):
        story.given(GUEST, "add_comment", text="€" * 5_000)

    assert 1 < len(story.view.comments) < 40
    assert story.state.discussion.newest_bytes <= NEWEST_MAX_BYTES
    assert story.view.comments[-1].offset == len(story.records)


def test_an_old_comment_can_still_be_changed_and_deleted() -> None:
    story = shared()
    first = story.given(GUEST, "add_comment", text="first")
    for _ in range(NEWEST_MAX):
        story.given(BEN, "add_comment", text="later")
    assert first not in [comment.id for comment in story.view.comments]

    story.given(GUEST, "edit_comment", comment_id=first, text="First, with @Ben")
    assert story.records[-1].event.called == ()  # type: ignore[attr-defined]  # a comment_edited
    story.given(ADA, "delete_comment", comment_id=first)
    assert SHARE.redacts(story.records[-1]) == (2, len(story.records) - 1)


# --- Calling people ---


def test_a_comment_calls_those_who_are_known_here() -> None:
    story = shared()
    story.given(GUEST, "add_comment", text="hi")

    (event,) = story.when(CLEO, "add_comment", text="@ada, @Gus and @Cleo: ask @Nobody or x@ben.example")
    assert isinstance(event, did.CommentAdded)
    assert event.mentions == (ADA.actor.id, GUEST.actor.id)


def test_an_edit_calls_anew_only_those_who_were_not_called() -> None:
    story = shared()
    comment_id = story.given(GUEST, "add_comment", text="@Ben look")

    (event,) = story.when(GUEST, "edit_comment", comment_id=comment_id, text="@Ben and @Ada look")
    assert isinstance(event, did.CommentEdited)
    assert (event.mentions, event.called) == ((BEN.actor.id, ADA.actor.id), (ADA.actor.id,))


# --- Votes ---


def test_a_vote_counts_once_and_may_change() -> None:
    story = shared()

    decision = story.decide(GUEST, story.command("vote", vote="UPVOTE"))
    assert decision.events == (did.VoteCast(vote="UPVOTE", up=1, down=0),)
    assert decision.ticks == (Tally(key="tally", up=1, down=0),)
    story.given(GUEST, "vote", vote="UPVOTE")
    assert story.when(GUEST, "vote", vote="DOWNVOTE") == (did.VoteCast(vote="DOWNVOTE", old="UPVOTE", up=0, down=1),)
    assert story.view.tally == VoteCount(up=0, down=1)


def test_the_same_vote_again_is_accepted_and_changes_nothing() -> None:
    story = shared()
    story.given(GUEST, "vote", vote="UPVOTE")

    assert story.when(GUEST, "vote", vote="UPVOTE") == ()
    assert story.view.tally == VoteCount(up=1, down=0)


def test_a_vote_is_withdrawn_once_also_where_voting_is_off_by_now() -> None:
    story = shared()
    story.given(GUEST, "vote", vote="DOWNVOTE")
    story.given(ADA, "change_share", allow_voting=False)

    decision = story.decide(GUEST, story.command("withdraw_vote"))
    assert decision.events == (did.VoteWithdrawn(old="DOWNVOTE", up=0, down=0),)
    assert decision.ticks == (Tally(key="tally", up=0, down=0),)
    story.given(GUEST, "withdraw_vote")
    with pytest.raises(WrongStatus, match="no vote of yours"):
        story.when(GUEST, "withdraw_vote")


def test_where_voting_is_off_nobody_votes() -> None:
    story = shared(allow_voting=False)

    for who in (ADA, FRIEND, GUEST):
        with pytest.raises(VotingOff, match="no votes"):
            story.when(who, "vote", vote="UPVOTE")


def test_everybody_has_one_vote_however_often_they_press() -> None:
    story = shared()
    for round_ in range(3):
        for number in range(500):
            word = "UPVOTE" if (number + round_) % 3 else "DOWNVOTE"
            story.when(voter(number), "vote", vote=word)
            story.when(voter(number), "vote", vote=word)

    votes = story.state.ballot.votes
    assert len(votes) == 500
    assert story.view.tally == VoteCount(
        up=sum(vote == "UPVOTE" for vote in votes.values()), down=sum(vote == "DOWNVOTE" for vote in votes.values())
    )


def test_voters_are_bounded_and_those_who_have_voted_may_still_change() -> None:
    story = shared()
    for number in range(VOTERS_MAX):
        story.when(voter(number), "vote", vote="UPVOTE")

    with pytest.raises(LimitReached, match="have voted"):
        story.when(voter(VOTERS_MAX), "vote", vote="UPVOTE")
    assert story.when(voter(0), "vote", vote="DOWNVOTE")


def asked_by(story: ShareStory, who: Person) -> VoteAnswer:
    asker = Asker(actor=who.actor, claims=who.claims, now_ms=story.at_ms)
    return SHARE.answer(story.state, MyVote(room=story.room), asker)


def test_ones_own_vote_is_told_on_asking() -> None:
    story = shared()
    story.given(GUEST, "vote", vote="DOWNVOTE")

    assert asked_by(story, GUEST) == VoteAnswer(vote="DOWNVOTE")
    assert asked_by(story, BEN) == VoteAnswer(vote=None)
