"""What rules may know of things outside their room: the answers to ``domain.decider.Ref``, by its kind."""

import msgspec

from domain.ids import ActorId


class ConceptFace(msgspec.Struct, frozen=True, kw_only=True):
    """``Ref("concept", id)``: what a concept shows of itself to other rooms. ``status`` is ACTIVE or DELETED."""

    id: str
    owner_id: ActorId
    name: str
    image_url: str = ""
    status: str = "ACTIVE"


class SellerFace(msgspec.Struct, frozen=True, kw_only=True):
    """``Ref("seller", id)``: an artisan. ``user_id`` is empty where nobody signs in for them."""

    id: str
    user_id: str = ""
    name: str = ""
    is_active: bool = True


class UserFace(msgspec.Struct, frozen=True, kw_only=True):
    """``Ref("user", id)``: somebody as everybody may see them; deleted people are unknown."""

    id: str
    name: str = ""
    image: str = ""
