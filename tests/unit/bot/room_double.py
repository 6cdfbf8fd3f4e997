"""A workspace without a network: remembers what it was given, and answers as the real rules would."""

from typing import Any

from atrium_bot.place import Refused
from atrium_bot.room import Execution, Room

STARTED_AT = 1_763_458_200_000


class RoomDouble(Room):
    """``refuses`` maps verbs to codes; commands that change an execution change it here too."""

    def __init__(self, *executions: Execution, refuses: dict[str, int] | None = None) -> None:
        super().__init__(None, "workspace:double")
        self.status = "beta"
        self.executions = {run.id: run for run in executions}
        self.given: list[tuple[str, dict[str, Any], str]] = []
        self.refuses = refuses or {}

    @property
    def verbs(self) -> list[str]:
        return [verb for verb, _, _ in self.given]

    async def give(self, verb: str, fields: dict[str, Any], command_id: str) -> dict[str, Any]:
        self.given.append((verb, fields, command_id))
        if verb in self.refuses:
            raise Refused(self.refuses[verb], f"{verb} is refused")
        run = fields.get("execution_id", "")
        match verb:
            case "request_implementation" | "send_feedback":
                self.happens("feedback_batch_sent", id="asked")
            case "retry_execution":
                self.happens("claude_retry", id="again", execution_id=run)
            case "start_execution":
                self.happens("claude_started", execution_id=run)
            case "complete_execution":
                self.happens("claude_completed", execution_id=run)
            case "fail_execution":
                self.happens("claude_failed", execution_id=run, error=fields["error"])
        return {}

    def happens(self, kind: str, id: str = "", **fields: Any) -> None:
        self.happened({"id": id, "at": STARTED_AT, "event": {"type": kind, **fields}})
