"""The browser's types are the domain's: same tags, same fields, optional where the server leaves defaults out."""

import re
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from domain.decider import Tick
from domain.event_codec import tag_of
from domain.kinds.workspace import events as workspace_events
from domain.kinds.workspace import ticks as workspace_ticks
from domain.kinds.workspace import view as workspace_view
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
        return interfaces_of(SOURCE / "kinds" / self.kind / "types.ts")


MIRRORS = (
    Mirror(
        "workspace",
        workspace_events.EVENTS,
        (workspace_ticks.ExecutionProgress,),
        (
            workspace_view.WorkspaceFace,
            workspace_view.Session,
            workspace_view.PhaseSpan,
            workspace_view.Checkpoint,
            workspace_view.Execution,
            workspace_view.WorkspaceView,
            workspace_view.WorkspaceEntry,
        ),
    ),
)


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
    known = {fields["type"].strip('"') for fields in mirror.interfaces().values() if "type" in fields}

    assert {tag_of(passing) for passing in (*mirror.events, *mirror.ticks)} == known


@pytest.mark.parametrize(
    ("mirror", "struct"), [(mirror, struct) for mirror in MIRRORS for struct in (*mirror.events, *mirror.ticks)], ids=named
)
def test_an_event_has_the_same_fields_in_the_browser(mirror: Mirror, struct: type[msgspec.Struct]) -> None:
    written = mirror.interfaces()[struct.__name__]

    assert written.pop("type") == f'"{tag_of(struct)}"'
    assert fields_of(struct) == set(written)


@pytest.mark.parametrize(("mirror", "struct"), [(mirror, struct) for mirror in MIRRORS for struct in mirror.whole], ids=named)
def test_a_part_of_the_view_has_the_same_fields_in_the_browser(mirror: Mirror, struct: type[msgspec.Struct]) -> None:
    assert fields_of(struct) == set(mirror.interfaces()[struct.__name__])


def test_what_all_kinds_have_in_common_has_the_same_fields_in_the_browser() -> None:
    common = interfaces_of(SOURCE / "wire" / "types.ts")

    assert fields_of(Actor) == set(common["Actor"])
    assert fields_of(workspace_view.Message) == set(common["Recorded"])
