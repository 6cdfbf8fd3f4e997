"""Roles, standing, and which command each may give.

Standing is what an actor is in one room. It is computed inside ``decide`` each time from the room's state, from what Postgres
grants (``user_roles``) and from the token.

A person's standing, in this order:

1. What is *granted*: by the room's own state, by grants that have not expired, by being signed in.
2. What the token says, if it says anything: ``token_roles`` for all rooms, ``room_roles`` for the rooms that it names. Of several
   words for all rooms the strongest counts; a word that is not known counts as viewer.
3. A token only narrows: the standing is the weakest of what is granted and what the token says, here and for all rooms. Where
   the operator trusts tokens (``trust_token``) the token's word stands by itself, the one for this room first.
4. A token that names rooms and says nothing for all of them is for these rooms alone: elsewhere there is no standing.

``MAY`` is the table of who may give which command, for all kinds of room.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, Literal, TypeAlias, TypeVar

import msgspec

from domain.record import Actor
from domain.rejections import NotAllowed

C = TypeVar("C")

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
    address. ``trust_token`` lets the token's roles count by themselves (setting ``trust_token_roles``). ``session_hash`` is the
    SHA-256 (hex) of a guest's session, ``mail_hash`` that of a person's verified mail address in small letters.
    """

    grants: tuple[Grant, ...] = ()
    token_roles: frozenset[str] | None = None
    room_roles: Mapping[str, str] = {}
    trust_token: bool = False
    session_hash: str = ""
    mail_hash: str = ""


NO_CLAIMS = Claims()

_STRENGTH: Final[Mapping[str, int]] = {"viewer": 0, "user": 1, "member": 1, "contributor": 1, "admin": 2}
"""The words of grants and tokens for people, by how much they allow."""
_BY_STRENGTH: Final[tuple[Role, ...]] = ("viewer", "member", "admin")


def is_admin_everywhere(grants: Sequence[Grant], now_ms: int) -> bool:
    """Whether an ``admin`` grant without a resource counts at this moment."""
    return bool(grants) and any(
        grant.role == "admin" and not grant.resource_type and not grant.resource_id and is_running(grant, now_ms)
        for grant in grants
    )


def is_running(grant: Grant, now_ms: int) -> bool:
    """A grant ends at its ``expires_at_ms``: from that millisecond on it does not count."""
    return grant.expires_at_ms is None or grant.expires_at_ms > now_ms


def is_for_other_rooms(claims: Claims, room: str) -> bool:
    """Whether the token is for single rooms, and ``room`` is none of them."""
    return claims.token_roles is None and bool(claims.room_roles) and room not in claims.room_roles


def person_standing(granted: Literal["viewer", "member", "admin"], claims: Claims, room: str) -> Role | None:
    """What a person is who was granted ``granted`` in ``room``, after the token had its say (see the module's docstring)."""
    if is_for_other_rooms(claims, room):
        return None
    here, everywhere = claims.room_roles.get(room), claims.token_roles
    if here is None and everywhere is None:
        return granted
    said = [_STRENGTH.get(here, 0)] if here is not None else []
    if everywhere is not None:
        said.append(_strongest(everywhere))
    if claims.trust_token:
        return _BY_STRENGTH[said[0]]
    return _BY_STRENGTH[min(_STRENGTH[granted], *said)]


def is_admin_of(room: str, actor: Actor, claims: Claims, now_ms: int) -> bool:
    """Whether somebody is an administrator to a room in which they are nobody: those may take it away without seeing it."""
    if actor.kind != "user":
        return False
    return person_standing("admin" if is_admin_everywhere(claims.grants, now_ms) else "member", claims, room) == "admin"


def lets_only_look(words: frozenset[str]) -> bool:
    """Whether a token's words for all rooms come to no more than viewer; a word that is not known is none."""
    return _strongest(words) == 0


# Speed: asked for every command of a person whose token says something; there are few sets of words.
@lru_cache(maxsize=256)
def _strongest(words: frozenset[str]) -> int:
    return max((_STRENGTH.get(word, 0) for word in words), default=0)


