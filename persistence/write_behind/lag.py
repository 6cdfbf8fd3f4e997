"""How far Postgres is behind the journal."""

import msgspec


class Lag(msgspec.Struct, frozen=True, kw_only=True):
    """``stopped`` is a sentence once the write-behind has stopped for good (a hole, a refused log), else empty.

    ``confirmed_batch`` is the number of the last batch that Postgres has, as ``positions.number`` there.
    ``away`` is a sentence while Postgres does not answer, or the journal cannot be read back for the moment. ``rooms_behind``
    counts rooms whose projection stands at a dead letter.
    """

    records_waiting: int
    oldest_age_s: float
    rooms_behind: int
    confirmed_batch: int
    away: str = ""
    stopped: str = ""
