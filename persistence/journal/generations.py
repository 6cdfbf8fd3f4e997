"""What Postgres knows of journals: which generation there is, how far it is stored, and whether it was ended in peace."""

import secrets
from typing import Protocol

import msgspec

from persistence.journal.ledger import Ledger
from persistence.journal.refusals import JournalForeign, JournalMissing


class Generations(Protocol):
    """The book of generations, kept in the database that the journal is written behind to."""

    async def stored_of(self, ledger: Ledger | None) -> int | None:
        """How far the journal of this ledger is stored; None where a new journal has to be made.

        Raises ``JournalMissing`` (a generation may hold what is not stored, and its journal is not here) and ``JournalForeign``.
        """
        ...

    async def mint(self, epoch: str, loss: str = "") -> int:
        """A new generation, stored up to 0. ``loss`` says in words what may be missing from the one before."""
        ...

    async def begin(self, generation: int) -> None:
        """From now on the journal may hold what is not stored: it must be there at the next start."""
        ...

    async def finish(self, generation: int) -> None:
        """Everything is stored, and the journal was closed."""
        ...


class KnownGeneration(msgspec.Struct, frozen=True):
    """The newest entry of the book."""

    generation: int
    epoch: str
    is_finished: bool


def go_on_with(ledger: Ledger | None, newest: KnownGeneration | None) -> bool:
    """Whether the journal that was found is the one to go on with; False: make a new one. The rule behind ``stored_of``."""
    if ledger is None:
        if newest is not None and not newest.is_finished:
            raise JournalMissing(
                f"Postgres waits for the journal of generation {newest.generation} (epoch {newest.epoch}), and it is not here: "
                "bring its folder back, or start with --accept-loss if what was not yet stored may be lost"
            )
        return False
    if newest is None or (ledger.generation, ledger.epoch) != (newest.generation, newest.epoch):
        known = "none" if newest is None else f"generation {newest.generation} (epoch {newest.epoch})"
        raise JournalForeign(
            f"the journal is of generation {ledger.generation} (epoch {ledger.epoch}), and this database knows {known}: "
            "point the server to the folder or the database that belong together"
        )
    return True


def new_epoch() -> str:
    """What clients see: short, and never seen before."""
    return secrets.token_urlsafe(9)
