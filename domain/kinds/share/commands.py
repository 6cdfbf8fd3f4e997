"""What an actor may ask of a shared concept. The wire name of ``AddComment`` is ``share.add_comment``; ``COMMANDS`` gives all."""

from typing import Annotated, Literal, TypeAlias

from msgspec import UNSET, Meta, UnsetType

from domain.decider import Command, Question
from domain.limits import Id, Line, Name, OpenObject, Url
from domain.parts.discussion import CommentText, Vote

ADDRESSEES_MAX = 100
"""People whom one share names. A larger circle gets the link."""
MOMENT_MAX_MS = 253_402_300_799_000
"""The end of the year 9999, the last that every client can show."""

Addressee: TypeAlias = Annotated[
    str, Meta(pattern=r"^([0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$", max_length=64)
]
"""Somebody's id, or the SHA-256 (hex) of their mail address in small letters."""
Addressees: TypeAlias = Annotated[tuple[Addressee, ...], Meta(max_length=ADDRESSEES_MAX)]
TokenHash: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$", max_length=64)]
"""The SHA-256 (hex) of the share's token, which nobody but the link's readers ever sees."""
Moment: TypeAlias = Annotated[int, Meta(ge=0, le=MOMENT_MAX_MS)]
"""Unix milliseconds."""
Shown: TypeAlias = Literal["image", "refinement", "ar", "video", "sustainability", "details"]
"""What of a concept its friends may see: its pictures, what was made of it, and its own name and image."""


class Share(Command, frozen=True, kw_only=True):
    """Show one of one's own concepts to friends, and to whoever has the link where it is public.

    ``POST /shares`` makes the token and gives this command. The room's address follows from ``token_hash``.
    """

    concept_id: Id
    token_hash: TokenHash
    allow_comments: bool = True
    allow_voting: bool = False
    is_public: bool = True
    shared_with: Addressees = ()
    metadata: OpenObject = {}
    expires_at: Moment | None = None


class ChangeShare(Command, frozen=True, kw_only=True):
    """Change the rules; what is left out stays. ``metadata`` merges by key (null removes), ``expires_at`` null is for good."""

    allow_comments: bool | None = None
    allow_voting: bool | None = None
    is_public: bool | None = None
    shared_with: Addressees | None = None
    metadata: OpenObject | None = None
    expires_at: Moment | UnsetType | None = UNSET


class RevokeShare(Command, frozen=True, kw_only=True):
    """End the share for everybody, at once and for good."""

    reason: Line = ""


class ExpireShare(Command, frozen=True, kw_only=True):
    """The clock's: the share has come to its end."""


class Delete(Command, frozen=True, kw_only=True):
    """Take the share away: what was said in it is no longer shown to anybody."""


class Claim(Command, frozen=True, kw_only=True):
    """The server's: the guest who made the share has signed in, and it is that person's from here on."""

    guest_id: Id
    user_id: Id
    user_name: Line = ""


class AddComment(Command, frozen=True, kw_only=True):
    """Say something, to all or in answer to a comment. ``@name`` calls somebody who is known here."""

    text: CommentText
    parent_id: Id | None = None


class EditComment(Command, frozen=True, kw_only=True):
    """Put one's own comment in other words."""

    comment_id: Id
    text: CommentText


class DeleteComment(Command, frozen=True, kw_only=True):
    """Take a comment back: one's own, or any of them as the owner. Its place and the replies to it stay."""

    comment_id: Id


class CastVote(Command, frozen=True, kw_only=True):
    """One vote a person, which may change. The same vote again changes nothing."""

    vote: Vote


class WithdrawVote(Command, frozen=True, kw_only=True):
    """Take one's vote back."""


class Show(Command, frozen=True, kw_only=True):
    """The concept has something new that friends may see, or (``is_gone``) no longer has it.

    ``name`` and ``image_url`` are the concept's as they are now; left out, they stay.
    """

    what: Shown
    thing_id: Id | None = None
    title: Line = ""
    url: Url | None = None
    data: OpenObject = {}
    is_gone: bool = False
    name: Name | None = None
    image_url: Annotated[str, Meta(max_length=2_000)] | None = None


class CountVisit(Command, frozen=True, kw_only=True):
    """The server's own: somebody has come to look."""


class MyVote(Question, frozen=True, kw_only=True):
    """How did I vote? The view is the same for all and does not say."""


COMMANDS: dict[str, type[Command]] = {
    "share": Share,
    "change_share": ChangeShare,
    "revoke_share": RevokeShare,
    "expire_share": ExpireShare,
    "delete": Delete,
    "claim": Claim,
    "add_comment": AddComment,
    "edit_comment": EditComment,
    "delete_comment": DeleteComment,
    "vote": CastVote,
    "withdraw_vote": WithdrawVote,
    "show": Show,
    "count_visit": CountVisit,
}
QUESTIONS: dict[str, type[Question]] = {"my_vote": MyVote}
