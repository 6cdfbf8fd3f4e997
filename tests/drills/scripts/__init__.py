"""What clients do in each kind of room, one file per kind. ``CASTS`` gives each kind's; a new kind is one more line."""

from collections.abc import Mapping
from typing import Final

from tests.drills.scripts import concept, conversation, deal, person, quote, share, workspace
from tests.drills.scripts.script import Cast

CASTS: Final[Mapping[str, Cast]] = {
    "workspace": workspace.cast,
    "share": share.cast,
    "concept": concept.cast,
    "quote": quote.cast,
    "conversation": conversation.cast,
    "person": person.cast,
    "deal": deal.cast,
}

ALL: Final = ("workspace", "share", "concept", "quote", "conversation", "person")
"""Every kind of room; ``deal`` is several of them, and what goes on between them."""
