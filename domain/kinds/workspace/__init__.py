"""workspace:{id}: a pattern workspace, where people describe, test and approve a trading pattern that Claude implements."""

from domain.kinds.workspace.decider import WORKSPACE

__all__ = ["WORKSPACE"]
