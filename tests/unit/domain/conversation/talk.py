"""A conversation and its log, with the streams as a room keeps them: pieces are folded, and gone with their key."""

import hashlib
from typing import Any

from domain.decider import Asker, Command, Context, Decision
from domain.ids import ThingId
from domain.kinds.conversation.decider import CONVERSATION, ConversationDecider
from domain.kinds.conversation.ticks import turn_key
from domain.kinds.conversation.view import TurnText
from domain.parts.streams import Fold
from domain.record import Record
from tests.unit.domain.story import ADA, BOT, CLOCK, GUEST, Person, Story, person

HAL = person("Hal", "bot")
MODEL: dict[str, Any] = {"model": "claude-sonnet", "model_version": "4.5"}


class Talk(Story):
    """One conversation. ``folds`` are its streams; ``told`` is the text of a turn as far as it is kept."""

    def __init__(self, decider: ConversationDecider = CONVERSATION) -> None:
        super().__init__(decider, "talk")
        self.folds: dict[str, Fold] = {}

    def told(self, turn_id: str) -> str:
        fold = self.folds.get(turn_key(turn_id))
        return fold.text if fold else ""

    def decide(self, who: Person, command: Command) -> Decision:
        context = Context(
            room=self.room,
            actor=who.actor,
            claims=who.claims,
            command_id=command.command_id,
            now_ms=self.at_ms,
            ticked_at=self.ticked_at,
            told={key: fold.text for key, fold in self.folds.items()},
        )
        return self.decider.decide(self.state, command, context)

    def give(self, who: Person, command: Command) -> list[Record]:
        """As a room does it: a piece that does not fit refuses the whole command."""
        decision = self.decide(who, command)
        folds = dict(self.folds)
        for piece in decision.pieces:
            folds[piece.key] = (folds.get(piece.key) or Fold(key=piece.key, attempt=piece.attempt)).accept(piece)
        records = super().give(who, command)
        live = self.decider.live_keys(self.state)
        self.folds = {key: fold for key, fold in folds.items() if key in live}
        self.ticked_at |= {piece.key: self.at_ms for piece in decision.pieces}
        return records

    def say(self, text: str = "We need 120 desks", who: Person = ADA) -> ThingId:
        return self.given(who, "say", text=text)

    def begin(self, who: Person = BOT) -> ThingId:
        return self.given(who, "begin_turn")

    def tell(self, turn_id: str, text: str, who: Person = BOT) -> None:
        """The next piece, where the stream stands."""
        self.at_ms += 50
        turn = self.state.turn(turn_id)
        self.when(who, "append_turn", turn_id=turn_id, attempt=turn.attempt, position=len(self.told(turn_id)), text=text)

    def whole(self, turn_id: str, **more: Any) -> dict[str, Any]:
        """The fields that complete a turn as it was told."""
        text = self.told(turn_id)
        turn = self.state.turn(turn_id)
        told = {"length": len(text), "sha256": sha256_of(text), "attempt": turn.attempt if turn else 1}
        return {"turn_id": turn_id, **told, **MODEL, **more}

    def interrupt(self, turn_id: str) -> None:
        self.at_ms += 40_000
        self.when(CLOCK, "interrupt_turn", turn_id=turn_id)

    def read(self, turn_id: str, position: int = 0) -> TurnText:
        question = CONVERSATION.questions["read_turn"](room=self.room, turn_id=turn_id, position=position)  # type: ignore[call-arg]  # a question's own
        asker = Asker(
            actor=ADA.actor,
            claims=ADA.claims,
            now_ms=self.at_ms,
            told={key: fold.text for key, fold in self.folds.items()},
        )
        return CONVERSATION.answer(self.state, question, asker)


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def talk(who: Person = ADA, **fields: Any) -> Talk:
    """A conversation that Ada has started."""
    story = Talk()
    story.given(who, "start", **fields)
    return story


def guest_talk() -> Talk:
    return talk(GUEST)


def answering(text: str = "How many ", **fields: Any) -> tuple[Talk, ThingId]:
    """The bot has begun to answer what Ada said."""
    story = talk(**fields)
    story.say()
    turn_id = story.begin()
    if text:
        story.tell(turn_id, text)
    return story, turn_id


def answered(**fields: Any) -> tuple[Talk, ThingId]:
    """The bot has answered to the end."""
    story, turn_id = answering("How many people are there?")
    story.given(BOT, "complete_turn", **story.whole(turn_id, **fields))
    return story, turn_id


def stopped() -> tuple[Talk, ThingId]:
    story, turn_id = answering()
    story.given(ADA, "stop_turn", turn_id=turn_id)
    return story, turn_id


def interrupted(**fields: Any) -> tuple[Talk, ThingId]:
    """Nothing was heard of the bot for a while."""
    story, turn_id = answering(**fields)
    story.interrupt(turn_id)
    return story, turn_id
