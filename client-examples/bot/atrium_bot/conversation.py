"""A conversation as the bot sees it: what was said, which answers are being told, what was asked and not answered yet."""

from dataclasses import dataclass, replace
from typing import Any

from centrifuge import Client

from atrium_bot.place import Place

MESSAGES_KEPT = 50
"""As many as the room's view has: the history that a model is given."""
TURNS_MAX = 4
"""The room has no more open at once."""


@dataclass(frozen=True)
class Said:
    """One message. ``role`` is user, assistant or system."""

    id: str
    role: str
    text: str


@dataclass(frozen=True)
class Turn:
    """An answer that is being told by ``teller`` (status running), or waits for its takeover (interrupted)."""

    id: str
    teller: str
    status: str = "running"
    reply_to: str = ""


class Conversation(Place):
    """``messages`` and the open ``turns`` follow the room, oldest first; ``ended`` are turns that were seen to end.

    ``answered`` are the messages that a turn has answered. A view does not say which, so there an answer counts for the message
    before it.
    """

    def __init__(self, client: Client, address: str) -> None:
        super().__init__(client, address)
        self.status = ""
        self.project_id = ""
        self.messages: list[Said] = []
        self.turns: dict[str, Turn] = {}
        self.ended: set[str] = set()
        self.answered: set[str] = set()

    @property
    def question(self) -> Said | None:
        """What a person has said last, where nothing has answered it and nothing does."""
        asked = next((message for message in reversed(self.messages) if message.role == "user"), None)
        if asked is None or asked.id in self.answered:
            return None
        return None if any(turn.reply_to == asked.id for turn in self.turns.values()) else asked

    def recall(self, answered: str) -> None:
        """This bot has answered that message last: of what was said behind it, one answer is to it and no more."""
        places = [place for place, message in enumerate(self.messages) if message.id == answered]
        behind = self.messages[places[0] + 1 :] if places else []
        if sum(message.role == "assistant" for message in behind) <= 1:
            self.answered -= {message.id for message in behind}

    def up_to(self, message_id: str) -> list[Said]:
        """The history that a turn answers: everything up to its question; all of it where that is no longer known."""
        places = [place for place, message in enumerate(self.messages) if message.id == message_id]
        return self.messages[: places[0] + 1] if places else list(self.messages)

    def look_at(self, view: dict[str, Any]) -> None:
        row = view["conversation"]
        self.status, self.project_id = row["status"], row.get("project_id") or ""
        self.messages = [Said(message["id"], message["role"], message["text"]) for message in view["messages"]]
        known = set(self.turns)
        self.turns = {
            turn["id"]: Turn(turn["id"], turn["teller"]["id"], turn["status"], turn.get("reply_to") or "") for turn in view["turns"]
        }
        self.ended |= known - set(self.turns)
        self.answered |= _answered_in(self.messages)

    def follow(self, message: dict[str, Any]) -> None:
        event = message["event"]
        match event["type"]:
            case "message_added":
                said = Said(message["id"], event["role"], event["text"])
                self.messages = [*self.messages, said][-MESSAGES_KEPT:]
            case "turn_started":
                self._set(message["id"], teller=message["by"]["id"], reply_to=event.get("reply_to", ""))
            case "turn_resumed":
                self._set(event["turn_id"], teller=message["by"]["id"], status="running")
            case "turn_interrupted":
                self._set(event["turn_id"], status="interrupted")
            case "turn_completed" | "turn_stopped" | "turn_failed":
                self._end(event["turn_id"])
            case "conversation_completed" | "conversation_abandoned":
                self.status = event["type"].removeprefix("conversation_")

    def _end(self, turn_id: str) -> None:
        turn = self.turns.pop(turn_id, None)
        self.ended.add(turn_id)
        if turn is not None:
            self.answered.add(turn.reply_to)

    def _set(self, turn_id: str, **changes: str) -> None:
        self.turns[turn_id] = replace(self.turns.get(turn_id, Turn(turn_id, "")), **changes)


def _answered_in(messages: list[Said]) -> set[str]:
    answered, asked = set(), ""
    for message in messages:
        if message.role == "user":
            asked = message.id
        elif message.role == "assistant":
            answered.add(asked)
    return answered
