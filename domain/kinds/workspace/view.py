"""What a joiner of a workspace is given: the document's own sample query, at an offset."""

from typing import Literal

import msgspec

from domain.ids import ActorId, ThingId
from domain.kinds.workspace.commands import Phase
from domain.kinds.workspace.events import Status
from domain.limits import OpenObject
from domain.record import Actor


class WorkspaceFace(msgspec.Struct, frozen=True, kw_only=True):
    """The workspace's own row. Times are Unix milliseconds; None means not yet."""

    id: str
    pattern_type: str
    name: str
    category: str
    status: Status
    version: str
    description: str = ""
    reasoning: str = ""
    steps: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    created_at: int
    updated_at: int
    implemented_at: int | None = None
    approved_at: int | None = None
    verified_at: int | None = None
    created_by: ActorId
    approved_by: ActorId | None = None
    verified_by: ActorId | None = None
    session_count: int = 0
    feedback_count: int = 0
    unsent_feedback_count: int = 0
    success_rate: float | None = None
    last_tested_at: int | None = None
    is_archived: bool = False


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the timeline, in the same shape as an event's publication (PROTOCOL.md "Publications").

    ``event`` is ``Record.body`` as it is: encoded once, it serves the journal, the publication, the view and the snapshot.
    """

    id: ThingId
    offset: int
    at: int
    by: Actor
    event: msgspec.Raw


class Session(msgspec.Struct, frozen=True, kw_only=True):
    id: ThingId
    name: str
    status: Literal["active", "completed"] = "active"
    created_by: ActorId
    created_at: int
    completed_at: int | None = None
    success_rate: float | None = None
    data: OpenObject = {}
    result: OpenObject = {}


class PhaseSpan(msgspec.Struct, frozen=True, kw_only=True):
    """``rounds`` counts how often the phase was entered; times are of the first entry and the last leave."""

    started_at: int
    completed_at: int | None = None
    rounds: int = 1


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    id: ThingId
    at: int
    title: str
    note: str = ""
    progress: int
    phase: Phase | None = None


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """One run of Claude. ``status``: pending -> running -> completed | failed; failed -> retry once another one follows it."""

    id: ThingId
    status: Literal["pending", "running", "completed", "failed", "retry"] = "pending"
    phase: Phase | None = None
    progress: int = 0
    triggered_by: ActorId
    triggered_at: int
    started_at: int | None = None
    completed_at: int | None = None
    feedback_ids: tuple[ThingId, ...] = ()
    prompt_file: str = ""
    files: tuple[str, ...] = ()
    commit_hash: str = ""
    commit_message: str = ""
    phases: dict[str, PhaseSpan] = {}
    checkpoints: tuple[Checkpoint, ...] = ()
    error: str = ""
    errored_at: int | None = None
    retry_count: int = 0
    max_retries: int = 10
    retry_reason: str = ""
    parent_execution_id: ThingId | None = None
    deploy_status: Literal["queued", "building", "ready", "error", "canceled"] | None = None
    deploy_attempt: int = 0
    deploy_url: str = ""
    deploy_started_at: int | None = None
    deploy_completed_at: int | None = None
    last_event_at: int = 0
    deploy_last_event_at: int = 0


class WorkspaceView(msgspec.Struct, frozen=True, kw_only=True):
    """What a joiner is given: at most 256 KiB as JSON (``fitting.py`` says what goes first where that is not enough).

    ``messages`` are the newest 50, or fewer where they are large, oldest first: the first one's offset says where the history
    before it ends. ``sessions`` are the 5 newest, oldest first; ``executions`` the latest, and all that are active or being
    deployed, oldest first.
    """

    workspace: WorkspaceFace
    messages: tuple[Message, ...] = ()
    sessions: tuple[Session, ...] = ()
    executions: tuple[Execution, ...] = ()


class WorkspaceEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What ``directory:workspaces`` says of one workspace; ``execution_id`` is the one that runs."""

    id: str
    pattern_type: str
    name: str
    category: str
    status: Status
    version: str
    session_count: int = 0
    feedback_count: int = 0
    success_rate: float | None = None
    last_tested_at: int | None = None
    is_archived: bool = False
    created_at: int
    updated_at: int
    created_by: ActorId
    approved_by: ActorId | None = None
    verified_by: ActorId | None = None
    execution_id: ThingId | None = None
    phase: Phase | None = None
    progress: int | None = None
