"""All targets, in the order of the report."""

from collections.abc import Sequence

from tests.fuzz import conversations, damaged_journals, domain_codecs, socket_frames, wire
from tests.fuzz.target import Target

GROUPS = (wire, socket_frames, domain_codecs, conversations, damaged_journals)

TARGETS: Sequence[Target] = [target for group in GROUPS for target in group.TARGETS]


def target_named(name: str) -> Target:
    return next(target for target in TARGETS if target.name == name)
