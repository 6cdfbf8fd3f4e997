"""A workspace as the bot sees it: the executions in it."""

from dataclasses import dataclass, replace
from typing import Any

from centrifuge import Client

from atrium_bot.place import Place


@dataclass(frozen=True)
class Execution:
    """One run as the room tells it; ``started_at`` in Unix milliseconds, 0 while pending."""

    id: str
    status: str
    started_at: int = 0
    progress: int = 0
    error: str = ""


class Room(Place):
    """``executions`` follows the room: the latest, and all that are active, oldest first."""

    def __init__(self, client: Client, address: str) -> None:
        super().__init__(client, address)
        self.status = ""
        self.executions: dict[str, Execution] = {}

    @property
    def running(self) -> Execution | None:
        return next((run for run in self.executions.values() if run.status == "running"), None)

    @property
    def waiting(self) -> Execution | None:
        """The pending execution that waits longest."""
        return next((run for run in self.executions.values() if run.status == "pending"), None)

    def look_at(self, view: dict[str, Any]) -> None:
        self.status = view["workspace"]["status"]
        self.executions = {
            run["id"]: Execution(
                run["id"], run.get("status", "pending"), run.get("started_at") or 0, run.get("progress", 0), run.get("error", "")
            )
            for run in view.get("executions", [])
        }

    def follow(self, message: dict[str, Any]) -> None:
        event = message["event"]
        match event["type"]:
            case "status_changed":
                self.status = event["new"]
                self._open(event.get("execution_id", ""))
            case "feedback_batch_sent":
                self._open(message["id"])
            case "claude_retry":
                self._set(event["execution_id"], status="retry")
                self._open(message["id"])
            case "claude_started":
                self._set(event["execution_id"], status="running", started_at=message["at"])
            case "claude_phase_update" | "claude_checkpoint":
                self._set(event["execution_id"], progress=event["progress"])
            case "claude_completed":
                self._set(event["execution_id"], status="completed")
            case "claude_failed":
                self._set(event["execution_id"], status="failed", error=event["error"])

    def _open(self, execution_id: str) -> None:
        if execution_id:
            self.executions.setdefault(execution_id, Execution(execution_id, "pending"))

    def _set(self, execution_id: str, **changes: Any) -> None:
        known = self.executions.get(execution_id, Execution(execution_id, "pending"))
        self.executions[execution_id] = replace(known, **changes)
