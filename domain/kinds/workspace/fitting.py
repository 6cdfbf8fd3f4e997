"""The view of a workspace, fitted into 256 KiB of JSON.

Where everything together is larger, this goes, in this order, each only if it has to: (1) ``data`` and ``result`` of sessions;
(2) lists and long texts of executions (feedback ids, files, checkpoints, prompt file, commit message, error, retry reason); (3) the
oldest messages. What is missing is to be had by history and HTTP; the row itself is always whole.
"""

from typing import Final

import msgspec

from domain.event_codec import encode
from domain.kinds.workspace.evolution import size_of
from domain.kinds.workspace.state import ACTIVE, Workspace, is_deploying
from domain.kinds.workspace.view import Execution, Message, WorkspaceView

VIEW_MAX_BYTES: Final = 256 * 1024
_REST_MAX_BYTES: Final = VIEW_MAX_BYTES // 2
"""What row, sessions and executions may take before they are shortened: the other half is the messages'."""


def view_of(state: Workspace) -> WorkspaceView:
    rest = WorkspaceView(workspace=state.face, sessions=state.sessions, executions=_shown_executions(state))
    size = len(encode(rest))
    for shorten in (_without_session_objects, _without_execution_details):
        if size <= _REST_MAX_BYTES:
            break
        rest = shorten(rest)
        size = len(encode(rest))
    return msgspec.structs.replace(rest, messages=_newest(state, VIEW_MAX_BYTES - size))


def _shown_executions(state: Workspace) -> tuple[Execution, ...]:
    """The latest, and all that are active or being deployed."""
    latest = state.executions[-1:]
    return (
        *(e for e in state.executions[:-1] if e.status in ACTIVE or is_deploying(e)),
        *latest,
    )


def _newest(state: Workspace, budget_bytes: int) -> tuple[Message, ...]:
    if state.message_bytes <= budget_bytes:
        return state.messages
    first = len(state.messages)
    while first > 0 and (size := size_of(state.messages[first - 1])) <= budget_bytes:
        budget_bytes -= size
        first -= 1
    return state.messages[first:]


def _without_session_objects(view: WorkspaceView) -> WorkspaceView:
    sessions = tuple(msgspec.structs.replace(session, data={}, result={}) for session in view.sessions)
    return msgspec.structs.replace(view, sessions=sessions)


def _without_execution_details(view: WorkspaceView) -> WorkspaceView:
    return msgspec.structs.replace(view, executions=tuple(_brief(execution) for execution in view.executions))


def _brief(execution: Execution) -> Execution:
    return msgspec.structs.replace(
        execution,
        feedback_ids=(),
        files=(),
        checkpoints=(),
        prompt_file="",
        commit_message="",
        error="",
        retry_reason="",
    )
