"""That the parts of the share cover one another: commands, rules, events, steps; and that its events are read for ever."""

import json
from pathlib import Path

import msgspec
import pytest

from domain.decider import Decider
from domain.event_codec import EventCodec, decode, encode, tag_of, version_of
from domain.ids import ActorId, ThingId
from domain.kinds import KINDS
from domain.kinds.share import commands as ask
from domain.kinds.share import events as did
from domain.kinds.share import ticks
from domain.kinds.share.decider import RULES, SHARE
from domain.kinds.share.events import EVENTS
from domain.kinds.share.evolution import STEPS
from domain.kinds.share.state import Share
from domain.record import Event
from domain.redaction import free_fields, redacted
from tests.unit.domain.share.stories import GUEST, MAKER, SOME_ID, SYSTEM, ShareStory, shared, shared_by_a_guest
from tests.unit.domain.story import ADA, BEN, START_MS

GOLDEN = Path(__file__).with_name("golden_events.json")
ONE = ThingId("01890a5d-ac96-874b-8c3b-000000000001")
TWO = ThingId("01890a5d-ac96-874b-8c3b-000000000002")
SOMEBODY = ActorId("11111111-1111-4111-8111-111111111111")
HASH = "a1" * 32

SAMPLES: tuple[Event, ...] = (
    did.ConceptShared(
        concept_id=ONE,
        title="Lampe „Eiche“",
        image_url="https://x/1.webp",
        token_hash=HASH,
        allow_comments=True,
        allow_voting=False,
        is_public=True,
        shared_with=(SOMEBODY, HASH),
        names={SOMEBODY: "Ben"},
        metadata={"title": "Lamp"},
        expires_at=START_MS,
    ),
    did.ShareChanged(
        concept_id=ONE,
        title="Lamp",
        allow_comments=False,
        allow_voting=True,
        is_public=False,
        shared_with=(SOMEBODY,),
        names={SOMEBODY: "Ben"},
        added=(SOMEBODY,),
        metadata={"a": 1},
        expires_at=START_MS,
    ),
    did.ShareRevoked(concept_id=ONE, title="Lamp", reason="r", friends=(SOMEBODY,)),
    did.ShareExpired(concept_id=ONE),
    did.ShareDeleted(concept_id=ONE, owner_id=SOMEBODY, was_open=True),
    did.ShareClaimed(guest_id=SOMEBODY, user_id=ActorId("22222222-2222-4222-8222-222222222222"), user_name="Ada"),
    did.CommentAdded(
        text="nice",
        parent_id=ONE,
        depth=1,
        mentions=(SOMEBODY,),
        parent_author_id=SOMEBODY,
        owner_id=SOMEBODY,
        title="Lamp",
        comment_count=2,
    ),
    did.CommentEdited(comment_id=ONE, text="nicer", mentions=(SOMEBODY,), called=(SOMEBODY,), title="Lamp"),
    did.CommentDeleted(comment_id=ONE, redacted=(2, 4), comment_count=1),
    did.VoteCast(vote="UPVOTE", old="DOWNVOTE", up=2, down=1),
    did.VoteWithdrawn(old="UPVOTE", up=1, down=1),
    did.ConceptShown(
        what="image",
        thing_id=TWO,
        caption="front",
        url="https://x/2.webp",
        data={"format": "webp"},
        is_gone=True,
        title="Lamp",
        image_url="https://x/1.webp",
    ),
)
codec = EventCodec(KINDS)


def golden() -> dict[str, dict[str, object]]:
    pinned: dict[str, dict[str, object]] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return pinned


def test_a_share_is_a_decider_by_type() -> None:
    decider: Decider[Share] = SHARE

    assert KINDS[decider.kind] is decider
    assert decider.creates in decider.commands


def test_every_command_has_a_rule_and_a_place_in_the_table() -> None:
    assert set(RULES) == set(SHARE._may) == set(ask.COMMANDS.values())


