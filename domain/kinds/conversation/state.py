"""What a conversation's rules need to know, and what a joiner sees: small, immutable, the same live, in replay and in snapshots.

Everything here is bounded. What is cut away is in the log and in Postgres; the bounds below say why nothing more is needed. A later
release may raise a bound but not lower it: logs hold what was decided while more was remembered.
"""

from typing import Final

import msgspec

from domain.ids import ActorId, RoomAddress, ThingId
from domain.kinds.conversation.view import NOBODY, ConversationFace, Message, Turn
from domain.parts.listing import Spoken

MESSAGES_MAX: Final = 50
MESSAGES_MAX_BYTES: Final = 128 * 1024
"""Messages kept, newest first: the view's 50, or fewer where they are large. The newest is always kept."""
TURN_MAX_BYTES: Final = 128 * 1024
"""The text of one turn as JSON. Half a view (256 KiB): with it the newest message fits beside the row and what is live."""
OBJECT_MAX_BYTES: Final = 16 * 1024
"""Context and requirements as JSON, each, after merging: they are sent to a model with every turn and stand in every view."""
TURNS_MAX: Final = 4
"""Turns that may be open at once (a rule refuses more): each keeps up to 128 KiB of text that every joiner is given."""

NO_FACE: Final = ConversationFace(id="", owner=NOBODY, status="active", created_at=0, updated_at=0)


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """The state of one conversation. ``is_there`` is False before it is started and after it is deleted.

    ``messages`` and the open ``turns`` are oldest first; ``message_bytes`` is what the bound of the same name counts.
    ``last_said`` is the newest message of a person (its id, and who said it), which the next turn answers. ``spoken`` is for the
    unread counts.
    """

    room: RoomAddress
    is_there: bool = False
    face: ConversationFace = NO_FACE
    messages: tuple[Message, ...] = ()
    message_bytes: int = 0
    turns: tuple[Turn, ...] = ()
    last_said: tuple[ThingId, ActorId] | None = None
    spoken: Spoken = ()

    def turn(self, turn_id: str) -> Turn | None:
        """An open turn."""
        return next((turn for turn in self.turns if turn.id == turn_id), None)

    def message(self, message_id: str) -> Message | None:
        return next((message for message in self.messages if message.id == message_id), None)

    def message_of(self, turn_id: str) -> Message | None:
        """What has become of a turn that has ended."""
        return next((message for message in self.messages if message.turn_id == turn_id), None)
