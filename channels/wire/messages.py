"""The messages of the wire: Command (from the client), Reply and Push (from the server).

Field names are those of the protocol's JSON form; ``client.proto`` gives the same fields their numbers. Payloads (``data``) stay
raw bytes holding JSON in both formats: Atrium's own payloads are JSON everywhere.
"""

from typing import Any

import msgspec

_EMPTY = msgspec.Raw(b"")


class SubscribeRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    channel: str = ""
    token: str = ""
    recover: bool = False
    epoch: str = ""
    offset: int = 0
    data: msgspec.Raw = _EMPTY
    positioned: bool = False
    recoverable: bool = False
    join_leave: bool = False
    delta: str = ""
    flag: int = 0


class ConnectRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    token: str = ""
    data: msgspec.Raw = _EMPTY
    subs: dict[str, SubscribeRequest] = {}
    name: str = ""
    version: str = ""
    headers: dict[str, str] = {}
    flag: int = 0


class UnsubscribeRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    channel: str = ""


class PublishRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    channel: str = ""
    data: msgspec.Raw = _EMPTY


class PresenceRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    channel: str = ""


class PresenceStatsRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    channel: str = ""


class StreamPosition(msgspec.Struct, frozen=True, omit_defaults=True):
    offset: int = 0
    epoch: str = ""


class HistoryRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    channel: str = ""
    limit: int = 0
    since: StreamPosition | None = None
    reverse: bool = False


class RPCRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    data: msgspec.Raw = _EMPTY
    method: str = ""


class SendRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    data: msgspec.Raw = _EMPTY


class RefreshRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    token: str = ""


class SubRefreshRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    channel: str = ""
    token: str = ""


class Command(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message of a client: an id and one request; without either it is a pong. ``unknown`` names a request we do not have."""

    id: int = 0
    connect: ConnectRequest | None = None
    subscribe: SubscribeRequest | None = None
    unsubscribe: UnsubscribeRequest | None = None
    publish: PublishRequest | None = None
    presence: PresenceRequest | None = None
    presence_stats: PresenceStatsRequest | None = None
    history: HistoryRequest | None = None
    ping: dict[str, Any] | None = None
    send: SendRequest | None = None
    rpc: RPCRequest | None = None
    refresh: RefreshRequest | None = None
    sub_refresh: SubRefreshRequest | None = None
    unknown: str = ""


class Error(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a request was refused. ``temporary`` tells the SDK to try again by itself. ``message`` is never empty."""

    code: int
    message: str
    temporary: bool = False


class ClientInfo(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who is here: ``user`` is the actor's id, ``client`` the connection's; ``conn_info`` the public face as JSON."""

    user: str = ""
    client: str = ""
    conn_info: msgspec.Raw = _EMPTY
    chan_info: msgspec.Raw = _EMPTY


class Publication(msgspec.Struct, frozen=True, omit_defaults=True):
    """``offset`` 0 means a passing message: tick, stream piece or signal."""

    data: msgspec.Raw = _EMPTY
    info: ClientInfo | None = None
    offset: int = 0
    tags: dict[str, str] = {}
    time: int = 0


class SubscribeResult(msgspec.Struct, frozen=True, omit_defaults=True):
    expires: bool = False
    ttl: int = 0
    recoverable: bool = False
    epoch: str = ""
    publications: list[Publication] = []
    recovered: bool = False
    offset: int = 0
    positioned: bool = False
    data: msgspec.Raw = _EMPTY
    was_recovering: bool = False


class ConnectResult(msgspec.Struct, frozen=True, omit_defaults=True):
    client: str = ""
    version: str = ""
    expires: bool = False
    ttl: int = 0
    data: msgspec.Raw = _EMPTY
    subs: dict[str, SubscribeResult] = {}
    ping: int = 0
    pong: bool = False
    session: str = ""
    node: str = ""
    time: int = 0


class UnsubscribeResult(msgspec.Struct, frozen=True):
    pass


class PublishResult(msgspec.Struct, frozen=True):
    pass


class PresenceResult(msgspec.Struct, frozen=True):
    presence: dict[str, ClientInfo] = {}


class PresenceStatsResult(msgspec.Struct, frozen=True):
    num_clients: int = 0
    num_users: int = 0


class HistoryResult(msgspec.Struct, frozen=True):
    publications: list[Publication] = []
    epoch: str = ""
    offset: int = 0


class RPCResult(msgspec.Struct, frozen=True, omit_defaults=True):
    data: msgspec.Raw = _EMPTY


class RefreshResult(msgspec.Struct, frozen=True, omit_defaults=True):
    client: str = ""
    version: str = ""
    expires: bool = False
    ttl: int = 0


class SubRefreshResult(msgspec.Struct, frozen=True, omit_defaults=True):
    expires: bool = False
    ttl: int = 0


class Join(msgspec.Struct, frozen=True):
    info: ClientInfo


class Leave(msgspec.Struct, frozen=True):
    info: ClientInfo


class Unsubscribe(msgspec.Struct, frozen=True):
    code: int
    reason: str


class Disconnect(msgspec.Struct, frozen=True, omit_defaults=True):
    code: int
    reason: str
    reconnect: bool = False


class Message(msgspec.Struct, frozen=True):
    data: msgspec.Raw


class Push(msgspec.Struct, frozen=True, omit_defaults=True):
    """Unsolicited: something of a room (``channel``), or of the connection."""

    channel: str = ""
    pub: Publication | None = None
    join: Join | None = None
    leave: Leave | None = None
    unsubscribe: Unsubscribe | None = None
    message: Message | None = None
    disconnect: Disconnect | None = None
    subscribe: SubscribeResult | None = None


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer to the command ``id``: an error or one result; or a push (``id`` 0); with none of them it is a ping."""

    id: int = 0
    error: Error | None = None
    push: Push | None = None
    connect: ConnectResult | None = None
    subscribe: SubscribeResult | None = None
    unsubscribe: UnsubscribeResult | None = None
    publish: PublishResult | None = None
    presence: PresenceResult | None = None
    presence_stats: PresenceStatsResult | None = None
    history: HistoryResult | None = None
    rpc: RPCResult | None = None
    refresh: RefreshResult | None = None
    sub_refresh: SubRefreshResult | None = None


PING = Reply()
