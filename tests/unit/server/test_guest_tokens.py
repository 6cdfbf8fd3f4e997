"""The tokens that the server makes for a share's link, what they open, and how often somebody may guess."""

import asyncio
import time
from collections.abc import Collection, Mapping
from typing import Any

import jwt
import pytest

from channels.ports import InvalidToken
from domain.ids import ActorId, actor_id_of
from domain.log import StorageAway
from domain.record import Actor
from domain.rejections import SignInNeeded
from domain.roles import Claims, Grant
from persistence.queries.people import Person
from server.auth.authenticator import TokenAuthenticator, with_person
from server.auth.guest_authenticator import GuestAuthenticator
from server.auth.guest_tokens import KEY_NAME, SECRET_FILE, GuestTokens, cleaned_name, hash_of, is_guest_token
from server.auth.keys import SecretKey
from server.auth.minting import TokenOrder, mint, secret_in
from server.auth.people import People
from server.auth.settings import AuthSettings
from server.auth.tokens import TOKEN_BYTES_MOST, TokenReader
from server.auth.wrong_tokens import ADDRESSES_MOST, WrongTokens

SECRET = "a-secret-of-thirty-two-bytes-or-more"
GUEST_SECRET = "another-secret-that-is-long-enough-for-the-longer-hashes-too-as-it-happens"
ROOM, OTHER = "share:1", "share:2"
ADA = Actor(id=actor_id_of("", "ada"), name="Ada", image="https://x/ada.png")
NOW_S = 2_000_000_000.0
TTL_S = 3_600.0


def tokens(secret: str = GUEST_SECRET, now_s: float = NOW_S) -> GuestTokens:
    return GuestTokens(secret, TTL_S, lambda: now_s)


class Door:
    """Both authenticators over a table of people."""

    def __init__(self, now_s: float | None = None, **rows: Person) -> None:
        self.rows = {actor_id_of("", name): person for name, person in rows.items()}
        self.is_away = False
        self.came: list[ActorId] = []
        settings = AuthSettings()
        people = People(self.read, settings)
        others = TokenAuthenticator(TokenReader(SecretKey(SECRET), settings), people, settings, trust_token=True)
        made = GuestTokens(GUEST_SECRET, TTL_S, lambda: time.time() if now_s is None else now_s)
        self.tokens = made
        self.door = GuestAuthenticator(others, made, people, lambda actor: self.came.append(actor.id))

    async def read(self, ids: Collection[ActorId]) -> Mapping[ActorId, Person]:
        if self.is_away:
            raise StorageAway("away")
        return {who: self.rows[who] for who in ids if who in self.rows}

    def guest_token(self, session: str = "s") -> str:
        return self.tokens.mint(self.tokens.claims_for(ROOM, "Gus", session, None))


# --- The tokens ---


def test_a_shares_token_is_long_follows_from_the_command_and_from_nothing_else() -> None:
    token = tokens().share_token("ada", "1")

    assert len(token) == 43
    assert token == tokens().share_token("ada", "1")
    others = {tokens().share_token("ben", "1"), tokens().share_token("ada", "2"), tokens("x" * 32).share_token("ada", "1")}
    assert token not in others
    assert len(others) == 3


def test_a_guest_has_one_session_for_each_id_that_they_keep() -> None:
    made = tokens()

    assert made.session_of("my-phone's-random-text") == made.session_of("my-phone's-random-text")
    assert made.session_of("another-random-text") != made.session_of("my-phone's-random-text")
    assert made.session_of("") != made.session_of("")


def test_what_is_minted_is_read_back() -> None:
    claims = tokens().claims_for(ROOM, "Gus", "s", None)

    read = tokens().read(tokens().mint(claims))
    assert read == claims
    assert (read.rooms, read.exp, read.actor.kind, read.actor.name) == ({ROOM: "guest"}, NOW_S + TTL_S, "guest", "Gus")


def test_a_person_keeps_who_they_are() -> None:
    read = tokens().read(tokens().mint(tokens().claims_of(ROOM, ADA, None)))

    assert read.actor == ADA


