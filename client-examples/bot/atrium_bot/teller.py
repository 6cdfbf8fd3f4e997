"""One turn being told: words in, pieces out, some twenty a second; back to where the room stands when it says so."""

import asyncio
import hashlib
import re
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from atrium_bot.conversation import Conversation
from atrium_bot.ids import fresh_id
from atrium_bot.place import Refused

BETWEEN_PIECES_S = 0.05
"""Words that come faster go together: nobody reads more often than twenty times a second."""

PIECE_MAX = 8_000
"""Characters of one piece; the room takes 16,384."""

BEAT_S = 10.0
"""After so much silence the bot is heard again: the room takes one that is silent for 30 s for dead."""

REWINDS_MAX, RESUMES_MAX = 20, 3
"""A room that goes on refusing is not to be satisfied."""

WRONG_STATUS, UNKNOWN, NOT_YOURS, LIMIT, OUT_OF_ORDER = 410, 411, 412, 413, 416

_PLACE = re.compile(r"go on with attempt (\d+) at position (\d+)")


class Over(Exception):
    """The turn is not this bot's to tell any more: it was stopped, has ended, or somebody else tells it."""


class Full(Exception):
    """The room takes no more text in this turn."""


class Teller:
    """``text`` is what there is to say, ``sent`` how many characters of it the room has."""

    def __init__(
        self, conversation: Conversation, turn_id: str, attempt: int, text: str = "", between_s: float = BETWEEN_PIECES_S
    ) -> None:
        self.turn_id = turn_id
        self.text = text
        self.sent = len(text)
        self.is_ending = False
        self._conversation = conversation
        self._attempt = attempt
        self._between_s = between_s
        self._came = asyncio.Event()
        self._refusals: Counter[int] = Counter()

    async def tell(self, words: AsyncIterator[str]) -> None:
        """Everything that comes, until it is told. Raises what ``words`` raises, ``Over``, ``Refused`` or ``Gone``."""
        listening = asyncio.create_task(self._listen(words))
        try:
            while not (listening.done() and self.sent >= len(self.text)):
                await self._wait(listening)
                try:
                    await self._send()
                except Full:
                    return
                await asyncio.sleep(self._between_s)
            await listening
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def complete(self, fields: dict[str, Any]) -> dict[str, Any]:
        """End the turn; what is missing in the room is told again first. Raises ``Over``, ``Refused`` or ``Gone``."""
        self.is_ending = True
        while True:
            whole = {"length": len(self.text), "sha256": hashlib.sha256(self.text.encode()).hexdigest()}
            try:
                return await self._give("complete_turn", {**whole, **fields})
            except Refused as refusal:
                await self._recover(refusal)
            await self._send()

    async def fail(self, error: str) -> None:
        """End the turn with what was told. Raises ``Over``, ``Refused`` or ``Gone``."""
        self.is_ending = True
        try:
            await self._give("fail_turn", {"error": error})
        except Refused as refusal:
            await self._recover(refusal)
            await self._give("fail_turn", {"error": error})

    async def _listen(self, words: AsyncIterator[str]) -> None:
        try:
            async for word in words:
                self.text += _printable(word)
                self._came.set()
        finally:
            self._came.set()

    async def _wait(self, listening: "asyncio.Task[None]") -> None:
        """Until there is something to send; through a long silence the room hears that the bot is alive."""
        while self.sent >= len(self.text) and not listening.done():
            self._came.clear()
            try:
                await asyncio.wait_for(self._came.wait(), BEAT_S)
            except TimeoutError:
                await self._beat()

    async def _beat(self) -> None:
        """The last character once more changes nothing; before the first one, beginning anew does not either."""
        if self.sent == 0:
            await self._resume()
            return
        try:
            await self._piece(self.sent - 1, self.text[self.sent - 1 : self.sent])
        except Refused as refusal:
            await self._recover(refusal)

    async def _send(self) -> None:
        while self.sent < len(self.text):
            piece = self.text[self.sent : self.sent + PIECE_MAX]
            try:
                await self._piece(self.sent, piece)
                self.sent += len(piece)
            except Refused as refusal:
                await self._recover(refusal)

    async def _piece(self, position: int, text: str) -> None:
        await self._give("append_turn", {"position": position, "text": text})

    async def _give(self, verb: str, fields: dict[str, Any]) -> dict[str, Any]:
        fields = {"turn_id": self.turn_id, "attempt": self._attempt, **fields}
        return await self._conversation.give(verb, fields, fresh_id(verb))

    async def _recover(self, refusal: Refused) -> None:
        """Go back to where the room stands, or take the turn up again. Raises ``Over``, ``Full``, or the refusal."""
        self._refusals[refusal.code] += 1
        if refusal.code == OUT_OF_ORDER and self._refusals[refusal.code] <= REWINDS_MAX:
            self._rewind(refusal)
        elif refusal.code == WRONG_STATUS and self._refusals[refusal.code] <= RESUMES_MAX:
            await self._resume()
        elif refusal.code in {UNKNOWN, NOT_YOURS}:
            raise Over(str(refusal)) from refusal
        elif refusal.code == LIMIT:
            self.text = self.text[: self.sent]
            raise Full(str(refusal)) from refusal
        else:
            raise refusal

    def _rewind(self, refusal: Refused) -> None:
        found = _PLACE.search(str(refusal))
        if found is None:
            raise refusal
        attempt, position = int(found[1]), int(found[2])
        if attempt != self._attempt:
            raise Over(str(refusal)) from refusal
        self.sent = min(position, len(self.text))

    async def _resume(self) -> None:
        """The clock has interrupted the turn meanwhile, or it has ended. What the room kept is the beginning of our text."""
        try:
            resumed = await self._conversation.give("begin_turn", {"resume_turn": self.turn_id}, fresh_id("resume"))
        except Refused as refusal:
            raise Over(str(refusal)) from refusal
        self._attempt = resumed["attempt"]
        self.sent = min(resumed["position"], len(self.text))


def _printable(text: str) -> str:
    """Without NUL and lone surrogates, which no room takes."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
