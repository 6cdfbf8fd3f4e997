"""conversation:{id}: people and a model talk; the model's answers are seen as they are told."""

from domain.kinds.conversation.decider import CONVERSATION

__all__ = ["CONVERSATION"]
