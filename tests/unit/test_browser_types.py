"""The browser's types are the domain's: same tags, same fields, optional where the server leaves defaults out."""

import re
from pathlib import Path

import msgspec
import pytest

from domain.event_codec import tag_of
from domain.kinds.workspace import view
from domain.kinds.workspace.events import EVENTS
from domain.kinds.workspace.ticks import ExecutionProgress
from domain.record import Actor

TYPES = Path(__file__).parents[2] / "client-examples" / "browser" / "src" / "wire" / "types.ts"

ALWAYS_WHOLE = (
    view.WorkspaceFace,
    view.Message,
    view.Session,
    view.PhaseSpan,
    view.Checkpoint,
    view.Execution,
    view.WorkspaceView,
    view.WorkspaceEntry,
)
"""Structs that are sent with all their fields; the others leave out what has its default."""


def interfaces() -> dict[str, dict[str, str]]:
    """Interface -> field (with ``?`` where it may be missing) -> its type as written."""
    blocks = re.findall(r"export interface (\w+) \{\n(.*?)\}", TYPES.read_text(), re.DOTALL)
    return {name: dict(re.findall(r"^  (\w+\??): (.+);$", body, re.MULTILINE)) for name, body in blocks}


def fields_of(struct: type[msgspec.Struct]) -> set[str]:
    """The field names that the browser should have, with ``?`` where a default is left out."""
    leaves_out = struct.__struct_config__.omit_defaults
    return {
        field.encode_name if field.required or not leaves_out else f"{field.encode_name}?"
        for field in msgspec.structs.fields(struct)
    }


def test_the_browser_knows_every_event_by_its_tag() -> None:
    known = {fields["type"].strip('"') for fields in interfaces().values() if "type" in fields}

    assert {tag_of(event) for event in EVENTS} | {tag_of(ExecutionProgress)} == known


@pytest.mark.parametrize("struct", [*EVENTS, ExecutionProgress], ids=lambda struct: struct.__name__)
def test_an_event_has_the_same_fields_in_the_browser(struct: type[msgspec.Struct]) -> None:
    written = interfaces()[struct.__name__]

    assert written.pop("type") == f'"{tag_of(struct)}"'
    assert fields_of(struct) == set(written)


@pytest.mark.parametrize("struct", [Actor, *ALWAYS_WHOLE], ids=lambda struct: struct.__name__)
def test_a_part_of_the_view_has_the_same_fields_in_the_browser(struct: type[msgspec.Struct]) -> None:
    assert fields_of(struct) == set(interfaces()[struct.__name__])