def test_a_token_ends_with_the_share_at_the_latest() -> None:
    assert tokens().claims_for(ROOM, "", "s", int(NOW_S * 1000) + 5_000).exp == NOW_S + 5
    assert tokens().claims_for(ROOM, "", "s", int(NOW_S * 1000) + 9_000_000).exp == NOW_S + TTL_S


def test_a_token_that_has_run_out_says_so() -> None:
    with pytest.raises(SignInNeeded, match="enter with the link"):
        tokens(now_s=NOW_S + TTL_S).read(tokens().mint(tokens().claims_for(ROOM, "", "s", None)))


def forged(claims: dict[str, Any], secret: str = GUEST_SECRET, algorithm: str = "HS256") -> str:
    return jwt.encode(claims, secret, algorithm=algorithm, headers={"kid": KEY_NAME})


WHOLE = {"rooms": {ROOM: "guest"}, "exp": int(NOW_S) + 60, "sid": "s"}


@pytest.mark.parametrize(
    "token",
    [
        forged(WHOLE, secret=SECRET),
        forged(WHOLE, algorithm="HS512"),
        forged({"rooms": {ROOM: "guest"}, "sid": "s"}),
        forged({"exp": int(NOW_S) + 60}),
        forged({**WHOLE, "rooms": [ROOM]}),
        jwt.encode(WHOLE, "", algorithm="none", headers={"kid": KEY_NAME}),
        "nonsense",
    ],
)
def test_what_this_server_did_not_make_is_refused(token: str) -> None:
    with pytest.raises(InvalidToken, match="did not make it"):
        tokens().read(token)


@pytest.mark.parametrize(
    "token,ours", [(forged(WHOLE), True), ("x.y.z", False), ("", False), ("x" * (TOKEN_BYTES_MOST + 1), False)]
)
def test_a_token_says_whose_it_is(token: str, ours: bool) -> None:
    assert is_guest_token(token) is ours
    assert not is_guest_token(mint(SECRET, TokenOrder(user="ada")))


@pytest.mark.parametrize(
    "name,shown", [("Ada", "Ada"), (" a\n b\t", "a b"), ("\x00", ""), ("\ud800x", "x"), ("n" * 500, "n" * 200)]
)
def test_a_name_is_one_line(name: str, shown: str) -> None:
    assert cleaned_name(name) == shown


def test_the_secret_is_made_beside_the_other_one(tmp_path: Any) -> None:
    assert secret_in(tmp_path, SECRET_FILE) == secret_in(tmp_path, SECRET_FILE) != secret_in(tmp_path)


# --- Who comes with them ---


async def test_a_guest_of_a_link_is_let_in_although_the_server_takes_no_guests() -> None:
    door = Door()
    identity = await door.door.identify(door.guest_token("s"))

    assert identity.actor.kind == "guest"
    assert identity.claims == Claims(room_roles={ROOM: "guest"}, session_hash=hash_of("s"))
    assert identity.expires_at_ms is not None
    with pytest.raises(InvalidToken, match="no guests"):
        await door.door.identify("")


async def test_somebody_who_had_signed_in_gets_nothing_more_by_a_link() -> None:
    door = Door(ada=Person(id=ADA.id, grants=(Grant("admin"),), mail_hash="m"))
    identity = await door.door.identify(door.tokens.mint(door.tokens.claims_of(ROOM, ADA, None)))

    assert (identity.actor, identity.claims) == (ADA, Claims(room_roles={ROOM: "guest"}))
    assert with_person(identity, door.rows[ADA.id], 0) == identity
    assert door.came == [ADA.id]


async def test_a_suspended_account_is_not_let_in_by_a_link_unless_that_cannot_be_told() -> None:
    door = Door(ada=Person(id=ADA.id, is_active=False))
    token = door.tokens.mint(door.tokens.claims_of(ROOM, ADA, None))
    with pytest.raises(InvalidToken, match="suspended"):
        await door.door.identify(token)

    away = Door()
    away.is_away = True
    assert (await away.door.identify(token)).actor == ADA


