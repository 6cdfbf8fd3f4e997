"""Somebody's own room, from several devices: folders, comparisons, favourites."""

import random
import uuid
from typing import Any

from tests.drills.scripts.script import Give, Part, Script, keep_newest
from tests.drills.stage import Stage
from tests.support.tokens import actor_of


class Keeper(Script):
    """Follows nothing beside the own room."""

    def __init__(self, home: str, rng: random.Random) -> None:
        super().__init__("", rng)
        self._home = home
        self._count = 0
        self._folders: list[str] = []
        self._comparisons: list[str] = []

    def next(self) -> Give:
        return self._next()._replace(room=self._home)

    def _next(self) -> Give:
        self._count += 1
        things = [str(uuid.UUID(int=self.rng.getrandbits(128), version=4)) for _ in range(3)]
        match self.rng.choices(("make", "change", "fill", "remove", "compare", "forget"), (20, 30, 20, 15, 10, 8))[0]:
            case "change" if self._folders:
                return Give("person.change_folder", {"folder_id": self.rng.choice(self._folders), "name": f"Folder {self._count}"})
            case "fill" if self._folders:
                return Give("person.fill_folder", {"folder_id": self.rng.choice(self._folders), "add": things})
            case "remove" if self._folders:
                return Give("person.remove_folder", {"folder_id": self._folders.pop()})
            case "compare":
                return Give("person.save_comparison", {"items": [{"type": "concept", "id": thing} for thing in things]})
            case "forget" if self._comparisons:
                return Give("person.remove_comparison", {"comparison_id": self._comparisons.pop()})
            case _:
                return Give("person.make_folder", {"name": f"New {self._count}"})

    def saw(self, room: str, message: dict[str, Any]) -> None:
        match message["event"]["type"]:
            case "folder_made":
                keep_newest(self._folders, message["id"])
            case "comparison_saved":
                keep_newest(self._comparisons, message["id"])


async def cast(stage: Stage, name: str, clients: int) -> list[Part]:
    user = f"{name}-keeper"
    home = f"person:{actor_of(user)}"
    return [Part(user, "user", Keeper(home, stage.rng(f"{user} {number}"))) for number in range(clients)]
