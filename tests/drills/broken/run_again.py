"""The server that forgets on purpose which commands it has accepted: every repeat runs again. Only drills start it."""

import sys

from domain.ids import ActorId, CommandId
from domain.receipts import Receipt, ReceiptsDraft
from server.cli import main


def find_nothing(self: ReceiptsDraft, actor_id: ActorId, command_id: CommandId, digest: str) -> Receipt | None:
    return None


if __name__ == "__main__":
    ReceiptsDraft.find = find_nothing  # type: ignore[method-assign]  # the point of this file
    sys.exit(main())
