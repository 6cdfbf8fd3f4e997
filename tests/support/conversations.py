"""Sessions as they are after some messages, the commands a client says to them, and what they answer."""

import msgspec

from channels.effects import Effect, End, Send
from channels.rates import Bucket
from channels.seats import Identity, Subscribed
from channels.session import Session
from channels.settings_of_connections import ConnectionSettings
from channels.stage import Now
from channels.wire import messages as m
from channels.wire.json_codec import JsonCodec
from domain.ids import ActorId, RoomAddress
from domain.record import Actor
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
