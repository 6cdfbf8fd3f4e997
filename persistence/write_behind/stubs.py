"""People without a row: an actor known by a token, a guest or a bot gets a stub in ``users`` before the rows that name them."""

from collections.abc import Iterable
from typing import Final

from domain.record import Actor
from persistence.database import Connection

KINDS: Final = {"user": "person", "guest": "guest", "bot": "bot", "system": "system"}
KNOWN_MAX = 100_000
"""Faces remembered as written, about 20 MB; beyond that all are asked for once more."""
NAME_MAX = 255
IMAGE_MAX = 2_000

_INSERT = """
    INSERT INTO users (id, kind, token_subject, name, image)
    SELECT id, kind, CASE WHEN kind = 'person' THEN id::text END, nullif(name, ''), nullif(image, '')
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS v(id, kind, name, image)
    ON CONFLICT (id) DO UPDATE SET
      name = coalesce(excluded.name, users.name), image = coalesce(excluded.image, users.image), updated_at = now()
    WHERE users.email IS NULL AND users.deleted_at IS NULL
      AND (users.name, users.image) IS DISTINCT FROM (coalesce(excluded.name, users.name), coalesce(excluded.image, users.image))
"""
"""A stub's face follows what its token last said; a person with an account keeps what the account says."""


class Stubs:
    """Writes each face once. What it remembers is only ever a reason to write less."""

    def __init__(self) -> None:
        self._known: dict[str, Actor] = {}

    async def write(self, connection: Connection, actors: Iterable[Actor]) -> None:
        """The newest face of each actor. Call ``written`` when the transaction has committed."""
        # By id: two transactions that write the same people then lock them in the same order.
        new = sorted((actor for actor in actors if self._known.get(actor.id) != actor), key=lambda actor: actor.id)
        if new:
            await connection.execute(
                _INSERT,
                [actor.id for actor in new],
                [KINDS[actor.kind] for actor in new],
                [_clean(actor.name)[:NAME_MAX] for actor in new],
                [_clean(actor.image)[:IMAGE_MAX] for actor in new],
            )

    def written(self, actors: Iterable[Actor]) -> None:
        if len(self._known) > KNOWN_MAX:
            self._known.clear()
        self._known.update((actor.id, actor) for actor in actors)


def _clean(text: str) -> str:
    """Faces come from tokens: what no text column takes is left out."""
    return text.replace("\x00", "")
