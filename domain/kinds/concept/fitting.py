"""The view of a concept, fitted into 256 KiB of JSON.

Where everything together is larger, this goes, in this order, each only if it has to: (1) open objects of images, products and
previews; (2) long texts and objects of refinements, reasons of matches, errors of videos, messages of ended requests; (3) of every
list the oldest, down to its share of the rest, but the messages of open requests before any request. What is missing is to be had
by history and HTTP; the row itself is always whole.
"""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

import msgspec

from domain.event_codec import encode
from domain.kinds.concept.state import OPEN_REQUEST, Concept
from domain.kinds.concept.view import ConceptView, Request

replace = msgspec.structs.replace
T = TypeVar("T")

VIEW_MAX_BYTES: Final = 256 * 1024
KIB: Final = 1024
LIST_MAX_BYTES: Final = {
    "images": 24 * KIB,
    "products": 16 * KIB,
    "matches": 12 * KIB,
    "refinements": 16 * KIB,
    "requests": 24 * KIB,
    "videos": 12 * KIB,
    "previews": 12 * KIB,
    "shares": 8 * KIB,
}
"""Together 124 KiB: what the row (a name and a description, at most 121 KiB of escaped text) leaves over, but for 11 KiB."""
SCORE_MAX_BYTES: Final = 8 * KIB


def view_of(state: Concept) -> ConceptView:
    view = _whole(state)
    for shorten in (_without_objects, _without_long_texts, _with_the_newest):
        if len(encode(view)) <= VIEW_MAX_BYTES:
            break
        view = shorten(view)
    return view


def _whole(state: Concept) -> ConceptView:
    return ConceptView(
        concept=state.face,
        images=state.images,
        products=state.products,
        matches=state.matches,
        refinements=state.refinements,
        requests=_shown_requests(state),
        videos=state.videos,
        previews=state.previews,
        score=state.score,
        shares=state.shares,
    )


def _shown_requests(state: Concept) -> tuple[Request, ...]:
    """The latest, and all that are open."""
    return (*(one for one in state.requests[:-1] if one.status in OPEN_REQUEST), *state.requests[-1:])


def _without_objects(view: ConceptView) -> ConceptView:
    return replace(
        view,
        images=tuple(replace(image, versions={}) for image in view.images),
        products=tuple(replace(product, data={}) for product in view.products),
        previews=tuple(replace(preview, placement={}, metadata={}) for preview in view.previews),
    )


def _without_long_texts(view: ConceptView) -> ConceptView:
    return replace(
        view,
        refinements=tuple(replace(one, feedback="", changes={}, explanation="") for one in view.refinements),
        matches=tuple(replace(match, reasons=()) for match in view.matches),
        videos=tuple(replace(video, error="") for video in view.videos),
        requests=tuple(one if one.status in OPEN_REQUEST else replace(one, message="") for one in view.requests),
    )


def _with_the_newest(view: ConceptView) -> ConceptView:
    if len(encode(view.requests)) > LIST_MAX_BYTES["requests"]:
        view = replace(view, requests=tuple(replace(one, message="") for one in view.requests))
    cut: dict[str, Any] = {name: _newest(getattr(view, name), most) for name, most in LIST_MAX_BYTES.items()}
    score = view.score if len(encode(view.score)) <= SCORE_MAX_BYTES else {}
    return replace(view, **cut, score=score)


def _newest(items: Sequence[T], budget_bytes: int) -> tuple[T, ...]:
    first = len(items)
    while first > 0 and (size := len(encode(items[first - 1])) + 1) <= budget_bytes:
        budget_bytes -= size
        first -= 1
    return tuple(items[first:])
