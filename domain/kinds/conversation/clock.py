"""What the clock asks of a conversation: a silent bot is interrupted, an idle conversation is abandoned."""

from typing import Final

from domain.decider import Context, Deadline
from domain.kinds.conversation.state import Conversation
from domain.kinds.conversation.ticks import turn_key
from domain.kinds.conversation.view import Turn
from domain.rejections import NotYet

SILENT_MS: Final = 30_000
"""How long a bot may be silent about a running turn. People wait for every word of it; a bot tells some twenty pieces a second."""
IDLE_MS: Final = 7 * 24 * 60 * 60 * 1000
"""After a week without anything happening nobody comes back to a conversation."""


def due(state: Conversation, silent_ms: int, idle_ms: int) -> tuple[Deadline, ...]:
    if not state.is_there or state.face.status != "active":
        return ()
    idle = Deadline(what="idle", at_ms=state.face.updated_at + idle_ms, name="conversation.abandon", payload={})
    return (idle, *(_turn_deadline(turn, silent_ms) for turn in state.turns if turn.status == "running"))


def live_keys(state: Conversation) -> frozenset[str]:
    """Open turns: what an interrupted one has said is kept for its takeover."""
    return frozenset(turn_key(turn.id) for turn in state.turns)


def check_silence(turn: Turn, context: Context, silent_ms: int) -> None:
    """Raises ``NotYet`` with the instant to ask again while the turn was heard within ``silent_ms``."""
    heard_at = max(turn.last_event_at, context.ticked_at.get(turn_key(turn.id), 0))
    if context.now_ms < heard_at + silent_ms:
        raise NotYet("the bot was heard in the meantime", heard_at + silent_ms)


def check_idle(state: Conversation, context: Context, idle_ms: int) -> None:
    """Raises ``NotYet`` with the instant to ask again while something has happened within ``idle_ms``."""
    heard_at = max((state.face.updated_at, *(context.ticked_at.get(key, 0) for key in live_keys(state))))
    if context.now_ms < heard_at + idle_ms:
        raise NotYet("something has happened in the meantime", heard_at + idle_ms)


def _turn_deadline(turn: Turn, silent_ms: int) -> Deadline:
    return Deadline(
        what=f"turn:{turn.id}",
        at_ms=turn.last_event_at + silent_ms,
        name="conversation.interrupt_turn",
        payload={"turn_id": turn.id},
        quiet_key=turn_key(turn.id),
        quiet_ms=silent_ms,
    )
