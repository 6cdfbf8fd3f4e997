"""Grants are read in groups, remembered for a moment, and for longer while Postgres is away."""

from collections.abc import Collection, Mapping

import anyio
import pytest

from channels.ports import InvalidToken
from domain.ids import SYSTEM_ACTOR_ID, ActorId, actor_id_of
from domain.log import StorageAway
from domain.rejections import Unavailable
from domain.roles import Grant
from persistence.queries.people import Person
from server.auth.authenticator import TokenAuthenticator
from server.auth.keys import SecretKey
from server.auth.minting import TokenOrder, mint
from server.auth.people import People
from server.auth.settings import AuthSettings
from server.auth.standing_watch import StandingWatch
from server.auth.tokens import TokenReader
from tests.unit.server.seats import FakeSeat

SECRET = "a-secret-of-thirty-two-bytes-or-more"
ADMIN = Grant(role="admin")
ADA = actor_id_of("", "ada")


class Table:
    """user_roles as a test sees it: rows, how often it was asked, and whether it is away."""

    def __init__(self, **rows: Person) -> None:
        self.rows = {actor_id_of("", name): person for name, person in rows.items()}
        self.asked: list[list[ActorId]] = []
        self.is_away = False

    async def read(self, ids: Collection[ActorId]) -> Mapping[ActorId, Person]:
        self.asked.append(list(ids))
        await anyio.lowlevel.checkpoint()
        if self.is_away:
            raise StorageAway("away")
        return {who: self.rows[who] for who in ids if who in self.rows}


class Clock:
    now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s

    def ms(self) -> int:
        return int(self.now_s * 1000)


class House:
    """An authenticator over a table, and the watch over its seats."""

    def __init__(self, table: Table, *, trust_token: bool = False, guests: bool = False) -> None:
        settings = AuthSettings(guests=guests)
        self.clock = Clock()
        self.people = People(table.read, settings, self.clock)
        reader = TokenReader(SecretKey(SECRET), settings)
        self.door = TokenAuthenticator(reader, self.people, settings, trust_token=trust_token, now_ms=self.clock.ms)
        self.seats: list[FakeSeat] = []
        self.rechecked: list[FakeSeat] = []
        self.watch = StandingWatch(self.people, lambda: self.seats, self.rechecked.append, settings, self.clock.ms)  # type: ignore[arg-type]  # a fake seat

    async def seat(self, user: str) -> FakeSeat:
        seat = FakeSeat(await self.door.identify(token_of(user)))
        self.seats.append(seat)
        return seat


def token_of(user: str, *roles: str, **rooms: str) -> str:
    return mint(SECRET, TokenOrder(user=user, roles=roles, rooms=rooms, ttl_s=0))


async def test_a_token_and_the_grants_become_an_identity() -> None:
    house = House(Table(ada=Person(id="", grants=(ADMIN,), image="https://pictures.example/ada")))

    identity = await house.door.identify(token_of("ada", "admin"))

    assert identity.actor.id == ADA
    assert (identity.actor.kind, identity.actor.name, identity.actor.image) == ("user", "ada", "https://pictures.example/ada")
    assert identity.claims.grants == (ADMIN,)
    assert identity.claims.token_roles == frozenset({"admin"})
    assert identity.expires_at_ms is None


@pytest.mark.parametrize(
    "token", [token_of("claude", "bot"), mint(SECRET, TokenOrder(user="claude", rooms={"workspace:1": "bot"}))]
)
async def test_a_bot_is_told_by_its_role(token: str) -> None:
    assert (await House(Table()).door.identify(token)).actor.kind == "bot"


async def test_people_who_ask_at_the_same_time_share_a_query() -> None:
    table = Table()
    house = House(table)

    async with anyio.create_task_group() as tasks:
        for number in range(200):
            tasks.start_soon(house.door.identify, token_of(f"user-{number}"))

    assert len(table.asked) <= 3
    assert sorted({who for group in table.asked for who in group}) == sorted(
        actor_id_of("", f"user-{number}") for number in range(200)
    )


async def test_grants_are_read_again_after_a_moment() -> None:
    table = Table()
    house = House(table)
    await house.door.identify(token_of("ada"))
    await house.door.identify(token_of("ada"))
    assert len(table.asked) == 1

    house.clock.now_s += 1.5
    await house.door.identify(token_of("ada"))

    assert len(table.asked) == 2


