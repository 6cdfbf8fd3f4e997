"""The life of a workspace: made, described, implemented, approved, verified, archived.

::

  soon ── request_implementation ─▶ implementing ── first completed execution ─▶ beta ── approve ─▶ in_review ── verify ─▶ verified
                                                                                  ▲                   │                      │
                                                                                  └──────────── return_to_beta ──────────────┘
"""

from domain.decider import Context, Decision
from domain.kinds.workspace import commands as ask
from domain.kinds.workspace import events as did
from domain.kinds.workspace.events import Status
from domain.kinds.workspace.rules_of_executions import check_queue
from domain.kinds.workspace.standing import is_admin
from domain.kinds.workspace.state import Workspace
from domain.rejections import AlreadyExists, Malformed, NotYours, VersionNotHigher, WrongStatus


def create(state: Workspace, command: ask.Create, context: Context) -> Decision:
    if command.room not in ("", context.room):
        raise Malformed(f"the workspace of {command.pattern_type} has its own address, {context.room} - at `$.room`")
    if state.face.is_archived:
        raise AlreadyExists(f"the workspace of {command.pattern_type} is archived: reopen it instead (workspace.reopen)")
    if state.is_there:
        raise AlreadyExists(f"{command.pattern_type} has its workspace already: {state.room}")
    return Decision((did.PatternCreated(pattern_type=command.pattern_type, name=command.name, category=command.category),))


def change_details(state: Workspace, command: ask.ChangeDetails, context: Context) -> Decision:
    if command.name is None and command.category is None:
        raise Malformed("nothing to change: give a name or a category - at `$`")
    face = state.face
    return Decision((did.DetailsChanged(name=command.name or face.name, category=command.category or face.category),))


def submit_description(state: Workspace, command: ask.SubmitDescription, context: Context) -> Decision:
    _check_status(state, "described", "soon")
    event = did.DescriptionSubmitted(
        description=command.description, reasoning=command.reasoning, steps=command.steps, attachments=command.attachments
    )
    return Decision((event,))


def request_implementation(state: Workspace, command: ask.RequestImplementation, context: Context) -> Decision:
    """The event opens a pending execution without feedback, which has the event's id."""
    _check_status(state, "given to Claude for implementation", "soon")
    check_queue(state)
    return Decision((did.StatusChanged(old="soon", new="implementing", execution_id=context.id_of_event()),))


def approve(state: Workspace, command: ask.Approve, context: Context) -> Decision:
    _check_status(state, "approved", "beta")
    return Decision((did.UserApproved(note=command.note), did.StatusChanged(old="beta", new="in_review")))


def verify(state: Workspace, command: ask.Verify, context: Context) -> Decision:
    _check_status(state, "verified", "in_review")
    return Decision((did.AdminVerified(note=command.note), did.StatusChanged(old="in_review", new="verified")))


def return_to_beta(state: Workspace, command: ask.ReturnToBeta, context: Context) -> Decision:
    _check_status(state, "returned to beta", "in_review", "verified")
    return Decision((did.StatusChanged(old=state.face.status, new="beta", reason=command.reason),))


def post(state: Workspace, command: ask.Post, context: Context) -> Decision:
    return Decision((did.MessagePosted(text=command.text, attachments=command.attachments),))


def set_version(state: Workspace, command: ask.SetVersion, context: Context) -> Decision:
    if _numbers(command.version) <= _numbers(state.face.version):
        raise VersionNotHigher(f"versions only rise: {command.version} is not above {state.face.version}")
    return Decision((did.VersionUpdated(old=state.face.version, new=command.version, note=command.note),))


def delete(state: Workspace, command: ask.Delete, context: Context) -> Decision:
    """What people have tested or said stays: then the workspace is archived. What runs is frozen with it."""
    _check_owner(state, context, "delete")
    if state.face.session_count or state.face.feedback_count:
        return Decision((did.WorkspaceArchived(),))
    return Decision((did.WorkspaceDeleted(),))


def reopen(state: Workspace, command: ask.Reopen, context: Context) -> Decision:
    _check_owner(state, context, "reopen")
    if not state.face.is_archived:
        raise WrongStatus("this workspace is open already")
    return Decision((did.WorkspaceReopened(),))


def _check_status(state: Workspace, what: str, *allowed: Status) -> None:
    if state.face.status not in allowed:
        words = " or ".join(_words(status) for status in allowed)
        raise WrongStatus(f"a workspace can be {what} only while it is {words}; this one is {_words(state.face.status)}")


def _words(status: Status) -> str:
    return status.replace("_", " ")


def _check_owner(state: Workspace, context: Context, what: str) -> None:
    if context.actor.id != state.face.created_by and not is_admin(context):
        raise NotYours(f"only the one who created a workspace, or an admin, may {what} it")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))
