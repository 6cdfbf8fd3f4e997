"""The messages of the wire: Command (from the client), Reply and Push (from the server).

Field names are those of the protocol's JSON form; ``client.proto`` gives the same fields their numbers. Payloads (``data``) stay
raw bytes holding JSON in both formats: Atrium's own payloads are JSON everywhere.
"""

from typing import TypeAlias

import msgspec

EMPTY = msgspec.Raw(b"")
"""No payload. This very object, so that JSON leaves the field out."""


class SubscribeRequest(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    channel: str = ""
    token: str = ""
    recover: bool = False
    epoch: str = ""
    offset: int = 0
    data: msgspec.Raw = EMPTY
    positioned: bool = False
    recoverable: bool = False
    join_leave: bool = False
    delta: str = ""
    flag: int = 0
    type: int = 0
    """Kinds of subscription that we do not have (map, shared poll) are not 0."""


class ConnectRequest(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    token: str = ""
    data: msgspec.Raw = EMPTY
    subs: dict[str, SubscribeRequest] = {}
    name: str = ""
    version: str = ""
    headers: dict[str, str] = {}
    flag: int = 0


class UnsubscribeRequest(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    channel: str = ""


class PublishRequest(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    channel: str = ""
    data: msgspec.Raw = EMPTY
    type: int = 0


class PresenceRequest(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    channel: str = ""


class PresenceStatsRequest(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    channel: str = ""


class StreamPosition(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    offset: int = 0
    epoch: str = ""


class HistoryRequest(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    channel: str = ""
    limit: int = 0
    since: StreamPosition | None = None
    reverse: bool = False


class RPCRequest(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    data: msgspec.Raw = EMPTY
    method: str = ""


class PingRequest(msgspec.Struct, frozen=True, gc=False):
    """A client that wants to know whether we are there."""


class SendRequest(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    data: msgspec.Raw = EMPTY


class RefreshRequest(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    token: str = ""


class SubRefreshRequest(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    channel: str = ""
    token: str = ""
    type: int = 0


class Command(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One message of a client: an id and one request; without either it is a pong. ``unknown`` names a request we do not have."""

    id: int = 0
    connect: ConnectRequest | None = None
    subscribe: SubscribeRequest | None = None
    unsubscribe: UnsubscribeRequest | None = None
    publish: PublishRequest | None = None
    presence: PresenceRequest | None = None
    presence_stats: PresenceStatsRequest | None = None
    history: HistoryRequest | None = None
    ping: PingRequest | None = None
    send: SendRequest | None = None
    rpc: RPCRequest | None = None
    refresh: RefreshRequest | None = None
    sub_refresh: SubRefreshRequest | None = None
    unknown: str = ""

    @property
    def request(self) -> "Request | None":
        """The one request; where a client sends several in one message, the first of this order."""
        return (
            self.rpc
            or self.subscribe
            or self.publish
            or self.unsubscribe
            or self.connect
            or self.history
            or self.presence
            or self.presence_stats
            or self.refresh
            or self.sub_refresh
            or self.send
            or self.ping
        )


Request: TypeAlias = (
    ConnectRequest
    | SubscribeRequest
    | UnsubscribeRequest
    | PublishRequest
    | PresenceRequest
    | PresenceStatsRequest
    | HistoryRequest
    | PingRequest
    | SendRequest
    | RPCRequest
    | RefreshRequest
    | SubRefreshRequest
)

REQUEST_NAMES = frozenset(Command.__struct_fields__) - {"id", "unknown"}


class Error(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Why a request was refused. ``temporary`` tells the SDK to try again by itself. ``message`` is never empty."""

    code: int
    message: str
    temporary: bool = False


class ClientInfo(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Who is here: ``user`` is the actor's id, ``client`` the connection's; ``conn_info`` the public face as JSON."""

    user: str = ""
    client: str = ""
    conn_info: msgspec.Raw = EMPTY
    chan_info: msgspec.Raw = EMPTY


class Publication(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """``offset`` 0 means a passing message: tick, stream piece or signal."""

    data: msgspec.Raw = EMPTY
    info: ClientInfo | None = None
    offset: int = 0
    tags: dict[str, str] = {}
    time: int = 0


class SubscribeResult(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    expires: bool = False
    ttl: int = 0
    recoverable: bool = False
    epoch: str = ""
    publications: list[Publication] = []
    recovered: bool = False
    offset: int = 0
    positioned: bool = False
    data: msgspec.Raw = EMPTY
    was_recovering: bool = False


class ConnectResult(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    client: str = ""
    version: str = ""
    expires: bool = False
    ttl: int = 0
    data: msgspec.Raw = EMPTY
    subs: dict[str, SubscribeResult] = {}
    ping: int = 0
    pong: bool = False
    session: str = ""
    node: str = ""
    time: int = 0


class UnsubscribeResult(msgspec.Struct, frozen=True, gc=False):
    pass


class PublishResult(msgspec.Struct, frozen=True, gc=False):
    pass


class PresenceResult(msgspec.Struct, frozen=True, gc=False):
    presence: dict[str, ClientInfo] = {}


class PresenceStatsResult(msgspec.Struct, frozen=True, gc=False):
    num_clients: int = 0
    num_users: int = 0


class HistoryResult(msgspec.Struct, frozen=True, gc=False):
    publications: list[Publication] = []
    epoch: str = ""
    offset: int = 0


class PingResult(msgspec.Struct, frozen=True, gc=False):
    pass


class RPCResult(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    data: msgspec.Raw = EMPTY


class RefreshResult(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    client: str = ""
    version: str = ""
    expires: bool = False
    ttl: int = 0


class SubRefreshResult(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    expires: bool = False
    ttl: int = 0


class Join(msgspec.Struct, frozen=True, gc=False):
    info: ClientInfo


class Leave(msgspec.Struct, frozen=True, gc=False):
    info: ClientInfo


class Unsubscribe(msgspec.Struct, frozen=True, gc=False):
    code: int
    reason: str


class Subscribe(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The server has let the connection into a room that it did not ask for; ``data`` is the view at ``offset``."""

    recoverable: bool = False
    epoch: str = ""
    offset: int = 0
    positioned: bool = False
    data: msgspec.Raw = EMPTY


class Disconnect(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    code: int
    reason: str
    reconnect: bool = False


class Message(msgspec.Struct, frozen=True, gc=False):
    data: msgspec.Raw


class Push(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Unsolicited: something of a room (``channel``), or of the connection."""

    channel: str = ""
    pub: Publication | None = None
    join: Join | None = None
    leave: Leave | None = None
    unsubscribe: Unsubscribe | None = None
    message: Message | None = None
    subscribe: Subscribe | None = None
    disconnect: Disconnect | None = None


class Reply(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
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
    ping: PingResult | None = None
    rpc: RPCResult | None = None
    refresh: RefreshResult | None = None
    sub_refresh: SubRefreshResult | None = None


PING = Reply()
