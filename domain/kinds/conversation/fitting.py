"""The view of a conversation, fitted into 256 KiB of JSON: where everything together is larger, the oldest messages go.

Row, summary and open turns are always whole: their bounds leave room for the newest message, whose text is at most 128 KiB. What
is missing is to be had by HTTP.
"""

from typing import Final

import msgspec

from domain.event_codec import encode
from domain.kinds.conversation.evolution import size_of
from domain.kinds.conversation.state import Conversation
from domain.kinds.conversation.view import ConversationView, Message

VIEW_MAX_BYTES: Final = 256 * 1024


def view_of(state: Conversation) -> ConversationView:
    rest = ConversationView(conversation=state.face, turns=state.turns)
    return msgspec.structs.replace(rest, messages=_newest(state, VIEW_MAX_BYTES - len(encode(rest))))


def _newest(state: Conversation, budget_bytes: int) -> tuple[Message, ...]:
    commas = len(state.messages)
    if state.message_bytes + commas <= budget_bytes:
        return state.messages
    first = len(state.messages)
    while first > 0 and (size := size_of(state.messages[first - 1]) + 1) <= budget_bytes:
        budget_bytes -= size
        first -= 1
    return state.messages[first:]
