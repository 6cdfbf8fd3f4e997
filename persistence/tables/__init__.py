"""Every table once, one file per kind. ``METADATA`` knows all of them."""

from persistence.tables import platform, workspace
from persistence.tables.columns import METADATA

__all__ = ["METADATA", "platform", "workspace"]
