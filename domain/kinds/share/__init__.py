"""share:{id}: a concept as its friends see it, comment on it and vote on it; entered by name or by the link's token."""

from domain.kinds.share.decider import SHARE

__all__ = ["SHARE"]
