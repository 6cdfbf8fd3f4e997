"""Who somebody is in a conversation: whose it is, whom a trusted token lets in, and bots.

A conversation of a project will also be open to the project's collaborators: what the project grants belongs into ``_granted``.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

from domain.kinds.conversation.state import Conversation
from domain.record import Actor
from domain.roles import Claims, Role, bot_standing, is_admin_of, is_for_other_rooms, lets_only_look

Participant: TypeAlias = Role

_BY_STRENGTH: Final[tuple[Participant, ...]] = ("viewer", "commenter", "editor", "owner")
_STRENGTH: Final[Mapping[str, int]] = {role: strength for strength, role in enumerate(_BY_STRENGTH)}


def standing_in(state: Conversation, actor: Actor, claims: Claims) -> Role | None:
    """None for somebody to whom the conversation is not open. Before it is started, everybody is the owner that they would be."""
    match actor.kind:
        case "system":
            return "system"
        case "bot":
            return bot_standing(claims, state.room)
        case "user" | "guest":
            return _person_standing(state, actor, claims)


def may_remove(state: Conversation, actor: Actor, claims: Claims, now_ms: int) -> bool:
    """An administrator may remove what they may not read."""
    return is_admin_of(state.room, actor, claims, now_ms)


def _person_standing(state: Conversation, actor: Actor, claims: Claims) -> Role | None:
    if is_for_other_rooms(claims, state.room):
        return None
    granted = _granted(state, actor, claims)
    if granted is None:
        return None
    said = claims.room_roles.get(state.room)
    strongest = _STRENGTH[granted]
    if said is not None and not claims.trust_token:
        strongest = min(strongest, _STRENGTH.get(said, 0))
    has_last_word = said is not None and claims.trust_token
    if claims.token_roles is not None and lets_only_look(claims.token_roles) and not has_last_word:
        strongest = 0
    return _BY_STRENGTH[strongest]


def _granted(state: Conversation, actor: Actor, claims: Claims) -> Participant | None:
    """What somebody is before the token narrows it. A trusted token's word for this room stands by itself."""
    if claims.trust_token and state.room in claims.room_roles:
        return _BY_STRENGTH[_STRENGTH.get(claims.room_roles[state.room], 0)]
    return "owner" if not state.is_there or actor.id == state.face.owner.id else None
