"""A conversation without a network: the real rules decide what the bot gives, and their events come back to it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from atrium_bot.answerer import Answerer, Habits
from atrium_bot.conversation import Conversation
from atrium_bot.memory import ChatMemory
from atrium_bot.models import Model
from atrium_bot.place import Refused

from channels.wire.codes import error_of
from domain.event_codec import encode
from domain.kinds.conversation.commands import COMMANDS
from domain.kinds.conversation.ticks import turn_key
from domain.parts.streams import Fold
from domain.rejections import Rejection
from tests.unit.domain.conversation.talk import Talk, talk
from tests.unit.domain.story import BOT, Person

QUICK = Habits(between_s=0.0)


class TalkDouble(Conversation):
    """``before`` and ``after`` are called with the verb of each command: there a test lets things happen.

    ``given`` are verbs and fields.
    """

    def __init__(self, story: Talk, who: Person = BOT) -> None:
        super().__init__(None, story.room)
        self.story = story
        self.who = who
        self.given: list[tuple[str, dict[str, Any]]] = []
        self.before: Callable[[str], None] = lambda _: None
        self.after: Callable[[str], None] = lambda _: None
        self._at = len(story.records)
        self.seen(msgspec.json.decode(encode(story.view)))

    @property
    def verbs(self) -> list[str]:
        return [verb for verb, _ in self.given]

    async def give(self, verb: str, fields: dict[str, Any], command_id: str) -> dict[str, Any]:
        self.given.append((verb, fields))
        self.before(verb)
        form = {"room": self.address, "command_id": command_id, **fields}
        self.story.at_ms += 10
        try:
            records = self.story.give(self.who, msgspec.convert(form, COMMANDS[verb]))
        except Rejection as rejection:
            raise Refused(error_of(rejection).code, str(rejection)) from rejection
        asyncio.get_running_loop().call_soon(self.catch_up)  # events come behind the answer
        self.after(verb)
        return self.story.decider.results(records)

    async def ask(self, word: str, fields: dict[str, Any]) -> dict[str, Any]:
        return dict(msgspec.to_builtins(self.story.read(**fields)))

    def happens(self, who: Person, verb: str, **fields: Any) -> None:
        """Somebody else does something."""
        self.story.given(who, verb, **fields)
        self.catch_up()

    def lose(self, turn_id: str, kept: int, attempt: int | None = None) -> None:
        """The server has died: only so much of the stream is kept, perhaps only of an earlier attempt."""
        fold = self.story.folds[turn_key(turn_id)]
        self.story.folds[fold.key] = Fold(key=fold.key, attempt=attempt or fold.attempt, text=fold.text[:kept])

    def catch_up(self) -> None:
        for record in self.story.records[self._at :]:
            event = msgspec.json.decode(record.body)
            by = msgspec.to_builtins(record.actor)
            self._at = record.offset
            self.happened({"id": record.id, "offset": record.offset, "at": record.time_ms, "by": by, "event": event})


def asked(text: str = "We need 120 desks for 90 people", **fields: Any) -> TalkDouble:
    """Ada has asked something."""
    story = talk(**fields)
    story.say(text)
    return TalkDouble(story)


def answerer_of(
    conversation: TalkDouble, model: Model, folder: Path, habits: Habits = QUICK, said: list[str] | None = None
) -> Answerer:
    memory = ChatMemory(folder, "ws://x", conversation.address)
    say = said.append if said is not None else lambda _: None
    return Answerer(conversation, model, memory, conversation.who.actor.id, say, habits)
