"""What a workspace tells the list of workspaces, and what the caller of a command is told."""

from domain.kinds.workspace.decider import WORKSPACE
from domain.kinds.workspace.view import WorkspaceEntry
from tests.unit.domain.story import ADA, BOT, EVE, START_MS, Story, deploying, running, sent, workspace


def entry(story: Story) -> WorkspaceEntry:
    found = WORKSPACE.directory_entry(story.state, story.last_ticks)
    assert found is not None
    return found


def test_the_entry_names_the_workspace_and_its_counts() -> None:
    story = workspace()
    story.given(ADA, "complete_session", session_id=story.given(ADA, "create_session", name="S"), success_rate=0.5)
    tested_at = story.at_ms
    story.given(ADA, "add_feedback", content="no")

    assert entry(story) == WorkspaceEntry(
        id=story.state.id,
        pattern_type="swings",
        name="Swings",
        category="price_action",
        status="soon",
        version="0.0.0",
        session_count=1,
        feedback_count=1,
        success_rate=0.5,
        last_tested_at=tested_at,
        created_at=START_MS + 1_000,
        updated_at=story.at_ms,
        created_by=ADA.actor.id,
    )


def test_the_entry_follows_the_running_execution_ticks_included() -> None:
    story, execution_id = running()
    story.given(BOT, "advance_phase", execution_id=execution_id, phase="planning", progress=5)
    assert (entry(story).execution_id, entry(story).phase, entry(story).progress) == (execution_id, "planning", 5)
    story.tick_of(BOT, "report_progress", execution_id=execution_id, progress=30)
    assert entry(story).progress == 30
    story.given(BOT, "complete_execution", execution_id=execution_id)
    assert (entry(story).execution_id, entry(story).phase, entry(story).progress) == (None, None, None)


def test_an_archived_workspace_says_so_and_a_deleted_one_has_no_entry() -> None:
    story = workspace()
    story.given(ADA, "add_feedback", content="no")
    story.given(ADA, "delete")
    assert entry(story).is_archived

    story = workspace()
    story.given(ADA, "delete")
    assert WORKSPACE.directory_entry(story.state) is None


def test_callers_are_told_the_ids_of_what_they_made() -> None:
    story = workspace()
    for verb, name, fields in (
        ("create_session", "session_id", {"name": "S"}),
        ("add_feedback", "feedback_id", {"content": "no"}),
    ):
        results = story.results(ADA, verb, **fields)
        assert results == {name: story.records[-1].id}


def test_callers_are_told_of_the_execution_and_its_feedback() -> None:
    story = workspace("beta")
    feedback_id = story.given(ADA, "add_feedback", content="no")
    results = story.results(ADA, "send_feedback")
    execution_id = story.records[-1].id

    assert results == {"execution_id": execution_id, "feedback_ids": (feedback_id,)}
    assert story.results(BOT, "start_execution") == {"execution_id": execution_id}
    assert story.results(BOT, "advance_phase", execution_id=execution_id, phase="planning", progress=7) == {"progress": 7}
    story.given(BOT, "fail_execution", execution_id=execution_id, error="no")
    again = story.results(ADA, "retry_execution", execution_id=execution_id)
    assert again == {"execution_id": story.records[-1].id, "retry_count": 1}


def test_callers_are_told_the_status_and_the_execution_that_it_opened() -> None:
    story = workspace()

    assert story.results(ADA, "request_implementation") == {"status": "implementing", "execution_id": story.records[-1].id}
    story = workspace("beta")
    assert story.results(ADA, "approve") == {"status": "in_review"}
    assert story.results(EVE, "return_to_beta") == {"status": "beta"}


def test_callers_are_told_the_attempt_of_a_deploy() -> None:
    story, execution_id = deploying("error")

    assert story.results(BOT, "retry_deploy", execution_id=execution_id) == {"attempt": 2}


def test_callers_are_told_whether_a_workspace_was_archived_or_is_gone() -> None:
    story = workspace()
    sent(story)

    assert story.results(ADA, "delete") == {"is_archived": True}
    assert workspace().results(ADA, "delete") == {"is_archived": False}


def test_nothing_that_happens_here_concerns_another_room() -> None:
    story = workspace("verified")

    assert [reaction for record in story.records for reaction in WORKSPACE.reactions(record)] == []
    assert WORKSPACE.refs(story.command("approve")) == ()
