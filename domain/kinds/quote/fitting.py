"""The view of a quote, fitted into 256 KiB of JSON.

Where everything together is larger, this goes, in this order, each only if it has to: (1) the offer's customizations; (2) its
attachments; (3) the oldest messages. The request and the offer's price, days and notes are always whole: a command has at most
96 KiB, so they have at most 192.
"""

from typing import Final

import msgspec

from domain.event_codec import encode
from domain.kinds.quote.evolution import size_of
from domain.kinds.quote.state import QuoteRoom
from domain.kinds.quote.view import QuoteMessage, QuoteView

replace = msgspec.structs.replace

VIEW_MAX_BYTES: Final = 256 * 1024
_REST_MAX_BYTES: Final = 200 * 1024
"""What request and offer may take before they are shortened."""


def view_of(state: QuoteRoom) -> QuoteView:
    rest = QuoteView(request=state.request, quote=state.quote)
    for field in ("customizations", "attachments"):
        if rest.quote is None or len(encode(rest)) <= _REST_MAX_BYTES:
            break
        rest = replace(rest, quote=replace(rest.quote, **{field: ()}))
    return replace(rest, messages=_newest(state, VIEW_MAX_BYTES - len(encode(rest))))


def _newest(state: QuoteRoom, budget_bytes: int) -> tuple[QuoteMessage, ...]:
    if state.message_bytes <= budget_bytes:
        return state.messages
    first = len(state.messages)
    while first > 0 and (size := size_of(state.messages[first - 1])) <= budget_bytes:
        budget_bytes -= size
        first -= 1
    return state.messages[first:]
