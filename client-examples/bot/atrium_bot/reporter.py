"""Lines of one run into one execution: in order, each step acknowledged before the next, under ids that a restart repeats."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Literal, TypeAlias

from atrium_bot.claude_lines import Ended, facts_of
from atrium_bot.ids import fresh_id, step_id
from atrium_bot.memory import Left, Memory
from atrium_bot.place import Gone, Refused
from atrium_bot.room import Execution, Room
from atrium_bot.source import CommandFailed
from atrium_bot.story import Step, Story

HEARTBEAT_S = 60.0
"""After so much silence the last progress is told again: the room takes a bot that is silent for five minutes for dead."""

BETWEEN_TICKS_S = 0.15
"""Passing steps that come faster are left out; the room would merge them anyway."""

TOO_OLD = 418
"""The room's code for a command id that is dated before what it remembers."""

Outcome: TypeAlias = Literal["completed", "failed", "stopped"]


class Reporter:
    """``reported`` lines of ``session`` are in the execution already: they are told to the story again, but not to the room.

    None: some may be, and nobody knows how many; then all are given again, and the room answers those that it has as before.
    """

    def __init__(
        self, room: Room, execution: Execution, memory: Memory, session: str, reported: int | None, say: Callable[[str], None]
    ) -> None:
        self.story = Story()
        self._room = room
        self._execution = execution
        self._memory = memory
        self._session = session
        self._reported = reported or 0
        self._knows_the_past = reported is not None
        self._say = say
        self._lines = 0
        self._ended_badly = False
        self._end_was_refused = False
        self._last_tick_at = 0.0
        self._spoke = asyncio.Event()

    async def report(self, lines: AsyncIterator[str]) -> Outcome:
        """All lines, until the run is over or the room ends it. Raises ``Gone``; then the execution is left to be carried on."""
        self._memory.keep(Left(self._execution.id, self._session, self._reported))
        follow = asyncio.create_task(self._follow(lines))
        ended = asyncio.create_task(self._room.until(lambda: not self._is_running))
        beat = asyncio.create_task(self._beat())
        try:
            await asyncio.wait({follow, ended}, return_when=asyncio.FIRST_COMPLETED)
            if follow.done() or self.story.is_over:
                await follow
            else:
                await ended
        finally:
            for task in (follow, ended, beat):
                task.cancel()
            await asyncio.gather(follow, ended, beat, return_exceptions=True)
        return self._outcome()

    async def tell(self, steps: list[Step]) -> None:
        """Steps behind the last line, such as a simulated deploy."""
        self._lines += 1
        await self._give_all(steps)

    async def fail(self, why: str) -> None:
        """End the execution cleanly, because this run will never be carried on."""
        if self._is_running:
            await self._room.give("fail_execution", {"execution_id": self._execution.id, "error": why}, fresh_id("fail"))
            self._memory.forget()

    def _outcome(self) -> Outcome:
        if not self.story.is_over or self._end_was_refused:
            return "stopped"
        self._memory.forget()
        return "failed" if self._ended_badly else "completed"

    async def _follow(self, lines: AsyncIterator[str]) -> None:
        why = "Claude's output ended without a result"
        try:
            async for line in lines:
                await self._line(line)
                if self.story.is_over or not self._is_running:
                    return
        except CommandFailed as failure:
            why = str(failure)
        self._ended_badly = True
        await self._give_all(self.story.cut_off(why))

    @property
    def _is_running(self) -> bool:
        """False once somebody in the room (or its clock) has ended the execution."""
        run = self._room.executions.get(self._execution.id)
        return run is None or run.status == "running"

    async def _line(self, line: str) -> None:
        self._lines += 1
        facts = facts_of(line)
        self._ended_badly |= any(isinstance(fact, Ended) and bool(fact.error) for fact in facts)
        steps = [step for fact in facts for step in self.story.take(fact)]
        if self._lines <= self._reported or not self._is_running:
            return
        await self._give_all(steps)
        self._memory.keep(Left(self._execution.id, self._session, self._lines))

    async def _give_all(self, steps: list[Step]) -> None:
        for ordinal, step in enumerate(steps):
            if step.passing and self._is_too_soon():
                continue
            await self._give(step, step_id(self._execution.id, self._execution.started_at, self._lines, ordinal))

    async def _give(self, step: Step, command_id: str) -> None:
        """A refused step is told and left out: one checkpoint that does not fit is no reason to leave people without the rest."""
        self._spoke.set()
        fields = {"execution_id": self._execution.id, **step.fields}
        try:
            try:
                await self._room.give(step.verb, fields, command_id)
            except Refused as refusal:
                if refusal.code != TOO_OLD or self._may_have_been_given:
                    raise
                # A busy room forgets early and then refuses what is dated before: this step is new for sure.
                await self._room.give(step.verb, fields, fresh_id(command_id))
        except Refused as refusal:
            self._say(f"line {self._lines}: {step.verb} was refused ({refusal.code}): {refusal}")
            self._end_was_refused |= step.verb in {"complete_execution", "fail_execution"}
            return
        if not step.passing:
            self._say(f"line {self._lines}: {step.verb} {_summary(step)}")

    @property
    def _may_have_been_given(self) -> bool:
        """Whether an earlier start may have given this line's steps without living to see the answer."""
        return not self._knows_the_past or self._lines <= self._reported + 1

    def _is_too_soon(self) -> bool:
        now = asyncio.get_running_loop().time()
        if now - self._last_tick_at < BETWEEN_TICKS_S:
            return True
        self._last_tick_at = now
        return False

    async def _beat(self) -> None:
        while True:
            self._spoke.clear()
            try:
                await asyncio.wait_for(self._spoke.wait(), HEARTBEAT_S)
            except TimeoutError:
                fields = {"execution_id": self._execution.id, "progress": self.story.progress}
                with contextlib.suppress(Refused, Gone):
                    await self._room.give("report_progress", fields, fresh_id("beat"))


def _summary(step: Step) -> str:
    return str(step.fields.get("title") or step.fields.get("phase") or step.fields.get("url") or step.fields.get("error") or "")
