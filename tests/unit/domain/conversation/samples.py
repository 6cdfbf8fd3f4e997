"""A valid form of every command, and somebody who may give it."""

from typing import Any

from domain.ids import keyed_id
from domain.kinds.conversation.commands import COMMANDS
from domain.roles import MAY
from tests.unit.domain.conversation.talk import MODEL, sha256_of
from tests.unit.domain.story import ADA, BOT, CLOCK, EVE, GUEST, Person

SOME_ID = keyed_id("some", "thing")

_FIELDS: dict[str, dict[str, Any]] = {
    "say": {"text": "hello"},
    "append_turn": {"turn_id": SOME_ID, "attempt": 1, "position": 0, "text": "word"},
    "annotate": {"message_id": SOME_ID, "intent": "ask"},
    "complete_turn": {"turn_id": SOME_ID, "attempt": 1, "length": 0, "sha256": sha256_of(""), **MODEL},
    "stop_turn": {"turn_id": SOME_ID},
    "fail_turn": {"turn_id": SOME_ID, "attempt": 1, "error": "no"},
    "interrupt_turn": {"turn_id": SOME_ID},
    "rate_turn": {"turn_id": SOME_ID, "rating": 5},
    "set_requirements": {"requirements": {"desks": 120}},
    "set_context": {"context": {"title": "Office"}},
    "summarise": {"summary": "An office"},
    "claim": {"guest_id": GUEST.actor.id, "user_id": EVE.actor.id, "user_name": "Eve"},
    "note_refusal": {"turn_id": SOME_ID, "action": "update_project", "reason": "no"},
}


def fields_of(verb: str) -> dict[str, Any]:
    return _FIELDS.get(verb, {})


def _somebody(verb: str) -> Person:
    roles = MAY[f"conversation.{verb}"]
    if "owner" in roles:
        return ADA
    return BOT if "bot" in roles else CLOCK


MAY_GIVE: dict[str, Person] = {verb: _somebody(verb) for verb in COMMANDS}
