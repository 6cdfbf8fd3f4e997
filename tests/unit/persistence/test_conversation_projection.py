"""What happens in a conversation, as rows: coalesced or one by one the same, and the same as the rules' own state."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.decider import Piece
from domain.kinds.conversation import events as did
from domain.kinds.conversation.ticks import turn_key
from domain.record import Record
from domain.redaction import redacted
from domain.roles import Claims
from persistence.write_behind.projections import PROJECTIONS
from persistence.write_behind.projections.conversation import ROWS, operations
from persistence.write_behind.row_operations import Plan, coalesce
from tests.support.rows import Tables, apply
from tests.unit.domain.conversation.talk import Talk, answered, guest_talk, talk
from tests.unit.domain.conversation.test_contract import whole_life
from tests.unit.domain.conversation.test_replay import lives
from tests.unit.domain.story import ADA, BOT, CLOCK, GUEST, Person, record_of

some = settings(max_examples=40, deadline=None)


def plan_of(records: Sequence[Record]) -> Plan:
    return coalesce((record.room, operations(record)) for record in records)


def one_by_one(story: Talk) -> Tables:
    return apply({}, [plan_of([record]) for record in story.records])


def test_every_event_has_its_rows() -> None:
    assert set(ROWS) == set(did.EVENTS)
    assert PROJECTIONS["conversation"].operations is operations


@some
@given(lives(), st.data())
def test_coalesced_in_batches_equals_one_by_one(story: Talk, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(story.records)), max_size=4)))
    edges = [0, *cuts, len(story.records)]
    batches = [story.records[start:end] for start, end in pairwise(edges)]

    assert apply({}, [plan_of(batch) for batch in batches]) == one_by_one(story)


@some
@given(lives())
def test_rows_say_what_the_rules_state_says(story: Talk) -> None:
    tables = one_by_one(story)
    if not story.state.is_there:
        assert not tables.get("conversations")
        return
    face = story.state.face
    row = tables["conversations"][face.id]
    for column in ("status", "context", "project_id", "created_at", "updated_at", "ended_at"):
        assert row[column] == getattr(face, column), column
    assert (row["extracted_requirements"], row["summary"] or "") == (face.requirements, face.summary)
    assert row["user_id"] == face.owner.id
    # The plain tables know no cascade: what was said before a deletion went with it.
    gone = max((record.offset for record in story.records if type(record.event) is did.ConversationDeleted), default=0)
    messages = {key: row for key, row in tables.get("conversation_messages", {}).items() if row["offset"] > gone}
    assert len(messages) == face.message_count
    for message in story.state.messages:
        stored = messages[message.id]
        assert (stored["content"], stored["role"], stored["offset"]) == (message.text, message.role, message.offset)
        assert (stored["author_id"], stored["turn_id"], stored["metric_id"]) == (message.by.id, message.turn_id, message.metric_id)
        assert (stored["intent"] or "", tuple(stored["entities"])) == (message.intent, message.entities)
        if message.metric_id:
            metric = tables["ai_model_metrics"][message.metric_id]
            assert (metric["user_rating"], metric["model_name"]) == (message.rating, message.model)


@some
@given(lives())
def test_redacted_events_still_make_rows(story: Talk) -> None:
    records = [
        record_of(record.room, record.offset, redacted(record.event), record.actor, at_ms=record.time_ms)
        for record in story.records
    ]

    assert all(operations(record) for record in records)


def test_a_completed_turn_leaves_a_metric_that_a_rating_fills_in() -> None:
    story, turn_id = answered(tokens=7, latency_ms=900, cost_usd="0.0012", confidence=0.756)
    story.given(ADA, "rate_turn", turn_id=turn_id, rating=4, accepted=True)
    (metric,) = one_by_one(story)["ai_model_metrics"].values()

    assert {name: metric[name] for name in ("model_name", "model_version", "task_type", "latency_ms", "tokens_used")} == {
        "model_name": "claude-sonnet",
        "model_version": "4.5",
        "task_type": "conversation",
        "latency_ms": 900,
        "tokens_used": 7,
    }
    assert (metric["cost_usd"], metric["confidence_score"], metric["user_id"]) == ("0.0012", "0.76", ADA.actor.id)
    assert (metric["user_rating"], metric["user_accepted"]) == (4, True)


def test_a_guests_conversation_is_the_sessions_until_it_is_claimed() -> None:
    story = Talk()
    story.given(Person(GUEST.actor, Claims(session_hash="ab" * 32)), "start")
    (row,) = one_by_one(story)["conversations"].values()
    assert (row["user_id"], row["session_token"]) == (None, "ab" * 32)

    story.given(CLOCK, "claim", guest_id=GUEST.actor.id, user_id=ADA.actor.id)
    (row,) = one_by_one(story)["conversations"].values()
    assert (row["user_id"], row["session_token"]) == (ADA.actor.id, None)


def test_a_guest_without_a_session_is_known_by_id() -> None:
    (row,) = one_by_one(guest_talk())["conversations"].values()

    assert (row["user_id"], row["session_token"]) == (GUEST.actor.id, None)


def test_a_deleted_conversation_leaves_no_row_of_its_own() -> None:
    story = whole_life()
    story.given(ADA, "delete")

    assert not one_by_one(story).get("conversations")


def test_what_is_being_told_has_no_row() -> None:
    story = talk()
    turn_id = story.begin()
    piece = Piece(key=turn_key(turn_id), attempt=1, position=0, text="word")

    assert PROJECTIONS["conversation"].touches(story.room, piece) == ()
    assert [type(operation).__name__ for operation in operations(story.records[-1])] == ["Update"]
    assert BOT.actor == story.records[-1].actor
