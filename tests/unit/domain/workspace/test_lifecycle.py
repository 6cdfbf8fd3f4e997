"""The life of a workspace, rule by rule."""

import pytest

from domain.ids import RoomAddress, keyed_id
from domain.kinds.workspace import events as did
from domain.kinds.workspace.commands import Create
from domain.kinds.workspace.decider import WORKSPACE
from domain.rejections import AlreadyExists, Malformed, NotAllowed, NotYours, VersionNotHigher, WrongStatus
from tests.unit.domain.story import ADA, BEN, BOT, EVE, Person, Story, command_id, running, workspace
from tests.unit.domain.workspace.samples import MAY_GIVE, fields_of

STATUSES = ("soon", "implementing", "beta", "in_review", "verified")


def all_but(*statuses: str) -> list[str]:
    return [status for status in STATUSES if status not in statuses]


def test_a_member_creates_a_workspace() -> None:
    story = Story()

    assert story.when(ADA, "create", pattern_type="swings", name="Swings", category="price_action") == (
        did.PatternCreated(pattern_type="swings", name="Swings", category="price_action"),
    )
    face = story.view.workspace
    assert (face.pattern_type, face.status, face.version, face.created_by) == ("swings", "soon", "0.0.0", ADA.actor.id)
    assert face.created_at == face.updated_at == story.at_ms


def test_the_address_follows_from_the_pattern_type() -> None:
    command = Create(command_id=command_id(1), pattern_type="swings", name="Swings", category="price_action")

    assert WORKSPACE.address_of(command, ADA.actor) == "workspace:" + keyed_id("workspace", "swings")


def test_a_create_that_names_another_room_is_refused() -> None:
    story = Story()
    command = Create(
        room=RoomAddress("workspace:else"), command_id=command_id(1), pattern_type="swings", name="Swings", category="x"
    )

    with pytest.raises(Malformed, match=r"\$\.room"):
        story.give(ADA, command)


def test_a_second_workspace_of_a_pattern_type_is_refused_with_the_address_of_the_first() -> None:
    story = workspace()

    with pytest.raises(AlreadyExists, match=story.room):
        story.when(BEN, "create", pattern_type="swings", name="Mine", category="x")


def test_creating_an_archived_pattern_type_is_refused_with_a_hint_to_reopen() -> None:
    story = archived()

    with pytest.raises(AlreadyExists, match="reopen"):
        story.when(BEN, "create", pattern_type="swings", name="Mine", category="x")


def test_nothing_but_create_is_possible_before_a_workspace_exists() -> None:
    with pytest.raises(NotAllowed):
        Story().when(ADA, "post", text="hello")


def test_an_admin_changes_details_and_what_is_left_out_stays() -> None:
    story = workspace()

    assert story.when(EVE, "change_details", name="Swing points") == (
        did.DetailsChanged(name="Swing points", category="price_action"),
    )
    assert story.when(EVE, "change_details", category="structure") == (
        did.DetailsChanged(name="Swing points", category="structure"),
    )
    assert (story.view.workspace.name, story.view.workspace.category) == ("Swing points", "structure")


def test_changing_no_details_is_refused() -> None:
    with pytest.raises(Malformed, match="nothing to change"):
        workspace().when(EVE, "change_details")


def test_a_member_submits_the_description_while_soon() -> None:
    story = workspace()

    assert story.when(ADA, "submit_description", description="Highs and lows", reasoning="They turn", steps=("Look", "Mark")) == (
        did.DescriptionSubmitted(description="Highs and lows", reasoning="They turn", steps=("Look", "Mark")),
    )
    face = story.view.workspace
    assert (face.description, face.reasoning, face.steps) == ("Highs and lows", "They turn", ("Look", "Mark"))


def test_a_description_may_be_submitted_again_while_soon() -> None:
    story = workspace()
    story.given(ADA, "submit_description", description="First")
    story.given(BEN, "submit_description", description="Second")

    assert story.view.workspace.description == "Second"


