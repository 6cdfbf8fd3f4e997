"""concept:{id}: a gift concept from its owner's side, with images, refinements, requests for quotes, previews and videos."""

from domain.kinds.concept.decider import CONCEPT

__all__ = ["CONCEPT"]
