"""One life of each kind of room, for the browser's folds: every event that leaves something to see, and moments to join at."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from domain.ids import keyed_id
from domain.kinds.person.things import ComparedItem, Face
from domain.kinds.quote.decider import QUOTE
from tests.unit.domain.concept import stories as gifts
from tests.unit.domain.conversation.talk import HAL, Talk, talk
from tests.unit.domain.person.home import C1, C2, C3, HASH, Home, deliver, knows
from tests.unit.domain.person.home import GUEST as VISITOR
from tests.unit.domain.share import stories as shares
from tests.unit.domain.story import ADA, BEN, BOT, CLOCK, Story

Play: TypeAlias = Iterator[Story]
"""Each yield is a moment at which a joiner's view is recorded."""

PARTIES: Final = {
    "request_id": keyed_id("request", "ring"),
    "seller_id": gifts.SELLER_OF["Smith"],
    "seller_user_id": gifts.SMITH.actor.id,
    "seller_name": "Smith",
    "concept_id": keyed_id("concept", "ring"),
    "concept_name": "Ring",
    "concept_image_url": "https://x/ring.webp",
    "owner": {"id": ADA.actor.id, "name": "Ada"},
    "message": "by May",
}


def share() -> Play:
    story = shares.shared(metadata={"theme": "sea"})
    yield story
    first = story.given(BEN, "add_comment", text="Lovely")
    reply = story.given(shares.GUEST, "add_comment", text="I agree, @Ben", parent_id=first)
    story.given(shares.GUEST, "edit_comment", comment_id=reply, text="I quite agree, @Ben")
    story.given(BEN, "vote", vote="UPVOTE")
    story.given(shares.GUEST, "vote", vote="DOWNVOTE")
    yield story
    shown = {"what": "image", "thing_id": shares.SOME_ID}
    story.given(shares.SYSTEM, "show", url="https://x/1.webp", title="From the side", name="Lamp", **shown)
    story.given(shares.SYSTEM, "show", what="details", name="Sea lamp", image_url="https://x/2.webp")
    story.given(BEN, "delete_comment", comment_id=first)
    story.given(BEN, "withdraw_vote")
    story.given(shares.GUEST, "vote", vote="UPVOTE")
    yield story
    story.given(shares.SYSTEM, "show", is_gone=True, **shown)
    story.given(ADA, "change_share", allow_comments=False, shared_with=(BEN.actor.id,), metadata={"theme": None, "tone": "warm"})
    yield story
    story.given(ADA, "revoke_share", reason="Done")
    yield story


def concept() -> Play:
    story = gifts.concept()
    yield story
    first = story.given(ADA, "add_image", url="https://x/1.webp")
    story.given(BOT, "add_image", url="https://x/0.webp", format="webp", position=0)
    story.given(BOT, "set_optimized_versions", image_id=first, versions={"thumbnail": "https://x/1s.webp"}, priority=2)
    story.given(BOT, "set_products", products=({"name": "Band", "price": "12.50"},))
    story.given(BOT, "match_artisans", matches=({"seller_id": gifts.SELLER_OF["Smith"], "score": 91, "reasons": ("near",)},))
    gifts.suggested(story)
    gifts.share_noted(story)
    yield story
    taken = gifts.suggested(story)
    story.given(ADA, "apply_refinement", refinement_id=taken, changes={"color": "blue"})
    story.given(
        ADA, "dismiss_refinement", refinement_id=story.given(ADA, "request_refinement", refinement_type="SIZE", feedback="less")
    )
    preview = story.given(BOT, "add_ar_preview", scene_type="ROOM", image_url="https://x/ar.webp", placement={"x": 1})
    story.given(BOT, "add_ar_preview", scene_type="PERSON", image_url="https://x/ar2.webp")
    story.given(BOT, "set_sustainability", score={"materials": 80, "note": "silver"})
    gifts.video(story)
    gifts.share_noted(story, 2, title="Ring", allow_voting=True)
    yield story
    story.given(ADA, "remove_image", image_id=first)
    story.given(ADA, "remove_ar_preview", preview_id=preview)
    gifts.share_noted(story, 1, status="revoked")
    gifts.share_noted(story, 2, status="changed", is_public=False)
    story.given(BOT, "fail_video", video_id=story.state.videos[-1].id, error="no light")
    gifts.video(story, "COMPLETED")
    story.given(ADA, "favour")
    story.given(ADA, "change_details", name="Sea ring", description="One stone")
    yield from _quotes(story)


def _quotes(story: gifts.GiftStory) -> Play:
    """Requests of the concept, and how they end."""
    sellers = (gifts.SELLER_OF["Smith"], gifts.SELLER_OF["Weaver"])
    for ending in ("cancel", "accept", "expire"):
        request = story.given(ADA, "request_quotes", sellers=sellers, message="by May", expires_at=gifts.in_a_week(story))
        offer = _noted(story, request, sellers[0])
        _noted(story, request, sellers[1])
        yield story
        _noted(story, request, sellers[1], what="gone")
        if ending == "cancel":
            story.given(ADA, "cancel_quotes", request_id=request)
        if ending == "accept":
            story.given(ADA, "accept_quote", quote_id=offer)
            story.given(gifts.SYSTEM, "undo_acceptance", request_id=request, quote_id=offer, reason="It was withdrawn.")
            story.given(ADA, "accept_quote", quote_id=offer)
        if ending == "expire":
            story.at_ms = gifts.in_a_week(story)
            story.given(CLOCK, "expire_quotes", request_id=request)
    story.given(ADA, "unfavour")
    yield story


