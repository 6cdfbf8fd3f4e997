"""A session alone: whatever is said, and in whatever order its questions are answered, each id is answered once.

The machine plays the connection: it keeps the effects that want an answer and gives it sooner, later, or as a refusal.
"""

from collections import Counter
from typing import Any

import hypothesis.strategies as st
import msgspec
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from channels.effects import Ask, Authenticate, Effect, End, Follow, Give, Inquire, Send, Signal, Unfollow
from channels.ports import InvalidToken
from channels.rates import Bucket
from channels.seats import RESUBSCRIBE, Accepted, HistoryPage, PresenceCount, Standing, Subscribed, Told
from channels.session import Session
from channels.settings_of_connections import ConnectionSettings
from channels.stage import Now, Stage
from channels.wire import codes
from channels.wire import messages as m
from domain.ids import RoomAddress
from domain.rejections import Busy, Malformed, NotAllowed, Unavailable
from tests.support.fake_seats import identity

ROOMS = [RoomAddress(f"desk:{name}") for name in "abcd"]
HOME = RoomAddress("person:ada")
SMALL = ConnectionSettings(
    rooms=3, waiting_commands=4, waiting_bytes=200, waiting_subscribes=2, command_burst=60, commands_per_s=20
)
EMPTY = msgspec.Raw(b"{}")
TOLD: dict[str, Any] = {
    "presence": (),
    "presence_stats": PresenceCount(clients=1, actors=1),
    "history": HistoryPage(messages=(), epoch="e", offset=0),
    "standing": Standing(room=ROOMS[0], role="member"),
}
REQUESTS = st.one_of(
    st.sampled_from(ROOMS).map(lambda room: {"subscribe": m.SubscribeRequest(channel=room)}),
    st.sampled_from(ROOMS).map(lambda room: {"subscribe": m.SubscribeRequest(channel=room, recover=True, epoch="e", offset=-1)}),
    st.sampled_from(ROOMS).map(lambda room: {"unsubscribe": m.UnsubscribeRequest(channel=room)}),
    st.sampled_from(ROOMS).map(lambda room: {"publish": m.PublishRequest(channel=room, data=EMPTY)}),
    st.sampled_from(ROOMS).map(lambda room: {"presence": m.PresenceRequest(channel=room)}),
    st.sampled_from(ROOMS).map(lambda room: {"presence_stats": m.PresenceStatsRequest(channel=room)}),
    st.sampled_from(ROOMS).map(lambda room: {"history": m.HistoryRequest(channel=room)}),
    st.sampled_from(ROOMS).map(lambda room: {"sub_refresh": m.SubRefreshRequest(channel=room)}),
    st.integers(0, 120).map(lambda size: {"rpc": m.RPCRequest(method="desk.say", data=msgspec.Raw(b"x" * size))}),
    st.sampled_from(["desk.how_many", "room.standing", ""]).map(lambda name: {"rpc": m.RPCRequest(method=name, data=EMPTY)}),
    st.sampled_from(["ada", "ben"]).map(lambda name: {"refresh": m.RefreshRequest(token=name)}),
    st.just({"ping": m.PingRequest()}),
    st.just({"unknown": "map_subscribe"}),
)
ODD = st.sampled_from([{"connect": m.ConnectRequest()}, {}])


class SessionMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now_s = 100.0
        self.session = Session("client", SMALL, self.now_s, frozenset({"desk.how_many"}))
        self.pending: list[Effect] = []
        self.sent: Counter[int] = Counter()
        self.answered: Counter[int] = Counter()
        self.dropped: set[int] = set()
        self.next_id = 1
        self.home: RoomAddress | None = None

    # ---- what the client says

    def say(self, *requests: dict[str, Any]) -> None:
        commands = [m.Command(id=self.next_id + number, **request) for number, request in enumerate(requests)]
        self.next_id += len(commands)
        if self.session.stage is not Stage.ENDED:
            self.sent.update(command.id for command in commands)
        self.do(self.session.receive(commands, self.now_s))

    @rule(home=st.sampled_from([None, HOME]), behind=st.lists(REQUESTS, max_size=3))
    def connect(self, home: RoomAddress | None, behind: list[dict[str, Any]]) -> None:
        if self.session.stage is Stage.NEW:
            self.home = home
            self.say({"connect": m.ConnectRequest(token="ada")}, *behind)

    @rule(requests=st.lists(REQUESTS, min_size=1, max_size=6))
    def ask(self, requests: list[dict[str, Any]]) -> None:
        if self.session.stage is Stage.OPEN:
            self.say(*requests)

    @rule(request=REQUESTS | ODD, is_meant=st.integers(0, 19))
    def say_anything(self, request: dict[str, Any], is_meant: int) -> None:
        """Also before it is let in, and what ends the connection; seldom, or nothing else would be seen."""
        if is_meant == 19:
            self.say(request)

    @rule()
    def pong(self) -> None:
        if self.session.stage is Stage.OPEN:
            self.do(self.session.receive([m.Command()], self.now_s))

    # ---- what others answer

    @rule(place=st.integers(0, 9), is_good=st.integers(0, 3))
    def answer(self, place: int, is_good: int) -> None:
        if self.pending:
            self.answer_one(self.pending.pop(place % len(self.pending)), is_good > 0)

    def answer_one(self, effect: Effect, is_good: bool) -> None:
        match effect:
            case Authenticate():
                self.do(self.identified(effect, is_good))
            case Give():
                accepted = Accepted(room=ROOMS[0], offset=1, epoch="e", event_ids=())
                self.do(self.session.answered(effect.id, len(effect.payload), accepted if is_good else Busy("later")))
            case Follow():
                view = Subscribed(epoch="e", offset=0, view=b"{}")
                self.do(self.session.subscribed(effect.room, view if is_good else Unavailable("later")))
            case Ask():
                self.do(self.session.told(effect.id, TOLD[effect.question] if is_good else NotAllowed()))
            case Inquire():
                self.do(self.session.told(effect.id, Told(data=b"{}") if is_good else NotAllowed()))
        self.do(self.session.go_on(self.now_s))

    def identified(self, effect: Authenticate, is_good: bool) -> list[Effect]:
        now = Now(self.now_s, 1_795_222_800_000, 0.5)
        if not is_good:
            return self.session.refused(effect.id, Unavailable("keys are away"))
        if effect.is_refresh:
            return self.session.refreshed(effect.id, identity(effect.token), now)
        return self.session.authenticated(effect.id, identity("ada"), Bucket(100, 400, self.now_s), now, self.home)

    @rule(room=st.sampled_from([*ROOMS, HOME]), code=st.sampled_from([RESUBSCRIBE, 2001]))
    def put_out(self, room: RoomAddress, code: int) -> None:
        self.do(self.session.put_out(room, code, "out"))

    @rule()
    def refuse_the_token(self) -> None:
        first = next((each for each in self.pending if isinstance(each, Authenticate)), None)
        if first is not None and self.next_id % 5 == 0:
            self.pending.remove(first)
            self.do(self.session.refused(first.id, InvalidToken()))

    @rule(passed_s=st.sampled_from([0.1, 1.0, 2.5, 5.0, 12.0]), is_reading=st.booleans())
    def pass_time(self, passed_s: float, is_reading: bool) -> None:
        self.now_s += passed_s
        self.do(self.session.clock(self.now_s, is_reading))
        self.do(self.session.go_on(self.now_s))

    @rule(is_held=st.booleans())
    def hold(self, is_held: bool) -> None:
        self.session.is_held = is_held
        self.do(self.session.go_on(self.now_s))

    # ---- what the connection does

    def do(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Send():
                    self.hear(effect.reply)
                case Signal():
                    self.do(self.session.signalled(effect.id, Malformed("no signal") if effect.id % 2 else None))
                case End():
                    assert effect.code.code in {code.code for code in codes.DISCONNECTS} - {codes.SERVER_ERROR.code}
                    assert effect is effects[-1], "something is said behind the end"
                    assert self.session.stage is Stage.ENDED
                case Unfollow():
                    assert effect.room not in self.session.rooms
                case Authenticate() | Give() | Follow() | Ask() | Inquire():
                    self.pending.append(effect)

    def hear(self, reply: m.Reply) -> None:
        if not reply.id:
            return
        self.answered[reply.id] += 1
        assert self.answered[reply.id] <= self.sent[reply.id], f"{reply.id} is answered once too often"
        if self.session.stage is Stage.NEW:
            self.dropped.update(self.sent)  # the connect was refused, and what came behind it went with it

    # ---- what holds

    @invariant()
    def what_waits_is_counted(self) -> None:
        session = self.session
        if session.stage is Stage.ENDED:
            return
        assert session._waiting == len([effect for effect in self.pending if self.counts(effect)])
        assert session._waiting_bytes == sum(len(effect.payload) for effect in self.pending if isinstance(effect, Give))
        assert session._waiting <= SMALL.waiting_commands
        assert len(session.rooms) <= SMALL.rooms + 1
        assert session._followed.asked <= SMALL.waiting_subscribes + 1

    def counts(self, effect: Effect) -> bool:
        match effect:
            case Follow():
                return effect.id != 0 and not self.session.is_given_up(effect.room)
            case Authenticate():
                return effect.is_refresh
            case _:
                return True

    def teardown(self) -> None:
        """Everything pending is answered: then nobody who asked on an open connection is without an answer."""
        self.session.is_held = False
        self.do(self.session.go_on(self.now_s))
        while self.pending:
            self.answer_one(self.pending.pop(0), True)
            self.what_waits_is_counted()
        if self.session.stage is Stage.OPEN:
            missing = {id for id in self.sent if self.answered[id] < self.sent[id]} - self.dropped
            assert not missing, f"without an answer: {missing}"
            assert not self.session.is_behind


SessionMachine.TestCase.settings = settings(
    max_examples=150,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestSession = SessionMachine.TestCase
