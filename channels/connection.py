"""One connection: a session on a transport, and a seat in the rooms. Callbacks only; no task of its own after the authentication.

What it has to say in one loop turn leaves in one write. A frame of a room that comes in the same turn goes behind it, in that same
write, so the caller's reply stands before its own event.
"""

import logging
import uuid
from collections.abc import Callable
from functools import partial
from math import inf
from typing import ParamSpec, assert_never

from channels import questions
from channels.effects import Adopt, Ask, Authenticate, Effect, End, Follow, Give, Inquire, Open, Ping, Send, Signal, Unfollow
from channels.lobby import Lobby
from channels.ports import InvalidToken
from channels.replies import Told
from channels.seats import Answer, FormatName, Given, Identity, SubscribeAsked, Subscribed
from channels.session import Session
from channels.stage import Stage
from channels.transport import Transport
from channels.wheel import NO_SLOT
from channels.wire import codes
from channels.wire.codec import BadFrame
from channels.wire.codes import DisconnectCode
from channels.wire.messages import Reply
from domain.ids import RoomAddress
from domain.rejections import Rejection, Unavailable

logger = logging.getLogger(__name__)

P = ParamSpec("P")


class Connection:
    """Seat of the rooms, receiver of its transport, item of the wheel; in ``lobby.connections`` until it ends.

    ``is_writable`` is False while the transport is paused and from the instant in which either side begins to close.
    """

    __slots__ = (
        "_codec",
        "_has_begun_to_end",
        "_is_known",
        "_is_reading",
        "_lobby",
        "_owed",
        "_paused_at_s",
        "_pushed_bytes",
        "_session",
        "_transport",
        "client_id",
        "deliver",
        "format",
        "identity",
        "is_writable",
        "slot",
    )

    identity: Identity
    """Set when the client is known; before that no room has heard of it."""

    def __init__(self, lobby: Lobby, transport: Transport, format: FormatName) -> None:
        self.client_id = str(uuid.uuid4())
        self.format: FormatName = format
        self.is_writable = True
        self.slot = NO_SLOT
        self._lobby = lobby
        self._transport = transport
        self.deliver: Callable[[bytes], None] = transport.write
        self._codec = lobby.codecs[format]
        self._session = Session(self.client_id, lobby.settings, lobby.loop.time(), lobby.hub.questions)
        self._owed: list[bytes] | None = None
        self._is_reading = True
        self._is_known = False
        self._has_begun_to_end = False
        self._paused_at_s = inf
        self._pushed_bytes = 0
        lobby.connections.add(self)
        self._arm()

    # ---- what the transport tells

    def received(self, message: bytes) -> None:
        if self._has_begun_to_end:
            return
        try:
            commands = self._codec.decode(message)
        except BadFrame as error:
            self.broken(str(error))
            return
        if not commands:
            # costs as much as a command, and no bucket would count it
            self.broken("a frame without a command")
            return
        self._perform(self._session.receive, commands, self._lobby.loop.time())
        self._balance()

    def broken(self, what: str) -> None:
        self._end(DisconnectCode(codes.BAD_CLIENT_REQUEST.code, f"{codes.BAD_CLIENT_REQUEST.reason}: {what}"))

    def paused(self) -> None:
        if self._has_begun_to_end or self._paused_at_s != inf:
            return
        self._paused_at_s = self._lobby.loop.time()
        self._session.is_held = True
        self._lobby.wheel.put_before(self, self._paused_at_s + self._lobby.settings.stall_timeout_s)
        self._leave_fast_list()

    def resumed(self) -> None:
        if self._has_begun_to_end:
            return
        self._paused_at_s = inf
        self._pushed_bytes = 0
        self._session.is_held = False
        self.is_writable = True
        if self._is_known:
            self._lobby.hub.seat_writable(self)
        self._go_on()

    def ended(self, is_clean: bool) -> None:
        self._begin_to_end(is_clean)

    # ---- what the rooms tell (channels.seats.Seat)

    def write(self, framed: bytes) -> None:
        if self._owed is not None:
            framed = self._codec.frame(self._owed) + framed
            self._owed = None
        if not self.is_writable and not self._may_lag(len(framed)):
            return
        self._transport.write(framed)

    def push_unsubscribed(self, room: RoomAddress, code: int, reason: str) -> None:
        self._perform(self._session.put_out, room, code, reason)
        self._arm()

    def disconnect(self, code: int, reason: str) -> None:
        self._end(DisconnectCode(code, reason))

    # ---- what the clock says

    def on_time(self, now_s: float) -> None:
        is_stalled = now_s >= self._paused_at_s + self._lobby.settings.stall_timeout_s
        if is_stalled:
            self._end(codes.SLOW)
        # a pong that we have not read, or whose ping has not left, is not missing
        can_pong = self._is_reading and not self._session.is_behind and self._paused_at_s == inf
        self._perform(self._session.clock, now_s, can_pong)
        self._arm()
        self._look_at_inbox()

    # ---- effects

    def _perform(self, step: Callable[P, list[Effect]], *args: P.args, **kwargs: P.kwargs) -> None:
        """A step of the session, and what it leads to. A mistake of ours ends this connection, so that it comes back; whoever
        called, a room perhaps, goes on."""
        try:
            for effect in step(*args, **kwargs):
                # Speed: a match walks its cases; these two are nearly all.
                if type(effect) is Send:
                    self._say(effect.reply)
                elif type(effect) is Give:
                    self._give(effect)
                else:
                    self._do(effect)
        except Exception:
            logger.exception("a connection failed")
            self._end(codes.SERVER_ERROR)

    def _give(self, effect: Give) -> None:
        answer = partial(self._answered, effect.id, len(effect.payload))
        self._lobby.hub.give(Given(identity=self.identity, name=effect.name, payload=effect.payload, answer=answer))

    def _do(self, effect: Effect) -> None:
        match effect:
            case Send():
                self._say(effect.reply)
            case Give():
                self._give(effect)
            case Ping():
                self.write(self._codec.ping)
            case Follow() | Unfollow():
                self._go_or_leave(effect)
            case Signal() | Ask() | Inquire():
                self._signal_or_ask(effect)
            case Authenticate() | Open() | Adopt():
                self._identify(effect)
            case End():
                self._end(effect.code)
            case _:
                assert_never(effect)

    def _go_or_leave(self, effect: Follow | Unfollow) -> None:
        if isinstance(effect, Unfollow):
            self._lobby.hub.unsubscribe(self, effect.room)
            return
        self._arm()
        self._lobby.hub.subscribe(
            SubscribeAsked(
                seat=self,
                room=effect.room,
                since=effect.since,
                answer=partial(self._subscribed, effect.room),
                only_recovered=effect.only_recovered,
                wants_join_leave=effect.wants_join_leave,
            )
        )

    def _signal_or_ask(self, effect: Signal | Ask | Inquire) -> None:
        if not isinstance(effect, Signal):
            if not self._lobby.spawn(partial(self._ask, effect)):
                self._told(effect.id, Unavailable("the server has too many questions to answer; repeat it in a moment"))
            return
        try:
            self._lobby.hub.signal(self, effect.room, effect.data)
        except Rejection as refusal:
            self._perform(self._session.signalled, effect.id, refusal)
        else:
            self._perform(self._session.signalled, effect.id, None)

    def _identify(self, effect: Authenticate | Open | Adopt) -> None:
        match effect:
            case Authenticate():
                if not self._lobby.spawn(partial(self._authenticate, effect)):
                    self._refused(effect.id, Unavailable("the server lets in as many as it can; come again in a moment"))
            case Open():
                self.identity = effect.identity
                self._is_known = True
                self._lobby.hub.connected(self)
                if not self.is_writable:
                    self._lobby.hub.seat_paused(self)
                self._arm()
            case Adopt():
                self.identity = effect.identity
                self._lobby.hub.recheck(self)
                self._arm()

    # ---- what has to be waited for

    async def _authenticate(self, effect: Authenticate) -> None:
        lobby = self._lobby
        identity = await questions.identify(lobby.authenticator, effect.token, lobby.settings.answer_timeout_s)
        if isinstance(identity, Identity):
            self._identified(effect, identity)
        else:
            self._refused(effect.id, identity)

    async def _ask(self, ask: Ask | Inquire) -> None:
        lobby = self._lobby
        self._told(ask.id, await questions.answer(lobby.hub, self.identity, ask, lobby.settings.answer_timeout_s))

    # ---- answers

    def _identified(self, effect: Authenticate, identity: Identity) -> None:
        session, lobby = self._session, self._lobby
        if effect.is_refresh:
            self._perform(session.refreshed, effect.id, identity, lobby.now())
        elif session.stage is Stage.AUTHENTICATING:
            bucket = lobby.admit(identity.actor.id)
            if bucket is None:
                self._end(codes.CONNECTION_LIMIT)
                return
            home = lobby.hub.home_of(identity.actor)
            self._perform(session.authenticated, effect.id, identity, bucket, lobby.now(), home)
        self._go_on()

    def _refused(self, id: int, cause: InvalidToken | Rejection) -> None:
        self._perform(self._session.refused, id, cause)
        self._go_on()

    def _answered(self, id: int, size: int, answer: Answer) -> None:
        self._perform(self._session.answered, id, size, answer)
        self._look_at_inbox()

    def _subscribed(self, room: RoomAddress, answer: Subscribed | Rejection) -> None:
        if self._session.is_given_up(room):
            # nobody leaves a room from within the call in which it lets one in
            self._lobby.loop.call_soon(self._perform, self._session.subscribed, room, answer)
        else:
            self._perform(self._session.subscribed, room, answer)
        self._arm()
        self._look_at_inbox()

    def _told(self, id: int, answer: Told | Rejection) -> None:
        self._perform(self._session.told, id, answer)
        self._look_at_inbox()

    def _look_at_inbox(self) -> None:
        """Not at once: an answer may be given while its command is still on its way in."""
        if self._session.is_behind:
            self._lobby.loop.call_soon(self._go_on)
        elif not self._is_reading:
            self._balance()

    def _go_on(self) -> None:
        self._perform(self._session.go_on, self._lobby.loop.time())
        self._balance()

    # ---- writing

    def _say(self, reply: Reply) -> None:
        encoded = self._codec.encode_reply(reply)
        if self._owed is None:
            self._owed = [encoded]
            self._lobby.owe(self.flush)
        else:
            self._owed.append(encoded)

    def flush(self) -> None:
        """Let out what waits."""
        if self._owed is not None:
            owed, self._owed = self._owed, None
            self._transport.write(self._codec.frame(owed))

    def _may_lag(self, size: int) -> bool:
        """Rooms leave a paused member alone, except for a few words; one to whom they come to 1 MiB is given up."""
        if self._has_begun_to_end:
            return False
        self._pushed_bytes += size
        if self._pushed_bytes <= self._lobby.settings.backlog_bytes:
            return True
        self._end(codes.SLOW)
        return False

    # ---- reading

    def _balance(self) -> None:
        """Read while there is room for what comes."""
        wants_more = not (self._session.is_behind or self._session.is_full or self._has_begun_to_end)
        if wants_more == self._is_reading or self._has_begun_to_end:
            return
        self._is_reading = wants_more
        if wants_more:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    # ---- the end

    def _end(self, code: DisconnectCode) -> None:
        """We close: what is owed goes first, then the close frame."""
        if self._has_begun_to_end:
            return
        self.flush()
        self._begin_to_end(is_clean=False)
        self._transport.close(code.code, codes.plain_reason(code.reason))

    def _begin_to_end(self, is_clean: bool) -> None:
        if self._has_begun_to_end:
            return
        self._has_begun_to_end = True
        self._owed = None
        self._session.end()
        self._lobby.wheel.forget(self)
        self._lobby.connections.discard(self)
        self._leave_fast_list()
        if self._is_known:
            # not at once: a room may be in the middle of writing to its members
            self._lobby.loop.call_soon(self._leave, is_clean)

    def _leave_fast_list(self) -> None:
        if self.is_writable:
            self.is_writable = False
            if self._is_known:
                self._lobby.hub.seat_paused(self)

    def _leave(self, is_clean: bool) -> None:
        self._lobby.hub.disconnected(self, is_clean)
        self._lobby.release(self.identity.actor.id)

    def _arm(self) -> None:
        if not self._has_begun_to_end:
            due_s = min(self._session.due_s(), self._paused_at_s + self._lobby.settings.stall_timeout_s)
            if due_s != inf:
                self._lobby.wheel.put_before(self, due_s)
