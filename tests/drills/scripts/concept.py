"""A concept: its owner works on it from several devices, and a bot answers what is asked of it."""

import random
from typing import Any

from tests.drills.scripts.script import Give, Part, Script, keep_newest
from tests.drills.stage import Stage


class Owner(Script):
    def __init__(self, room: str, rng: random.Random) -> None:
        super().__init__(room, rng)
        self._count = 0
        self._images: list[str] = []
        self._suggested: list[str] = []

    def next(self) -> Give:
        self._count += 1
        match self.rng.choices(("details", "image", "remove", "favour", "refine", "decide", "video"), (3, 2, 2, 2, 2, 2, 1))[0]:
            case "image":
                return Give("concept.add_image", {"url": f"https://images.example/{self.rng.randrange(10**9)}.jpg"})
            case "remove" if self._images:
                return Give("concept.remove_image", {"image_id": self._images.pop()})
            case "favour":
                return Give(self.rng.choice(("concept.favour", "concept.unfavour")), {})
            case "refine":
                return Give("concept.request_refinement", {"refinement_type": "COLOR", "feedback": f"warmer, try {self._count}"})
            case "decide" if self._suggested:
                verb = self.rng.choice(("concept.apply_refinement", "concept.dismiss_refinement"))
                return Give(verb, {"refinement_id": self._suggested.pop()})
            case "video":
                return Give("concept.queue_video", {"style": "SHOWCASE", "duration": 5})
            case _:
                return Give("concept.change_details", {"description": f"draft {self._count}"})

    def saw(self, room: str, message: dict[str, Any]) -> None:
        match message["event"]["type"]:
            case "image_added" if room == self.room:
                keep_newest(self._images, message["id"])
            case "refinement_suggested" if room == self.room:
                keep_newest(self._suggested, message["event"]["refinement_id"])


class Painter(Script):
    """The bot: suggests, makes videos and reports how far they are."""

    def __init__(self, room: str, rng: random.Random) -> None:
        super().__init__(room, rng)
        self._asked: list[str] = []
        self._video = ""
        self._progress = 0

    def next(self) -> Give:
        if self._video:
            self._progress += self.rng.randrange(5, 25)
            if self._progress < 100:
                return Give("concept.report_progress", {"video_id": self._video, "progress": self._progress})
            video, self._video = self._video, ""
            return Give("concept.complete_video", {"video_id": video, "video_url": "https://videos.example/1.mp4"})
        if self._asked:
            changes = {"color": self.rng.choice(("ochre", "moss", "sky"))}
            fields = {"changes": changes, "explanation": "as was asked", "confidence": 0.7}
            return Give("concept.suggest_refinement", {"refinement_id": self._asked.pop(0), **fields})
        if self.rng.random() < 0.3:
            return Give("concept.start_video", {})
        return Give("concept.set_sustainability", {"score": {"materials": self.rng.randrange(100)}})

    def answered(self, give: Give, data: dict[str, Any]) -> None:
        if give.method == "concept.start_video":
            self._video, self._progress = data["video_id"], 0

    def refused(self, give: Give, error: dict[str, Any]) -> None:
        if give.method == "concept.report_progress":
            self._video = ""

    def saw(self, room: str, message: dict[str, Any]) -> None:
        if message["event"]["type"] == "refinement_requested":
            keep_newest(self._asked, message["id"])


async def cast(stage: Stage, name: str, clients: int) -> list[Part]:
    owner = f"{name}-owner"
    maker = await stage.person(owner)
    made = await maker.give("concept.create", name=f"Drill {name}")
    devices = [Part(owner, "user", Owner(made["room"], stage.rng(f"{owner} {number}"))) for number in range(max(1, clients - 1))]
    return [*devices, Part(f"{name}-painter", "bot", Painter(made["room"], stage.rng(f"{name}-painter")))]