def _noted(story: gifts.GiftStory, request: str, seller: str, what: str = "received") -> str:
    quote = keyed_id("quote", request, seller)
    price = {"total_price": "130.00", "estimated_days": 14, "quote_expires_at": story.at_ms + gifts.DAY_MS}
    known = price if what != "gone" else {}
    story.given(gifts.SYSTEM, "note_quote", request_id=request, seller_id=seller, quote_id=quote, what=what, **known)
    return quote


def quote() -> Play:
    story = gifts.GiftStory(QUOTE)
    story.given(gifts.SYSTEM, "open", expires_at=gifts.in_a_week(story), **PARTIES)
    yield story
    offer = {"pricing": gifts.PRICING, "estimated_days": 14, "expires_at": story.at_ms + gifts.DAY_MS}
    story.given(gifts.SMITH, "submit_quote", notes="In silver", **offer)
    story.given(ADA, "view_quote")
    story.given(ADA, "post", text="Could it be **gold**?")
    yield story
    story.given(gifts.SMITH, "revise_quote", pricing={**gifts.PRICING, "materials": "99"}, notes="In gold")
    story.given(gifts.SMITH, "post", text="It could")
    yield story
    story.given(gifts.SMITH, "withdraw_quote", reason="No gold left")
    story.given(gifts.SMITH, "submit_quote", **offer)
    story.given(ADA, "reject_quote", reason="Too slow")
    yield story
    story.given(gifts.SMITH, "submit_quote", **offer)
    story.given(gifts.SYSTEM, "settle", outcome="other_accepted", by={"id": ADA.actor.id, "name": "Ada"})
    yield story
    story.given(gifts.SYSTEM, "settle", outcome="undone")
    yield story
    last = story.state.quote
    story.given(
        gifts.SYSTEM, "settle", outcome="accepted", by={"id": ADA.actor.id, "name": "Ada"}, quote_id=last.id, revision=last.revision
    )
    yield story


def conversation() -> Play:
    story = talk(context={"title": "Desks"})
    yield story
    said = story.say()
    story.given(BOT, "annotate", message_id=said, intent="purchase", confidence=0.8, entities=({"kind": "desk", "count": 120},))
    turn = story.begin()
    story.tell(turn, "How many ")
    yield story
    story.interrupt(turn)
    yield story
    story.given(HAL, "begin_turn", resume_turn=turn)
    story.tell(turn, "people are there?", HAL)
    yield story
    story.given(HAL, "complete_turn", **story.whole(turn, tokens=12, actions=({"type": "suggest", "what": "desks"},)))
    story.given(ADA, "rate_turn", turn_id=turn, rating=4)
    story.given(HAL, "set_requirements", requirements={"seats": 120, "style": ["calm"]})
    story.given(ADA, "set_context", context={"floor": 3})
    yield story
    yield from _left_and_ended(story)


def _left_and_ended(story: Talk) -> Play:
    """A turn that is stopped, one that fails, and the end."""
    story.say("And chairs?")
    stopped = story.begin()
    story.tell(stopped, "Cha")
    story.given(ADA, "stop_turn", turn_id=stopped)
    silent = story.begin()
    story.given(BOT, "fail_turn", turn_id=silent, attempt=1, error="no words")
    story.given(HAL, "summarise", summary="120 desks")
    yield story
    story.given(ADA, "complete")
    yield story


def person() -> Play:
    story = Home(ADA)
    story.given(CLOCK, "note_room", noted=f"concept:{C1}")
    yield story
    first = story.notified(1, by=Face(id=BEN.actor.id, name="Ben"), thing_id=C3)
    story.notified(2)
    story.given(CLOCK, "note_room", noted=f"share:{C2}")
    folder = story.given(ADA, "make_folder", name="Rings", is_public=True, concept_ids=(C1, C2))
    story.given(ADA, "make_folder", name="Lamps")
    yield story
    story.given(ADA, "settle_notifications", notification_ids=(first,))
    story.given(ADA, "mark_read", read_room=f"share:{C2}", read_offset=7)
    story.given(ADA, "change_folder", folder_id=folder, name="Silver rings", is_public=False)
    story.given(ADA, "fill_folder", folder_id=folder, add=(C3,), take=(C1, C2))
    story.given(ADA, "favour", concept_id=C2)
    story.given(ADA, "save_comparison", items=(ComparedItem(type="concept", id=C1), ComparedItem(type="concept", id=C2)))
    yield story
    story.given(CLOCK, "forget_room", noted=f"concept:{C1}")
    story.given(ADA, "remove_folder", folder_id=folder)
    story.given(ADA, "unfavour", concept_id=C2)
    yield story
    _claims(story)
    yield story


def _claims(story: Home) -> None:
    """What a guest had becomes Ada's."""
    guest = Home(VISITOR)
    guest.given(CLOCK, "note_room", noted=f"conversation:{C1}")
    guest.given(VISITOR, "make_folder", name="Finds", concept_ids=(C1,))
    guest.given(VISITOR, "favour", concept_id=C3)
    guest.given(VISITOR, "mark_read", read_room=f"conversation:{C1}", read_offset=3)
    knows(story, guest)
    before = len(story.records)
    story.given(CLOCK, "claim", guest_id=VISITOR.actor.id, session_hash=HASH)
    deliver(story, guest, since=before)


PLAYS: Final[Mapping[str, Callable[[], Play]]] = {
    "share": share,
    "concept": concept,
    "quote": quote,
    "conversation": conversation,
    "person": person,
}
