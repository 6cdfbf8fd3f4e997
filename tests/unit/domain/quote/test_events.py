"""The bytes of every event, pinned: a change here is a change of what old logs mean.

A new event adds a line to ``golden_events.json``. A changed line needs a new version of the event and an upcaster.
"""

import json
from pathlib import Path

import pytest

from domain.event_codec import tag_of, version_of
from domain.ids import ActorId, ThingId
from domain.kinds.quote import events as did
from domain.kinds.quote.events import EVENTS
from domain.parts.offers import Pricing
from domain.record import Actor, Event
from tests.unit.domain.concept.stories import codec

GOLDEN = Path(__file__).with_name("golden_events.json")
ONE = ThingId("01890a5d-ac96-874b-8c3b-000000000001")
TWO = ThingId("01890a5d-ac96-874b-8c3b-000000000002")
ADA = ActorId("01890a5d-ac96-874b-8c3b-0000000000aa")
BEN = ActorId("01890a5d-ac96-874b-8c3b-0000000000bb")
PARTIES = did.Parties(
    concept_id=ONE,
    request_id=TWO,
    owner=Actor(id=ADA, kind="guest", name="Ada", image="https://x/ada"),
    seller_id=ONE,
    seller_user_id=BEN,
    title="Ring",
)
OFFER = {
    "pricing": Pricing(base_price="100", customization="20.50", materials="9.5", shipping="1"),
    "total_price": "131.00",
    "estimated_days": 14,
    "customizations": ({"engraving": "A+B"},),
    "notes": "in „Gold“",
    "attachments": ("https://x/1",),
    "expires_at": 1_760_000_000_000,
}

SAMPLES: tuple[Event, ...] = (
    did.QuoteOpened(parties=PARTIES, seller_name="Smith", image_url="https://x/0", message="by May", expires_at=1_760_000_000_000),
    did.QuoteReceived(parties=PARTIES, **OFFER),  # type: ignore[arg-type]  # as the fields have it
    did.QuoteRevised(parties=PARTIES, quote_id=ONE, revision=2, **OFFER),  # type: ignore[arg-type]  # as the fields have it
    did.QuoteWithdrawn(parties=PARTIES, quote_id=ONE, reason="ill"),
    did.QuoteViewed(parties=PARTIES, quote_id=ONE),
    did.QuoteRejected(parties=PARTIES, quote_id=ONE, why="other_accepted", actor=PARTIES.owner, reason="too dear"),
    did.QuoteExpired(parties=PARTIES, quote_id=ONE, why="request"),
    did.QuoteAccepted(parties=PARTIES, quote_id=ONE, actor=PARTIES.owner),
    did.QuoteRestored(parties=PARTIES, quote_id=ONE, revision=2),
    did.RequestClosed(outcome="cancelled"),
    did.RequestReopened(),
    did.MessagePosted(parties=PARTIES, text="hello", attachments=("https://x/1",)),
    did.OwnerChanged(parties=PARTIES, guest_id=BEN),
    did.QuoteDeleted(parties=PARTIES, quote_ids=(ONE, TWO)),
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
    assert codec.decode_event("quote", tag, int(str(pinned["version"])), body) == sample
