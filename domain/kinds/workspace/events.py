"""What has happened in a workspace. Each event is one row of the timeline; its tag is the message type.

Events carry results (counts, rates, stamps are the record's time), so that projections need nothing but the event. Fields marked
``Free`` may be nulled by redaction: ``evolve`` and the projections accept ``""``, ``[]`` or ``{}`` there.
"""

from typing import Literal, TypeAlias

from domain.ids import ThingId
from domain.kinds.workspace.commands import Phase
from domain.limits import OpenObject
from domain.record import Event
from domain.redaction import Free

Status: TypeAlias = Literal["soon", "implementing", "beta", "in_review", "verified"]


class PatternCreated(Event, frozen=True, kw_only=True, tag="pattern_created"):
    pattern_type: str
    name: str
    category: str


class DetailsChanged(Event, frozen=True, kw_only=True, tag="details_changed"):
    """Both fields as they are now."""

    name: str
    category: str


class DescriptionSubmitted(Event, frozen=True, kw_only=True, tag="pattern_description_submitted"):
    description: Free[str]
    reasoning: Free[str] = ""
    steps: Free[tuple[str, ...]] = ()
    attachments: Free[tuple[str, ...]] = ()


class StatusChanged(Event, frozen=True, kw_only=True, tag="status_changed"):
    """``execution_id`` names the pending execution that the change opened (soon -> implementing), else empty."""

    old: Status
    new: Status
    reason: Free[str] = ""
    execution_id: ThingId = ThingId("")


class MessagePosted(Event, frozen=True, kw_only=True, tag="message_posted"):
    text: Free[str]
    attachments: Free[tuple[str, ...]] = ()


class SessionCreated(Event, frozen=True, kw_only=True, tag="session_created"):
    """The session has this event's id. ``session_count`` counts it in."""

    name: Free[str]
    data: Free[OpenObject] = {}
    session_count: int


class SessionCompleted(Event, frozen=True, kw_only=True, tag="session_completed"):
    """``success_rate`` is this session's, ``overall_success_rate`` the mean over all completed sessions that gave one."""

    session_id: ThingId
    success_rate: float | None = None
    result: Free[OpenObject] = {}
    session_count: int
    overall_success_rate: float | None = None


class FeedbackAdded(Event, frozen=True, kw_only=True, tag="feedback_added"):
    """The item has this event's id. ``feedback_count`` counts all items of the workspace, this one included."""

    content: Free[str]
    kind: str
    session_id: ThingId | None = None
    data: Free[OpenObject] = {}
    attachments: Free[tuple[str, ...]] = ()
    feedback_count: int
    unsent_count: int


class FeedbackChanged(Event, frozen=True, kw_only=True, tag="feedback_changed"):
    """The item as it is now."""

    feedback_id: ThingId
    content: Free[str]
    kind: str
    data: Free[OpenObject] = {}
    attachments: Free[tuple[str, ...]] = ()


class FeedbackRemoved(Event, frozen=True, kw_only=True, tag="feedback_removed"):
    feedback_id: ThingId
    feedback_count: int
    unsent_count: int


class FeedbackBatchSent(Event, frozen=True, kw_only=True, tag="feedback_batch_sent"):
    """The pending execution that it opens has this event's id."""

    feedback_ids: tuple[ThingId, ...]
    session_id: ThingId | None = None
    unsent_count: int


class ClaudeStarted(Event, frozen=True, kw_only=True, tag="claude_started"):
    execution_id: ThingId
    prompt_file: str = ""


class ClaudePhaseUpdate(Event, frozen=True, kw_only=True, tag="claude_phase_update"):
    """``progress`` is the execution's, after this; ``round`` counts how often the phase was entered (the first is 1)."""

    execution_id: ThingId
    phase: Phase
    note: Free[str] = ""
    progress: int
    round: int


class ClaudeCheckpoint(Event, frozen=True, kw_only=True, tag="claude_checkpoint"):
    execution_id: ThingId
    title: Free[str]
    note: Free[str] = ""
    progress: int
    data: Free[OpenObject] = {}


class ClaudeCompleted(Event, frozen=True, kw_only=True, tag="claude_completed"):
    execution_id: ThingId
    files: tuple[str, ...] = ()
    commit_hash: str = ""
    commit_message: Free[str] = ""


class ClaudeFailed(Event, frozen=True, kw_only=True, tag="claude_failed"):
    """``progress`` is how far the execution had come, ticks included."""

    execution_id: ThingId
    error: Free[str]
    progress: int = 0


class ClaudeRetry(Event, frozen=True, kw_only=True, tag="claude_retry"):
    """The failed execution is tried again: the new pending one has this event's id."""

    execution_id: ThingId
    reason: Free[str] = ""
    retry_count: int
    max_retries: int
    feedback_ids: tuple[ThingId, ...] = ()


class DeployStarted(Event, frozen=True, kw_only=True, tag="deploy_started"):
    execution_id: ThingId
    attempt: int


class DeployBuilding(Event, frozen=True, kw_only=True, tag="deploy_building"):
    execution_id: ThingId
    attempt: int


class DeploySucceeded(Event, frozen=True, kw_only=True, tag="deploy_success"):
    execution_id: ThingId
    attempt: int
    url: str


class DeployFailed(Event, frozen=True, kw_only=True, tag="deploy_failed"):
    execution_id: ThingId
    attempt: int
    error: Free[str]


class DeployCanceled(Event, frozen=True, kw_only=True, tag="deploy_canceled"):
    execution_id: ThingId
    attempt: int
    reason: Free[str] = ""


class DeployRetried(Event, frozen=True, kw_only=True, tag="deploy_retry"):
    """Queued again; ``attempt`` is the new one."""

    execution_id: ThingId
    attempt: int
    reason: Free[str] = ""


class UserApproved(Event, frozen=True, kw_only=True, tag="user_approved"):
    note: Free[str] = ""


class AdminVerified(Event, frozen=True, kw_only=True, tag="admin_verified"):
    note: Free[str] = ""


class VersionUpdated(Event, frozen=True, kw_only=True, tag="version_updated"):
    old: str
    new: str
    note: Free[str] = ""


class WorkspaceArchived(Event, frozen=True, kw_only=True, tag="workspace_archived"):
    pass


class WorkspaceReopened(Event, frozen=True, kw_only=True, tag="workspace_reopened"):
    pass


class WorkspaceDeleted(Event, frozen=True, kw_only=True, tag="workspace_deleted"):
    pass


EVENTS: tuple[type[Event], ...] = (
    PatternCreated,
    DetailsChanged,
    DescriptionSubmitted,
    StatusChanged,
    MessagePosted,
    SessionCreated,
    SessionCompleted,
    FeedbackAdded,
    FeedbackChanged,
    FeedbackRemoved,
    FeedbackBatchSent,
    ClaudeStarted,
    ClaudePhaseUpdate,
    ClaudeCheckpoint,
    ClaudeCompleted,
    ClaudeFailed,
    ClaudeRetry,
    DeployStarted,
    DeployBuilding,
    DeploySucceeded,
    DeployFailed,
    DeployCanceled,
    DeployRetried,
    UserApproved,
    AdminVerified,
    VersionUpdated,
    WorkspaceArchived,
    WorkspaceReopened,
    WorkspaceDeleted,
)
