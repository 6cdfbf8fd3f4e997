"""The outbox delivered into rooms over fakes: in order, once, many sources beside each other, and refusals brought back."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from channels.reactions import PENDING_LIMIT
from channels.settings import HubSettings
from domain.decider import Command, Context, Decision, Reaction
from domain.ids import RoomAddress
from domain.log import FinishedReaction, PendingReaction, StorageAway
from tests.support.desk import DeskDecider, Said, desk_address
from tests.support.fake_seats import identity
from tests.support.live import FakeJournal, World, open_world

AT_ONCE = HubSettings(reaction_interval_s=0)


class Hear(Command, frozen=True, kw_only=True):
    """What a room is given when another has refused: ``reason`` says why."""

    about: str
    reason: str


class HearingDesk(DeskDecider):
    commands: Mapping[str, type[Command]] = {**DeskDecider.commands, "hear": Hear}

    def decide(self, state: Any, command: Command, context: Context) -> Decision:
        if isinstance(command, Hear):
            return Decision((Said(text=f"{command.about}: {command.reason}"),))
        return super().decide(state, command, context)


KINDS = {"desk": HearingDesk()}


class Outbox:
    """Fulfils ``channels.ports.Reactions``. While it ``is_forgetful``, nothing that is finished is stored."""

    def __init__(self, *pending: PendingReaction) -> None:
        self.rows = list(pending)
        self.finished: list[tuple[str, str]] = []
        self.rounds: list[int] = []
        self.limits: set[int] = set()
        self.is_forgetful = False
        self.grew = asyncio.Event()

    async def pending(self, limit: int) -> Sequence[PendingReaction]:
        self.limits.add(limit)
        self.grew.clear()
        return list(self.rows)

    async def finish(self, finished: Sequence[FinishedReaction]) -> None:
        if self.is_forgetful:
            raise StorageAway
        if finished:
            self.rounds.append(len(finished))
        for each in finished:
            self.finished.append((each.id, each.outcome))
            self.rows = [self._after(row, each) for row in self.rows if row.id != each.id or each.outcome == "refusing"]

    async def until_new(self, timeout_s: float) -> None:
        await asyncio.sleep(timeout_s)

    @staticmethod
    def _after(row: PendingReaction, finished: FinishedReaction) -> PendingReaction:
        return row._replace(state="refusing", message=finished.message) if row.id == finished.id else row


def pending(number: int, name: str, target: RoomAddress, source: str = "source", **payload: object) -> PendingReaction:
    return PendingReaction(f"r{number}", desk_address(source), number, Reaction(target=target, name=name, payload=payload))


def refusable(number: int, target: RoomAddress, source: str = "source") -> PendingReaction:
    """Ends a job that is not there, and wants to hear of it."""
    payload = {"key": "none"}
    reaction = Reaction(
        target=target, name="desk.end", payload=payload, refusal="desk.hear", refusal_payload={"about": str(number)}
    )
    return PendingReaction(f"r{number}", desk_address(source), number, reaction)


async def made(*names: str) -> FakeJournal:
    """A journal with desks of these names."""
    async with open_world(KINDS) as world:
        for name in names:
            await world.make(name)
    return world.journal


def said(world: World, name: str) -> list[str]:
    return [record.event.text for record in world.journal.rooms[desk_address(name)] if isinstance(record.event, Said)]


async def test_they_are_delivered_in_order_and_end_as_done_refused_or_waiting() -> None:
    target = desk_address("one")
    outbox = Outbox(
        pending(1, "desk.say", target, text="a"),
        pending(2, "desk.end", target, key="none"),
        pending(3, "moon.land", RoomAddress("moon:1")),
        pending(4, "desk.say", target, text="b"),
    )
    async with open_world(KINDS, AT_ONCE, journal=await made("one"), reactions=outbox) as world:
        await world.settle(100)

        assert outbox.finished == [("r1", "done"), ("r2", "refused"), ("r3", "waiting"), ("r4", "done")]
        assert outbox.rounds == [4], "what a round came to is stored at once"
        assert outbox.limits == {PENDING_LIMIT}
        assert said(world, "one") == ["a", "b"]


async def test_one_that_is_delivered_twice_happens_once() -> None:
    outbox = Outbox(pending(1, "desk.say", desk_address("one"), text="a"))
    outbox.is_forgetful = True
    async with open_world(KINDS, AT_ONCE, journal=await made("one"), reactions=outbox) as world:
        await world.settle(100)
        outbox.is_forgetful = False
        await world.settle(100)

        assert outbox.finished == [("r1", "done")]
        assert said(world, "one") == ["a"]


async def test_one_that_is_delivered_again_after_a_crash_happens_once() -> None:
    outbox = Outbox(pending(1, "desk.say", desk_address("one"), text="a"), pending(2, "desk.say", desk_address("one"), text="b"))
    outbox.is_forgetful = True
    async with open_world(KINDS, AT_ONCE, journal=await made("one"), reactions=outbox) as world:
        await world.settle(100)
    outbox.is_forgetful = False
    async with open_world(KINDS, AT_ONCE, journal=world.journal, reactions=outbox) as again:
        await again.settle(100)

        assert outbox.finished == [("r1", "done"), ("r2", "done")]
        assert said(again, "one") == ["a", "b"]


async def test_a_refusal_is_stored_and_then_told_to_its_source_before_what_follows() -> None:
    outbox = Outbox(
        refusable(1, desk_address("one")),
        refusable(2, desk_address("nowhere")),
        pending(3, "desk.say", desk_address("source"), text="behind them"),
    )
    async with open_world(KINDS, AT_ONCE, journal=await made("one", "source"), reactions=outbox) as world:
        await world.settle(100)

        assert [each for each in outbox.finished if each[0] == "r1"] == [("r1", "refusing"), ("r1", "refused")]
        assert [each for each in outbox.finished if each[0] == "r2"] == [("r2", "refusing"), ("r2", "refused")]
        assert said(world, "source") == [
            "1: this job is not open",
            "2: this room does not exist, or it is not open to you",
            "behind them",
        ]


async def test_a_refusal_is_told_once_whatever_is_forgotten() -> None:
    journal = await made("one", "source")
    outbox = Outbox(refusable(1, desk_address("one"))._replace(state="refusing", message="no"))
    outbox.is_forgetful = True
    for _ in range(2):
        async with open_world(KINDS, AT_ONCE, journal=journal, reactions=outbox) as world:
            await world.settle(100)
    outbox.is_forgetful = False
    async with open_world(KINDS, AT_ONCE, journal=journal, reactions=outbox) as world:
        await world.settle(100)

        assert outbox.finished == [("r1", "refused")]
        assert said(world, "source") == ["1: no"]


async def test_a_source_that_takes_no_refusal_ends_it_all_the_same() -> None:
    outbox = Outbox(refusable(1, desk_address("one"), source="nowhere"))
    async with open_world(KINDS, AT_ONCE, journal=await made("one"), reactions=outbox) as world:
        await world.settle(100)

        assert outbox.finished == [("r1", "refusing"), ("r1", "refused")]


async def test_what_cannot_be_delivered_now_holds_its_own_source_alone() -> None:
    rows = [
        pending(1, "desk.say", desk_address("closed"), "held", text="a"),
        pending(2, "desk.say", desk_address("open"), "held", text="behind a"),
        *(pending(number, "desk.say", desk_address("open"), f"source {number}", text=str(number)) for number in range(3, 70)),
    ]
    outbox = Outbox()
    async with open_world(KINDS, AT_ONCE, journal=await made("open", "closed"), reactions=outbox) as world:
        await world.seat("ada", desk_address("open"))
        world.log.is_away = True
        outbox.rows = rows
        await world.settle(300)

        assert sorted(said(world, "open"), key=int) == [str(number) for number in range(3, 70)]
        assert [row.id for row in outbox.rows] == ["r1", "r2"]
        world.log.is_away = False
        await world.settle(300)
        assert outbox.rows == []
        assert said(world, "closed") == ["a"]
        assert said(world, "open")[-1] == "behind a"


async def test_sources_are_served_beside_each_other() -> None:
    """While one source's command waits for its fsync, the others' go into the same append."""
    names = [f"desk {number}" for number in range(20)]
    outbox = Outbox()
    async with open_world(KINDS, AT_ONCE, journal=await made(*names), reactions=outbox) as world:
        before = len(world.journal.batches)
        outbox.rows = [
            pending(number, "desk.say", desk_address(name), source=name, text="a") for number, name in enumerate(names, 1)
        ]
        await world.settle(200)

        assert [said(world, name) for name in names] == [["a"]] * 20
        assert len(world.journal.batches) - before < 5
        assert outbox.rounds == [20]


async def test_who_is_refused_hears_it_from_the_system() -> None:
    outbox = Outbox(refusable(1, desk_address("one")))
    async with open_world(KINDS, AT_ONCE, journal=await made("one", "source"), reactions=outbox) as world:
        await world.settle(100)

        (heard,) = [record for record in world.journal.rooms[desk_address("source")] if isinstance(record.event, Said)]
        assert heard.actor.kind == "system"
        assert heard.actor != identity("maker").actor
