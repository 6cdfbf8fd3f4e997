"""From the hub's answers to the results of the wire. Pure; every result stands in its field even when it is empty."""

import math
from typing import Any

import msgspec

from channels import seats
from channels.seats import Accepted, HistoryPage, Identity, PresenceCount, Present, RoomMessage, Standing, Subscribed
from channels.settings_of_connections import ConnectionSettings
from channels.wire import codes
from channels.wire import messages as m
from domain.ids import RoomAddress
from domain.record import Actor

Told = tuple[Present, ...] | PresenceCount | HistoryPage | Standing | seats.Told

SERVER_NAME = "atrium"
SERVER_VERSION = "0.1.0"

_encode = msgspec.json.Encoder().encode


def raw(data: bytes) -> msgspec.Raw:
    return msgspec.Raw(data) if data else m.EMPTY


def public_face(actor: Actor) -> msgspec.Raw:
    """What others see of an actor, with all four fields."""
    return raw(_encode({"id": actor.id, "kind": actor.kind, "name": actor.name, "image": actor.image}))


def left_s(identity: Identity, now_ms: int) -> float | None:
    """The rest of the token's life, None for one without an end."""
    return None if identity.expires_at_ms is None else (identity.expires_at_ms - now_ms) / 1000


def _ttl(identity: Identity, now_ms: int) -> int:
    """Whole seconds, at least 1: SDKs fail on ``expires`` without a ``ttl``. 0 for a token without an end."""
    left = left_s(identity, now_ms)
    return 0 if left is None else max(1, math.ceil(left))


def connected(identity: Identity, client_id: str, settings: ConnectionSettings, now_ms: int) -> m.ConnectResult:
    greeting = {"actor": msgspec.Raw(public_face(identity.actor)), "acknowledged": "durable", "server": SERVER_NAME}
    return m.ConnectResult(
        client=client_id,
        version=SERVER_VERSION,
        expires=identity.expires_at_ms is not None,
        ttl=_ttl(identity, now_ms),
        data=raw(_encode(greeting)),
        ping=math.ceil(settings.ping_interval_s),
        pong=True,
        time=now_ms,
    )


def refreshed(identity: Identity, client_id: str, now_ms: int) -> m.RefreshResult:
    return m.RefreshResult(
        client=client_id,
        version=SERVER_VERSION,
        expires=identity.expires_at_ms is not None,
        ttl=_ttl(identity, now_ms),
    )


def accepted(answer: Accepted) -> m.RPCResult:
    data: dict[str, Any] = {
        "room": answer.room,
        "offset": answer.offset,
        "epoch": answer.epoch,
        "event_ids": answer.event_ids,
        **answer.extra,
    }
    if answer.stored is not None:
        data["stored"] = answer.stored
    return m.RPCResult(data=raw(_encode(data)))


def publication(message: RoomMessage) -> m.Publication:
    tags = {"command_id": message.command_id} if message.offset else {}
    return m.Publication(data=raw(message.data), offset=message.offset, tags=tags, time=message.time_ms)


def subscribed(answer: Subscribed) -> m.SubscribeResult:
    return m.SubscribeResult(
        recoverable=True,
        positioned=True,
        epoch=answer.epoch,
        offset=answer.offset,
        publications=[publication(message) for message in answer.missed],
        was_recovering=answer.was_recovering,
        recovered=answer.recovered,
        data=raw(answer.view),
    )


def put_out(room: RoomAddress, code: int, reason: str) -> m.Reply:
    """The push that ends a membership; its reason is never empty."""
    unsubscribe = m.Unsubscribe(code=code, reason=reason or codes.UNSUBSCRIBES.get(code, "put out"))
    return m.Reply(push=m.Push(channel=room, unsubscribe=unsubscribe))


def told(id: int, answer: Told) -> m.Reply:
    match answer:
        case PresenceCount():
            return m.Reply(id=id, presence_stats=m.PresenceStatsResult(num_clients=answer.clients, num_users=answer.actors))
        case HistoryPage():
            publications = [publication(message) for message in answer.messages]
            return m.Reply(id=id, history=m.HistoryResult(publications=publications, epoch=answer.epoch, offset=answer.offset))
        case seats.Told():
            return m.Reply(id=id, rpc=m.RPCResult(data=raw(answer.data)))
        case Standing():
            return m.Reply(id=id, rpc=m.RPCResult(data=raw(_encode(answer))))
        case _:
            return m.Reply(id=id, presence=m.PresenceResult(presence=_present_clients(answer)))


def _present_clients(present: tuple[Present, ...]) -> dict[str, m.ClientInfo]:
    return {
        client: m.ClientInfo(user=someone.actor.id, client=client, conn_info=public_face(someone.actor))
        for someone in present
        for client in someone.clients
    }