@pytest.mark.parametrize("status", all_but("soon"))
def test_a_description_belongs_to_soon(status: str) -> None:
    with pytest.raises(WrongStatus, match="only while it is soon"):
        workspace(status).when(ADA, "submit_description", description="Late")


def test_requesting_implementation_opens_a_pending_execution_with_the_events_id() -> None:
    story = workspace()
    record = story.give(ADA, story.command("request_implementation"))[0]

    assert record.event == did.StatusChanged(old="soon", new="implementing", execution_id=record.id)
    (execution,) = story.view.executions
    assert (execution.id, execution.status, execution.feedback_ids) == (record.id, "pending", ())
    assert (execution.triggered_by, execution.triggered_at) == (ADA.actor.id, story.at_ms)


@pytest.mark.parametrize("status", all_but("soon"))
def test_implementation_can_be_requested_only_once(status: str) -> None:
    with pytest.raises(WrongStatus, match="only while it is soon"):
        workspace(status).when(ADA, "request_implementation")


def test_the_first_completed_execution_carries_implementing_to_beta() -> None:
    story, execution_id = running()

    assert story.when(BOT, "complete_execution", execution_id=execution_id) == (
        did.ClaudeCompleted(execution_id=execution_id),
        did.StatusChanged(old="implementing", new="beta"),
    )
    assert (story.view.workspace.status, story.view.workspace.implemented_at) == ("beta", story.at_ms)


def test_a_failed_execution_leaves_implementing() -> None:
    story, execution_id = running()
    story.given(BOT, "fail_execution", execution_id=execution_id, error="no")

    assert (story.view.workspace.status, story.view.workspace.implemented_at) == ("implementing", None)


def test_a_member_approves_from_beta() -> None:
    story = workspace("beta")

    assert story.when(BEN, "approve", note="good") == (
        did.UserApproved(note="good"),
        did.StatusChanged(old="beta", new="in_review"),
    )
    face = story.view.workspace
    assert (face.status, face.approved_by, face.approved_at) == ("in_review", BEN.actor.id, story.at_ms)


@pytest.mark.parametrize("status", all_but("beta"))
def test_only_beta_can_be_approved(status: str) -> None:
    with pytest.raises(WrongStatus, match="only while it is beta; this one is"):
        workspace(status).when(ADA, "approve")


def test_an_admin_verifies_from_in_review() -> None:
    story = workspace("in_review")

    assert story.when(EVE, "verify", note="ship") == (
        did.AdminVerified(note="ship"),
        did.StatusChanged(old="in_review", new="verified"),
    )
    face = story.view.workspace
    assert (face.status, face.verified_by, face.verified_at) == ("verified", EVE.actor.id, story.at_ms)


@pytest.mark.parametrize("status", all_but("in_review"))
def test_only_in_review_can_be_verified(status: str) -> None:
    with pytest.raises(WrongStatus, match="only while it is in review"):
        workspace(status).when(EVE, "verify")


@pytest.mark.parametrize("status", ["in_review", "verified"])
def test_returning_to_beta_clears_the_later_stamps(status: str) -> None:
    story = workspace(status)
    implemented_at = story.view.workspace.implemented_at

    assert story.when(EVE, "return_to_beta", reason="a bug") == (did.StatusChanged(old=status, new="beta", reason="a bug"),)
    face = story.view.workspace
    assert (face.approved_at, face.approved_by, face.verified_at, face.verified_by) == (None, None, None, None)
    assert face.implemented_at == implemented_at


@pytest.mark.parametrize("status", all_but("in_review", "verified"))
def test_only_what_was_approved_can_be_returned_to_beta(status: str) -> None:
    with pytest.raises(WrongStatus, match="in review or verified"):
        workspace(status).when(EVE, "return_to_beta")


def test_a_returned_workspace_can_be_approved_again() -> None:
    story = workspace("verified")
    story.given(EVE, "return_to_beta")
    story.given(BEN, "approve")

    assert (story.view.workspace.status, story.view.workspace.approved_by) == ("in_review", BEN.actor.id)