async def test_known_grants_go_on_to_count_while_postgres_is_away_but_not_for_ever() -> None:
    table = Table(ada=Person(id="", grants=(ADMIN,)))
    house = House(table)
    await house.door.identify(token_of("ada"))
    table.is_away = True
    house.clock.now_s += 60

    assert (await house.door.identify(token_of("ada"))).claims.grants == (ADMIN,)

    house.clock.now_s += 300
    with pytest.raises(Unavailable):
        await house.door.identify(token_of("ada"))


async def test_somebody_unknown_waits_for_postgres_unless_tokens_are_trusted() -> None:
    table = Table()
    table.is_away = True

    with pytest.raises(Unavailable):
        await House(table).door.identify(token_of("grace"))
    assert (await House(table, trust_token=True).door.identify(token_of("grace", "admin"))).claims.trust_token


async def test_while_postgres_is_away_it_is_not_asked_by_everyone() -> None:
    table = Table()
    table.is_away = True
    house = House(table)

    for number in range(20):
        with pytest.raises(Unavailable):
            await house.door.identify(token_of(f"user-{number}"))

    assert len(table.asked) == 1


async def test_a_suspended_account_is_not_let_in() -> None:
    with pytest.raises(InvalidToken, match="suspended"):
        await House(Table(ada=Person(id="", is_active=False))).door.identify(token_of("ada"))


async def test_nobody_signs_in_as_the_server() -> None:
    with pytest.raises(InvalidToken):
        await House(Table()).door.identify(token_of(SYSTEM_ACTOR_ID))


@pytest.mark.parametrize("token", ["", mint(SECRET, TokenOrder(user=""))])
async def test_guests_are_off_by_default(token: str) -> None:
    with pytest.raises(InvalidToken, match="guests"):
        await House(Table()).door.identify(token)


async def test_the_same_guest_token_is_the_same_guest() -> None:
    door = House(Table(), guests=True).door
    token = mint(SECRET, TokenOrder(user="", name="Someone"))

    first, again, other = [await door.identify(text) for text in (token, token, "")]

    assert first.actor == again.actor
    assert (first.actor.kind, first.actor.name) == ("guest", "Someone")
    assert other.actor.id != first.actor.id
    assert other.claims.token_roles is None


async def test_a_grant_taken_away_reaches_the_connected_seat() -> None:
    table = Table(ada=Person(id="", grants=(ADMIN,)))
    house = House(table)
    ada, grace = await house.seat("ada"), await house.seat("grace")
    table.rows[ADA] = Person(id="")
    table.asked.clear()

    await house.watch.look()

    assert len(table.asked) == 1
    assert ada.identity.claims.grants == ()
    assert house.rechecked == [ada]
    assert grace.closed == []


async def test_nothing_is_rechecked_where_nothing_has_changed() -> None:
    house = House(Table(ada=Person(id="", grants=(ADMIN,))))
    await house.seat("ada")

    await house.watch.look()

    assert house.rechecked == []


async def test_a_grant_ends_at_its_own_time_also_while_postgres_is_away() -> None:
    table = Table(ada=Person(id="", grants=(Grant(role="admin", expires_at_ms=1_030_000),)))
    house = House(table)
    ada = await house.seat("ada")
    table.is_away = True

    house.clock.now_s = 1_029.0
    await house.watch.look()
    assert house.rechecked == []

    house.clock.now_s = 1_030.0
    await house.watch.look()
    assert house.rechecked == [ada]
    assert ada.identity.claims.grants == ()


async def test_a_suspended_account_loses_its_connections() -> None:
    table = Table()
    house = House(table)
    ada = await house.seat("ada")
    table.rows[ADA] = Person(id="", is_active=False)

    await house.watch.look()

    assert [code for code, _ in ada.closed] == [3507]


async def test_only_so_many_people_are_remembered() -> None:
    table = Table()
    people = People(table.read, AuthSettings(standing_people=10), Clock())

    for number in range(30):
        await people.person(ActorId(f"user-{number}"))

    assert people.last_known(ActorId("user-0")) is None
    assert people.last_known(ActorId("user-29")) is not None
