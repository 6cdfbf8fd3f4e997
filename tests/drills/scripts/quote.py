"""A quote: its owner and one artisan write to each other, and the offer is made, changed, looked at, declined and taken back."""

import random
from typing import Any

from tests.drills.scripts.script import Give, Part, Script, now_ms
from tests.drills.stage import Stage

DAY_MS = 24 * 60 * 60 * 1000


def offer(rng: random.Random) -> dict[str, Any]:
    return {
        "pricing": {"basePrice": str(rng.randrange(100, 9_000)), "shipping": "12.50"},
        "estimated_days": rng.randrange(1, 60),
        "expires_at": now_ms() + DAY_MS,
    }


class Writer(Script):
    """Both sides; ``verbs`` are what this one may do about the offer."""

    def __init__(self, room: str, rng: random.Random, verbs: tuple[str, ...]) -> None:
        super().__init__(room, rng)
        self._verbs = verbs
        self._count = 0

    def next(self) -> Give:
        if self.rng.random() < 0.5:
            self._count += 1
            return Give("quote.post", {"text": f"about it: {self._count}"})
        verb = self.rng.choice(self._verbs)
        fields = offer(self.rng) if verb in ("quote.submit_quote", "quote.revise_quote") else {}
        return Give(verb, fields)


BUYS = ("quote.view_quote", "quote.view_quote", "quote.reject_quote")
SELLS = ("quote.submit_quote", "quote.revise_quote", "quote.revise_quote", "quote.withdraw_quote")


async def cast(stage: Stage, name: str, clients: int) -> list[Part]:
    owner = f"{name}-owner"
    (artisan,) = await stage.artisans(f"{name}-artisan")
    maker = await stage.person(owner)
    concept = await maker.give("concept.create", name=f"Drill {name}")
    end_ms = now_ms() + DAY_MS
    asked = await maker.give(
        "concept.request_quotes", concept["room"], sellers=[artisan.id], message="for a drill", expires_at=end_ms
    )
    room = asked["quotes"][artisan.id]
    sides = [(owner, BUYS), (artisan.user, SELLS)]
    return [
        Part(user, "user", Writer(room, stage.rng(f"{user} {number}"), verbs))
        for number in range(max(2, clients))
        for user, verbs in [sides[number % 2]]
    ]
