"""Conversations as lists of messages: what the client says, what the connection has to do."""

from math import inf

import msgspec
import pytest

from channels.effects import Adopt, Ask, Authenticate, Effect, End, Follow, Give, Open, Ping, Send, Signal, Unfollow
from channels.ports import InvalidToken
from channels.rates import Bucket
from channels.seats import Accepted, HistoryPage, Identity, PresenceCount, Present, RoomMessage, Since, Standing, Subscribed
from channels.session import Now, Session, Stage
from channels.settings_of_connections import ConnectionSettings
from channels.wire import messages as m
from channels.wire.json_codec import JsonCodec
from domain.ids import ActorId, RoomAddress, ThingId
from domain.record import Actor
from domain.rejections import Malformed, NotAllowed, NotRecoverable, SignInNeeded, Unavailable, WrongStatus
from domain.roles import NO_CLAIMS

ROOM = RoomAddress("workspace:1")
ADA = Actor(id=ActorId("a-1"), name="Ada")
NOW_MS = 1_795_222_800_000


def identity(left_s: float | None = None, actor: Actor = ADA) -> Identity:
    return Identity(actor=actor, claims=NO_CLAIMS, expires_at_ms=None if left_s is None else NOW_MS + int(left_s * 1000))


def new(**settings: float) -> Session:
    return Session("c-1", ConnectionSettings(**settings), 0.0)  # type: ignore[arg-type] # numbers of either kind


def unlimited() -> Bucket:
    return Bucket(1e9, 1_000_000, 0.0)


def opened(who: Identity | None = None, **settings: float) -> Session:
    session = new(**settings)
    session.receive([m.Command(id=1, connect=m.ConnectRequest(token="t"))], 0.0)
    session.authenticated(1, who or identity(), unlimited(), Now(0.0, NOW_MS))
    return session


def following(room: RoomAddress = ROOM, **settings: float) -> Session:
    session = opened(None, **settings)
    session.receive([subscribe(2, room)], 0.0)
    session.subscribed(room, Subscribed(epoch="e", offset=4, view=b"{}"))
    return session


def subscribe(id: int, room: str = ROOM, **fields: object) -> m.Command:
    return m.Command(id=id, subscribe=m.SubscribeRequest(channel=room, **fields))  # type: ignore[arg-type] # fields by name


def unsubscribe(id: int, room: str = ROOM) -> m.Command:
    return m.Command(id=id, unsubscribe=m.UnsubscribeRequest(channel=room))


def rpc(id: int, data: bytes = b'{"a":1}', method: str = "workspace.post") -> m.Command:
    return m.Command(id=id, rpc=m.RPCRequest(data=msgspec.Raw(data), method=method))


def said(effects: list[Effect]) -> list[object]:
    """The effects as a client would see them: replies as their JSON, everything else as it is."""
    encode = JsonCodec().encode_reply
    return [msgspec.json.decode(encode(effect.reply)) if isinstance(effect, Send) else effect for effect in effects]


def errors(effects: list[Effect]) -> list[tuple[int, int, bool]]:
    """(id, code, temporary) of the refusals among them."""
    replies = [effect.reply for effect in effects if isinstance(effect, Send)]
    return [(reply.id, reply.error.code, reply.error.temporary) for reply in replies if reply.error is not None]


def end_code(effects: list[Effect]) -> int:
    assert isinstance(effects[-1], End), effects
    return effects[-1].code.code


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


