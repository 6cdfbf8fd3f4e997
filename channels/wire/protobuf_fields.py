"""The numbers of ``client.proto`` beside our structs: one table from which the Protobuf codec works in both directions.

``client.proto`` says the same for clients in other languages; a test compares the two with each other and with the SDK's own
descriptor. Messages and fields that are not here (delta, filters, numeric channel ids, emulation) are declined by being skipped.
"""

from typing import Literal, NamedTuple, TypeAlias

import msgspec

from channels.wire import messages as m

Kind: TypeAlias = Literal[
    "string", "bytes", "bool", "uint32", "uint64", "int32", "int64", "message", "repeated", "strings", "messages"
]
"""``repeated`` is a list of messages, ``strings`` a map of strings, ``messages`` a map of messages by string."""


class Field(NamedTuple):
    number: int
    name: str
    kind: Kind
    of: type[msgspec.Struct] = msgspec.Struct


FIELDS: dict[type[msgspec.Struct], tuple[Field, ...]] = {
    m.Command: (
        Field(1, "id", "uint32"),
        Field(4, "connect", "message", m.ConnectRequest),
        Field(5, "subscribe", "message", m.SubscribeRequest),
        Field(6, "unsubscribe", "message", m.UnsubscribeRequest),
        Field(7, "publish", "message", m.PublishRequest),
        Field(8, "presence", "message", m.PresenceRequest),
        Field(9, "presence_stats", "message", m.PresenceStatsRequest),
        Field(10, "history", "message", m.HistoryRequest),
        Field(11, "ping", "message", m.PingRequest),
        Field(12, "send", "message", m.SendRequest),
        Field(13, "rpc", "message", m.RPCRequest),
        Field(14, "refresh", "message", m.RefreshRequest),
        Field(15, "sub_refresh", "message", m.SubRefreshRequest),
    ),
    m.ConnectRequest: (
        Field(1, "token", "string"),
        Field(2, "data", "bytes"),
        Field(3, "subs", "messages", m.SubscribeRequest),
        Field(4, "name", "string"),
        Field(5, "version", "string"),
        Field(6, "headers", "strings"),
        Field(7, "flag", "int64"),
    ),
    m.SubscribeRequest: (
        Field(1, "channel", "string"),
        Field(2, "token", "string"),
        Field(3, "recover", "bool"),
        Field(6, "epoch", "string"),
        Field(7, "offset", "uint64"),
        Field(8, "data", "bytes"),
        Field(9, "positioned", "bool"),
        Field(10, "recoverable", "bool"),
        Field(11, "join_leave", "bool"),
        Field(12, "delta", "string"),
        Field(14, "flag", "int64"),
        Field(15, "type", "int32"),
    ),
    m.UnsubscribeRequest: (Field(1, "channel", "string"),),
    m.PublishRequest: (Field(1, "channel", "string"), Field(2, "data", "bytes"), Field(3, "type", "int32")),
    m.PresenceRequest: (Field(1, "channel", "string"),),
    m.PresenceStatsRequest: (Field(1, "channel", "string"),),
    m.StreamPosition: (Field(1, "offset", "uint64"), Field(2, "epoch", "string")),
    m.HistoryRequest: (
        Field(1, "channel", "string"),
        Field(7, "limit", "int32"),
        Field(8, "since", "message", m.StreamPosition),
        Field(9, "reverse", "bool"),
    ),
    m.PingRequest: (),
    m.SendRequest: (Field(1, "data", "bytes"),),
    m.RPCRequest: (Field(1, "data", "bytes"), Field(2, "method", "string")),
    m.RefreshRequest: (Field(1, "token", "string"),),
    m.SubRefreshRequest: (Field(1, "channel", "string"), Field(2, "token", "string"), Field(3, "type", "int32")),
    m.Reply: (
        Field(1, "id", "uint32"),
        Field(2, "error", "message", m.Error),
        Field(4, "push", "message", m.Push),
        Field(5, "connect", "message", m.ConnectResult),
        Field(6, "subscribe", "message", m.SubscribeResult),
        Field(7, "unsubscribe", "message", m.UnsubscribeResult),
        Field(8, "publish", "message", m.PublishResult),
        Field(9, "presence", "message", m.PresenceResult),
        Field(10, "presence_stats", "message", m.PresenceStatsResult),
        Field(11, "history", "message", m.HistoryResult),
        Field(12, "ping", "message", m.PingResult),
        Field(13, "rpc", "message", m.RPCResult),
        Field(14, "refresh", "message", m.RefreshResult),
        Field(15, "sub_refresh", "message", m.SubRefreshResult),
    ),
    m.Error: (Field(1, "code", "uint32"), Field(2, "message", "string"), Field(3, "temporary", "bool")),
    m.Push: (
        Field(2, "channel", "string"),
        Field(4, "pub", "message", m.Publication),
        Field(5, "join", "message", m.Join),
        Field(6, "leave", "message", m.Leave),
        Field(7, "unsubscribe", "message", m.Unsubscribe),
        Field(8, "message", "message", m.Message),
        Field(9, "subscribe", "message", m.Subscribe),
        Field(11, "disconnect", "message", m.Disconnect),
    ),
    m.ClientInfo: (
        Field(1, "user", "string"),
        Field(2, "client", "string"),
        Field(3, "conn_info", "bytes"),
        Field(4, "chan_info", "bytes"),
    ),
    m.Publication: (
        Field(4, "data", "bytes"),
        Field(5, "info", "message", m.ClientInfo),
        Field(6, "offset", "uint64"),
        Field(7, "tags", "strings"),
        Field(9, "time", "int64"),
    ),
    m.Join: (Field(1, "info", "message", m.ClientInfo),),
    m.Leave: (Field(1, "info", "message", m.ClientInfo),),
    m.Unsubscribe: (Field(2, "code", "uint32"), Field(3, "reason", "string")),
    m.Message: (Field(1, "data", "bytes"),),
    m.Subscribe: (
        Field(1, "recoverable", "bool"),
        Field(4, "epoch", "string"),
        Field(5, "offset", "uint64"),
        Field(6, "positioned", "bool"),
        Field(7, "data", "bytes"),
    ),
    m.Disconnect: (Field(1, "code", "uint32"), Field(2, "reason", "string"), Field(3, "reconnect", "bool")),
    m.ConnectResult: (
        Field(1, "client", "string"),
        Field(2, "version", "string"),
        Field(3, "expires", "bool"),
        Field(4, "ttl", "uint32"),
        Field(5, "data", "bytes"),
        Field(6, "subs", "messages", m.SubscribeResult),
        Field(7, "ping", "uint32"),
        Field(8, "pong", "bool"),
        Field(9, "session", "string"),
        Field(10, "node", "string"),
        Field(11, "time", "int64"),
    ),
    m.SubscribeResult: (
        Field(1, "expires", "bool"),
        Field(2, "ttl", "uint32"),
        Field(3, "recoverable", "bool"),
        Field(6, "epoch", "string"),
        Field(7, "publications", "repeated", m.Publication),
        Field(8, "recovered", "bool"),
        Field(9, "offset", "uint64"),
        Field(10, "positioned", "bool"),
        Field(11, "data", "bytes"),
        Field(12, "was_recovering", "bool"),
    ),
    m.UnsubscribeResult: (),
    m.PublishResult: (),
    m.PresenceResult: (Field(1, "presence", "messages", m.ClientInfo),),
    m.PresenceStatsResult: (Field(1, "num_clients", "uint32"), Field(2, "num_users", "uint32")),
    m.HistoryResult: (
        Field(1, "publications", "repeated", m.Publication),
        Field(2, "epoch", "string"),
        Field(3, "offset", "uint64"),
    ),
    m.PingResult: (),
    m.RPCResult: (Field(1, "data", "bytes"),),
    m.RefreshResult: (
        Field(1, "client", "string"),
        Field(2, "version", "string"),
        Field(3, "expires", "bool"),
        Field(4, "ttl", "uint32"),
    ),
    m.SubRefreshResult: (Field(1, "expires", "bool"), Field(2, "ttl", "uint32")),
}
