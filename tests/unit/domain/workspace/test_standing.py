"""Who may do what in a workspace: the table of the design, command by command."""

import pytest

from domain.kinds.workspace.commands import COMMANDS
from domain.kinds.workspace.decider import WORKSPACE
from domain.rejections import NotAllowed, Rejection
from domain.roles import Claims, Grant
from tests.unit.domain.story import ADA, BOT, CLOCK, EVE, GUEST, Person, Story, person, workspace
from tests.unit.domain.workspace.samples import fields_of

VIEWER = person("Vera", claims=Claims(token_roles=frozenset({"viewer"})))
TRUSTED = person("Tom", claims=Claims(token_roles=frozenset({"admin"}), trust_token=True))
LINKED = person("Lin", "guest", Claims(room_roles={"share:1": "guest"}))
EXPIRED = person("Xaver", claims=Claims(grants=(Grant("admin", expires_at_ms=1),)))

PEOPLE: dict[str, Person] = {"member": ADA, "admin": EVE, "bot": BOT, "viewer": VIEWER, "system": CLOCK}

TABLE: dict[str, str] = {
    "create": "member admin",
    "change_details": "admin",
    "submit_description": "member admin",
    "request_implementation": "member admin",
    "return_to_beta": "admin",
    "post": "member admin bot",
    "create_session": "member admin",
    "complete_session": "member admin",
    "add_feedback": "member admin",
    "change_feedback": "member admin",
    "remove_feedback": "member admin",
    "send_feedback": "member admin",
    "start_execution": "bot",
    "advance_phase": "bot",
    "add_checkpoint": "bot",
    "complete_execution": "bot",
    "fail_execution": "bot member admin system",
    "retry_execution": "bot member admin",
    "report_progress": "bot",
    "start_deploy": "bot",
    "report_building": "bot",
    "succeed_deploy": "bot",
    "fail_deploy": "bot system",
    "cancel_deploy": "bot admin",
    "retry_deploy": "bot",
    "append_deploy_log": "bot",
    "approve": "member admin",
    "verify": "admin",
    "set_version": "bot admin",
    "delete": "member admin",
    "reopen": "member admin",
}


@pytest.mark.parametrize("role", PEOPLE)
@pytest.mark.parametrize("verb", COMMANDS)
def test_the_role_decides_who_may_give_a_command(verb: str, role: str) -> None:
    if role in TABLE[verb].split():
        assert not is_forbidden(verb, PEOPLE[role])
    else:
        assert is_forbidden(verb, PEOPLE[role])


def is_forbidden(verb: str, who: Person) -> bool:
    story = Story() if verb == "create" else workspace()
    try:
        story.when(who, verb, **fields_of(verb))
    except NotAllowed as refusal:
        assert "this is for" in str(refusal)
        return True
    except Rejection:
        return False
    return False


@pytest.mark.parametrize(
    "who,standing",
    [
        (ADA, "member"),
        (EVE, "admin"),
        (BOT, "bot"),
        (GUEST, "viewer"),
        (LINKED, None),
        (CLOCK, "system"),
        (VIEWER, "viewer"),
        (TRUSTED, "admin"),
        (EXPIRED, "member"),
    ],
)
def test_standing_is_who_somebody_is(who: Person, standing: str | None) -> None:
    story = workspace()

    assert WORKSPACE.standing(story.state, who.actor, who.claims, story.at_ms) == standing


def test_a_refusal_says_who_may_and_what_one_is() -> None:
    with pytest.raises(NotAllowed, match="this is for admin; you are here as member"):
        workspace("in_review").when(ADA, "verify")


def test_standing_goes_by_nothing_in_a_workspace_but_its_being_there() -> None:
    story = workspace()
    before = WORKSPACE.standing_basis(story.state)
    story.given(ADA, "post", text="hello")
    assert WORKSPACE.standing_basis(story.state) == before
    story.given(ADA, "delete")
    assert WORKSPACE.standing_basis(story.state) != before
