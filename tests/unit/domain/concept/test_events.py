"""The bytes of every event, pinned: a change here is a change of what old logs mean.

A new event adds a line to ``golden_events.json``. A changed line needs a new version of the event and an upcaster.
"""

import json
from pathlib import Path

import pytest

from domain.event_codec import tag_of, version_of
from domain.ids import ActorId, RoomAddress, ThingId
from domain.kinds.concept import events as did
from domain.kinds.concept.events import EVENTS
from domain.kinds.concept.view import Match, Product
from domain.record import Event
from tests.unit.domain.concept.stories import codec

GOLDEN = Path(__file__).with_name("golden_events.json")
ONE = ThingId("01890a5d-ac96-874b-8c3b-000000000001")
TWO = ThingId("01890a5d-ac96-874b-8c3b-000000000002")
ADA = ActorId("01890a5d-ac96-874b-8c3b-0000000000aa")
BEN = ActorId("01890a5d-ac96-874b-8c3b-0000000000bb")
SHARE = RoomAddress(f"share:{ONE}")
QUOTE = RoomAddress(f"quote:{ONE}")
OTHER = RoomAddress(f"quote:{TWO}")

SAMPLES: tuple[Event, ...] = (
    did.ConceptCreated(
        owner_id=ADA, owner_kind="guest", session_hash="5e" * 32, name="Ring", description="zwei „Steine“", visit_id=ONE
    ),
    did.DetailsChanged(name="Band", description="d", shares=(SHARE,)),
    did.ConceptDeleted(owner_id=ADA, shares=(SHARE,)),
    did.ConceptClaimed(guest_id=ADA, owner_id=BEN, owner_name="Ben", request_ids=(ONE,), quotes=(QUOTE,)),
    did.ImageAdded(url="https://x/1", format="webp", position=1, cover_url="https://x/0", shares=(SHARE,)),
    did.ImageOptimized(image_id=ONE, versions={"mobile": "https://x/m"}, compression_ratio=3.5, format="avif", priority=2),
    did.ImageRemoved(image_id=ONE, cover_url="https://x/0", shares=(SHARE,)),
    did.ProductsGenerated(
        products=(Product(id=ONE, name="Box", price="12.50", image_url="https://x/p", data={"a": 1}),), gone=(TWO,)
    ),
    did.ArtisansMatched(
        matches=(Match(id=ONE, seller_id=TWO, user_id=BEN, name="Smith", score=90.5, reasons=("gold",)),), kept=(ONE,), gone=(TWO,)
    ),
    did.ConceptFavoured(),
    did.ConceptUnfavoured(),
    did.ArPreviewAdded(scene_type="ROOM", image_url="https://x/ar", placement={"x": 1}, metadata={"light": "low"}, shares=(SHARE,)),
    did.ArPreviewRemoved(preview_id=ONE, shares=(SHARE,)),
    did.RefinementRequested(refinement_type="COLOR", feedback="bluer"),
    did.RefinementSuggested(
        refinement_id=ONE,
        refinement_type="COLOR",
        feedback="bluer",
        changes={"color": "blue"},
        explanation="the sea",
        confidence=0.75,
        owner_id=ADA,
        title="Ring",
    ),
    did.RefinementApplied(refinement_id=ONE, changes={"color": "blue"}, refinement_count=1, shares=(SHARE,)),
    did.RefinementDismissed(refinement_id=ONE, was_suggested=True),
    did.QuotesRequested(
        sellers=(did.AskedSeller(seller_id=ONE, user_id=BEN, name="Smith", room=QUOTE),),
        message="by May",
        expires_at=1_760_000_000_000,
        title="Ring",
        image_url="https://x/0",
        session_hash="5e" * 32,
    ),
    did.QuotesCancelled(request_id=ONE, quotes=(QUOTE,)),
    did.QuotesExpired(request_id=ONE, quotes=(QUOTE,), owner_id=ADA, title="Ring"),
    did.QuoteAccepted(request_id=ONE, quote_id=TWO, revision=2, accepted=QUOTE, others=(OTHER,)),
    did.AcceptanceUndone(request_id=ONE, quote_id=TWO, reason="gone", status="PENDING", others=(OTHER,)),
    did.QuoteNoted(
        request_id=ONE,
        seller_id=TWO,
        quote_id=ONE,
        what="revised",
        revision=2,
        total_price="130.00",
        estimated_days=14,
        quote_expires_at=1_760_000_000_000,
        status="QUOTES_RECEIVED",
    ),
    did.ShareNoted(
        share=SHARE,
        status="shared",
        title="Ring",
        allow_comments=False,
        allow_voting=True,
        is_public=False,
        expires_at=1_760_000_000_000,
        refused_because="too many",
    ),
    did.VideoQueued(style="SPIN360", duration=30),
    did.VideoStarted(video_id=ONE),
    did.VideoCompleted(
        video_id=ONE, video_url="https://x/v", thumbnail_url="https://x/t", owner_id=ADA, title="Ring", shares=(SHARE,)
    ),
    did.VideoFailed(video_id=ONE, error="dark", progress=60, owner_id=ADA, title="Ring"),
    did.SustainabilityScored(score={"wood": 3}, is_first=True, shares=(SHARE,)),
)


def golden() -> dict[str, dict[str, object]]:
    pinned: dict[str, dict[str, object]] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return pinned


def test_every_event_is_pinned() -> None:
    assert set(golden()) == {tag_of(event) for event in EVENTS}
    assert {type(sample) for sample in SAMPLES} == set(EVENTS)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: tag_of(type(sample)))
def test_an_event_is_written_as_it_always_was(sample: Event) -> None:
    pinned = golden()[tag_of(type(sample))]

    assert codec.encode_event(sample).decode() == pinned["body"]
    assert version_of(type(sample)) == pinned["version"]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: tag_of(type(sample)))
def test_what_was_always_written_is_read(sample: Event) -> None:
    tag = tag_of(type(sample))
    pinned = golden()[tag]

    body = str(pinned["body"]).encode()
    assert codec.decode_event("concept", tag, int(str(pinned["version"])), body) == sample
