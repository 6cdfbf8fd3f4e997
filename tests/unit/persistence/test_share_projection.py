"""What happens in a share, as rows: coalesced or one by one the same, and the same as the rules' own state."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.decider import Piece
from domain.ids import RoomAddress, id_of
from domain.kinds.share.events import EVENTS
from domain.kinds.share.ticks import Tally, Views
from domain.record import Record
from domain.redaction import redacted
from persistence.tables.share import VOTES
from persistence.write_behind.projections.share import ROWS, operations, touches, vote_id
from persistence.write_behind.row_operations import Plan, coalesce
from tests.support.rows import Tables, apply
from tests.unit.domain.share.stories import GUEST, ShareStory, shared
from tests.unit.domain.share.test_replay import lives
from tests.unit.domain.story import ADA, record_of

some = settings(max_examples=60, deadline=None)
ROOM = RoomAddress("share:1")


def plan_of(records: Sequence[Record]) -> Plan:
    return coalesce((record.room, operations(record)) for record in records)


def one_by_one(story: ShareStory) -> Tables:
    return apply({}, [plan_of([record]) for record in story.records])


def test_every_event_has_its_rows() -> None:
    assert set(ROWS) == set(EVENTS)


@some
@given(lives(), st.data())
def test_coalesced_in_batches_equals_one_by_one(story: ShareStory, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(story.records)), max_size=4)))
    edges = [0, *cuts, len(story.records)]
    batches = [story.records[start:end] for start, end in pairwise(edges)]

    assert apply({}, [plan_of(batch) for batch in batches]) == one_by_one(story)


@some
@given(lives())
def test_rows_say_what_the_rules_state_says(story: ShareStory) -> None:
    tables, state = one_by_one(story), story.state
    if not state.is_there:
        assert all(row["deleted_at"] for row in tables.get("shared_concepts", {}).values())
        return

    face, row = state.face, tables["shared_concepts"][state.id]
    for column in ("allow_comments", "allow_voting", "is_public", "metadata", "expires_at", "created_at", "updated_at"):
        assert row[column] == getattr(face, column), column
    assert (row["share_token"], row["shared_by"], row["shared_with"]) == (state.token_hash, state.owner_id, state.shared_with)
    assert (row["revoked_at"] is not None, row["expired_at"] is not None) == (face.status == "revoked", face.status == "expired")
    votes = {row["user_id"]: row["vote_type"] for row in tables.get("concept_votes", {}).values()}
    assert votes == dict(state.ballot.votes)
    assert set(votes.values()) <= set(VOTES)
    comments = tables.get("concept_comments", {})
    assert set(comments) == set(state.discussion.remarks)
    for comment in state.discussion.newest:
        kept = comments[comment.id]
        assert (kept["comment"], kept["parent_comment_id"], kept["edited_at"]) == (
            comment.text,
            comment.parent_id,
            comment.edited_at,
        )
        assert (kept["deleted_at"] is not None) == comment.is_deleted


@some
@given(lives())
def test_redacted_events_still_make_rows(story: ShareStory) -> None:
    for record in story.records:
        again = record_of(record.room, record.offset, redacted(record.event), record.actor, at_ms=record.time_ms)
        assert operations(again)


def test_a_deleted_comment_leaves_no_words_in_its_row() -> None:
    story = shared()
    comment_id = story.given(GUEST, "add_comment", text="a secret word")
    story.given(ADA, "delete_comment", comment_id=comment_id)

    row = one_by_one(story)["concept_comments"][comment_id]
    assert (row["comment"], row["deleted_at"]) == ("", story.at_ms)


def test_a_voter_has_one_row_in_each_share() -> None:
    assert vote_id(ROOM, "ada") == vote_id(ROOM, "ada")
    assert len({vote_id(ROOM, "ada"), vote_id(ROOM, "ben"), vote_id(RoomAddress("share:2"), "ada")}) == 3


def test_views_follow_into_the_row_and_never_fall() -> None:
    (touch,) = touches(ROOM, Views(key="views", count=3, last_viewed_at=500))

    assert (touch.table, touch.key, touch.only_if) == ("shared_concepts", id_of(ROOM), {})
    count, at = touch.values["view_count"], touch.values["last_viewed_at"]
    assert (count.apply({"view_count": 2}), count.apply({"view_count": 7}), count.apply({})) == (3, 7, 3)
    assert (at.apply({"last_viewed_at": None}), at.apply({"last_viewed_at": 900})) == (500, 900)


def test_the_tally_leaves_nothing_behind() -> None:
    assert touches(ROOM, Tally(key="tally", up=1, down=0)) == ()
    assert touches(ROOM, Piece(key="x", attempt=1, position=0, text="x")) == ()