async def test_other_tokens_go_their_own_way_and_none_passes_for_the_other() -> None:
    door = Door(ada=Person(id=ADA.id, mail_hash="m"))
    identity = await door.door.identify(mint(SECRET, TokenOrder(user="ada")))
    assert (identity.actor.id, identity.claims.mail_hash) == (ADA.id, "m")

    with pytest.raises(InvalidToken):
        await door.door.identify(forged({"sub": "ada", "roles": ["admin"]}, secret=SECRET))
    with pytest.raises(InvalidToken):
        await door.door.identify(jwt.encode({"sub": "ada", "exp": int(NOW_S)}, GUEST_SECRET, algorithm="HS256"))


async def test_the_mail_address_of_now_counts() -> None:
    door = Door(ada=Person(id=ADA.id))
    identity = await door.door.identify(mint(SECRET, TokenOrder(user="ada")))

    assert with_person(identity, Person(id=ADA.id, mail_hash="new"), 0).claims.mail_hash == "new"


async def test_a_guest_of_an_issuer_has_a_session_too() -> None:
    settings = AuthSettings(guests=True)
    people = People(Door().read, settings)
    door = TokenAuthenticator(TokenReader(SecretKey(SECRET), settings), people, settings, trust_token=False)
    token = jwt.encode({"sid": "abc"}, SECRET, algorithm="HS256")

    assert (await door.identify(token)).claims.session_hash == hash_of("abc")


# --- Guessing ---


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_whoever_is_wrong_too_often_waits_for_the_rest_of_the_minute() -> None:
    clock = Clock()
    wrong = WrongTokens(3, clock)
    for _ in range(3):
        assert wrong.wait_s("192.0.2.1") == 0
        wrong.was_wrong("192.0.2.1")
        clock.now_s += 10

    assert wrong.wait_s("192.0.2.1") == 30
    assert wrong.wait_s("192.0.2.2") == 0
    clock.now_s += 30
    assert wrong.wait_s("192.0.2.1") == 0
    wrong.was_wrong("192.0.2.1")
    assert wrong.wait_s("192.0.2.1") == 0


async def test_no_more_are_looked_at_beside_each_other_than_may_still_be_wrong() -> None:
    wrong, most, under_way, refused = WrongTokens(3, Clock()), 0, 0, 0

    async def guess() -> None:
        nonlocal most, under_way, refused
        async with wrong.looking("192.0.2.1"):
            if wrong.wait_s("192.0.2.1"):
                refused += 1
                return
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1
            wrong.was_wrong("192.0.2.1")

    async with asyncio.timeout(5):
        await asyncio.gather(*(guess() for _ in range(50)))

    assert (most, refused) == (3, 47)


async def test_those_who_are_right_do_not_wait_for_each_other() -> None:
    wrong, all_inside = WrongTokens(3, Clock()), asyncio.Barrier(3)

    async def enter() -> None:
        async with wrong.looking("192.0.2.1"):
            await all_inside.wait()

    async with asyncio.timeout(5):
        await asyncio.gather(*(enter() for _ in range(3)))


def test_a_whole_network_of_ipv6_is_one_address() -> None:
    wrong = WrongTokens(1, Clock())
    wrong.was_wrong("2001:db8::1")

    assert wrong.wait_s("2001:db8::ffff:2") > 0
    assert wrong.wait_s("2001:db8:0:1::1") == 0
    assert wrong.wait_s("testclient") == 0


def test_ipv4_addresses_on_a_socket_for_both_are_told_apart() -> None:
    wrong = WrongTokens(1, Clock())
    wrong.was_wrong("::ffff:192.0.2.1")

    assert wrong.wait_s("::ffff:192.0.2.2") == 0
    assert wrong.wait_s("192.0.2.1") > 0


def test_only_so_many_addresses_are_remembered() -> None:
    wrong = WrongTokens(1, Clock())
    for number in range(ADDRESSES_MOST + 5):
        wrong.was_wrong(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")

    assert len(wrong) == ADDRESSES_MOST
