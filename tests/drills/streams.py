"""What one reader makes of streamed text: pieces may repeat what is known and never say something else; nor may the message."""

from typing import Any

import msgspec

COMPLAINTS = 20


class Told(msgspec.Struct):
    """The text of one telling, from character ``start`` on."""

    attempt: int
    start: int
    text: str


class Streams:
    """``complaints`` are contradictions, in words. A server that dies may lose the end of what it told: it is told again."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.characters = 0
        self._told: dict[str, Told] = {}

    def told(self, piece: dict[str, Any], *, is_entry: bool = False) -> None:
        """``is_entry``: it came with the answer to a subscribe, where what is too long to be kept whole has lost its beginning."""
        key, attempt, position, text = piece["key"], piece["attempt"], piece["position"], piece["text"]
        known = self._told.get(key)
        self.characters += len(text)
        if known is None or attempt > known.attempt:
            self._told[key] = Told(attempt, position, text)
            return
        if attempt < known.attempt:
            self._complain(f"{key}: attempt {attempt} behind attempt {known.attempt}")
            return
        end = known.start + len(known.text)
        if position > end and not is_entry:
            self._complain(f"{key}: a piece at {position}, {end} were told")
        if position > end or position < known.start:
            self._told[key] = Told(attempt, position, text)
            return
        overlap = known.text[position - known.start :]
        if not (text.startswith(overlap) or overlap.startswith(text)):
            self._complain(f"{key}: told otherwise at {position}")
        known.text += text[len(overlap) :]

    def heard(self, event: dict[str, Any]) -> None:
        """The message that a turn has become has what was told of it."""
        turn = event.get("turn_id")
        if event["type"] != "message_added" or not turn:
            return
        told = self._told.pop(f"turn:{turn}", None)
        if told is None or told.attempt != event.get("attempt", told.attempt) or not event["text"]:
            return
        said, heard = event["text"][told.start :], told.text
        if not (said.startswith(heard) or heard.startswith(said)):
            self._complain(f"turn {turn}: the message is not what was told")

    def _complain(self, sentence: str) -> None:
        if len(self.complaints) < COMPLAINTS:
            self.complaints.append(sentence)
