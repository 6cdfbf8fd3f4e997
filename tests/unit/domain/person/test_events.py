"""The bytes of every event, pinned: a change here is a change of what old logs mean.

A new event adds a line to ``golden_events.json``. A changed line needs a new version of the event and an upcaster.
"""

import json
from pathlib import Path

import pytest

from domain.event_codec import EventCodec, tag_of, version_of
from domain.kinds.person import PERSON
from domain.kinds.person.events import EVENTS
from domain.record import Event
from tests.unit.domain.person.samples import SAMPLES

GOLDEN = Path(__file__).with_name("golden_events.json")

codec = EventCodec({"person": PERSON})


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
    assert codec.decode_event("person", tag, int(str(pinned["version"])), body) == sample
