"""What passing values leave behind in rows: an execution's progress, and the end of a deploy's log."""

from collections.abc import Sequence

from domain.decider import Piece, Tick
from domain.ids import RoomAddress, id_of
from domain.kinds.workspace.ticks import ExecutionProgress
from persistence.write_behind.projections.workspace_executions import AtLeast
from persistence.write_behind.row_operations import Touch


def touches(room: RoomAddress, value: Tick | Piece) -> Sequence[Touch]:
    """A tick counts while its execution runs, a log while its attempt is the present one; later ones are too late."""
    match value:
        case ExecutionProgress(execution_id=execution_id, progress=progress):
            return (Touch("claude_executions", execution_id, {"progress": AtLeast(progress)}, {"status": "running"}),)
        case Piece(key=key, attempt=attempt, position=position, text=text):
            log = {"deploy_logs": text, "deploy_logs_start": position}
            return (Touch("claude_executions", id_of(key), log, {"deploy_attempt": attempt}),)
        case _:
            return ()
