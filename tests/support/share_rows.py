"""Rows of a share as its projection would leave them, for tests of queries and of the schema."""

import hashlib

from tests.support.postgres import Row
from tests.support.workspace_rows import at, new_id


def concept(concept_id: str, owner_id: str, name: str = "Lamp") -> Row:
    return Row("concepts", {"id": concept_id, "user_id": owner_id, "name": name})


def share(share_id: str, concept_id: str, owner_id: str, seconds: int = 0, **others: object) -> Row:
    token = hashlib.sha256(share_id.encode()).hexdigest()
    values = {"id": share_id, "share_token": token, "concept_id": concept_id, "shared_by": owner_id, "created_at": at(seconds)}
    return Row("shared_concepts", {**values, **others})


def comment(comment_id: str, share_id: str, author_id: str, seconds: int = 0, **others: object) -> Row:
    values = {"id": comment_id, "shared_concept_id": share_id, "user_id": author_id, "comment": "nice", "created_at": at(seconds)}
    return Row("concept_comments", {**values, **others})


def vote(share_id: str, voter_id: str, word: str = "UPVOTE") -> Row:
    return Row("concept_votes", {"id": new_id(), "shared_concept_id": share_id, "user_id": voter_id, "vote_type": word})
