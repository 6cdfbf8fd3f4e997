"""A valid form of every command, and somebody who may give it."""

from typing import Any

from domain.ids import keyed_id
from domain.kinds.workspace.commands import COMMANDS
from domain.roles import MAY
from tests.unit.domain.story import ADA, BOT, EVE, Person

SOME_ID = keyed_id("some", "thing")

_FIELDS: dict[str, dict[str, Any]] = {
    "create": {"pattern_type": "swings", "name": "Swings", "category": "price_action"},
    "change_details": {"name": "New"},
    "submit_description": {"description": "Highs"},
    "post": {"text": "hello"},
    "create_session": {"name": "First"},
    "complete_session": {"session_id": SOME_ID},
    "add_feedback": {"content": "no"},
    "change_feedback": {"feedback_id": SOME_ID, "content": "yes"},
    "remove_feedback": {"feedback_id": SOME_ID},
    "advance_phase": {"execution_id": SOME_ID, "phase": "planning"},
    "add_checkpoint": {"execution_id": SOME_ID, "title": "half"},
    "fail_execution": {"execution_id": SOME_ID, "error": "no"},
    "report_progress": {"execution_id": SOME_ID, "progress": 5},
    "succeed_deploy": {"execution_id": SOME_ID, "url": "https://x.example"},
    "fail_deploy": {"execution_id": SOME_ID, "error": "no"},
    "append_deploy_log": {"execution_id": SOME_ID, "attempt": 1, "position": 0, "text": "line"},
    "set_version": {"version": "1.0.0"},
}
_ABOUT_EXECUTIONS = {
    "complete_execution",
    "retry_execution",
    "start_deploy",
    "report_building",
    "cancel_deploy",
    "retry_deploy",
}


def fields_of(verb: str) -> dict[str, Any]:
    return _FIELDS.get(verb, {"execution_id": SOME_ID} if verb in _ABOUT_EXECUTIONS else {})


def _somebody(verb: str) -> Person:
    roles = MAY[f"workspace.{verb}"]
    if "member" in roles:
        return ADA
    return EVE if "admin" in roles else BOT


MAY_GIVE: dict[str, Person] = {verb: _somebody(verb) for verb in COMMANDS}
