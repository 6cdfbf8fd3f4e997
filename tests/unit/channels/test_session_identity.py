"""How a session begins, keeps its token and its pulse, and ends for want of them."""

from math import inf

import pytest

from channels.effects import Adopt, Authenticate, Follow, Give, Open, Ping
from channels.ports import InvalidToken
from channels.stage import Now, Stage
from channels.wire import messages as m
from domain.ids import ActorId
from domain.record import Actor
from domain.rejections import SignInNeeded, Unavailable
from tests.support.conversations import (
    NOW_MS,
    ROOM,
    end_code,
    errors,
    following,
    identity,
    new,
    opened,
    rpc,
    said,
    subscribe,
    unlimited,
)


class TestConnect:
    def test_the_token_is_asked_about_and_the_client_told_who_it_is(self) -> None:
        session = new()

        assert session.receive([m.Command(id=1, connect=m.ConnectRequest(token="t"))], 0.0) == [Authenticate(1, "t")]
        effects = session.authenticated(1, identity(60.5), unlimited(), Now(0.0, NOW_MS))

        assert effects[0] == Open(identity(60.5))
        assert said(effects)[1] == {
            "id": 1,
            "connect": {
                "client": "c-1",
                "version": "0.1.0",
                "expires": True,
                "ttl": 61,
                "data": {
                    "actor": {"id": "a-1", "kind": "user", "name": "Ada", "image": ""},
                    "acknowledged": "durable",
                    "server": "atrium",
                },
                "ping": 25,
                "pong": True,
                "time": NOW_MS,
            },
        }

    def test_a_token_without_an_end_does_not_expire(self) -> None:
        session = new()
        session.receive([m.Command(id=1, connect=m.ConnectRequest())], 0.0)

        [_, reply] = said(session.authenticated(1, identity(), unlimited(), Now(0.0, NOW_MS)))

        assert isinstance(reply, dict)
        assert {"expires", "ttl"}.isdisjoint(reply["connect"])

    @pytest.mark.parametrize(
        "command",
        [subscribe(1), rpc(1), m.Command(), m.Command(id=1), m.Command(connect=m.ConnectRequest()), m.Command(id=1, unknown="x")],
    )
    def test_anything_else_first_ends_the_connection(self, command: m.Command) -> None:
        assert end_code(new().receive([command], 0.0)) == 3501

    def test_what_comes_with_it_waits_until_the_token_is_known(self) -> None:
        session = new()
        frame = [m.Command(id=1, connect=m.ConnectRequest()), subscribe(2), rpc(3)]

        assert session.receive(frame, 0.0) == [Authenticate(1, "")]
        assert session.is_behind
        session.authenticated(1, identity(), unlimited(), Now(0.0, NOW_MS))

        assert session.go_on(0.0) == [Follow(2, ROOM), Give(3, "workspace.post", b'{"a":1}')]

    def test_it_is_dropped_when_the_token_is_refused_and_the_client_may_try_again(self) -> None:
        session = new()
        session.receive([m.Command(id=1, connect=m.ConnectRequest()), subscribe(2), rpc(3)], 0.0)

        assert errors(session.refused(1, SignInNeeded("the token has run out"))) == [(1, 109, False)]
        assert session.go_on(0.0) == []
        assert session.receive([m.Command(id=4, connect=m.ConnectRequest(token="n"))], 0.0) == [Authenticate(4, "n")]

    def test_a_token_that_is_not_ours_ends_the_connection(self) -> None:
        session = new()
        session.receive([m.Command(id=1, connect=m.ConnectRequest())], 0.0)

        assert end_code(session.refused(1, InvalidToken())) == 3500

    def test_a_back_end_that_is_away_is_temporary(self) -> None:
        session = new()
        session.receive([m.Command(id=1, connect=m.ConnectRequest())], 0.0)

        assert errors(session.refused(1, Unavailable("later"))) == [(1, 100, True)]

    def test_a_second_one_ends_the_connection(self) -> None:
        assert end_code(opened().receive([m.Command(id=2, connect=m.ConnectRequest())], 0.0)) == 3501

    def test_an_answer_that_comes_after_the_end_opens_nothing(self) -> None:
        session = new()
        session.receive([m.Command(id=1, connect=m.ConnectRequest())], 0.0)
        session.end()

        assert session.authenticated(1, identity(), unlimited(), Now(0.0, NOW_MS)) == []
        assert session.refused(1, InvalidToken()) == []


