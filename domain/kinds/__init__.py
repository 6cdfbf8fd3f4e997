"""Every kind of room, by name: the registry that the product runs with."""

from domain.decider import Registry
from domain.kinds.share import SHARE
from domain.kinds.workspace import WORKSPACE

KINDS: Registry = {WORKSPACE.kind: WORKSPACE, SHARE.kind: SHARE}