def bot_standing(claims: Claims, room: str) -> Role | None:
    """A bot is a bot, unless its token names other roles only: then it may look on; or other rooms only: then it is nobody."""
    if is_for_other_rooms(claims, room):
        return None
    everywhere = claims.token_roles
    is_narrowed = (everywhere is not None and "bot" not in everywhere) or claims.room_roles.get(room, "bot") != "bot"
    return "viewer" if is_narrowed else "bot"


_MEMBER: Final[frozenset[Role]] = frozenset({"member", "admin"})
_ADMIN: Final[frozenset[Role]] = frozenset({"admin"})
_BOT: Final[frozenset[Role]] = frozenset({"bot"})
_SYSTEM: Final[frozenset[Role]] = frozenset({"system"})
_OWNER: Final[frozenset[Role]] = frozenset({"owner"})
_SELLER: Final[frozenset[Role]] = frozenset({"seller"})
_SPEAKER: Final[frozenset[Role]] = frozenset({"owner", "editor", "commenter"})
_SHARED_WITH: Final[frozenset[Role]] = frozenset({"owner", "friend", "guest"})

MAY: Final[Mapping[str, frozenset[Role]]] = {
    "workspace.create": _MEMBER,
    "workspace.change_details": _ADMIN,
    "workspace.submit_description": _MEMBER,
    "workspace.request_implementation": _MEMBER,
    "workspace.return_to_beta": _ADMIN,
    "workspace.post": _MEMBER | _BOT,
    "workspace.create_session": _MEMBER,
    "workspace.complete_session": _MEMBER,
    "workspace.add_feedback": _MEMBER,
    "workspace.change_feedback": _MEMBER,
    "workspace.remove_feedback": _MEMBER,
    "workspace.send_feedback": _MEMBER,
    "workspace.start_execution": _BOT,
    "workspace.advance_phase": _BOT,
    "workspace.add_checkpoint": _BOT,
    "workspace.complete_execution": _BOT,
    "workspace.fail_execution": _BOT | _MEMBER | _SYSTEM,
    "workspace.retry_execution": _BOT | _MEMBER,
    "workspace.report_progress": _BOT,
    "workspace.start_deploy": _BOT,
    "workspace.report_building": _BOT,
    "workspace.succeed_deploy": _BOT,
    "workspace.fail_deploy": _BOT | _SYSTEM,
    "workspace.cancel_deploy": _BOT | _ADMIN,
    "workspace.retry_deploy": _BOT,
    "workspace.append_deploy_log": _BOT,
    "workspace.approve": _MEMBER,
    "workspace.verify": _ADMIN,
    "workspace.set_version": _BOT | _ADMIN,
    "workspace.delete": _MEMBER,  # of members only the one who created it: a rule of the room
    "workspace.reopen": _MEMBER,  # likewise
    "share.share": _OWNER,  # of the concept: a rule of the room
    "share.change_share": _OWNER,
    "share.revoke_share": _OWNER | _ADMIN | _SYSTEM,
    "share.expire_share": _SYSTEM,
    "share.delete": _OWNER | _ADMIN | _SYSTEM,
    "share.claim": _SYSTEM,
    "share.add_comment": _SHARED_WITH,
    "share.edit_comment": _SHARED_WITH,  # of all only its author: a rule of the room
    "share.delete_comment": _SHARED_WITH | _ADMIN,  # likewise, but for the owner
    "share.vote": _SHARED_WITH,
    "share.withdraw_vote": _SHARED_WITH,
    "share.show": _SYSTEM,
    "share.count_visit": _SYSTEM,
    "concept.create": _OWNER | _SYSTEM,
    "concept.change_details": _OWNER,
    "concept.delete": _OWNER | _ADMIN | _SYSTEM,
    "concept.add_image": _OWNER | _BOT,
    "concept.set_optimized_versions": _OWNER | _BOT,
    "concept.remove_image": _OWNER,
    "concept.set_products": _OWNER | _BOT,
    "concept.match_artisans": _OWNER | _BOT,
    "concept.favour": _OWNER,
    "concept.unfavour": _OWNER,
    "concept.add_ar_preview": _OWNER | _BOT,
    "concept.remove_ar_preview": _OWNER,
    "concept.count_ar_look": _SYSTEM,
    "concept.count_ar_share": _SYSTEM,
    "concept.request_refinement": _OWNER,
    "concept.suggest_refinement": _BOT,
    "concept.apply_refinement": _OWNER,
    "concept.dismiss_refinement": _OWNER,
    "concept.request_quotes": _OWNER,
    "concept.cancel_quotes": _OWNER,
    "concept.accept_quote": _OWNER,
    "concept.expire_quotes": _SYSTEM,
    "concept.note_quote": _SYSTEM,
    "concept.undo_acceptance": _SYSTEM,
    "concept.note_share": _SYSTEM,
    "concept.queue_video": _OWNER,
    "concept.start_video": _BOT,
    "concept.report_progress": _BOT,
    "concept.complete_video": _BOT,
    "concept.fail_video": _OWNER | _BOT,
    "concept.set_sustainability": _BOT,
    "concept.claim": _SYSTEM,
    "quote.open": _SYSTEM,
    "quote.submit_quote": _SELLER,
    "quote.revise_quote": _SELLER,
    "quote.withdraw_quote": _SELLER,
    "quote.view_quote": _OWNER,
    "quote.reject_quote": _OWNER,
    "quote.settle": _SYSTEM,
    "quote.expire_quote": _SYSTEM,
    "quote.post": _OWNER | _SELLER,
    "quote.change_owner": _SYSTEM,
    "quote.delete": _OWNER | _ADMIN | _SYSTEM,
    "conversation.start": _OWNER,
    "conversation.say": _SPEAKER | _SYSTEM,
    "conversation.begin_turn": _BOT,
    "conversation.append_turn": _BOT,
    "conversation.annotate": _BOT,
    "conversation.complete_turn": _BOT,
    "conversation.stop_turn": _SPEAKER,
    "conversation.fail_turn": _BOT,
    "conversation.interrupt_turn": _SYSTEM,
    "conversation.rate_turn": _SPEAKER,
    "conversation.set_requirements": _OWNER | _BOT,
    "conversation.set_context": _OWNER,
    "conversation.summarise": _OWNER | _BOT,
    "conversation.complete": _OWNER,
    "conversation.abandon": _OWNER | _SYSTEM,
    "conversation.claim": _SYSTEM,
    "conversation.note_refusal": _SYSTEM,
    "conversation.delete": _OWNER | _ADMIN | _SYSTEM,
    "person.make_folder": _OWNER,
    "person.change_folder": _OWNER,
    "person.fill_folder": _OWNER,
    "person.remove_folder": _OWNER,
    "person.favour": _OWNER,
    "person.unfavour": _OWNER,
    "person.save_comparison": _OWNER,
    "person.change_comparison": _OWNER,
    "person.remove_comparison": _OWNER,
    "person.set_style_profile": _OWNER,
    "person.set_ai_preferences": _OWNER,
    "person.note_click": _OWNER,
    "person.settle_notifications": _OWNER,
    "person.add_device": _OWNER,
    "person.remove_device": _OWNER,
    "person.mark_read": _OWNER,
    "person.note_search": _SYSTEM,
    "person.notify": _SYSTEM,
    "person.note_room": _SYSTEM,
    "person.forget_room": _SYSTEM,
    "person.claim": _SYSTEM,
    "person.undo_claim": _SYSTEM,
    "person.hand_over": _SYSTEM,
    "person.take_over": _SYSTEM,
}
"""Wire name -> the roles that may give it. What depends on more than the role is a rule of the room."""


def may_of(kind: str, commands: Mapping[str, type[C]]) -> Mapping[type[C], frozenset[Role]]:
    """The table's lines of one kind, by command."""
    return {command: MAY[f"{kind}.{verb}"] for verb, command in commands.items()}


def check_role(role: Role | None, may: frozenset[Role]) -> None:
    """Raises ``NotAllowed``: to those who are nobody here without a word of who may."""
    if role is None:
        raise NotAllowed
    if role not in may:
        raise NotAllowed(f"this is for {', '.join(sorted(may))}; you are here as {role}")
