"""The workspace as a Decider: rules, evolution, clock, view and directory gathered under one name."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

from domain.decider import Command, Context, Deadline, DeciderDefaults, Decision, Tick
from domain.ids import RoomAddress, keyed_id, room_address
from domain.kinds.workspace import clock, rules_of_deploys, rules_of_executions, rules_of_feedback, rules_of_lifecycle
from domain.kinds.workspace import commands as ask
from domain.kinds.workspace.directory import entry_of, results_of
from domain.kinds.workspace.events import EVENTS
from domain.kinds.workspace.evolution import evolve
from domain.kinds.workspace.fitting import view_of
from domain.kinds.workspace.standing import standing_in
from domain.kinds.workspace.state import Workspace
from domain.kinds.workspace.ticks import TICKS
from domain.kinds.workspace.view import WorkspaceEntry, WorkspaceView
from domain.record import Actor, Event, Record
from domain.rejections import NotAllowed, WrongStatus
from domain.roles import Claims, Role, check_role, may_of

Rule: TypeAlias = Callable[[Workspace, Any, Context], Decision]

RULES: Final[Mapping[type[Command], Rule]] = {
    ask.Create: rules_of_lifecycle.create,
    ask.ChangeDetails: rules_of_lifecycle.change_details,
    ask.SubmitDescription: rules_of_lifecycle.submit_description,
    ask.RequestImplementation: rules_of_lifecycle.request_implementation,
    ask.ReturnToBeta: rules_of_lifecycle.return_to_beta,
    ask.Post: rules_of_lifecycle.post,
    ask.CreateSession: rules_of_feedback.create_session,
    ask.CompleteSession: rules_of_feedback.complete_session,
    ask.AddFeedback: rules_of_feedback.add_feedback,
    ask.ChangeFeedback: rules_of_feedback.change_feedback,
    ask.RemoveFeedback: rules_of_feedback.remove_feedback,
    ask.SendFeedback: rules_of_feedback.send_feedback,
    ask.StartExecution: rules_of_executions.start_execution,
    ask.AdvancePhase: rules_of_executions.advance_phase,
    ask.AddCheckpoint: rules_of_executions.add_checkpoint,
    ask.CompleteExecution: rules_of_executions.complete_execution,
    ask.RetryExecution: rules_of_executions.retry_execution,
    ask.ReportProgress: rules_of_executions.report_progress,
    ask.StartDeploy: rules_of_deploys.start_deploy,
    ask.ReportBuilding: rules_of_deploys.report_building,
    ask.SucceedDeploy: rules_of_deploys.succeed_deploy,
    ask.CancelDeploy: rules_of_deploys.cancel_deploy,
    ask.RetryDeploy: rules_of_deploys.retry_deploy,
    ask.AppendDeployLog: rules_of_deploys.append_deploy_log,
    ask.Approve: rules_of_lifecycle.approve,
    ask.Verify: rules_of_lifecycle.verify,
    ask.SetVersion: rules_of_lifecycle.set_version,
    ask.Delete: rules_of_lifecycle.delete,
    ask.Reopen: rules_of_lifecycle.reopen,
}
"""The rules that need nothing but state, command and context; those of the clock also take how long silence may last."""

_ON_ARCHIVED: Final = frozenset({ask.Create, ask.Reopen})


class WorkspaceDecider(DeciderDefaults[Workspace]):
    """Fulfils ``domain.decider.Decider``. ``silent_ms`` is how long a bot may be silent (milliseconds)."""

    kind: str = "workspace"
    commands: Mapping[str, type[Command]] = ask.COMMANDS
    creates: str = "create"
    events: Sequence[type[Event]] = EVENTS
    ticks: Sequence[type[Tick]] = TICKS
    state_type: type[Workspace] = Workspace
    has_directory: bool = True

    def __init__(self, silent_ms: int = clock.SILENT_MS) -> None:
        self._silent_ms = silent_ms
        self._rules: Mapping[type[Command], Rule] = {
            **RULES,
            ask.FailExecution: partial(rules_of_executions.fail_execution, silent_ms=silent_ms),
            ask.FailDeploy: partial(rules_of_deploys.fail_deploy, silent_ms=silent_ms),
        }
        self._may = may_of(self.kind, self.commands)

    def address_of(self, command: Command, actor: Actor) -> RoomAddress:
        """One workspace per pattern type: the address follows from it."""
        assert isinstance(command, ask.Create)
        return room_address(self.kind, keyed_id(self.kind, command.pattern_type))

    def initial(self, room: RoomAddress) -> Workspace:
        return Workspace(room=room)

    def exists(self, state: Workspace) -> bool:
        return state.is_there

    def standing(self, state: Workspace, actor: Actor, claims: Claims, now_ms: int) -> Role | None:
        return standing_in(state.room, actor, claims, now_ms)

    def standing_basis(self, state: Workspace) -> bool:
        """Standing comes from grants and tokens alone; only a deletion puts everyone out."""
        return state.is_there

    def decide(self, state: Workspace, command: Command, context: Context) -> Decision:
        asked = type(command)
        if not state.is_there and asked is not ask.Create:
            raise NotAllowed
        role = standing_in(context.room, context.actor, context.claims, context.now_ms)
        check_role(role, self._may[asked])
        if state.face.is_archived and asked not in _ON_ARCHIVED:
            raise WrongStatus("this workspace is archived: reopen it first (workspace.reopen)")
        return self._rules[asked](state, command, context)

    def evolve(self, state: Workspace, record: Record) -> Workspace:
        return evolve(state, record)

    def due(self, state: Workspace) -> Sequence[Deadline]:
        return clock.due(state, self._silent_ms)

    def live_keys(self, state: Workspace) -> frozenset[str]:
        return clock.live_keys(state)

    def view(self, state: Workspace) -> WorkspaceView:
        return view_of(state)

    def directory_entry(self, state: Workspace, ticks: Mapping[str, Tick] = {}) -> WorkspaceEntry | None:
        return entry_of(state, ticks)

    def results(self, records: Sequence[Record]) -> dict[str, Any]:
        return results_of(records)


WORKSPACE: Final = WorkspaceDecider()