class TestSubscribe:
    def test_the_reply_is_the_view_and_its_place(self) -> None:
        session = opened()

        assert session.receive([subscribe(2, join_leave=True)], 0.0) == [Follow(2, ROOM, None, False, True)]
        effects = session.subscribed(ROOM, Subscribed(epoch="e", offset=4, view=b'{"view":{}}'))

        assert said(effects) == [
            {
                "id": 2,
                "subscribe": {"recoverable": True, "positioned": True, "epoch": "e", "offset": 4, "data": {"view": {}}},
            }
        ]
        assert session.rooms == {ROOM}

    def test_a_resume_brings_what_was_missed(self) -> None:
        session = opened()

        assert session.receive([subscribe(2, recover=True, epoch="e", offset=4)], 0.0) == [Follow(2, ROOM, Since("e", 4))]
        missed = (RoomMessage(data=b'{"event":1}', offset=5, command_id="c", time_ms=7),)
        effects = session.subscribed(
            ROOM, Subscribed(epoch="e", offset=4, view=b'{"ticks":[]}', missed=missed, was_recovering=True, recovered=True)
        )

        assert said(effects) == [
            {
                "id": 2,
                "subscribe": {
                    "recoverable": True,
                    "positioned": True,
                    "epoch": "e",
                    "offset": 4,
                    "was_recovering": True,
                    "recovered": True,
                    "publications": [{"data": {"event": 1}, "offset": 5, "tags": {"command_id": "c"}, "time": 7}],
                    "data": {"ticks": []},
                },
            }
        ]

    @pytest.mark.parametrize(("flag", "only_recovered"), [(0, False), (1, False), (2, True), (3, True)])
    def test_bit_two_of_the_flag_wants_no_fresh_view(self, flag: int, only_recovered: bool) -> None:
        command = subscribe(2, recover=True, epoch="e", offset=4, flag=flag)

        assert opened().receive([command], 0.0) == [Follow(2, ROOM, Since("e", 4), only_recovered)]

    def test_it_means_nothing_without_a_position(self) -> None:
        assert opened().receive([subscribe(2, flag=2)], 0.0) == [Follow(2, ROOM)]

    def test_what_cannot_be_recovered_then_is_112(self) -> None:
        session = opened()
        session.receive([subscribe(2, recover=True, flag=2)], 0.0)

        assert errors(session.subscribed(ROOM, NotRecoverable())) == [(2, 112, False)]
        assert session.rooms == frozenset()

    def test_a_room_that_is_not_open_to_you_is_103(self) -> None:
        session = opened()
        session.receive([subscribe(2)], 0.0)

        assert errors(session.subscribed(ROOM, NotAllowed())) == [(2, 103, False)]
        assert session.receive([subscribe(3)], 0.0) == [Follow(3, ROOM)]

    def test_twice_is_105(self) -> None:
        assert errors(following().receive([subscribe(3)], 0.0)) == [(3, 105, False)]

    def test_more_rooms_than_the_limit_is_106(self) -> None:
        session = following(rooms=2)
        session.receive([subscribe(3, "workspace:2")], 0.0)

        assert errors(session.receive([subscribe(4, "workspace:3")], 0.0)) == [(4, 106, False)]

    @pytest.mark.parametrize("room", ["", "ä" * 128, "a\0b"])
    def test_a_name_that_is_none_is_107(self, room: str) -> None:
        assert errors(opened().receive([subscribe(2, room)], 0.0)) == [(2, 107, False)]

    def test_a_name_may_have_255_bytes(self) -> None:
        assert errors(opened().receive([subscribe(2, "x" * 255)], 0.0)) == []

    def test_a_position_below_zero_is_107(self) -> None:
        assert errors(opened().receive([subscribe(2, recover=True, offset=-1)], 0.0)) == [(2, 107, False)]

    def test_at_most_eight_rooms_are_asked_for_at_once(self) -> None:
        session = opened()
        frame = [subscribe(id, f"workspace:{id}") for id in range(2, 15)]

        assert len(session.receive(frame, 0.0)) == 8
        session.subscribed(RoomAddress("workspace:2"), Subscribed(epoch="e", offset=1, view=b"{}"))

        assert session.go_on(0.0) == [Follow(10, RoomAddress("workspace:10"))]

    def test_one_that_takes_too_long_is_100_and_undone_when_it_comes(self) -> None:
        session = opened()
        session.receive([subscribe(2)], 0.0)
        assert session.due_s() == 4.0

        effects = session.clock(4.0, True)
        assert errors(effects) == [(2, 100, True)]
        assert effects[-1] == Unfollow(ROOM)
        assert session.receive([subscribe(3)], 5.0) == []
        assert session.subscribed(ROOM, Subscribed(epoch="e", offset=1, view=b"{}")) == [Unfollow(ROOM)]

        assert session.go_on(5.0) == [Follow(3, ROOM)]


class TestUnsubscribe:
    def test_the_room_is_left_before_the_reply(self) -> None:
        session = following()

        assert said(session.receive([unsubscribe(3)], 0.0)) == [Unfollow(ROOM), {"id": 3, "unsubscribe": {}}]
        assert session.rooms == frozenset()

    def test_from_a_room_that_is_not_followed_it_is_answered_all_the_same(self) -> None:
        assert said(opened().receive([unsubscribe(3)], 0.0)) == [{"id": 3, "unsubscribe": {}}]

    def test_while_the_subscribe_is_under_way_it_waits_for_it(self) -> None:
        session = opened()

        assert session.receive([subscribe(2), unsubscribe(3), subscribe(4)], 0.0) == [Follow(2, ROOM)]
        session.subscribed(ROOM, Subscribed(epoch="e", offset=4, view=b"{}"))

        assert said(session.go_on(0.0)) == [Unfollow(ROOM), {"id": 3, "unsubscribe": {}}, Follow(4, ROOM)]

    def test_the_room_may_put_a_member_out(self) -> None:
        session = following()

        assert said(session.put_out(ROOM, 2001, "")) == [
            {"push": {"channel": ROOM, "unsubscribe": {"code": 2001, "reason": "the room is no longer open to you"}}}
        ]
        assert session.put_out(ROOM, 2001, "") == []
        assert session.receive([subscribe(3)], 0.0) == [Follow(3, ROOM)]


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