class TestTokens:
    def test_a_later_token_takes_the_place_of_the_first(self) -> None:
        session = opened(identity(60))
        command = m.Command(id=2, refresh=m.RefreshRequest(token="n"))

        assert session.receive([command], 30.0) == [Authenticate(2, "n", is_refresh=True)]
        effects = session.refreshed(2, identity(600), Now(30.0, NOW_MS))

        assert effects[0] == Adopt(identity(600))
        assert said(effects)[1] == {"id": 2, "refresh": {"client": "c-1", "version": "0.1.0", "expires": True, "ttl": 600}}
        assert session.clock(100.0, True) == [Ping()]

    def test_a_token_of_somebody_else_ends_the_connection(self) -> None:
        session = opened(identity(60))
        session.receive([m.Command(id=2, refresh=m.RefreshRequest(token="n"))], 30.0)

        assert end_code(session.refreshed(2, identity(actor=Actor(id=ActorId("a-2"))), Now(30.0, NOW_MS))) == 3500

    def test_one_that_has_run_out_is_109_and_the_old_one_goes_on(self) -> None:
        session = opened(identity(60))
        session.receive([m.Command(id=2, refresh=m.RefreshRequest(token="n"))], 30.0)

        assert errors(session.refused(2, SignInNeeded("late"))) == [(2, 109, False)]
        assert session.stage is Stage.OPEN

    def test_the_connection_ends_25_s_after_its_token(self) -> None:
        session = opened(identity(60), ping_interval_s=1_000)

        assert session.due_s() == 85.0
        assert session.clock(84.9, True) == []
        assert end_code(session.clock(85.0, True)) == 3005

    def test_tokens_of_rooms_are_not_in_use_but_answered(self) -> None:
        command = m.Command(id=3, sub_refresh=m.SubRefreshRequest(channel=ROOM, token="x"))

        assert said(following().receive([command], 0.0)) == [{"id": 3, "sub_refresh": {}}]
        assert errors(opened().receive([command], 0.0)) == [(3, 103, False)]


class TestClock:
    def test_without_a_connect_in_15_s_it_ends(self) -> None:
        session = new()

        assert session.due_s() == 15.0
        assert session.clock(14.9, True) == []
        assert end_code(session.clock(15.0, True)) == 3502

    @pytest.mark.parametrize(("phase", "first"), [(0.0, 12.5), (0.5, 18.75), (1.0, 25.0)])
    def test_the_first_ping_comes_in_the_second_half_of_an_interval(self, phase: float, first: float) -> None:
        session = new()
        session.receive([m.Command(id=1, connect=m.ConnectRequest())], 0.0)
        session.authenticated(1, identity(), unlimited(), Now(0.0, NOW_MS, phase))

        assert session.due_s() == first
        assert session.clock(first, True) == [Ping()]

    def test_pings_go_on_as_long_as_they_are_answered(self) -> None:
        session = opened()

        assert session.clock(12.5, True) == [Ping()]
        assert session.due_s() == 22.5
        assert session.receive([m.Command()], 13.0) == []
        assert session.due_s() == 37.5
        assert session.clock(37.5, True) == [Ping()]

    def test_a_missing_pong_ends_the_connection_after_10_s(self) -> None:
        session = opened()
        session.clock(12.5, True)

        assert session.clock(22.4, True) == []
        assert end_code(session.clock(22.5, True)) == 3012

    def test_but_not_while_we_do_not_read(self) -> None:
        session = opened()
        session.clock(12.5, True)

        assert session.clock(22.5, False) == []
        assert session.due_s() == 32.5

    def test_an_ended_session_has_nothing_due(self) -> None:
        session = new()
        session.end()

        assert session.clock(1_000.0, True) == []
        assert new(connect_timeout_s=inf).due_s() == inf
