"""One conversation being answered: what is asked is answered, what was interrupted is taken over, what is stopped stops at once."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from atrium_bot.conversation import TURNS_MAX, Conversation, Turn
from atrium_bot.ids import fresh_id
from atrium_bot.memory import ChatMemory
from atrium_bot.models import Findings, Model, ModelFailed
from atrium_bot.place import Gone, Refused
from atrium_bot.teller import BETWEEN_PIECES_S, Over, Teller


@dataclass(frozen=True)
class Habits:
    """``is_spare``: answers nothing by itself, and takes over what others leave. ``is_brief``: leaves when nothing is asked."""

    is_spare: bool = False
    is_brief: bool = False
    between_s: float = BETWEEN_PIECES_S


@dataclass(frozen=True)
class Begun:
    """A turn of this bot's, as far as it was told; ``question`` is the message that it answers, or ``""``."""

    turn_id: str
    attempt: int
    text: str
    question: str


class Answerer:
    """``actor_id`` is this bot's: what it was telling when it died is told on by its next start."""

    def __init__(
        self,
        conversation: Conversation,
        model: Model,
        memory: ChatMemory,
        actor_id: str,
        say: Callable[[str], None],
        habits: Habits = Habits(),
    ) -> None:
        self._conversation = conversation
        self._model = model
        self._memory = memory
        self._actor_id = actor_id
        self._say = say
        self._habits = habits
        self._given_up: set[str] = {memory.answered()}
        conversation.recall(memory.answered())

    async def run(self) -> None:
        """Until the conversation has ended (or, where the bot is brief, nothing is asked). Raises ``Gone``."""
        while True:
            if not self._habits.is_brief:
                await self._conversation.until(lambda: self._is_over or self._has_work)
            if self._is_over or not self._has_work:
                return
            begun = await self._begin()
            if begun is not None:
                await self._answer(begun)

    @property
    def _is_over(self) -> bool:
        return self._conversation.status != "active"

    @property
    def _has_work(self) -> bool:
        return self._left_behind is not None or self._question != ""

    @property
    def _left_behind(self) -> Turn | None:
        """A turn that waits for its takeover, or that this bot was telling before it was started anew."""
        turns = (turn for turn in self._conversation.turns.values() if turn.id not in self._given_up)
        return next((turn for turn in turns if turn.status == "interrupted" or turn.teller == self._actor_id), None)

    @property
    def _question(self) -> str:
        asked = self._conversation.question
        if asked is None or self._habits.is_spare or len(self._conversation.turns) >= TURNS_MAX:
            return ""
        return "" if asked.id in self._given_up else asked.id

    async def _begin(self) -> Begun | None:
        """None where somebody else was faster, or the room does not want it."""
        turn, question = self._left_behind, self._question
        try:
            if turn is not None:
                self._given_up.add(turn.id)
                return await self._take_over(turn)
            self._given_up.add(question)
            begun = await self._conversation.give("begin_turn", {}, fresh_id("begin"))
        except Refused as refusal:
            self._say(f"{self._conversation.address}: refused ({refusal.code}): {refusal}")
            return None
        self._memory.keep_answered(question)
        self._given_up.add(begun["turn_id"])
        return Begun(begun["turn_id"], begun["attempt"], "", question)

    async def _take_over(self, turn: Turn) -> Begun:
        begun = await self._conversation.give("begin_turn", {"resume_turn": turn.id}, fresh_id("resume"))
        told = await self._conversation.ask("read_turn", {"turn_id": turn.id})
        self._say(f"{self._conversation.address}: taking turn {turn.id} over behind {begun['position']} characters")
        return Begun(turn.id, begun["attempt"], told["text"], turn.reply_to)

    async def _answer(self, begun: Begun) -> None:
        teller = Teller(self._conversation, begun.turn_id, begun.attempt, begun.text, self._habits.between_s)
        telling = asyncio.create_task(self._tell(teller, begun))
        stopped = asyncio.create_task(self._conversation.until(lambda: begun.turn_id in self._conversation.ended))
        try:
            await asyncio.wait({telling, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if telling.done() or teller.is_ending:
                await telling
            else:
                await stopped
                self._say(f"{self._conversation.address}: turn {begun.turn_id} was stopped")
        except Over as over:
            self._say(f"{self._conversation.address}: turn {begun.turn_id} is not ours any more: {over}")
        except Refused as refusal:
            self._say(f"{self._conversation.address}: turn {begun.turn_id} was refused ({refusal.code}): {refusal}")
        finally:
            for task in (telling, stopped):
                task.cancel()
            await asyncio.gather(telling, stopped, return_exceptions=True)

    async def _tell(self, teller: Teller, begun: Begun) -> None:
        history = self._conversation.up_to(begun.question)
        findings = self._model.findings()
        began = time.monotonic()
        try:
            await teller.tell(self._model.answer(history, begun.text, findings))
        except ModelFailed as failure:
            await teller.fail(str(failure)[:8_000])
            self._say(f"{self._conversation.address}: {failure}")
            return
        if not teller.text:
            await teller.fail("the model had nothing to say")
            return
        await teller.complete(self._completion(findings, round((time.monotonic() - began) * 1_000)))
        self._say(f"{self._conversation.address}: answered in {len(teller.text)} characters")
        await self._note(findings, begun.question)

    def _completion(self, findings: Findings, latency_ms: int) -> dict[str, Any]:
        given = {
            "model": findings.model,
            "model_version": findings.model_version,
            "tokens": findings.tokens,
            "latency_ms": latency_ms,
            "cost_usd": findings.cost_usd,
            "confidence": findings.confidence,
            "actions": self._actions(findings),
        }
        return {name: value for name, value in given.items() if value is not None}

    def _actions(self, findings: Findings) -> list[dict[str, Any]]:
        """What people want goes into the project, where there is one."""
        if not findings.requirements or not self._conversation.project_id:
            return []
        return [{"type": "update_project", "updates": {"requirements": findings.requirements}}]

    async def _note(self, findings: Findings, question: str) -> None:
        """What was found beside the answer. A refusal of it is told and left at that: the answer stands."""
        annotation: dict[str, Any] = {"message_id": question, "intent": findings.intent, "entities": findings.entities}
        if findings.confidence is not None:
            annotation["confidence"] = findings.confidence
        steps: list[tuple[str, dict[str, Any]]] = [("annotate", annotation)] if question and findings.intent else []
        steps += [("set_requirements", {"requirements": findings.requirements})] if findings.requirements else []
        for verb, fields in steps:
            try:
                await self._conversation.give(verb, fields, fresh_id(verb))
            except Refused as refusal:
                self._say(f"{self._conversation.address}: {verb} was refused ({refusal.code}): {refusal}")


async def stay(answerer: Answerer, say: Callable[[str], None]) -> bool:
    """Answer until the end; False where the bot was cut off or put out of the room."""
    try:
        await answerer.run()
    except Gone as gone:
        say(str(gone))
        return False
    return True
