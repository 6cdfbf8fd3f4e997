"""The server with a hole in its validation: a record can come into the log whose rows Postgres refuses. Only the drill starts it.

Nothing of the product can be set to do this: one rule is replaced in this process before the server is wired.
"""

import sys
from typing import Final

from domain.decider import Command, Context, Decision
from domain.kinds.workspace.commands import ChangeDetails
from domain.kinds.workspace.decider import WorkspaceDecider
from domain.kinds.workspace.events import DetailsChanged
from domain.kinds.workspace.state import Workspace
from server.cli import main

POISON: Final = "poison"
TOO_LONG: Final = POISON + "!" * 300
"""Longer than the column of a workspace's name."""

_decide = WorkspaceDecider.decide


def decide_poisoned(self: WorkspaceDecider, state: Workspace, command: Command, context: Context) -> Decision:
    """A workspace that is to be named so gets a name that the log takes, and its table does not."""
    if isinstance(command, ChangeDetails) and command.name == POISON:
        return Decision((DetailsChanged(name=TOO_LONG, category=state.face.category),))
    return _decide(self, state, command, context)


def poison() -> None:
    WorkspaceDecider.decide = decide_poisoned  # type: ignore[method-assign]  # the point of this file


if __name__ == "__main__":
    poison()
    sys.exit(main())