def test_every_event_class_is_listed_with_a_tag_and_a_step_of_its_own() -> None:
    defined = {value for value in vars(did).values() if isinstance(value, type) and issubclass(value, Event) and value is not Event}

    assert set(EVENTS) == defined == set(STEPS)
    assert len({tag_of(event) for event in EVENTS}) == len(EVENTS)


def test_what_passes_is_listed_and_its_keys_are_live() -> None:
    assert set(SHARE.ticks) == {ticks.Tally, ticks.Views}
    assert SHARE.live_keys(shared().state) == {ticks.TALLY, ticks.VIEWS}


def test_every_event_is_pinned() -> None:
    assert set(golden()) == {tag_of(event) for event in EVENTS}
    assert {type(sample) for sample in SAMPLES} == set(EVENTS)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: tag_of(type(sample)))
def test_an_event_is_written_and_read_as_it_always_was(sample: Event) -> None:
    tag = tag_of(type(sample))
    pinned = golden()[tag]
    body, version = str(pinned["body"]), int(str(pinned["version"]))

    assert (codec.encode_event(sample).decode(), version_of(type(sample))) == (body, version)
    assert codec.decode_event("share", tag, version, body.encode()) == sample


def whole_life() -> ShareStory:
    """A story in which every event happens but the clock's."""
    story = shared(metadata={"title": "Oak"}, expires_at=START_MS + 1_000_000)
    story.given(ADA, "change_share", metadata={"note": "Oak"})
    comment_id = story.given(GUEST, "add_comment", text="Oak, @Ben")
    story.given(BEN, "add_comment", text="Oak indeed", parent_id=comment_id)
    story.given(GUEST, "edit_comment", comment_id=comment_id, text="Oak!")
    story.given(GUEST, "delete_comment", comment_id=comment_id)
    story.given(GUEST, "vote", vote="UPVOTE")
    story.given(BEN, "vote", vote="DOWNVOTE")
    story.given(GUEST, "withdraw_vote")
    story.given(SYSTEM, "show", what="image", thing_id=SOME_ID, title="Oak", data={"x": "Oak"}, name="Oak lamp")
    story.given(ADA, "revoke_share", reason="Oak")
    return story


def test_a_whole_life_has_every_event() -> None:
    story, other = whole_life(), shared_by_a_guest(expires_at=START_MS + 60_000)
    other.given(SYSTEM, "claim", guest_id=MAKER.actor.id, user_id=ADA.actor.id)
    other.at_ms += 60_000
    other.given(SYSTEM, "expire_share")
    other.given(SYSTEM, "delete")

    assert {type(record.event) for record in (*story.records, *other.records)} == set(EVENTS)


def test_a_log_whose_texts_were_redacted_folds_all_the_same() -> None:
    story = whole_life()
    state = SHARE.initial(story.room)
    for record in story.records:
        event = redacted(record.event)
        state = SHARE.evolve(state, msgspec.structs.replace(record, event=event, body=encode(event)))

    assert state.face.status == story.state.face.status
    assert (state.ballot, state.discussion.count) == (story.state.ballot, story.state.discussion.count)
    assert "Oak" not in encode(SHARE.view(state)).decode()


@pytest.mark.parametrize("event_class", EVENTS)
def test_free_text_is_what_people_write(event_class: type[Event]) -> None:
    assert set(free_fields(event_class)) <= {"title", "metadata", "reason", "text", "caption", "data"}


def test_a_state_comes_back_from_its_snapshot() -> None:
    story = whole_life()

    assert decode(encode(story.state), Share) == story.state
    assert SHARE.state_type is Share


def test_records_come_back_from_the_journals_bytes() -> None:
    records = tuple(whole_life().records)

    assert codec.decode_records(codec.encode_records(records)) == records


def test_no_secret_stands_in_a_view() -> None:
    story = shared()
    view = encode(story.view).decode()

    assert story.state.token_hash not in view
    assert not any(one in view for one in story.state.shared_with if "-" not in one)
