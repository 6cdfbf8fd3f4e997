"""One connection's conversation: commands in, effects out (PROTOCOL.md). Sans-I/O: no loop, no clock, no bytes, nothing is awaited.

Commands are taken in order. Those that cannot be taken yet wait in the inbox: behind an authentication, behind a subscribe to the
same room, and while too much is without an answer. Times are seconds of a monotonic clock, except where a name ends in ``_ms``.
"""

from collections import deque
from collections.abc import Iterable
from math import inf
from typing import assert_never

from channels import replies
from channels.effects import Adopt, Authenticate, Effect, End, Follow, Give, Inquire, Open, Ping, Send, Signal, Unfollow
from channels.followed import Followed
from channels.greeting import Greeting
from channels.ports import InvalidToken
from channels.pulse import Pulse
from channels.rates import Bucket, worst
from channels.requests import STANDING, Asking, follow_of, question_of
from channels.seats import RESUBSCRIBE, Accepted, Answer, Identity, Since, Subscribed
from channels.settings_of_connections import ConnectionSettings
from channels.stage import Now, Stage
from channels.wire import codes
from channels.wire import messages as m
from channels.wire.codes import DisconnectCode, ErrorCode
from domain.ids import RoomAddress
from domain.rejections import Malformed, NotAllowed, Rejection


