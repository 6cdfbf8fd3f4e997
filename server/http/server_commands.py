"""Commands that the server gives by itself because of what somebody has read."""

from typing import Any

from channels.giving import SYSTEM_IDENTITY
from channels.seats import Answer, Given
from domain.event_codec import encode
from server.http.context import Asked, parts_of
from server.http.home import new_command_id


def payload_of(asked: Asked, **fields: Any) -> bytes:
    """A command's fields as JSON, with an id of its own."""
    return encode({**fields, "command_id": new_command_id(parts_of(asked).health.now_ms())})


def give_as_server(asked: Asked, name: str, **fields: Any) -> None:
    """Nobody waits for the answer: what is noted in passing is done without where it fails."""
    payload = payload_of(asked, **fields)
    parts_of(asked).hub.give(Given(identity=SYSTEM_IDENTITY, name=name, payload=payload, answer=_not_waited_for))


def _not_waited_for(answer: Answer) -> None:
    pass
