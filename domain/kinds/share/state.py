"""What a shared concept's rules need to know, and what a joiner sees: small, immutable, and the same live, in replay and snapshots.

A later release may raise a bound but not lower it: logs hold what was decided while more was remembered.
"""

from typing import Final

import msgspec
from immutables import Map

from domain.ids import ActorId, RoomAddress, ThingId, id_of
from domain.kinds.share.view import SharedConcept, ShareFace, ShownThing
from domain.parts.discussion import Ballot, Discussion
from domain.parts.listing import Spoken
from domain.record import Actor

SHOWN_MAX: Final = 20
"""Things of the concept that the view shows, the newest; Postgres has all."""
SHOWN_MAX_BYTES: Final = 64 * 1024
"""The same in bytes: a quarter of a view."""

NO_FACE: Final = ShareFace(id="", concept=SharedConcept(id=ThingId(""), name=""), by=Actor(id=ActorId("")))


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """The state of one share. ``is_there`` is False before it is made and once it is deleted; a deleted one keeps its address.

    ``shared_with`` are ids of people and SHA-256 (hex) of mail addresses. ``names`` are of the people who belong here, empty where
    it is not known: the owner, those named, and who has said something; comments may call them. ``newest_at`` is the time of the
    newest event.
    """

    room: RoomAddress
    is_there: bool = False
    is_deleted: bool = False
    face: ShareFace = NO_FACE
    token_hash: str = ""
    shared_with: tuple[str, ...] = ()
    names: Map[ActorId, str] = Map()
    discussion: Discussion = Discussion()
    ballot: Ballot = Ballot()
    shown: tuple[ShownThing, ...] = ()
    shown_bytes: int = 0
    spoken: Spoken = ()
    newest_at: int = 0

    @property
    def id(self) -> str:
        return id_of(self.room)

    @property
    def owner_id(self) -> ActorId:
        return self.face.by.id

    @property
    def is_open(self) -> bool:
        """Whether anybody may be here."""
        return self.is_there and self.face.status == "active"

    @property
    def friends(self) -> tuple[ActorId, ...]:
        """Those of ``shared_with`` who are named by their id."""
        return people_of(self.shared_with)


def people_of(shared_with: tuple[str, ...]) -> tuple[ActorId, ...]:
    """The people's ids in a list of addressees; a mail address's hash is not one."""
    return tuple(ActorId(one) for one in shared_with if "-" in one)
