"""What the HTTP API is asked about: people of every role, rooms that are there, and ids gathered from the answers."""

import itertools
import re
from collections.abc import Iterator
from typing import Any, Final

import requests

from domain.kinds import KINDS
from tests.fuzz.tape import Tape
from tests.support.tokens import mint, new_command_id

TIMEOUT_S: Final = 20.0
KNOWN_MOST: Final = 60
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_ADDRESS = re.compile(rf"({'|'.join(KINDS)}):({_UUID.pattern})")


class World:
    """``tokens`` by who holds them; ``known`` has newest ids and addresses by the name under which they were answered."""

    def __init__(self, base: str, secret: str) -> None:
        self.base = base
        self.session = requests.Session()
        self.known: dict[str, list[str]] = {}
        self.links = ["no-such-link"]
        self.tokens = {
            "ada": mint(secret, "ada", "user"),
            "ben": mint(secret, "ben", "user"),
            "root": mint(secret, "root", "admin"),
            "claude": mint(secret, "claude", "bot"),
            "viewer": mint(secret, "vic", "viewer"),
            "nobody": "",
            "late": mint(secret, "ada", "user", ttl_s=-3600.0),
            "forged": mint("another secret, which is as long as it has to be", "ada", "admin"),
            "garbage": "no.token.at-all",
        }

    # ---- what is there before the first case

    def furnish(self) -> None:
        """Things of every kind, made over the API itself; what cannot be made is a fault of this list."""
        number = itertools.count(1)
        for who in ("ada", "ben"):
            name = f"{who} {next(number)}"
            workspace = self.give(who, "workspace.create", pattern_type=f"{who}-1", name=name, category="tests")["room"]
            self.give(who, "workspace.submit_description", workspace, description="what it does")
            self.give(who, "workspace.create_session", workspace, name="one")
            self.give(who, "workspace.add_feedback", workspace, content="nice")
            self.give(who, "workspace.request_implementation", workspace)
            self.give("claude", "workspace.start_execution", workspace)
            conversation = self.give(who, "conversation.start")["room"]
            self.give(who, "conversation.say", conversation, text="hello")
            self.give("claude", "conversation.begin_turn", conversation)
            concept = self.give(who, "concept.create", name=name)["room"]
            self.give(who, "concept.add_image", concept, url="https://x.example/1.png")
            self.give(who, "concept.queue_video", concept, style="SHOWCASE", duration=10)
            self.give(who, "concept.request_refinement", concept, refinement_type="STYLE", feedback="more of it")
            sharing = {"command_id": new_command_id(), "concept_id": concept.partition(":")[2], "is_public": True}
            self.links.append(self.post(who, "/shares", sharing)["token"])

    def give(self, who: str, name: str, room: str = "", /, **fields: Any) -> Any:
        command = {"command_id": new_command_id(), **({"room": room} if room else {}), **fields}
        return self.post(who, f"/commands/{name}", command)

    def post(self, who: str, path: str, body: Any) -> Any:
        answer = self.session.post(self.base + path, json=body, headers=self.headers(who), timeout=TIMEOUT_S)
        assert answer.ok, f"{who} {path}: {answer.status_code} {answer.text}"
        self.gather(answer.json())
        return answer.json()

    def headers(self, who: str) -> dict[str, str]:
        token = self.tokens[who]
        return {"Authorization": f"Bearer {token}"} if token else {}

    # ---- what is known

    def gather(self, answer: Any) -> None:
        for name, value in _texts(answer):
            if found := _ADDRESS.fullmatch(value):
                kind, id = found.groups()
                self._know(f"room of {kind}", value)
                self._know("address", value)
                self._know(f"{kind}_id", id)
            elif name.endswith("id") and _UUID.fullmatch(value):
                self._know(name, value)

    def _know(self, name: str, value: str) -> None:
        values = self.known.setdefault(name, [])
        if value not in values:
            values.append(value)
            del values[:-KNOWN_MOST]

    def one_of(self, tape: Tape, name: str) -> str | None:
        """A known value for a field or parameter of this name; ids of anything where nothing has that name."""
        values = self.known.get(name) or (self.known.get("id") if name.endswith("_id") else None)
        return tape.one_of(values) if values else None


def _texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, name.removesuffix("s"))
