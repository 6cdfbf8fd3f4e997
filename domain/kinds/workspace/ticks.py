"""What passes in a workspace without being recorded."""

from domain.decider import Tick
from domain.ids import ThingId
from domain.kinds.workspace.commands import Phase


class ExecutionProgress(Tick, frozen=True, kw_only=True, tag="execution_progress"):
    """``key`` is ``execution:{id}``; live while the execution runs. ``progress`` is 0 to 100 and never falls.

    ``phase`` is None until the bot has named the first one.
    """

    execution_id: ThingId
    progress: int
    phase: Phase | None = None
    note: str = ""


TICKS: tuple[type[Tick], ...] = (ExecutionProgress,)


def execution_key(execution_id: str) -> str:
    return f"execution:{execution_id}"


def deploy_log_key(execution_id: str) -> str:
    return f"deploy_log:{execution_id}"
