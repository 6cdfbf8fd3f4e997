"""Executions: one run of Claude each. One runs, the others wait in order.

::

    pending ── start ─▶ running ── complete ─▶ completed
                           └────── fail ─────▶ failed ── retry ─▶ retry (and a new pending one behind it)
"""

from domain.decider import Context, Decision
from domain.kinds.workspace import commands as ask
from domain.kinds.workspace import events as did
from domain.kinds.workspace.state import ACTIVE_MAX, Workspace, is_deploying
from domain.kinds.workspace.ticks import ExecutionProgress, deploy_log_key, execution_key
from domain.kinds.workspace.view import Execution
from domain.limits import ERROR_MAX
from domain.parts.jobs import check_step, furthest
from domain.rejections import LimitReached, NotYet, OutOfOrder, UnknownThing, WrongStatus

PHASES = ("planning", "implementing", "testing", "refining", "deploying")
WAYS_BACK = {
    "testing": frozenset({"implementing"}),
    "refining": frozenset({"implementing", "testing"}),
}


def start_execution(state: Workspace, command: ask.StartExecution, context: Context) -> Decision:
    execution = _to_start(state, command)
    if state.running is not None:
        raise WrongStatus(f"execution {state.running.id} runs: it has to complete or fail first")
    if execution is not state.waiting and state.waiting is not None:
        raise OutOfOrder(f"executions run in the order in which they were opened: execution {state.waiting.id} is next")
    return Decision((did.ClaudeStarted(execution_id=execution.id, prompt_file=command.prompt_file),))


def advance_phase(state: Workspace, command: ask.AdvancePhase, context: Context) -> Decision:
    execution = _running(state, command.execution_id)
    check_step(PHASES, WAYS_BACK, execution.phase, command.phase)
    span = execution.phases.get(command.phase)
    rounds = span.rounds if span else 0
    event = did.ClaudePhaseUpdate(
        execution_id=execution.id,
        phase=command.phase,
        note=command.note,
        progress=furthest(_shown_progress(execution, context), command.progress),
        round=rounds if execution.phase == command.phase else rounds + 1,
    )
    return Decision((event,))


def add_checkpoint(state: Workspace, command: ask.AddCheckpoint, context: Context) -> Decision:
    execution = _running(state, command.execution_id)
    event = did.ClaudeCheckpoint(
        execution_id=execution.id,
        title=command.title,
        note=command.note,
        progress=furthest(_shown_progress(execution, context), command.progress),
        data=command.data,
    )
    return Decision((event,))


def report_progress(state: Workspace, command: ask.ReportProgress, context: Context) -> Decision:
    execution = _running(state, command.execution_id)
    tick = ExecutionProgress(
        key=execution_key(execution.id),
        execution_id=execution.id,
        progress=furthest(_shown_progress(execution, context), command.progress),
        phase=execution.phase,
        note=command.note,
    )
    return Decision(ticks=(tick,))


def complete_execution(state: Workspace, command: ask.CompleteExecution, context: Context) -> Decision:
    """The first one that completes makes the pattern's algorithm: implementing -> beta."""
    execution = _running(state, command.execution_id)
    completed = did.ClaudeCompleted(
        execution_id=execution.id,
        files=command.files,
        commit_hash=command.commit_hash,
        commit_message=command.commit_message,
    )
    if state.face.status == "implementing":
        return Decision((completed, did.StatusChanged(old="implementing", new="beta")))
    return Decision((completed,))


def fail_execution(state: Workspace, command: ask.FailExecution, context: Context, *, silent_ms: int) -> Decision:
    """Said by the bot itself, by a person who stops it, or by the clock. A deploy on its way ends with it."""
    execution = _running(state, command.execution_id)
    if context.actor.kind == "system":
        check_silence(execution.last_event_at, (execution_key(execution.id), deploy_log_key(execution.id)), context, silent_ms)
    failed = did.ClaudeFailed(
        execution_id=execution.id, error=_error(command.error, context), progress=_shown_progress(execution, context)
    )
    if not is_deploying(execution):
        return Decision((failed,))
    canceled = did.DeployCanceled(execution_id=execution.id, attempt=execution.deploy_attempt, reason="the execution failed")
    return Decision((failed, canceled))


def retry_execution(state: Workspace, command: ask.RetryExecution, context: Context) -> Decision:
    """The event opens a new pending execution with the same feedback, which has the event's id."""
    execution = find_execution(state, command.execution_id)
    if execution.status == "retry":
        raise WrongStatus("this execution was tried again already: retry the newer one")
    if execution.status != "failed":
        raise WrongStatus(f"only a failed execution can be tried again; this one is {execution.status}")
    if execution.retry_count >= execution.max_retries:
        raise LimitReached(f"this was tried again {execution.retry_count} times, which is the most: send the feedback anew")
    check_queue(state)
    event = did.ClaudeRetry(
        execution_id=execution.id,
        reason=command.reason,
        retry_count=execution.retry_count + 1,
        max_retries=execution.max_retries,
        feedback_ids=execution.feedback_ids,
    )
    return Decision((event,))


def find_execution(state: Workspace, execution_id: str) -> Execution:
    execution = state.execution(execution_id)
    if execution is None:
        raise UnknownThing(f"no active or recent execution of this workspace has the id {execution_id}")
    return execution


def check_queue(state: Workspace) -> None:
    """Whether another execution may be opened."""
    if state.active_count >= ACTIVE_MAX:
        raise LimitReached(f"{ACTIVE_MAX} executions wait already: a bot has to work some of them off first")


def check_silence(last_event_at: int, keys: tuple[str, ...], context: Context, silent_ms: int) -> None:
    """The clock may only speak once nothing was heard for ``silent_ms``; raises ``NotYet`` with the instant to ask again."""
    heard_at = max(last_event_at, *(context.ticked_at.get(key, 0) for key in keys))
    if context.now_ms < heard_at + silent_ms:
        raise NotYet("the bot was heard in the meantime", heard_at + silent_ms)


def _to_start(state: Workspace, command: ask.StartExecution) -> Execution:
    if command.execution_id is None:
        if state.waiting is None:
            raise WrongStatus("no execution waits to be started")
        return state.waiting
    execution = find_execution(state, command.execution_id)
    if execution.status != "pending":
        raise WrongStatus(f"only a pending execution can be started; this one is {execution.status}")
    return execution


def _running(state: Workspace, execution_id: str) -> Execution:
    execution = find_execution(state, execution_id)
    if execution.status != "running":
        raise WrongStatus(f"this is for a running execution; this one is {execution.status}")
    return execution


def _shown_progress(execution: Execution, context: Context) -> int:
    """How far people have seen it come: its last event or the tick after it."""
    tick = context.last_ticks.get(execution_key(execution.id))
    return furthest(execution.progress, tick.progress if isinstance(tick, ExecutionProgress) else None)


def _error(error: str, context: Context) -> str:
    if context.actor.kind != "user":
        return error
    return f"stopped by {context.actor.name or 'a member'}: {error}"[:ERROR_MAX]
