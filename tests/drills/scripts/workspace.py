"""A workspace in which everybody speaks."""

from tests.drills.scripts.script import Give, Part, Script
from tests.drills.stage import Stage


class Speaker(Script):
    count = 0

    def next(self) -> Give:
        self.count += 1
        return Give("workspace.post", {"text": f"says {self.count}"})


async def cast(stage: Stage, name: str, clients: int) -> list[Part]:
    maker = await stage.person("maker", "admin")
    made = await maker.give("workspace.create", pattern_type=f"{stage.name}-{name}", name=f"Drill {name}", category="drills")
    users = [f"{name}-speaker-{number}" for number in range(clients)]
    return [Part(user, "user", Speaker(made["room"], stage.rng(user))) for user in users]
