"""Shares and concepts speak of each other in words that the other knows."""

import msgspec
import pytest

from domain.decider import Reaction
from domain.event_codec import encode
from domain.kinds import KINDS
from domain.kinds.share.decider import SHARE
from tests.unit.domain.share.stories import GUEST, SOME_ID, SYSTEM, shared
from tests.unit.domain.story import ADA, START_MS, command_id


def whole_lives() -> list[Reaction]:
    story, other, gone = shared(), shared(expires_at=START_MS + 60_000), shared()
    comment_id = story.given(GUEST, "add_comment", text="nice @Ben")
    story.given(ADA, "add_comment", text="thanks", parent_id=comment_id)
    story.given(GUEST, "edit_comment", comment_id=comment_id, text="nice @Ada")
    story.given(SYSTEM, "show", what="image", thing_id=SOME_ID)
    story.given(ADA, "change_share", is_public=False)
    story.given(ADA, "revoke_share")
    other.at_ms += 60_000
    other.given(SYSTEM, "expire_share")
    gone.given(ADA, "delete")
    records = (*story.records, *other.records, *gone.records)
    return [reaction for record in records for reaction in SHARE.reactions(record)]


REACTIONS = whole_lives()


@pytest.mark.parametrize("reaction", REACTIONS, ids=[f"{number}-{each.name}" for number, each in enumerate(REACTIONS)])
def test_what_a_share_asks_of_other_rooms_has_the_form_of_their_commands(reaction: Reaction) -> None:
    kind, _, verb = reaction.name.partition(".")
    payload = {**reaction.payload, "room": reaction.target, "command_id": command_id(1)}

    command = msgspec.json.decode(encode(payload), type=KINDS[kind].commands[verb])
    assert command.room.startswith(f"{kind}:")
