"""The server that loses a batch like ``drop_batch``, and whose write-behind does not see that the next one does not follow."""

import sys

from persistence.write_behind import transaction
from server.cli import main
from tests.drills.broken.drop_batch import drop_batches


def demand_nothing(stored: int, first: int) -> None:
    """Here whatever comes is next."""


if __name__ in ("__main__", "__mp_main__"):
    # The process that stores imports this module too, under the second name.
    transaction.demand_next = demand_nothing  # the point of this file
if __name__ == "__main__":
    drop_batches()
    sys.exit(main())
