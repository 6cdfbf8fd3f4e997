"""Models that answer in a conversation: what they are asked, what they give back, and one that needs no network."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from atrium_bot.conversation import Said

VERSION_MAX = 50
"""Characters of a model's version that the room takes."""


class ModelFailed(Exception):
    """The model cannot answer; the message is for the people in the room."""


@dataclass
class Findings:
    """What is known of an answer beside its text; filled in while the model speaks."""

    model: str
    model_version: str
    tokens: int | None = None
    cost_usd: str | None = None
    confidence: float | None = None
    intent: str = ""
    requirements: dict[str, Any] = field(default_factory=dict)

    @property
    def entities(self) -> list[dict[str, Any]]:
        """The requirements as what was recognised in the message."""
        return [{"type": _kind_of(value), "field": name, "value": value} for name, value in self.requirements.items()]


class Model(Protocol):
    def findings(self) -> Findings:
        """An empty sheet for one answer."""
        ...

    def answer(self, history: Sequence[Said], so_far: str, findings: Findings) -> AsyncIterator[str]:
        """The text behind ``so_far``, as it comes. ``history`` ends with the question. Raises ``ModelFailed``."""
        ...


class ScriptedModel:
    """Answers by rules, word by word: the same history always gives the same answer. For trying things out without a key."""

    def __init__(self, pause_s: float = 0.04) -> None:
        self._pause_s = pause_s

    def findings(self) -> Findings:
        return Findings(model="scripted", model_version="1", cost_usd="0")

    async def answer(self, history: Sequence[Said], so_far: str, findings: Findings) -> AsyncIterator[str]:
        asked = [message.text for message in history if message.role == "user"]
        known = {name: value for text in asked for name, value in wishes_in(text).items()}
        findings.requirements = wishes_in(asked[-1]) if asked else {}
        findings.intent = _intent_of(asked[-1], findings.requirements) if asked else "greeting"
        findings.confidence = 0.9 if findings.requirements else 0.5
        whole = script(asked, known)
        findings.tokens = len(whole.split())
        for word in _words(_rest(whole, so_far)):
            await asyncio.sleep(self._pause_s)
            yield word


_NUMBER = re.compile(r"\b(\d{1,9})\s+([^\W\d_]{3,30})", re.UNICODE)
_MONEY = re.compile(r"(?:[$€£]\s?(\d[\d,.]*\d|\d)|\b(\d[\d,.]*\d|\d)\s?(?:USD|EUR|dollars|euros?))(\s?k\b)?", re.IGNORECASE)
_DATE = re.compile(r"\b(\d{4}-\d{2}-\d{2})\b")
_STYLES = ("modern", "minimalist", "classic", "industrial", "scandinavian", "sustainable", "ergonomic")

_QUESTIONS = (
    ("people", "How many people is it for?"),
    ("budget", "What may it cost at most?"),
    ("delivery_date", "When does it have to be there?"),
    ("style", "Is there a style that you like, such as modern or classic?"),
)
_COUNTED_AS_PEOPLE = frozenset({"people", "persons", "employees", "colleagues", "guests", "seats"})


def wishes_in(text: str) -> dict[str, Any]:
    """What a message asks for: counted things, a budget, a date, styles."""
    found: dict[str, Any] = {}
    if money := _MONEY.search(text):
        found["budget"] = _amount(money[1] or money[2], is_thousands=bool(money[3]))
    for count, thing in _NUMBER.findall(_MONEY.sub(" ", text)):
        name = "people" if thing.lower() in _COUNTED_AS_PEOPLE else thing.lower()
        found[name] = int(count)
    if date := _DATE.search(text):
        found["delivery_date"] = date[1]
    if styles := [style for style in _STYLES if re.search(rf"\b{style}\b", text, re.IGNORECASE)]:
        found["style"] = styles
    return found


def script(asked: Sequence[str], known: dict[str, Any]) -> str:
    """The whole answer to the last of ``asked``, where all of them together have said ``known``."""
    if not asked:
        return "Hello! Tell me what you are looking for, and I will note it down."
    new = wishes_in(asked[-1])
    open_question = next((question for name, question in _QUESTIONS if name not in known), "")
    if new:
        parts = [f"Noted: {_listed(new)}."]
        if len(known) > len(new):
            parts.append(f"Together with what you said before, that makes {_listed(known)}.")
    else:
        parts = ["Thank you, I have read that." if "?" not in asked[-1] else "That is a good question; I only take notes here."]
        if known:
            parts.append(f"So far I have {_listed(known)}.")
    parts.append(open_question or "That is all I need to know; say so when something changes.")
    return " ".join(parts)


def _listed(wishes: dict[str, Any]) -> str:
    """``120 desks, a budget of 5000 and modern style`` in the order in which they were said."""
    words = [_worded(name, value) for name, value in wishes.items()]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _worded(name: str, value: Any) -> str:
    match name:
        case "budget":
            return f"a budget of {value}"
        case "delivery_date":
            return f"delivery by {value}"
        case "style":
            return f"{', '.join(value)} style"
    return f"{value} {name}"


def _amount(digits: str, *, is_thousands: bool) -> int:
    whole = re.sub(r"[.,](?=\d{3}(\D|$))", "", digits)
    amount = float(whole.replace(",", ".").rstrip("."))
    return round(amount * 1_000) if is_thousands else round(amount)


def _intent_of(text: str, wishes: dict[str, Any]) -> str:
    if wishes:
        return "requirement"
    return "question" if "?" in text else "statement"


def _kind_of(value: Any) -> str:
    return "number" if isinstance(value, int | float) else "list" if isinstance(value, list) else "text"


def _rest(whole: str, so_far: str) -> str:
    """What is missing behind ``so_far``; the whole answer in a paragraph of its own where another model had begun."""
    return whole[len(so_far) :] if whole.startswith(so_far) else f"\n\n{whole}"


def _words(text: str) -> list[str]:
    return re.findall(r"\s*\S+\s*$|\s*\S+", text)
