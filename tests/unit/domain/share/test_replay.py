"""Whatever friends do: a plain dict would say the same, replay equals live, and a view with the events behind it the later view."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.event_codec import encode
from domain.ids import keyed_id
from domain.kinds.share.commands import COMMANDS
from domain.kinds.share.decider import SHARE
from domain.kinds.share.fitting import VIEW_MAX_BYTES
from domain.kinds.share.state import Share
from domain.kinds.share.view import VoteCount
from domain.parts.discussion import NEWEST_MAX
from domain.record import Record
from domain.rejections import Rejection
from tests.unit.domain.share.stories import (
    ADMIN,
    CLEO,
    CONCEPT,
    FRIEND,
    GUEST,
    LINKED,
    MAIL_HASH,
    MAKER,
    SOME_ID,
    STRANGER,
    SYSTEM,
    TOKEN_HASH,
    ShareStory,
    shared,
    shared_by_a_guest,
    voter,
)
from tests.unit.domain.story import ADA, BEN, Person

PEOPLE = (ADA, FRIEND, CLEO, GUEST, LINKED, STRANGER, ADMIN, SYSTEM, voter(1), voter(2))
some = settings(max_examples=60, deadline=None)
"""A life is some twenty commands; a slow machine may take its time."""

texts = st.sampled_from(["short", "@Ben and @ada", "€ and 😀", "x" * 4_000])
objects = st.sampled_from([{}, {"a": {"b": None}}, {"a": "y" * 4_000}])


def fields_for(state: Share, verb: str, now_ms: int) -> st.SearchStrategy[dict[str, Any]]:
    """Fields that often fit what the share holds, and sometimes do not."""
    comments = st.sampled_from([*list(state.discussion.remarks)[-6:], SOME_ID])
    flags = st.booleans() | st.none()
    ends = st.none() | st.integers(now_ms - 1, now_ms + 500_000)
    named = st.lists(st.sampled_from([BEN.actor.id, STRANGER.actor.id, MAIL_HASH]), max_size=3).map(tuple)
    things = st.sampled_from([keyed_id("image", str(number)) for number in range(4)])
    by_verb: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        "share": {"concept_id": st.just(CONCEPT), "token_hash": st.just(TOKEN_HASH), "expires_at": ends},
        "change_share": {
            "allow_comments": flags,
            "allow_voting": flags,
            "is_public": flags,
            "shared_with": st.none() | named,
            "metadata": st.none() | objects,
            "expires_at": ends | st.just(msgspec.UNSET),
        },
        "add_comment": {"text": texts, "parent_id": st.none() | comments},
        "edit_comment": {"text": texts, "comment_id": comments},
        "delete_comment": {"comment_id": comments},
        "vote": {"vote": st.sampled_from(["UPVOTE", "DOWNVOTE"])},
        "claim": {"guest_id": st.just(MAKER.actor.id), "user_id": st.sampled_from([ADA.actor.id, BEN.actor.id])},
        "show": {"what": st.sampled_from(["image", "details"]), "thing_id": things, "data": objects, "is_gone": st.booleans()},
    }
    return st.fixed_dictionaries(by_verb.get(verb, {}))


OFTEN = ("add_comment", "add_comment", "vote", "vote", "edit_comment", "delete_comment", "withdraw_vote", "show", "change_share")


@st.composite
def lives(draw: st.DrawFn) -> ShareStory:
    """A random story: many commands, most of them sensible, some refused."""
    story = draw(st.sampled_from([shared, ShareStory, lambda: shared(allow_voting=False), shared_by_a_guest]))()
    for _ in range(draw(st.integers(0, 40))):
        story.at_ms += draw(st.sampled_from([0, 1, 60_000]))
        verb = draw(st.sampled_from(OFTEN) if draw(st.integers(0, 9)) else st.sampled_from(sorted(COMMANDS)))
        if not story.state.is_there:
            verb = "share"
        give(story, draw(st.sampled_from(PEOPLE)), verb, draw(fields_for(story.state, verb, story.at_ms)))
    return story


def give(story: ShareStory, who: Person, verb: str, fields: dict[str, Any]) -> None:
    before = story.state
    try:
        story.when(who, verb, **fields)
    except Rejection as rejection:
        assert str(rejection)
        assert story.state is before


def model_of(records: list[Record]) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    """Votes and comments as a plain reader of the events would keep them."""
    votes: dict[str, str] = {}
    comments: dict[str, dict[str, Any]] = {}
    for record in records:
        event: Any = record.event
        match event.__struct_config__.tag:
            case "vote_cast":
                votes[record.actor.id] = event.vote
            case "vote_withdrawn":
                del votes[record.actor.id]
            case "comment_added":
                comments[record.id] = {
                    "text": event.text,
                    "by": record.actor.id,
                    "parent": event.parent_id,
                    "offsets": [record.offset],
                }
            case "comment_edited":
                comments[event.comment_id]["text"] = event.text
                comments[event.comment_id]["offsets"].append(record.offset)
            case "comment_deleted":
                assert list(event.redacted) == comments[event.comment_id]["offsets"]
                comments[event.comment_id] |= {"text": None, "offsets": []}
            case "share_deleted":
                votes, comments = {}, {}
    return votes, comments


@some
@given(lives())
def test_votes_and_comments_are_what_a_plain_reader_would_keep(story: ShareStory) -> None:
    votes, comments = model_of(story.records)
    state, view = story.state, SHARE.view(story.state)

    assert dict(state.ballot.votes) == votes
    words = list(votes.values())
    assert view.tally == VoteCount(up=words.count("UPVOTE"), down=words.count("DOWNVOTE"))
    remarks = state.discussion.remarks
    assert {comment_id: (remark.author_id, remark.parent_id, list(remark.offsets)) for comment_id, remark in remarks.items()} == {
        comment_id: (comment["by"], comment["parent"], comment["offsets"]) for comment_id, comment in comments.items()
    }
    assert state.discussion.count == state.face.comment_count == sum(comment["text"] is not None for comment in comments.values())
    for shown in view.comments:
        assert shown.text == (comments[shown.id]["text"] or "")
        assert shown.is_deleted == (comments[shown.id]["text"] is None)


@some
@given(lives())
def test_the_counts_in_events_are_those_of_the_state_behind_them(story: ShareStory) -> None:
    state = SHARE.initial(story.room)
    for record in story.records:
        state = SHARE.evolve(state, record)
        counts = {name: getattr(record.event, name) for name in ("up", "down", "comment_count") if hasattr(record.event, name)}
        known = {"up": state.ballot.up, "down": state.ballot.down, "comment_count": state.discussion.count}
        assert counts == {name: known[name] for name in counts}


@some
@given(lives())
def test_everything_stays_within_its_bounds(story: ShareStory) -> None:
    state, view = story.state, SHARE.view(story.state)

    assert len(encode(view)) <= VIEW_MAX_BYTES
    assert len(state.discussion.newest) <= NEWEST_MAX
    assert state.discussion.newest_bytes == sum(len(encode(comment)) + 1 for comment in state.discussion.newest)


@some
@given(lives())
def test_nobody_is_told_of_their_own_doing_and_nothing_of_what_was_said(story: ShareStory) -> None:
    for record in story.records:
        for reaction in SHARE.reactions(record):
            if reaction.name == "person.notify":
                assert reaction.target != f"person:{record.actor.id}"
                assert set(reaction.payload) <= {"what", "source", "thing_id", "by", "title", "at"}