class Session:
    """What one client has said and what it may say next. Every call returns what the connection has to do, in order."""

    __slots__ = (
        "_actor_id",
        "_bucket",
        "_followed",
        "_greeting",
        "_inbox",
        "_pulse",
        "_questions",
        "_settings",
        "_user_bucket",
        "_waiting",
        "_waiting_bytes",
        "client_id",
        "is_held",
        "stage",
    )

    def __init__(self, client_id: str, settings: ConnectionSettings, now_s: float, questions: frozenset[str] = frozenset()) -> None:
        """``questions`` are the methods that are asked, not given."""
        self.client_id = client_id
        self.stage = Stage.NEW
        self.is_held = False
        """Set by the connection while what we say does not get out: then nothing more is taken."""
        self._settings = settings
        self._bucket = Bucket(settings.commands_per_s, settings.command_burst, now_s)
        self._user_bucket: Bucket | None = None
        self._actor_id = ""
        self._pulse = Pulse(settings, now_s)
        self._inbox: deque[m.Command] | None = None
        self._followed = Followed()
        self._greeting = Greeting()
        self._questions = questions
        self._waiting = 0
        self._waiting_bytes = 0

    # ---- questions

    @property
    def rooms(self) -> frozenset[RoomAddress]:
        return frozenset(self._followed.rooms)

    @property
    def is_behind(self) -> bool:
        """Whether commands wait in the inbox: then ``go_on`` is due after each answer, and nothing more should be read."""
        return bool(self._inbox)

    @property
    def is_full(self) -> bool:
        """Whether enough is without an answer."""
        return self._waiting >= self._settings.waiting_commands or self._waiting_bytes >= self._settings.waiting_bytes

    def is_given_up(self, room: RoomAddress) -> bool:
        """Whether the subscribe to this room was answered already, because it took too long."""
        return self._followed.is_given_up(room)

    def due_s(self) -> float:
        """When ``clock`` has to be called at the latest."""
        return min(self._pulse.due_s(), self._followed.due_s(), self._greeting.due_s())

    # ---- what the client says

    def receive(self, commands: Iterable[m.Command], now_s: float) -> list[Effect]:
        """Commands as they came; what cannot be taken yet waits."""
        if self.stage is Stage.ENDED:
            return []
        self._inbox = self._inbox or deque()
        self._inbox.extend(commands)
        return self.go_on(now_s)

    def go_on(self, now_s: float) -> list[Effect]:
        """Take from the inbox what can be taken now."""
        effects: list[Effect] = []
        while self._inbox and self._can_take(self._inbox[0]):
            effects += self._take(self._inbox.popleft(), now_s)
        if not self._inbox:
            self._inbox = None
        return effects

    def _can_take(self, command: m.Command) -> bool:
        if self.stage is Stage.AUTHENTICATING or self.is_held or self.is_full:
            return False
        if command.subscribe is not None:
            has_place = self._followed.asked < self._settings.waiting_subscribes
            return has_place and not self._followed.is_asked(command.subscribe.channel)
        return command.unsubscribe is None or not self._followed.is_asked(command.unsubscribe.channel)

    def _take(self, command: m.Command, now_s: float) -> list[Effect]:
        request = command.request
        verdict = self._bucket.take(now_s)
        if self._user_bucket is not None:
            verdict = worst(verdict, self._user_bucket.take(now_s))
        if verdict == "end":
            return self._end(codes.TOO_MANY)
        # Speed: nearly everything is a command for a room (bench "durable commands").
        if type(request) is m.RPCRequest and verdict == "pass" and command.id and self.stage is Stage.OPEN:
            return self._rpc(command.id, request)
        if self.stage is Stage.NEW:
            return self._first(command, request)
        if isinstance(request, m.SendRequest):
            return []  # taken and let go: nothing here listens to messages that ask for no answer
        if request is None and not command.id and not command.unknown:
            self._pulse.ponged()
            return []
        if not command.id:
            return self._bad("a request needs an id")
        if verdict == "refuse":
            return self._refuse(command.id, codes.TOO_MANY_REQUESTS)
        if request is None:
            return self._refuse(command.id, codes.NOT_AVAILABLE) if command.unknown else self._bad("a command without a request")
        if isinstance(request, m.SubscribeRequest | m.PublishRequest | m.SubRefreshRequest) and request.type:
            return self._refuse(command.id, codes.NOT_AVAILABLE)
        return self._request(command.id, request, now_s)

    def _first(self, command: m.Command, request: m.Request | None) -> list[Effect]:
        if not isinstance(request, m.ConnectRequest) or not command.id:
            return self._bad("connect comes first")
        self.stage = Stage.AUTHENTICATING
        self._greeting.note(request.subs)
        return [Authenticate(command.id, request.token)]

    def _request(self, id: int, request: m.Request, now_s: float) -> list[Effect]:
        match request:
            case m.RPCRequest():
                return self._rpc(id, request)
            case m.SubscribeRequest():
                return self._subscribe(id, request, now_s)
            case m.UnsubscribeRequest():
                return self._unsubscribe(id, RoomAddress(request.channel))
            case m.PublishRequest():
                return self._publish(id, request)
            case m.PresenceRequest() | m.PresenceStatsRequest() | m.HistoryRequest():
                return self._ask(id, request)
            case m.RefreshRequest():
                return self._wait(Authenticate(id, request.token, is_refresh=True))
            case m.SubRefreshRequest():
                return self._sub_refresh(id, RoomAddress(request.channel))
            case m.PingRequest():
                return [Send(m.Reply(id=id, ping=m.PingResult()))]
            case m.ConnectRequest() | m.SendRequest():
                return self._bad("connect comes only once")
            case _:
                assert_never(request)

    # ---- the requests

    def _rpc(self, id: int, request: m.RPCRequest) -> list[Effect]:
        payload = bytes(request.data) or b"{}"
        if request.method == STANDING:
            return self._ask(id, request)
        if not self._is_name(request.method):
            return self._refuse(id, codes.METHOD_NOT_FOUND)
        if request.method in self._questions:
            return self._wait(Inquire(id, request.method, payload))
        return self._wait(Give(id, request.method, payload), len(payload))

    def _subscribe(self, id: int, request: m.SubscribeRequest, now_s: float) -> list[Effect]:
        room = RoomAddress(request.channel)
        if not self._is_name(room):
            return self._refuse(id, codes.BAD_REQUEST, f"a channel has 1 to {self._settings.name_bytes} bytes")
        if room in self._followed.rooms:
            return self._refuse(id, codes.ALREADY_SUBSCRIBED)
        if len(self._followed) >= self._settings.rooms:
            return self._refuse(id, codes.LIMIT_EXCEEDED, f"a connection follows at most {self._settings.rooms} rooms")
        if request.offset < 0:
            return self._refuse(id, codes.BAD_REQUEST, "an offset is not below 0")
        self._followed.ask(room, id, now_s + self._settings.answer_timeout_s)
        return self._wait(follow_of(id, request))

    def _unsubscribe(self, id: int, room: RoomAddress) -> list[Effect]:
        reply = Send(m.Reply(id=id, unsubscribe=m.UnsubscribeResult()))
        return [Unfollow(room), reply] if self._followed.left(room) else [reply]

    def _publish(self, id: int, request: m.PublishRequest) -> list[Effect]:
        if request.channel not in self._followed.rooms:
            return self._refuse(id, codes.PERMISSION_DENIED)
        return [Signal(id, RoomAddress(request.channel), bytes(request.data))]

    def _sub_refresh(self, id: int, room: RoomAddress) -> list[Effect]:
        if room not in self._followed.rooms:
            return self._refuse(id, codes.PERMISSION_DENIED)
        return [Send(m.Reply(id=id, sub_refresh=m.SubRefreshResult()))]

    def _ask(self, id: int, request: Asking) -> list[Effect]:
        ask = question_of(id, request)
        if not self._is_name(ask.room):
            return self._refuse(id, codes.BAD_REQUEST, f"a channel has 1 to {self._settings.name_bytes} bytes")
        if ask.after < 0:
            return self._refuse(id, codes.BAD_REQUEST, "an offset is not below 0")
        return self._wait(ask)

    # ---- what others answer

    def authenticated(
        self, id: int, identity: Identity, user_bucket: Bucket, now: Now, home: RoomAddress | None = None
    ) -> list[Effect]:
        """The first token is good: the connection opens, once it follows ``home`` or has waited for it long enough."""
        if self.stage is not Stage.AUTHENTICATING:
            return []
        self._actor_id = identity.actor.id
        self._user_bucket = user_bucket
        self._pulse.opened(now.s, now.phase)
        self._pulse.expires(replies.left_s(identity, now.ms), now.s)
        result = replies.connected(identity, self.client_id, self._settings, now.ms)
        reply = m.Reply(id=id, connect=result)
        if home is None:
            self.stage = Stage.OPEN
            return [Open(identity), Send(reply)]
        since = self._greeting.owe(reply, home, now.s + self._settings.home_wait_s)
        return [Open(identity), self._follow_home(home, since)]

    def refreshed(self, id: int, identity: Identity, now: Now) -> list[Effect]:
        """A later token is good; it has to be the same actor's."""
        if self.stage is not Stage.OPEN:
            return []
        self._answered()
        if identity.actor.id != self._actor_id:
            return self._end(codes.INVALID_TOKEN)
        self._pulse.expires(replies.left_s(identity, now.ms), now.s)
        return [Adopt(identity), Send(m.Reply(id=id, refresh=replies.refreshed(identity, self.client_id, now.ms)))]

    def refused(self, id: int, cause: InvalidToken | Rejection) -> list[Effect]:
        """The token is not good, or nobody can tell. What came behind the first one is dropped; the client may connect again."""
        if self.stage is Stage.ENDED:
            return []
        if isinstance(cause, InvalidToken):
            return self._end(codes.INVALID_TOKEN)
        if self.stage is Stage.OPEN:
            self._answered()
        else:
            self.stage = Stage.NEW
            self._inbox = None
        return [Send(m.Reply(id=id, error=codes.error_of(cause)))]

    def answered(self, id: int, size: int, answer: Answer) -> list[Effect]:
        """A command's answer; ``size`` is that of its payload."""
        self._answered(size)
        if self.stage is Stage.ENDED:
            return []
        if isinstance(answer, Accepted):
            return [Send(m.Reply(id=id, rpc=replies.accepted(answer)))]
        return [Send(m.Reply(id=id, error=codes.error_of(answer)))]

    def subscribed(self, room: RoomAddress, answer: Subscribed | Rejection) -> list[Effect]:
        """A subscribe's answer. One that comes too late was answered already: its room is left again."""
        asked = self._followed.answered(room, isinstance(answer, Subscribed))
        if asked is None:
            return []
        if not asked.id:
            return self._at_home(answer)
        if asked.is_given_up:
            return [Unfollow(room)] if isinstance(answer, Subscribed) else []
        self._answered()
        if isinstance(answer, Rejection):
            return [Send(m.Reply(id=asked.id, error=codes.error_of(answer)))]
        return [Send(m.Reply(id=asked.id, subscribe=replies.subscribed(answer)))]

    def signalled(self, id: int, refusal: Rejection | None) -> list[Effect]:
        """Whatever is no signal may not be published at all: what shall stay is a command."""
        if refusal is None:
            return [Send(m.Reply(id=id, publish=m.PublishResult()))]
        if isinstance(refusal, Malformed):
            return self._refuse(id, codes.PERMISSION_DENIED, f"only signals are published, what shall stay is a command: {refusal}")
        return [Send(m.Reply(id=id, error=codes.error_of(refusal)))]

    def told(self, id: int, answer: replies.Told | Rejection) -> list[Effect]:
        """The answer to a question."""
        self._answered()
        if self.stage is Stage.ENDED:
            return []
        if isinstance(answer, Rejection):
            return [Send(m.Reply(id=id, error=codes.error_of(answer)))]
        return [Send(replies.told(id, answer))]

    def _follow_home(self, home: RoomAddress, since: Since | None = None) -> Effect:
        self._followed.ask(home, 0, inf)
        return Follow(0, home, since)

    def _at_home(self, answer: Subscribed | Rejection) -> list[Effect]:
        """The server's own subscribe is answered. A home that cannot be opened now is asked for again, a closed one is not."""
        if isinstance(answer, Rejection):
            if not isinstance(answer, NotAllowed):
                self._greeting.lost()
            return self._greet()
        self.stage = Stage.OPEN
        return [Send(self._greeting.arrived(replies.subscribed(answer)))]

    def _greet(self) -> list[Effect]:
        """The client has waited for its home long enough."""
        reply = self._greeting.take()
        if reply is None:
            return []
        self.stage = Stage.OPEN
        home = self._greeting.home
        if home is None or not (self._followed.is_asked(home) and self._greeting.starts_anew()):
            return [Send(reply)]
        self._followed.answered(home, is_member=False)
        return [Send(reply), Unfollow(home)]

    def put_out(self, room: RoomAddress, code: int, reason: str) -> list[Effect]:
        """The room has put this member out."""
        if not self._followed.left(room):
            return []
        if room == self._greeting.home and code >= RESUBSCRIBE:
            self._greeting.lost()
            return []
        return [Send(replies.put_out(room, code, reason))]

    # ---- what the clock says

    def clock(self, now_s: float, is_reading: bool) -> list[Effect]:
        """What has become due; ``is_reading`` is False while the connection does not read what its client sends."""
        if self.stage is Stage.ENDED:
            return []
        code = self._pulse.ended(now_s, is_reading)
        if code is not None:
            return self._end(code)
        effects: list[Effect] = []
        for room, id in self._followed.give_up(now_s):
            self._answered()
            effects += [*self._refuse(id, codes.INTERNAL), Unfollow(room)]
        if self._pulse.takes_ping(now_s):
            effects.append(Ping())
        if self._greeting.home is not None and self._greeting.is_to_ask_again(now_s):
            effects.append(self._follow_home(self._greeting.home))
        if self._greeting.is_late(now_s):
            effects += self._greet()
        return effects

    # ---- the end

    def end(self) -> None:
        """The connection is over: whatever is still answered or said goes nowhere."""
        self.stage = Stage.ENDED
        self._inbox = None
        self._followed.forget()

    def _end(self, code: DisconnectCode) -> list[Effect]:
        self.end()
        return [End(code)]

    def _bad(self, what: str) -> list[Effect]:
        return self._end(DisconnectCode(codes.BAD_CLIENT_REQUEST.code, f"{codes.BAD_CLIENT_REQUEST.reason}: {what}"))

    # ---- small change

    def _refuse(self, id: int, code: ErrorCode, message: str = "") -> list[Effect]:
        return [Send(m.Reply(id=id, error=code.error(message)))]

    def _wait(self, effect: Effect, size: int = 0) -> list[Effect]:
        self._waiting += 1
        self._waiting_bytes += size
        return [effect]

    def _answered(self, size: int = 0) -> None:
        self._waiting -= 1
        self._waiting_bytes -= size

    def _is_name(self, name: str) -> bool:
        return name != "" and len(name.encode()) <= self._settings.name_bytes and "\0" not in name
