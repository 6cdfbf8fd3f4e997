"""What holds for every kind of room, whatever its rules: replay, snapshots, offsets, deadlines; over random lives of each kind."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.event_codec import EventCodec, decode, encode
from domain.kinds import KINDS
from domain.record import Record
from domain.redaction import redacted_record
from tests.unit.domain.concept.test_replay import lives as concept_lives
from tests.unit.domain.conversation.test_replay import lives as conversation_lives
from tests.unit.domain.person.test_replay import lives as person_lives
from tests.unit.domain.share.test_replay import lives as share_lives
from tests.unit.domain.workspace.test_replay import lives as workspace_lives

LIVES: Mapping[str, Callable[[], st.SearchStrategy[Any]]] = {
    "workspace": workspace_lives,
    "share": share_lives,
    "concept": concept_lives,
    "conversation": conversation_lives,
    "person": person_lives,
}
VIEW_MAX_BYTES = 256 * 1024

codec = EventCodec(KINDS)
some = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
every_kind = pytest.mark.parametrize("kind", LIVES)


def fold(kind: str, state: Any, records: list[Record]) -> Any:
    for record in records:
        state = KINDS[kind].evolve(state, record)
    return state


def drawn(kind: str, data: st.DataObject) -> tuple[list[Record], Any]:
    """A random life: its records, and the state that they led to."""
    story = data.draw(LIVES[kind]())
    return story.records, story.state


@every_kind
@some
@given(st.data())
def test_replay_from_the_journals_bytes_equals_live(kind: str, data: st.DataObject) -> None:
    records, state = drawn(kind, data)
    initial = KINDS[kind].initial(state.room)

    assert fold(kind, initial, list(codec.decode_records(codec.encode_records(records)))) == state


@every_kind
@some
@given(st.data())
def test_a_snapshot_with_the_events_behind_it_equals_the_later_state_and_view(kind: str, data: st.DataObject) -> None:
    records, state = drawn(kind, data)
    decider, at = KINDS[kind], data.draw(st.integers(0, len(records)))
    early = fold(kind, decider.initial(state.room), records[:at])
    from_snapshot = fold(kind, decode(encode(early), decider.state_type), records[at:])

    assert from_snapshot == state
    assert encode(decider.view(from_snapshot)) == encode(decider.view(state))
    assert len(encode(decider.view(state))) <= VIEW_MAX_BYTES


@every_kind
@some
@given(st.data())
def test_offsets_have_no_hole_times_never_fall_and_ids_are_their_own(kind: str, data: st.DataObject) -> None:
    records, _ = drawn(kind, data)
    times = [record.time_ms for record in records]

    assert [record.offset for record in records] == list(range(1, len(records) + 1))
    assert times == sorted(times)
    assert len({record.id for record in records}) == len(records)


@every_kind
@some
@given(st.data())
def test_a_log_whose_words_are_gone_folds_and_shows_all_the_same(kind: str, data: st.DataObject) -> None:
    records, state = drawn(kind, data)
    decider = KINDS[kind]

    wordless = fold(kind, decider.initial(state.room), [redacted_record(record) for record in records])

    assert encode(decider.view(wordless))
    assert decider.live_keys(wordless) == decider.live_keys(state)
    assert [deadline.what for deadline in decider.due(wordless)] == [deadline.what for deadline in decider.due(state)]


@every_kind
@some
@given(st.data())
def test_what_is_due_is_named_once_and_silence_is_of_what_lives(kind: str, data: st.DataObject) -> None:
    _, state = drawn(kind, data)
    deadlines, live_keys = KINDS[kind].due(state), KINDS[kind].live_keys(state)

    assert len({deadline.what for deadline in deadlines}) == len(deadlines)
    assert {deadline.quiet_key for deadline in deadlines if deadline.quiet_key} <= live_keys


@every_kind
@some
@given(st.data())
def test_what_is_taken_back_was_said_before_and_reactions_are_small(kind: str, data: st.DataObject) -> None:
    records, _ = drawn(kind, data)
    for record in records:
        assert all(offset <= record.offset for offset in KINDS[kind].redacts(record))
        for reaction in KINDS[kind].reactions(record):
            assert len(msgspec.json.encode(reaction.payload)) <= 64 * 1024
