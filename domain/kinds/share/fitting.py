"""The view of a share, fitted into 256 KiB of JSON.

Where everything together is larger, this goes, in this order, each only if it has to: (1) the names of people who have not spoken
among the newest, (2) ``data`` of shown things, (3) the oldest comments. What is missing is to be had by history and HTTP.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Final

import msgspec

from domain.event_codec import encode
from domain.kinds.share.state import Share
from domain.kinds.share.view import Known, ShareView, VoteCount
from domain.parts.discussion import Comment, size_of

VIEW_MAX_BYTES: Final = 256 * 1024
_REST_MAX_BYTES: Final = VIEW_MAX_BYTES // 2
"""What everything but the comments may take before it is shortened: the other half is the comments'."""
PEOPLE_MAX: Final = 100
"""People offered for ``@name``: who spoke last first. Others may be called too, by who knows their name."""


def view_of(state: Share) -> ShareView:
    tally = VoteCount(up=state.ballot.up, down=state.ballot.down)
    rest = ShareView(share=state.face, tally=tally, shown=state.shown, people=tuple(islice(_people(state), PEOPLE_MAX)))
    size = len(encode(rest))
    for shorten in (_without_people, _without_data):
        if size <= _REST_MAX_BYTES:
            break
        rest = shorten(rest)
        size = len(encode(rest))
    return msgspec.structs.replace(rest, comments=_newest(state, VIEW_MAX_BYTES - size))


def _people(state: Share) -> Iterator[Known]:
    """Everybody who can be called, each once: authors of the newest comments, the owner and those named, then the others."""
    speakers = (comment.by.id for comment in reversed(state.discussion.newest))
    for who in dict.fromkeys((*speakers, state.owner_id, *state.friends, *sorted(state.names))):
        if state.names.get(who):
            yield Known(id=who, name=state.names[who])


def _newest(state: Share, budget_bytes: int) -> tuple[Comment, ...]:
    newest = state.discussion.newest
    if state.discussion.newest_bytes <= budget_bytes:
        return newest
    first = len(newest)
    while first > 0 and (size := size_of(newest[first - 1])) <= budget_bytes:
        budget_bytes -= size
        first -= 1
    return newest[first:]


def _without_people(view: ShareView) -> ShareView:
    return msgspec.structs.replace(view, people=())


def _without_data(view: ShareView) -> ShareView:
    return msgspec.structs.replace(view, shown=tuple(msgspec.structs.replace(thing, data={}) for thing in view.shown))
