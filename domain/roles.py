"""Roles, standing, and which command each may give.

Standing is what an actor is in one room. It is computed inside ``decide`` each time from the room's state, from what Postgres
grants (``user_roles``) and from the token. A token only narrows what is granted, unless the operator trusts its roles.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

Role: TypeAlias = Literal[
    "admin", "member", "viewer", "bot", "system", "owner", "editor", "commenter", "friend", "guest", "seller", "merchant", "visitor"
]


class Grant(msgspec.Struct, frozen=True, omit_defaults=True):
    """One row of ``user_roles``: admin, user, viewer or contributor, everywhere or on one resource, until ``expires_at_ms``."""

    role: str
    resource_type: str = ""
    resource_id: str = ""
    expires_at_ms: int | None = None


class Claims(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of an actor outside the room.

    ``token_roles`` is None where the token says nothing of roles; ``room_roles`` are the token's roles for single rooms, by
    address. ``trust_token`` lets the token's roles count by themselves (setting ``trust_token_roles``).
    """

    grants: tuple[Grant, ...] = ()
    token_roles: frozenset[str] | None = None
    room_roles: Mapping[str, str] = {}
    trust_token: bool = False


NO_CLAIMS = Claims()
