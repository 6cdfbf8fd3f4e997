"""The browser's types are the domain's: same tags, same fields, optional where the server leaves defaults out."""

import re
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from domain.decider import Tick
from domain.event_codec import tag_of
from domain.kinds.concept import events as concept_events
from domain.kinds.concept import ticks as concept_ticks
from domain.kinds.concept import view as concept_view
from domain.kinds.conversation import events as conversation_events
from domain.kinds.conversation import ticks as conversation_ticks
from domain.kinds.conversation import view as conversation_view
from domain.kinds.person import events as person_events
from domain.kinds.person import things as person_things
from domain.kinds.person import ticks as person_ticks
from domain.kinds.person import view as person_view
from domain.kinds.quote import events as quote_events
from domain.kinds.quote import ticks as quote_ticks
from domain.kinds.quote import view as quote_view
from domain.kinds.share import events as share_events
from domain.kinds.share import ticks as share_ticks
from domain.kinds.share import view as share_view
from domain.kinds.workspace import events as workspace_events
from domain.kinds.workspace import ticks as workspace_ticks
from domain.kinds.workspace import view as workspace_view
from domain.parts.discussion import Comment
from domain.parts.offers import Pricing
from domain.record import Actor, Event

SOURCE = Path(__file__).parents[2] / "client-examples" / "browser" / "src"

Whole = tuple[type[msgspec.Struct], ...]


@dataclass(frozen=True)
class Mirror:
    """A kind of room and what the browser writes down of it. ``whole`` are sent with all their fields; the others leave out what
    has its default."""

    kind: str
    events: tuple[type[Event], ...]
    ticks: tuple[type[Tick], ...]
    whole: Whole

    def __str__(self) -> str:
        return self.kind

    def interfaces(self) -> dict[str, dict[str, str]]:
        """Those of its types, wherever they had to be split."""
        files = (SOURCE / "kinds" / self.kind).glob("types*.ts")
        return {name: fields for path in files for name, fields in interfaces_of(path).items()}


def structs_of(module: ModuleType) -> Whole:
    """The structs that a module makes."""
    mine = [value for value in vars(module).values() if isinstance(value, type) and value.__module__ == module.__name__]
    return tuple(struct for struct in mine if issubclass(struct, msgspec.Struct))


MIRRORS = (
    Mirror("workspace", workspace_events.EVENTS, (workspace_ticks.ExecutionProgress,), structs_of(workspace_view)),
    Mirror("share", share_events.EVENTS, share_ticks.TICKS, (*structs_of(share_view), Comment)),
    Mirror("concept", concept_events.EVENTS, concept_ticks.TICKS, structs_of(concept_view)),
    Mirror("quote", quote_events.EVENTS, quote_ticks.TICKS, (*structs_of(quote_view), Pricing)),
    Mirror("conversation", conversation_events.EVENTS, conversation_ticks.TICKS, structs_of(conversation_view)),
    Mirror("person", person_events.EVENTS, person_ticks.TICKS, (*structs_of(person_view), person_things.Face)),
)
COMMON = {workspace_view.Message, quote_view.QuoteMessage}
"""An event as it stands in the log: `Recorded`, for every kind."""


def interfaces_of(path: Path) -> dict[str, dict[str, str]]:
    """Interface -> field (with ``?`` where it may be missing) -> its type as written."""
    blocks = re.findall(r"export interface (\w+)[^{]* \{\n(.*?)\}", path.read_text(), re.DOTALL)
    return {name: dict(re.findall(r"^  (\w+\??): (.+);$", body, re.MULTILINE)) for name, body in blocks}


def fields_of(struct: type[msgspec.Struct]) -> set[str]:
    """The field names that the browser should have, with ``?`` where a default is left out."""
    leaves_out = struct.__struct_config__.omit_defaults
    return {
        field.encode_name if field.required or not leaves_out else f"{field.encode_name}?"
        for field in msgspec.structs.fields(struct)
    }


def named(value: object) -> str:
    return value.__name__ if isinstance(value, type) else str(value)


@pytest.mark.parametrize("mirror", MIRRORS, ids=str)
def test_the_browser_knows_every_event_by_its_tag(mirror: Mirror) -> None:
    types = [fields["type"] for fields in mirror.interfaces().values() if "type" in fields]
    known = {written.strip('"') for written in types if written.startswith('"')}

    assert {tag_of(passing) for passing in (*mirror.events, *mirror.ticks)} == known


@pytest.mark.parametrize(
    ("mirror", "struct"), [(mirror, struct) for mirror in MIRRORS for struct in (*mirror.events, *mirror.ticks)], ids=named
)
def test_an_event_has_the_same_fields_in_the_browser(mirror: Mirror, struct: type[msgspec.Struct]) -> None:
    written = mirror.interfaces()[struct.__name__]

    assert written.pop("type") == f'"{tag_of(struct)}"'
    assert fields_of(struct) == set(written)


@pytest.mark.parametrize(
    ("mirror", "struct"),
    [(mirror, struct) for mirror in MIRRORS for struct in mirror.whole if struct not in COMMON],
    ids=named,
)
def test_a_part_of_the_view_has_the_same_fields_in_the_browser(mirror: Mirror, struct: type[msgspec.Struct]) -> None:
    assert fields_of(struct) == set(mirror.interfaces()[struct.__name__])


def test_what_all_kinds_have_in_common_has_the_same_fields_in_the_browser() -> None:
    common = interfaces_of(SOURCE / "wire" / "types.ts")

    assert fields_of(Actor) == set(common["Actor"])
    assert [fields_of(struct) for struct in COMMON] == [set(common["Recorded"])] * 2
