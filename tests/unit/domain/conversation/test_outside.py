"""What a conversation tells outside itself: results, commands in other rooms, its line in people's lists."""

from typing import Any

import pytest

from domain.decider import Listing, Reaction
from domain.kinds.conversation.decider import CONVERSATION
from tests.unit.domain.conversation.samples import SOME_ID
from tests.unit.domain.conversation.talk import HAL, Talk, answered, answering, guest_talk, interrupted, talk
from tests.unit.domain.story import ADA, BEN, BOT, CLOCK, EVE, GUEST


def reactions(story: Talk) -> list[Reaction]:
    return [reaction for record in story.records for reaction in CONVERSATION.reactions(record)]


def note(actor_id: str, story: Talk, word: str = "note_room") -> Reaction:
    return Reaction(target=f"person:{actor_id}", name=f"person.{word}", payload={"noted": story.room})  # type: ignore[arg-type]  # an address


def test_it_stands_in_its_owners_list_until_it_is_deleted() -> None:
    story = talk()
    story.say()
    assert reactions(story) == [note(ADA.actor.id, story)]

    story.given(ADA, "delete")
    assert reactions(story)[1:] == [note(ADA.actor.id, story, "forget_room")]


def test_with_a_claim_it_comes_into_the_persons_list() -> None:
    story = guest_talk()
    story.given(CLOCK, "claim", guest_id=GUEST.actor.id, user_id=EVE.actor.id)

    assert reactions(story)[1:] == [note(EVE.actor.id, story)]


def test_its_owner_is_told_of_an_interruption_without_a_word_of_what_was_said() -> None:
    story, turn_id = interrupted()

    assert reactions(story)[1:] == [
        Reaction(
            target=f"person:{ADA.actor.id}",  # type: ignore[arg-type]  # an address
            name="person.notify",
            payload={
                "what": "turn_interrupted",
                "source": story.room,
                "thing_id": turn_id,
                "by": {"id": CLOCK.actor.id, "kind": "system", "name": "Atrium", "image": ""},
                "title": "Conversation",
                "at": story.at_ms,
            },
        )
    ]


def test_an_action_changes_the_project_on_behalf_of_who_spoke_last() -> None:
    actions = (
        {"type": "update_project", "updates": {"requirements": {"desks": 120}}},
        {"type": "look_up", "query": "desks"},
        {"type": "update_project", "updates": {"budget": {"max": 5}, "on_behalf_of": "me"}},
    )
    story, turn_id = answering(project_id=SOME_ID)
    story.given(BOT, "complete_turn", **story.whole(turn_id, actions=actions))

    def change(**fields: Any) -> Reaction:
        return Reaction(
            target=f"project:{SOME_ID}",  # type: ignore[arg-type]  # an address
            name="project.change_details",
            payload={**fields, "on_behalf_of": ADA.actor.id, "conversation": story.room},
            refusal="conversation.note_refusal",
            refusal_payload={"turn_id": turn_id, "action": "update_project"},
        )

    assert reactions(story)[1:] == [change(requirements={"desks": 120}), change(budget={"max": 5})]


def test_what_was_refused_at_once_is_not_asked_of_a_project() -> None:
    story, turn_id = answering()
    story.given(BOT, "complete_turn", **story.whole(turn_id, actions=({"type": "update_project", "updates": {}},)))

    assert reactions(story) == [note(ADA.actor.id, story)]


def test_callers_hear_what_they_cannot_derive() -> None:
    story = talk()
    assert story.results(ADA, "say", text="hi") == {"message_id": story.records[-1].id}
    begun = story.results(BOT, "begin_turn")
    turn_id = begun["turn_id"]
    assert begun == {"turn_id": story.records[-1].id, "attempt": 1, "position": 0}
    story.tell(turn_id, "Hello")
    story.interrupt(turn_id)
    assert story.results(HAL, "begin_turn", resume_turn=turn_id) == {"turn_id": turn_id, "attempt": 2, "position": 5}
    assert story.results(HAL, "complete_turn", **story.whole(turn_id)) == {
        "message_id": story.records[-2].id,
        "metric_id": story.records[-1].id,
    }
    assert story.results(ADA, "rate_turn", turn_id=turn_id, rating=3) == {"rating": 3}
    assert story.results(ADA, "set_context", context={"a": 1}) == {"context": {"a": 1}}
    assert story.results(ADA, "set_requirements", requirements={"a": 1}) == {"requirements": {"a": 1}}


@pytest.mark.parametrize("verb", ["stop_turn", "fail_turn"])
def test_who_ends_a_turn_hears_which_message_it_became(verb: str) -> None:
    story, turn_id = answering()
    fields = {} if verb == "stop_turn" else {"attempt": 1, "error": "no"}

    results = story.results(ADA if verb == "stop_turn" else BOT, verb, turn_id=turn_id, **fields)

    assert results == {"message_id": story.state.message_of(turn_id).id}


def test_its_line_tells_what_is_going_on() -> None:
    story, turn_id = answering(context={"title": "Office"})
    (said,) = story.state.messages

    listing = Listing(name="Office", status="active", step="answering", at_ms=story.state.face.updated_at)
    spoken = ((said.offset, ADA.actor.id),)
    assert CONVERSATION.listing(story.state) == Listing(**{**fields(listing), "spoken": spoken})
    story.given(BOT, "complete_turn", **story.whole(turn_id))
    assert CONVERSATION.listing(story.state).step == ""
    assert CONVERSATION.listing(story.state).spoken[-1][1] == BOT.actor.id


def fields(listing: Listing) -> dict[str, Any]:
    return {name: getattr(listing, name) for name in listing.__struct_fields__}


@pytest.mark.parametrize("context", [{}, {"title": ""}, {"title": 5}])
def test_without_a_title_it_has_a_plain_name(context: dict[str, Any]) -> None:
    assert CONVERSATION.listing(talk(context=context).state).name == "Conversation"


def test_a_long_title_is_cut_to_a_name() -> None:
    assert CONVERSATION.listing(talk(context={"title": "x" * 300}).state).name == "x" * 200


def test_it_stands_in_its_owners_list_alone() -> None:
    story, _ = answered()

    assert tuple(CONVERSATION.listed_for(story.state)) == (ADA.actor.id,)
    assert tuple(CONVERSATION.listed_for(Talk().state)) == ()
    assert BEN.actor.id not in CONVERSATION.listed_for(story.state)
