"""Whatever a concept or a quote gives to other rooms has the form that they take."""

import msgspec
import pytest

from domain.command_codec import CommandCodec
from domain.decider import Reaction
from domain.kinds import KINDS
from tests.unit.domain.concept import test_contract as concept_lives
from tests.unit.domain.concept.stories import GiftStory, asked, offered, share_noted
from tests.unit.domain.quote import test_contract as quote_lives
from tests.unit.domain.story import ADA, command_id

commands = CommandCodec(KINDS)


def accepted_and_undone() -> list[Reaction]:
    """What a concept gives when an accepted offer was gone by then."""
    world = asked("Smith", "Weaver")
    quote_id = offered(world, "Smith")
    world.deliver()
    world.give(world.quote_of("Smith").room, ADA, "reject_quote")
    world.give(world.concept.room, ADA, "accept_quote", quote_id=quote_id)
    world.deliver()
    share_noted(world.concept)
    world.give(world.concept.room, ADA, "delete")
    return [reaction for room in world.rooms.values() for reaction in room.reactions()]


def of(story: GiftStory) -> list[Reaction]:
    return story.reactions()


@pytest.mark.parametrize(
    "reactions",
    [of(concept_lives.whole_life()), of(quote_lives.whole_life()), accepted_and_undone()],
    ids=["a concept's life", "a quote's life", "an acceptance undone"],
)
def test_every_reaction_is_a_command_of_its_target(reactions: list[Reaction]) -> None:
    known = [reaction for reaction in reactions if reaction.name in commands.names]
    for number, reaction in enumerate(known):
        payload = {**reaction.payload, "room": reaction.target, "command_id": command_id(number)}
        commands.decode(reaction.name, msgspec.json.encode(payload))
        if reaction.refusal:
            back = {**reaction.refusal_payload, "reason": "gone", "room": "concept:x", "command_id": command_id(number)}
            commands.decode(reaction.refusal, msgspec.json.encode(back))

    assert {reaction.name.partition(".")[0] for reaction in reactions} >= {"person"}
    assert {reaction.name for reaction in reactions if reaction.name.partition(".")[0] in KINDS} <= commands.names