class TestSignals:
    def test_a_signal_is_passed_on(self) -> None:
        session = following()
        command = m.Command(id=3, publish=m.PublishRequest(channel=ROOM, data=msgspec.Raw(b'{"type":"typing"}')))

        assert session.receive([command], 0.0) == [Signal(3, ROOM, b'{"type":"typing"}')]
        assert said(session.signalled(3, None)) == [{"id": 3, "publish": {}}]

    def test_anything_else_is_103(self) -> None:
        assert errors(following().signalled(3, Malformed("unknown type"))) == [(3, 103, False)]

    def test_so_is_a_room_that_is_not_followed(self) -> None:
        command = m.Command(id=3, publish=m.PublishRequest(channel="workspace:2", data=msgspec.Raw(b"{}")))

        assert errors(following().receive([command], 0.0)) == [(3, 103, False)]


class TestQuestions:
    def test_presence(self) -> None:
        session = following()

        assert session.receive([m.Command(id=3, presence=m.PresenceRequest(channel=ROOM))], 0.0) == [Ask(3, "presence", ROOM)]
        [reply] = said(session.told(3, (Present(actor=ADA, clients=("c-1", "c-2")),)))

        face = {"id": "a-1", "kind": "user", "name": "Ada", "image": ""}
        assert reply == {
            "id": 3,
            "presence": {
                "presence": {
                    "c-1": {"user": "a-1", "client": "c-1", "conn_info": face},
                    "c-2": {"user": "a-1", "client": "c-2", "conn_info": face},
                }
            },
        }

    def test_nobody_there_is_an_empty_result(self) -> None:
        session = opened()
        session.receive([m.Command(id=3, presence=m.PresenceRequest(channel=ROOM))], 0.0)

        assert said(session.told(3, ())) == [{"id": 3, "presence": {"presence": {}}}]

    def test_presence_stats(self) -> None:
        session = opened()
        command = m.Command(id=3, presence_stats=m.PresenceStatsRequest(channel=ROOM))

        assert session.receive([command], 0.0) == [Ask(3, "presence_stats", ROOM)]
        assert said(session.told(3, PresenceCount(clients=3, actors=2))) == [
            {"id": 3, "presence_stats": {"num_clients": 3, "num_users": 2}}
        ]

    def test_history(self) -> None:
        session = opened()
        request = m.HistoryRequest(channel=ROOM, limit=50, since=m.StreamPosition(offset=10, epoch="e"), reverse=True)

        assert session.receive([m.Command(id=3, history=request)], 0.0) == [Ask(3, "history", ROOM, 10, 50, True)]
        page = HistoryPage(messages=(RoomMessage(data=b"{}", offset=9, command_id="c"),), epoch="e", offset=12)
        assert said(session.told(3, page)) == [
            {
                "id": 3,
                "history": {
                    "publications": [{"data": {}, "offset": 9, "tags": {"command_id": "c"}}],
                    "epoch": "e",
                    "offset": 12,
                },
            }
        ]

    def test_what_am_i_here(self) -> None:
        session = opened()

        assert session.receive([rpc(3, b'{"room":"workspace:1"}', "room.standing")], 0.0) == [Ask(3, "standing", ROOM)]
        assert said(session.told(3, Standing(room=ROOM, role="member"))) == [
            {"id": 3, "rpc": {"data": {"room": ROOM, "role": "member"}}}
        ]

    @pytest.mark.parametrize("payload", [b"{}", b"[1]", b"nonsense", b'{"room":7}', b"\xff"])
    def test_which_room_has_to_be_said(self, payload: bytes) -> None:
        assert errors(opened().receive([rpc(3, payload, "room.standing")], 0.0)) == [(3, 107, False)]

    def test_a_refusal_is_an_error(self) -> None:
        session = opened()
        session.receive([m.Command(id=3, presence=m.PresenceRequest(channel=ROOM))], 0.0)

        assert errors(session.told(3, Unavailable("away"))) == [(3, 100, True)]

    def test_they_count_as_waiting(self) -> None:
        session = opened()
        command = m.Command(id=3, presence=m.PresenceRequest(channel=ROOM))

        assert len(session.receive([command] * 100, 0.0)) == 64


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
