"""Claude's own plan: the to-do list, as both of its tools tell it."""

import re
from dataclasses import dataclass, field
from typing import Any

_MADE = re.compile(r"#?(\d+)")


@dataclass
class Plan:
    """Items in order with their state: ``TodoWrite`` gives the whole list each time, ``TaskCreate`` and ``TaskUpdate`` one item."""

    states: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    current: str = ""

    @property
    def share(self) -> float:
        """How much of the plan is done, 0 to 1; 0 without a plan."""
        return sum(state == "completed" for state in self.states.values()) / len(self.states) if self.states else 0.0

    def write(self, todos: object) -> list[str]:
        """Take a whole list; the titles that were finished since."""
        items = [item for item in todos if isinstance(item, dict)] if isinstance(todos, list) else []
        finished = []
        states: dict[str, str] = {}
        for item in items:
            title, state = _text(item, "content"), _text(item, "status")
            if state == "completed" and self.states.get(title) != "completed":
                finished.append(title)
            if state == "in_progress":
                self.current = _text(item, "activeForm") or title
            states[title] = state
        self.states = states
        return finished

    def create(self, title: str, answer: str) -> None:
        """A task was made; its number is in the answer."""
        made = _MADE.search(answer)
        number = made[1] if made else str(len(self.titles) + 1)
        self.titles[number] = title
        self.states[number] = "pending"

    def update(self, arguments: dict[str, Any]) -> list[str]:
        """One task moved on; its title if it was finished by that."""
        number, state = _text(arguments, "taskId"), _text(arguments, "status")
        if number not in self.states or not state:
            return []
        was, self.states[number] = self.states[number], state
        title = self.titles.get(number, f"Task {number}")
        if state == "in_progress":
            self.current = _text(arguments, "activeForm") or title
        return [title] if state == "completed" and was != "completed" else []


def _text(arguments: dict[str, Any], key: str) -> str:
    value = arguments.get(key)
    return value if isinstance(value, str) else ""
