"""Every table once, one file per kind. ``METADATA`` knows all of them."""

from persistence.tables import concept, conversation, person, platform, share, workspace
from persistence.tables.columns import METADATA

__all__ = ["METADATA", "concept", "conversation", "person", "platform", "share", "workspace"]
