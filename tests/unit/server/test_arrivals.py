"""Everyone who comes gets a row, once a day and at leisure."""

from collections.abc import Sequence

from domain.ids import ActorId
from domain.log import StorageAway
from domain.record import Actor
from server.auth.arrivals import DAY_MS, WAITING, Arrivals

ADA = Actor(id=ActorId("ada"), name="Ada")


class Users:
    def __init__(self) -> None:
        self.noted: list[str] = []
        self.is_away = False
        self.now_ms = 10 * DAY_MS

    async def note(self, actors: Sequence[Actor], now_ms: int) -> None:
        if self.is_away:
            raise StorageAway("away")
        if any(actor.name == "broken" for actor in actors):
            raise ValueError("broken")
        self.noted += [actor.name for actor in actors]


async def test_somebody_is_noted_once_a_day() -> None:
    users = Users()
    arrivals = Arrivals(users.note, lambda: users.now_ms)

    for _ in range(3):
        arrivals.came(ADA)
        await arrivals.note_waiting()
    assert users.noted == ["Ada"]

    users.now_ms += DAY_MS
    arrivals.came(ADA)
    await arrivals.note_waiting()
    assert users.noted == ["Ada", "Ada"]


async def test_a_new_name_is_noted_at_once() -> None:
    users = Users()
    arrivals = Arrivals(users.note, lambda: users.now_ms)

    for name in ("Ada", "Ada L."):
        arrivals.came(Actor(id=ADA.id, name=name))
        await arrivals.note_waiting()

    assert users.noted == ["Ada", "Ada L."]


async def test_one_that_postgres_will_not_have_keeps_nobody_else_out() -> None:
    users = Users()
    arrivals = Arrivals(users.note, lambda: users.now_ms)
    for name in ("Ada", "broken", "Ben"):
        arrivals.came(Actor(id=ActorId(name), name=name))

    await arrivals.note_waiting()
    await arrivals.note_waiting()

    assert users.noted == ["Ada", "Ben"]


async def test_while_postgres_is_away_they_wait_within_a_bound() -> None:
    users = Users()
    users.is_away = True
    arrivals = Arrivals(users.note, lambda: users.now_ms)
    for number in range(WAITING + 10):
        arrivals.came(Actor(id=ActorId(str(number)), name=str(number)))
    await arrivals.note_waiting()
    assert users.noted == []

    users.is_away = False
    await arrivals.note_waiting()

    assert len(users.noted) == WAITING
