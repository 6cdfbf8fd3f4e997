"""What a session has to do with rooms: following, leaving, signalling, asking about them."""

import msgspec
import pytest

from channels.effects import Ask, Follow, Signal, Unfollow
from channels.seats import HistoryPage, PresenceCount, Present, RoomMessage, Since, Standing, Subscribed
from channels.wire import messages as m
from domain.ids import RoomAddress
from domain.rejections import Malformed, NotAllowed, NotRecoverable, Unavailable
from tests.support.conversations import (
    ADA,
    ROOM,
    errors,
    following,
    opened,
    rpc,
    said,
    subscribe,
    unsubscribe,
)


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
