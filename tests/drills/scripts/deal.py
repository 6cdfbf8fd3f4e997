"""Offers and acceptances over and over: a concept's owner asks artisans from two devices, and takes one of their offers.

Artisans sometimes take an offer back, just when it may be accepted.
"""

import random
from typing import Any

from tests.drills.scripts.quote import DAY_MS, offer
from tests.drills.scripts.script import Give, Part, Script, now_ms
from tests.drills.stage import Artisan, Stage

ARTISANS = 3
DEVICES = 2


class Dealer(Script):
    def __init__(self, room: str, rng: random.Random, artisans: list[Artisan]) -> None:
        super().__init__(room, rng)
        self._artisans = artisans
        self._is_open = False
        self._offers: dict[str, str] = {}

    def next(self) -> Give | None:
        if not self._is_open:
            end_ms = now_ms() + DAY_MS
            return Give("concept.request_quotes", {"sellers": [one.id for one in self._artisans], "expires_at": end_ms})
        if self._offers and self.rng.random() < 0.5:
            return Give("concept.accept_quote", {"quote_id": self.rng.choice(list(self._offers.values()))})
        return None

    def saw(self, room: str, message: dict[str, Any]) -> None:
        if room != self.room:
            return
        event = message["event"]
        match event["type"]:
            case "quotes_requested" | "acceptance_undone":
                self._is_open = True
            case "quote_accepted" | "quotes_expired":
                self._is_open, self._offers = False, {}
            case "quote_noted" if event["what"] == "gone":
                self._offers.pop(event["seller_id"], None)
            case "quote_noted":
                self._offers[event["seller_id"]] = event["quote_id"]

    def entered(self, room: str, view: dict[str, Any]) -> None:
        if room != self.room:
            return
        open_ones = [each for each in view.get("requests", ()) if each["status"] in ("PENDING", "QUOTES_RECEIVED")]
        self._is_open = bool(open_ones)
        offers = [each for request in open_ones for each in request["offers"] if each["status"] == "open"]
        self._offers = {each["seller_id"]: each["quote_id"] for each in offers}


class Bidder(Script):
    """An artisan: hears in the own inbox where an offer is wanted."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__("", rng)
        self._wanted: dict[str, None] = {}
        self._asked: set[str] = set()
        self._regrets: list[str] = []

    def next(self) -> Give | None:
        if self._regrets:
            return Give("quote.withdraw_quote", {}, self._regrets.pop())
        if self._wanted:
            room = next(iter(self._wanted))
            del self._wanted[room]
            return Give("quote.submit_quote", offer(self.rng), room)
        return None

    def answered(self, give: Give, data: dict[str, Any]) -> None:
        if give.method == "quote.submit_quote" and self.rng.random() < 0.2:
            self._regrets.append(give.room)
        if give.method == "quote.withdraw_quote":
            self._wanted[give.room] = None

    def saw(self, room: str, message: dict[str, Any]) -> None:
        if message["event"]["type"] == "notified":
            self._heard(message["event"])

    def entered(self, room: str, view: dict[str, Any]) -> None:
        for notification in view.get("notifications", ()):
            self._heard(notification)

    def _heard(self, notified: dict[str, Any]) -> None:
        if notified["what"] == "quote_requested" and notified["source"] not in self._asked:
            self._asked.add(notified["source"])
            self._wanted[notified["source"]] = None


async def cast(stage: Stage, name: str, clients: int) -> list[Part]:
    owner = f"{name}-dealer"
    artisans = await stage.artisans(*(f"{name}-artisan-{number}" for number in range(ARTISANS)))
    maker = await stage.person(owner)
    made = await maker.give("concept.create", name=f"Drill {name}")
    dealers = [Part(owner, "user", Dealer(made["room"], stage.rng(f"{owner} {number}"), artisans)) for number in range(DEVICES)]
    return [*dealers, *(Part(one.user, "user", Bidder(stage.rng(one.user))) for one in artisans)]
