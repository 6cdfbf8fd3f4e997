"""A conversation: somebody asks and rates, and a bot tells its answers piece by piece, going back where the server lost some."""

import hashlib
import random
import re
from typing import Any

from tests.drills.scripts.script import Give, Part, Script
from tests.drills.stage import Stage

OUT_OF_ORDER = 416
_GO_ON = re.compile(r"go on with attempt (\d+) at position (\d+)")


class Asker(Script):
    def __init__(self, room: str, rng: random.Random) -> None:
        super().__init__(room, rng)
        self._count = 0
        self._turns: list[str] = []
        self._running = ""

    def next(self) -> Give:
        self._count += 1
        match self.rng.choices(("say", "rate", "requirements", "stop"), (60, 15, 20, 5))[0]:
            case "rate" if self._turns:
                return Give("conversation.rate_turn", {"turn_id": self._turns.pop(), "rating": self.rng.randrange(1, 6)})
            case "requirements":
                return Give("conversation.set_requirements", {"requirements": {"seats": self._count}})
            case "stop" if self._running:
                return Give("conversation.stop_turn", {"turn_id": self._running})
            case _:
                return Give("conversation.say", {"text": f"question {self._count}"})

    def saw(self, room: str, message: dict[str, Any]) -> None:
        event = message["event"]
        match event["type"]:
            case "turn_started":
                self._running = message["id"]
            case "turn_completed":
                self._running = ""
                self._turns = [*self._turns, event["turn_id"]][-5:]


class Teller(Script):
    """The bot. One command at a time: what it says follows on what was taken before."""

    def __init__(self, room: str, rng: random.Random) -> None:
        super().__init__(room, rng)
        self._is_waiting = False
        self._turn = ""
        self._attempt = 1
        self._text = ""
        self._position = 0
        self._size = 0

    def next(self) -> Give | None:
        if self._is_waiting:
            return None
        self._is_waiting = True
        if not self._turn:
            return Give("conversation.begin_turn", {})
        told = {"turn_id": self._turn, "attempt": self._attempt}
        if self._position < len(self._text):
            piece = self._text[self._position : self._position + self._size]
            return Give("conversation.append_turn", {**told, "position": self._position, "text": piece})
        whole = {"length": len(self._text), "sha256": hashlib.sha256(self._text.encode()).hexdigest()}
        return Give("conversation.complete_turn", {**told, **whole, "model": "drill", "model_version": "1", "cost_usd": "0.0004"})

    def answered(self, give: Give, data: dict[str, Any]) -> None:
        self._is_waiting = False
        match give.method:
            case "conversation.begin_turn":
                self._begin(data["turn_id"], data["attempt"])
            case "conversation.append_turn":
                self._position = give.fields["position"] + len(give.fields["text"])
            case "conversation.complete_turn":
                self._turn = ""

    def refused(self, give: Give, error: dict[str, Any]) -> None:
        """After a crash the end of what was told may be gone: told again from where the server says."""
        self._is_waiting = False
        go_on = _GO_ON.search(error.get("message", ""))
        if error["code"] == OUT_OF_ORDER and go_on:
            self._attempt, self._position = int(go_on[1]), min(int(go_on[2]), len(self._text))
        else:
            self._turn = ""

    def _begin(self, turn: str, attempt: int) -> None:
        self._turn, self._attempt, self._position = turn, attempt, 0
        self._size = self.rng.randrange(50, 800)
        self._text = " ".join(f"{turn[-6:]} naïve {number}" for number in range(self.rng.randrange(20, 400)))


async def cast(stage: Stage, name: str, clients: int) -> list[Part]:
    owner, bot = f"{name}-asker", f"{name}-teller"
    maker = await stage.person(owner)
    made = await maker.give("conversation.start")
    devices = [Part(owner, "user", Asker(made["room"], stage.rng(f"{owner} {number}"))) for number in range(max(1, clients - 1))]
    return [*devices, Part(bot, "bot", Teller(made["room"], stage.rng(bot)))]
