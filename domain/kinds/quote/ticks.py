"""A quote has nothing that passes: whatever has a price is an event."""

from domain.decider import Tick

TICKS: tuple[type[Tick], ...] = ()