@pytest.mark.parametrize("who", [ADA, BOT])
def test_members_and_bots_post(who: Person) -> None:
    story = workspace()

    assert story.when(who, "post", text="hello", attachments=("https://x/1",)) == (
        did.MessagePosted(text="hello", attachments=("https://x/1",)),
    )


def test_a_post_does_not_count_as_a_change_of_the_workspace() -> None:
    story = workspace()
    updated_at = story.view.workspace.updated_at
    story.given(ADA, "post", text="hello")

    assert story.view.workspace.updated_at == updated_at


@pytest.mark.parametrize("version", ["0.0.1", "0.1.0", "1.0.0"])
def test_a_version_rises(version: str) -> None:
    story = workspace()

    assert story.when(BOT, "set_version", version=version, note="n") == (did.VersionUpdated(old="0.0.0", new=version, note="n"),)
    assert story.view.workspace.version == version


@pytest.mark.parametrize("version", ["1.9.0", "1.10.0", "0.99.99"])
def test_a_version_never_falls_or_stays(version: str) -> None:
    story = workspace()
    story.given(BOT, "set_version", version="1.10.0")

    with pytest.raises(VersionNotHigher, match=f"{version} is not above 1.10.0"):
        story.when(EVE, "set_version", version=version)


def archived() -> Story:
    story = workspace()
    story.given(ADA, "create_session", name="First try")
    story.given(ADA, "delete")
    return story


def test_an_empty_workspace_is_deleted_and_leaves_nothing() -> None:
    story = workspace()
    story.given(ADA, "post", text="hello")

    assert story.when(ADA, "delete") == (did.WorkspaceDeleted(),)
    assert not WORKSPACE.exists(story.state)
    assert story.state == WORKSPACE.initial(story.room)
    with pytest.raises(NotAllowed):
        story.when(ADA, "post", text="anyone?")


def test_a_deleted_pattern_type_can_be_created_again() -> None:
    story = workspace()
    story.given(ADA, "delete")
    story.given(BEN, "create", pattern_type="swings", name="Again", category="x")

    assert (story.view.workspace.created_by, len(story.view.messages)) == (BEN.actor.id, 1)


@pytest.mark.parametrize("verb,fields", [("create_session", {"name": "S"}), ("add_feedback", {"content": "c"})])
def test_a_workspace_with_sessions_or_feedback_is_archived_instead(verb: str, fields: dict[str, str]) -> None:
    story = workspace()
    story.given(ADA, verb, **fields)

    assert story.when(ADA, "delete") == (did.WorkspaceArchived(),)
    assert WORKSPACE.exists(story.state)
    assert story.view.workspace.is_archived


def test_a_workspace_is_deleted_by_its_creator_or_an_admin_only() -> None:
    with pytest.raises(NotYours, match="delete"):
        workspace().when(BEN, "delete")
    assert workspace().when(EVE, "delete") == (did.WorkspaceDeleted(),)


@pytest.mark.parametrize("verb", sorted(set(WORKSPACE.commands) - {"create", "reopen"}))
def test_an_archived_workspace_takes_nothing_but_reopen(verb: str) -> None:
    with pytest.raises(WrongStatus, match="reopen"):
        archived().when(MAY_GIVE[verb], verb, **fields_of(verb))


def test_an_archived_workspace_is_reopened_as_it_was() -> None:
    story = archived()

    assert story.when(ADA, "reopen") == (did.WorkspaceReopened(),)
    assert not story.view.workspace.is_archived
    story.given(BEN, "post", text="back")


def test_only_its_creator_or_an_admin_reopens_a_workspace() -> None:
    with pytest.raises(NotYours, match="reopen"):
        archived().when(BEN, "reopen")
    assert archived().when(EVE, "reopen") == (did.WorkspaceReopened(),)


def test_an_open_workspace_is_not_reopened() -> None:
    with pytest.raises(WrongStatus, match="open already"):
        workspace().when(ADA, "reopen")
