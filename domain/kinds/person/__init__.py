"""person:{user_id}: what belongs to one person or guest: folders, favourites, comparisons, searches, inbox, read positions."""

from domain.kinds.person.decider import PERSON

__all__ = ["PERSON"]
