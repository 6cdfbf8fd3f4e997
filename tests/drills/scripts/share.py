"""A shared concept: friends comment, answer each other, change their words and take them back, and vote."""

import hashlib
import random
from typing import Any

from tests.drills.scripts.script import Give, Part, Script, keep_newest
from tests.drills.stage import Stage
from tests.support.tokens import actor_of

OWN_MAX = 30


class Friend(Script):
    def __init__(self, room: str, rng: random.Random, name: str) -> None:
        super().__init__(room, rng)
        self._name = name
        self._count = 0
        self._own: dict[str, list[str]] = {}
        self._others: list[str] = []

    def next(self) -> Give | None:
        own = [comment for comment, words in self._own.items() if words]
        match self.rng.choices(("say", "answer", "edit", "delete", "vote", "withdraw"), (40, 20, 10, 15, 10, 5))[0]:
            case "answer" if self._others:
                return Give("share.add_comment", {"text": self._words(), "parent_id": self.rng.choice(self._others)})
            case "edit" if own:
                return Give("share.edit_comment", {"comment_id": self.rng.choice(own), "text": self._words()})
            case "delete" if own:
                # nothing more is given for it: a comment that is gone cannot be edited
                comment = self.rng.choice(own)
                return Give("share.delete_comment", {"comment_id": comment})
            case "vote":
                return Give("share.vote", {"vote": self.rng.choice(("UPVOTE", "DOWNVOTE"))})
            case "withdraw":
                return Give("share.withdraw_vote", {})
            case _:
                return Give("share.add_comment", {"text": self._words()})

    def answered(self, give: Give, data: dict[str, Any]) -> None:
        match give.method:
            case "share.add_comment":
                self._own[data["event_ids"][0]] = [give.fields["text"]]
                if len(self._own) > OWN_MAX:
                    del self._own[next(iter(self._own))]
            case "share.edit_comment" if give.fields["comment_id"] in self._own:
                self._own[give.fields["comment_id"]].append(give.fields["text"])
            case "share.delete_comment":
                self.forgotten.update(self._own.pop(give.fields["comment_id"], ()))

    def saw(self, room: str, message: dict[str, Any]) -> None:
        if room == self.room and message["event"]["type"] == "comment_added":
            keep_newest(self._others, message["id"])

    def _words(self) -> str:
        self._count += 1
        return f"words-of-{self._name}-{self._count}-end"


async def cast(stage: Stage, name: str, clients: int) -> list[Part]:
    owner = f"{name}-owner"
    friends = [f"{name}-friend-{number}" for number in range(max(1, clients - 1))]
    maker = await stage.person(owner)
    concept = await maker.give("concept.create", name=f"Drill {name}")
    shared = await maker.give(
        "share.share",
        concept_id=concept["room"].partition(":")[2],
        token_hash=hashlib.sha256(f"{stage.name}/{name}".encode()).hexdigest(),
        allow_voting=True,
        shared_with=[actor_of(friend) for friend in friends],
    )
    return [Part(user, "user", Friend(shared["room"], stage.rng(user), user)) for user in (owner, *friends)]
