"""Command ids that a second start of the bot finds again."""

import hashlib
import time
import uuid


def step_id(execution_id: str, started_at_ms: int, line: int, ordinal: int) -> str:
    """The command id of the ``ordinal``-th step that line number ``line`` of a run makes: the same at every start.

    The first 48 bits are the execution's start plus the line number, so ids ascend with the run; the rest is a hash (uuid8).
    The server remembers ids for a day: that is also the longest run that can be carried on.
    """
    return _uuid8(started_at_ms + line, f"{execution_id}\x1f{line}\x1f{ordinal}")


def fresh_id(what: str) -> str:
    """The command id of something that is asked once per start of the bot, such as starting an execution."""
    return _uuid8(time.time_ns() // 1_000_000, f"{what}\x1f{uuid.uuid4()}")


def _uuid8(time_ms: int, seed: str) -> str:
    digest = hashlib.sha256(seed.encode()).digest()
    value = (time_ms & (1 << 48) - 1) << 80 | int.from_bytes(digest[:10], "big")
    value = value & ~(0xF << 76) | 0x8 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))
