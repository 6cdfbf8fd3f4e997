"""What a workspace's rules need to know, and what a joiner sees: small, immutable, and the same live, in replay and in snapshots.

Everything here is bounded. What is cut away is in the log and in Postgres; the bounds below say why nothing more is needed. A later
release may raise a bound but not lower it: logs hold what was decided while more was remembered.
"""

from typing import Final

import msgspec
from immutables import Map

from domain.ids import ActorId, RoomAddress, ThingId, id_of
from domain.kinds.workspace.view import Execution, Message, Session, WorkspaceFace
from domain.limits import OpenObject

MESSAGES_MAX: Final = 50
MESSAGES_MAX_BYTES: Final = 128 * 1024
"""Messages kept, newest first: the view's 50, or fewer where they are large. Half a view (256 KiB); the row and what is live share
the other half. The newest is always kept, it fits because a command's payload is at most 96 KiB."""
SESSIONS_MAX: Final = 5
"""Sessions kept whole: the view's."""
OPEN_SESSIONS_MAX: Final = 100
"""Sessions that may be open at once (a rule refuses more), so every open one can still be completed."""
PAST_SESSIONS_MAX: Final = 100
"""Ids of completed sessions that feedback may still refer to, the newest completions."""
UNSENT_MAX: Final = 100
"""Feedback that may wait unsent (a rule refuses more), so "send everything" is always one batch."""
UNSENT_MAX_BYTES: Final = 1024 * 1024
"""The same in bytes: beyond it new feedback is refused until some was sent or removed."""
ACTIVE_MAX: Final = 50
"""Executions that may wait or run (a rule refuses more), so that a workspace without a bot does not grow for ever."""
FINISHED_MAX: Final = 20
"""Finished executions kept, the newest: those that a person may still want to retry or to deploy. One whose deploy is open is kept
beyond that until the deploy ends, since its deadline hangs on it; there are at most as many as this (a rule refuses more)."""
CHECKPOINTS_MAX: Final = 50
"""Checkpoints kept per execution, the newest; the row in Postgres has all."""

ACTIVE: Final = frozenset({"pending", "running"})
DEPLOYING: Final = frozenset({"queued", "building"})

NO_FACE: Final = WorkspaceFace(
    id="", pattern_type="", name="", category="", status="soon", version="0.0.0", created_at=0, updated_at=0, created_by=ActorId("")
)


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """An item that was not sent yet. ``offset`` is its event's, for the order; ``size`` its event's bytes, for the bound."""

    author_id: ActorId
    offset: int
    size: int
    content: str
    kind: str
    data: OpenObject = {}
    attachments: tuple[str, ...] = ()


class Workspace(msgspec.Struct, frozen=True, kw_only=True):
    """The state of one workspace. ``is_there`` is False before it is created and after it is deleted.

    ``executions`` are in the order in which they were opened, ``sessions`` too. ``message_bytes`` and ``unsent_bytes`` are what the
    bounds of the same name count. ``rate_sum`` is over the ``rated_count`` completed sessions that gave a success rate.
    """

    room: RoomAddress
    is_there: bool = False
    face: WorkspaceFace = NO_FACE
    messages: tuple[Message, ...] = ()
    message_bytes: int = 0
    sessions: tuple[Session, ...] = ()
    open_sessions: tuple[ThingId, ...] = ()
    past_sessions: tuple[ThingId, ...] = ()
    rated_count: int = 0
    rate_sum: float = 0.0
    unsent: Map[ThingId, Feedback] = Map()
    unsent_bytes: int = 0
    executions: tuple[Execution, ...] = ()

    @property
    def id(self) -> str:
        return id_of(self.room)

    @property
    def running(self) -> Execution | None:
        """The execution that runs; there is at most one."""
        return next((execution for execution in self.executions if execution.status == "running"), None)

    @property
    def waiting(self) -> Execution | None:
        """The pending execution that waits longest."""
        return next((execution for execution in self.executions if execution.status == "pending"), None)

    @property
    def active_count(self) -> int:
        return sum(execution.status in ACTIVE for execution in self.executions)

    def execution(self, execution_id: str) -> Execution | None:
        return next((execution for execution in self.executions if execution.id == execution_id), None)

    def knows_session(self, session_id: str) -> bool:
        return session_id in self.open_sessions or session_id in self.past_sessions


def is_deploying(execution: Execution) -> bool:
    """Whether a deploy of this execution is on its way."""
    return execution.deploy_status in DEPLOYING
