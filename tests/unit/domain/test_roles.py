"""How standing narrows, and who may give which command."""

import pytest

from domain.kinds import KINDS
from domain.roles import MAY, Claims, Grant, Role, bot_standing, is_admin_everywhere, person_standing

ROOM = "workspace:1"


def roles(*words: str, trust: bool = False, **here: str) -> Claims:
    """A token with ``words`` for all rooms (none: silent), and a word for this room."""
    rooms = {ROOM: here["here"]} if here else {}
    return Claims(token_roles=frozenset(words) if words else None, room_roles=rooms, trust_token=trust)


def test_every_command_of_every_kind_is_in_the_table_and_nothing_else() -> None:
    assert set(MAY) == {f"{kind.kind}.{verb}" for kind in KINDS.values() for verb in kind.commands}


@pytest.mark.parametrize(
    "granted,claims,standing",
    [
        ("member", roles(), "member"),
        ("admin", roles(), "admin"),
        ("admin", roles("admin"), "admin"),
        ("admin", roles("member"), "member"),
        ("admin", roles("user"), "member"),
        ("admin", roles("contributor"), "member"),
        ("admin", roles("viewer"), "viewer"),
        ("member", roles("viewer"), "viewer"),
        ("member", roles("admin"), "member"),
        ("member", roles("viewer", "user"), "member"),
        ("member", roles("offline_access"), "viewer"),
        ("member", roles(here="viewer"), "viewer"),
        ("member", roles(here="admin"), "member"),
        ("admin", roles("admin", here="viewer"), "viewer"),
        ("admin", roles("viewer", here="admin"), "viewer"),
        ("member", roles(here="nonsense"), "viewer"),
        ("member", Claims(token_roles=frozenset()), "viewer"),
        ("member", Claims(token_roles=frozenset({"user"}), room_roles={"workspace:2": "viewer"}), "member"),
        ("member", Claims(room_roles={"workspace:2": "member"}), None),
        ("admin", Claims(room_roles={"workspace:2": "admin"}), None),
    ],
)
def test_a_token_only_narrows(granted: str, claims: Claims, standing: Role) -> None:
    assert person_standing(granted, claims, ROOM) == standing  # type: ignore[arg-type]  # parametrised


@pytest.mark.parametrize(
    "granted,claims,standing",
    [
        ("member", roles(trust=True), "member"),
        ("member", roles("admin", trust=True), "admin"),
        ("admin", roles("viewer", trust=True), "viewer"),
        ("member", roles(trust=True, here="admin"), "admin"),
        ("member", roles("viewer", trust=True, here="admin"), "admin"),
        ("member", roles("admin", trust=True, here="viewer"), "viewer"),
    ],
)
def test_a_trusted_tokens_word_stands_by_itself_the_rooms_first(granted: str, claims: Claims, standing: Role) -> None:
    assert person_standing(granted, claims, ROOM) == standing  # type: ignore[arg-type]  # parametrised


@pytest.mark.parametrize(
    "claims,standing",
    [
        (roles(), "bot"),
        (roles("bot"), "bot"),
        (roles("bot", "viewer"), "bot"),
        (roles("viewer"), "viewer"),
        (roles("bot", here="viewer"), "viewer"),
        (roles("bot", here="bot"), "bot"),
        (Claims(room_roles={ROOM: "bot"}), "bot"),
        (Claims(room_roles={"workspace:2": "bot"}), None),
    ],
)
def test_a_bot_is_a_bot_unless_its_token_says_less(claims: Claims, standing: Role) -> None:
    assert bot_standing(claims, ROOM) == standing


@pytest.mark.parametrize(
    "grant,counts",
    [
        (Grant("admin"), True),
        (Grant("admin", expires_at_ms=101), True),
        (Grant("admin", expires_at_ms=100), False),
        (Grant("admin", resource_type="project"), False),
        (Grant("admin", resource_type="project", resource_id="1"), False),
        (Grant("user"), False),
        (Grant("contributor"), False),
    ],
)
def test_an_admin_is_granted_without_a_resource_and_until_it_expires(grant: Grant, counts: bool) -> None:
    assert is_admin_everywhere((Grant("viewer"), grant), now_ms=100) is counts
