"""What passes in a conversation without being recorded: no ticks, and one stream per open turn."""

from domain.decider import Tick

TICKS: tuple[type[Tick], ...] = ()


def turn_key(turn_id: str) -> str:
    """The key of a turn's text as it is being told; live until the turn has ended."""
    return f"turn:{turn_id}"
