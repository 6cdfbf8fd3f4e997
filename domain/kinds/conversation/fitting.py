"""The view of a conversation, fitted into 256 KiB of JSON: where everything together is larger, the oldest messages go.

Row, summary and open turns are always whole: their bounds leave room for the newest message, whose text is at most 128 KiB. What
was learned of a message can be as much again: one that does not fit with it comes without entities and actions. What is missing is
to be had by HTTP.
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
    shown: list[Message] = []
    for message in reversed(state.messages):
        fitted = next((form for form in (message, _bare(message)) if size_of(form) < budget_bytes), None)
        if fitted is None:
            break
        budget_bytes -= size_of(fitted) + 1
        shown.append(fitted)
    return tuple(reversed(shown))


def _bare(message: Message) -> Message:
    return msgspec.structs.replace(message, entities=(), actions=())
