"""Commands and their answers, the bounds of what waits, and clients that break the rules."""

import msgspec
import pytest

from channels.effects import End, Give
from channels.rates import Bucket
from channels.seats import Accepted
from channels.stage import Now
from channels.wire import messages as m
from domain.ids import RoomAddress, ThingId
from domain.rejections import NotAllowed, WrongStatus
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
)


class TestCommands:
    def test_an_rpc_is_given_with_its_payload_untouched(self) -> None:
        assert opened().receive([rpc(2, b'{"b": [1 ,2]}')], 0.0) == [Give(2, "workspace.post", b'{"b": [1 ,2]}')]

    def test_the_answer_says_where_it_stands(self) -> None:
        session = opened()
        session.receive([rpc(2)], 0.0)
        answer = Accepted(room=ROOM, offset=7, epoch="e", event_ids=(ThingId("t-1"),), extra={"session_id": "s"}, stored=False)

        assert said(session.answered(2, 7, answer)) == [
            {
                "id": 2,
                "rpc": {
                    "data": {"room": ROOM, "offset": 7, "epoch": "e", "event_ids": ["t-1"], "session_id": "s", "stored": False}
                },
            }
        ]

    def test_stored_is_only_said_to_those_who_asked(self) -> None:
        session = opened()
        session.receive([rpc(2)], 0.0)

        [reply] = said(session.answered(2, 7, Accepted(room=ROOM, offset=7, epoch="e")))

        assert isinstance(reply, dict)
        assert "stored" not in reply["rpc"]["data"]

    def test_a_rejection_is_an_error_with_its_sentence(self) -> None:
        session = opened()
        session.receive([rpc(2)], 0.0)

        assert said(session.answered(2, 7, WrongStatus("it has ended"))) == [
            {"id": 2, "error": {"code": 410, "message": "it has ended"}}
        ]

    @pytest.mark.parametrize("method", ["", "x" * 256])
    def test_a_method_without_a_name_is_104(self, method: str) -> None:
        assert errors(opened().receive([rpc(2, method=method)], 0.0)) == [(2, 104, False)]

    def test_a_command_without_a_payload_has_an_empty_one(self) -> None:
        assert opened().receive([m.Command(id=2, rpc=m.RPCRequest(method="workspace.approve"))], 0.0) == [
            Give(2, "workspace.approve", b"{}")
        ]

    def test_at_64_without_an_answer_the_rest_waits(self) -> None:
        session = opened()

        assert len(session.receive([rpc(id) for id in range(2, 102)], 0.0)) == 64
        assert session.is_full
        assert session.is_behind
        session.answered(2, 7, WrongStatus())

        assert [effect.id for effect in session.go_on(0.0) if isinstance(effect, Give)] == [66]

    def test_so_it_does_at_256_kib(self) -> None:
        session = opened()
        large = b'"' + b"x" * 100_000 + b'"'

        assert len(session.receive([rpc(id, large) for id in range(2, 10)], 0.0)) == 3
        for id in (2, 3, 4):
            session.answered(id, len(large), WrongStatus())

        assert len(session.go_on(0.0)) == 3

    def test_what_is_answered_after_the_end_goes_nowhere(self) -> None:
        session = following()
        session.receive([rpc(3), subscribe(4, "workspace:2")], 0.0)
        session.end()

        assert session.answered(3, 7, WrongStatus()) == []
        assert session.subscribed(RoomAddress("workspace:2"), NotAllowed()) == []
        assert session.receive([rpc(5)], 0.0) == []
        assert session.clock(100.0, True) == []


class TestBadClients:
    def test_a_request_that_we_do_not_have_is_108_and_the_connection_goes_on(self) -> None:
        session = opened()

        assert errors(session.receive([m.Command(id=2, unknown="map_subscribe")], 0.0)) == [(2, 108, False)]
        assert session.receive([rpc(3)], 0.0) == [Give(3, "workspace.post", b'{"a":1}')]

    @pytest.mark.parametrize(
        "command",
        [
            subscribe(2, type=4),
            m.Command(id=2, publish=m.PublishRequest(channel=ROOM, type=1)),
            m.Command(id=2, sub_refresh=m.SubRefreshRequest(channel=ROOM, type=1)),
        ],
    )
    def test_kinds_of_subscription_that_we_do_not_have_are_108(self, command: m.Command) -> None:
        assert errors(opened().receive([command], 0.0)) == [(2, 108, False)]

    @pytest.mark.parametrize("command", [m.Command(id=2), rpc(0), m.Command(ping=m.PingRequest()), m.Command(unknown="x")])
    def test_a_command_without_a_request_or_an_id_ends_the_connection(self, command: m.Command) -> None:
        assert end_code(opened().receive([command], 0.0)) == 3501

    def test_nothing_behind_it_is_looked_at(self) -> None:
        effects = opened().receive([rpc(2), m.Command(id=3), rpc(4)], 0.0)

        assert [type(effect) for effect in effects] == [Give, End]

    def test_a_message_that_wants_no_answer_gets_none(self) -> None:
        assert opened().receive([m.Command(send=m.SendRequest(data=msgspec.Raw(b"{}")))], 0.0) == []

    def test_a_clients_own_ping_is_answered(self) -> None:
        assert said(opened().receive([m.Command(id=2, ping=m.PingRequest())], 0.0)) == [{"id": 2, "ping": {}}]

    def test_too_many_commands_are_refused_and_then_the_connection_ends(self) -> None:
        session = opened(command_burst=10, commands_per_s=1)
        ping = m.Command(id=2, ping=m.PingRequest())

        effects = session.receive([ping] * 40, 0.0)

        assert errors(effects) == [(2, 111, True)] * 9
        assert end_code(effects) == 3013

    def test_one_who_waits_is_let_in_again(self) -> None:
        session = opened(command_burst=10, commands_per_s=1)
        ping = m.Command(id=2, ping=m.PingRequest())

        assert len(errors(session.receive([ping] * 15, 0.0))) == 6
        assert errors(session.receive([ping], 10.0)) == []

    def test_all_connections_of_a_user_count_together(self) -> None:
        shared = Bucket(1, 4, 0.0)
        sessions = [new(), new()]
        for session in sessions:
            session.receive([m.Command(id=1, connect=m.ConnectRequest())], 0.0)
            session.authenticated(1, identity(), shared, Now(0.0, NOW_MS))
        pings = [m.Command(id=2, ping=m.PingRequest())] * 3

        assert errors(sessions[0].receive(pings, 0.0)) == []
        assert len(errors(sessions[1].receive(pings, 0.0))) == 2
