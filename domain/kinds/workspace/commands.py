"""What an actor may ask of a workspace. The wire name of ``Post`` is ``workspace.post``; ``COMMANDS`` gives all of them."""

from typing import Literal, TypeAlias

from domain.decider import Command
from domain.limits import (
    Attempt,
    CommitHash,
    ErrorText,
    Id,
    Ids,
    Key,
    Line,
    Name,
    OpenObject,
    OptionalText,
    Paths,
    Percent,
    PieceText,
    Share,
    Steps,
    Text,
    TextPosition,
    Url,
    Urls,
    Version,
)

Phase: TypeAlias = Literal["planning", "implementing", "testing", "refining", "deploying"]


class Create(Command, frozen=True, kw_only=True):
    """Make the workspace of a pattern type; there is one per type, and its id follows from the type."""

    pattern_type: Key
    name: Name
    category: Key


class ChangeDetails(Command, frozen=True, kw_only=True):
    """Change the name or the category."""

    name: Name | None = None
    category: Key | None = None


class SubmitDescription(Command, frozen=True, kw_only=True):
    """Say what the pattern is and how to recognise it; only while the workspace is soon."""

    description: Text
    reasoning: OptionalText = ""
    steps: Steps = ()
    attachments: Urls = ()


class RequestImplementation(Command, frozen=True, kw_only=True):
    """soon -> implementing; opens a pending execution that a bot may start."""


class ReturnToBeta(Command, frozen=True, kw_only=True):
    """Take a workspace in review or verified back to beta."""

    reason: Line = ""


class Post(Command, frozen=True, kw_only=True):
    """A plain message in the timeline; Markdown."""

    text: Text
    attachments: Urls = ()


class CreateSession(Command, frozen=True, kw_only=True):
    """Begin a test session."""

    name: Name
    data: OpenObject = {}


class CompleteSession(Command, frozen=True, kw_only=True):
    """End a test session. ``success_rate`` is the share of what the pattern recognised rightly in it."""

    session_id: Id
    success_rate: Share | None = None
    result: OpenObject = {}


class AddFeedback(Command, frozen=True, kw_only=True):
    """Note a piece of feedback; Claude gets it with send_feedback."""

    content: Text
    kind: Key = "correction"
    session_id: Id | None = None
    data: OpenObject = {}
    attachments: Urls = ()


class ChangeFeedback(Command, frozen=True, kw_only=True):
    """Change one's own feedback until it is sent; what is left out stays."""

    feedback_id: Id
    content: Text | None = None
    kind: Key | None = None
    data: OpenObject | None = None
    attachments: Urls | None = None


class RemoveFeedback(Command, frozen=True, kw_only=True):
    """Take one's own feedback back until it is sent."""

    feedback_id: Id


class SendFeedback(Command, frozen=True, kw_only=True):
    """Send unsent feedback to Claude; without ids, all of it. Opens a pending execution that holds the ids."""

    feedback_ids: Ids = ()
    session_id: Id | None = None


class StartExecution(Command, frozen=True, kw_only=True):
    """Start a pending execution; without an id, the one that waits longest."""

    execution_id: Id | None = None
    prompt_file: Line = ""


class AdvancePhase(Command, frozen=True, kw_only=True):
    """Go to a phase, or leave a note in the same one."""

    execution_id: Id
    phase: Phase
    note: OptionalText = ""
    progress: Percent | None = None


class AddCheckpoint(Command, frozen=True, kw_only=True):
    """Note something that the execution has reached."""

    execution_id: Id
    title: Name
    note: OptionalText = ""
    progress: Percent | None = None
    data: OpenObject = {}


class CompleteExecution(Command, frozen=True, kw_only=True):
    """The execution has succeeded; the first one takes the workspace to beta."""

    execution_id: Id
    files: Paths = ()
    commit_hash: CommitHash = ""
    commit_message: OptionalText = ""


class FailExecution(Command, frozen=True, kw_only=True):
    """The execution has failed, or is stopped."""

    execution_id: Id
    error: ErrorText


class RetryExecution(Command, frozen=True, kw_only=True):
    """Try a failed execution again: opens a new pending one with the same feedback."""

    execution_id: Id
    reason: OptionalText = ""


class ReportProgress(Command, frozen=True, kw_only=True):
    """Passing: becomes a tick of ``execution:{id}``; the row follows, the timeline does not change."""

    execution_id: Id
    progress: Percent
    note: Line = ""


class StartDeploy(Command, frozen=True, kw_only=True):
    """Queue a deploy of an execution that runs or has completed."""

    execution_id: Id


class ReportBuilding(Command, frozen=True, kw_only=True):
    """The queued deploy is being built."""

    execution_id: Id


class SucceedDeploy(Command, frozen=True, kw_only=True):
    """The deploy is ready at ``url``."""

    execution_id: Id
    url: Url


class FailDeploy(Command, frozen=True, kw_only=True):
    """The deploy has failed."""

    execution_id: Id
    error: ErrorText


class CancelDeploy(Command, frozen=True, kw_only=True):
    """Call a queued or building deploy off."""

    execution_id: Id
    reason: Line = ""


class RetryDeploy(Command, frozen=True, kw_only=True):
    """Queue a failed or cancelled deploy again, as the next attempt."""

    execution_id: Id
    reason: OptionalText = ""


class AppendDeployLog(Command, frozen=True, kw_only=True):
    """A stream: ``text`` begins at ``position`` (characters) of the ``attempt``-th deploy of this execution (the first is 1)."""

    execution_id: Id
    attempt: Attempt
    position: TextPosition
    text: PieceText


class Approve(Command, frozen=True, kw_only=True):
    """A person is content: beta -> in_review."""

    note: Line = ""


class Verify(Command, frozen=True, kw_only=True):
    """An admin confirms it: in_review -> verified."""

    note: Line = ""


class SetVersion(Command, frozen=True, kw_only=True):
    """Set the semantic version, which only rises."""

    version: Version
    note: Line = ""


class Delete(Command, frozen=True, kw_only=True):
    """Remove an empty workspace; one with sessions or feedback is archived instead."""


class Reopen(Command, frozen=True, kw_only=True):
    """Take an archived workspace back."""


COMMANDS: dict[str, type[Command]] = {
    "create": Create,
    "change_details": ChangeDetails,
    "submit_description": SubmitDescription,
    "request_implementation": RequestImplementation,
    "return_to_beta": ReturnToBeta,
    "post": Post,
    "create_session": CreateSession,
    "complete_session": CompleteSession,
    "add_feedback": AddFeedback,
    "change_feedback": ChangeFeedback,
    "remove_feedback": RemoveFeedback,
    "send_feedback": SendFeedback,
    "start_execution": StartExecution,
    "advance_phase": AdvancePhase,
    "add_checkpoint": AddCheckpoint,
    "complete_execution": CompleteExecution,
    "fail_execution": FailExecution,
    "retry_execution": RetryExecution,
    "report_progress": ReportProgress,
    "start_deploy": StartDeploy,
    "report_building": ReportBuilding,
    "succeed_deploy": SucceedDeploy,
    "fail_deploy": FailDeploy,
    "cancel_deploy": CancelDeploy,
    "retry_deploy": RetryDeploy,
    "append_deploy_log": AppendDeployLog,
    "approve": Approve,
    "verify": Verify,
    "set_version": SetVersion,
    "delete": Delete,
    "reopen": Reopen,
}
