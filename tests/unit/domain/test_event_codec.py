"""Bytes and events: versions, upcasters, persistent maps."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest
from immutables import Map

from domain.decider import Command
from domain.event_codec import EventCodec, UnknownEvent, decode, encode
from domain.kinds import KINDS
from domain.kinds.workspace.decider import WorkspaceDecider
from domain.record import Event


class Renamed(Event, frozen=True, kw_only=True, tag="renamed"):
    """Version 2 says ``name`` where version 1 said ``title``."""

    version = 2
    name: str


class Doubled(Event, frozen=True, kw_only=True, tag="renamed"):
    name: str


class Rooms(WorkspaceDecider):
    kind = "rooms"
    commands: Mapping[str, type[Command]] = {}
    events: Sequence[type[Event]] = (Renamed,)


class Twins(WorkspaceDecider):
    kind = "twins"
    commands: Mapping[str, type[Command]] = {}
    events: Sequence[type[Event]] = (Renamed, Doubled)


def retitled(fields: dict[str, Any]) -> dict[str, Any]:
    title = fields.pop("title")
    return {**fields, "name": title}


codec = EventCodec({"rooms": Rooms()}, {("rooms", "renamed", 1): retitled})


def test_an_event_of_this_version_is_read_as_it_is() -> None:
    assert codec.decode_event("rooms", "renamed", 2, b'{"type":"renamed","name":"x"}') == Renamed(name="x")


def test_an_older_event_is_carried_up_step_by_step() -> None:
    assert codec.decode_event("rooms", "renamed", 1, b'{"type":"renamed","title":"x"}') == Renamed(name="x")


@pytest.mark.parametrize("kind,tag,version", [("rooms", "renamed", 3), ("rooms", "strange", 1), ("else", "renamed", 1)])
def test_an_event_of_another_release_is_an_error_never_skipped(kind: str, tag: str, version: int) -> None:
    with pytest.raises(UnknownEvent, match="release"):
        codec.decode_event(kind, tag, version, b'{"type":"renamed","name":"x"}')


def test_a_version_from_which_no_step_leads_on_is_unknown() -> None:
    with pytest.raises(UnknownEvent, match="has no version 0"):
        EventCodec(KINDS).decode_event("workspace", "message_posted", 0, b'{"type":"message_posted","text":"x"}')


def test_two_events_of_a_kind_may_not_share_a_tag() -> None:
    with pytest.raises(ValueError, match="two events of twins"):
        EventCodec({"twins": Twins()})


def test_an_event_without_a_tag_is_refused_when_it_is_learnt() -> None:
    class Untagged(msgspec.Struct):
        pass

    class Rest(WorkspaceDecider):
        kind = "rest"
        commands: Mapping[str, type[Command]] = {}
        events = (Untagged,)  # type: ignore[assignment]  # what a mistake looks like

    with pytest.raises(TypeError, match="explicit tag"):
        EventCodec({"rest": Rest()})


def test_persistent_maps_are_json_objects() -> None:
    class Held(msgspec.Struct, frozen=True):
        items: Map[str, tuple[int, ...]] = Map()

    held = Held(Map({"a": (1, 2)}))
    assert encode(held) == b'{"items":{"a":[1,2]}}'
    assert decode(encode(held), Held) == held


def test_what_is_no_json_is_an_error_of_ours() -> None:
    with pytest.raises(NotImplementedError):
        encode(object())
    with pytest.raises(NotImplementedError):
        decode(b"1", EventCodec)


def test_the_products_kinds_are_learnt_without_a_clash() -> None:
    EventCodec(KINDS)
