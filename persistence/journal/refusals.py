"""Why a start refuses the journal it finds. Every text names the place and says what to do.

::

    JournalRefused
    ├── JournalLocked          another server is running on this folder
    ├── JournalDamaged         bytes are not as they were written, and not in the last unfinished commit
    ├── JournalIncomplete      records between Postgres and the journal are in neither of the two
    ├── JournalForeign         the journal belongs to another database
    └── JournalMissing         Postgres waits for a journal that is not there
"""


class JournalRefused(Exception):
    """The server must not start on this journal; nothing was changed."""


class JournalLocked(JournalRefused):
    """Another server is running on this folder."""


class JournalDamaged(JournalRefused):
    """Bytes are not as they were written: restore the folder from its disk's copy, or start with ``--accept-loss``."""


class JournalIncomplete(JournalRefused):
    """Records between Postgres and the journal are in neither: restore a newer database, or start with ``--accept-loss``."""


class JournalForeign(JournalRefused):
    """The journal was made with another database: point the server to the right folder or database."""


class JournalMissing(JournalRefused):
    """Postgres waits for a journal that is not there: bring its folder back, or start with ``--accept-loss``."""
