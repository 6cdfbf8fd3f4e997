"""The numbers of the wire: errors of a request, ends of a connection, ends of a subscription (PROTOCOL.md "Codes").

A number's range tells the SDK what to do: ``connection`` 3000-3499 and 4000-4499 reconnect, 3500-3999 and 4500-4999 do not;
``subscription`` 2000-2499 is final, 2500-2999 makes the SDK subscribe again with its position.
"""

from typing import Final, NamedTuple

from channels.seats import PUT_OUT_CLOSED, PUT_OUT_DELETED, PUT_OUT_NOT_ALLOWED, RESUBSCRIBE
from channels.wire.messages import Error
from domain import rejections
from domain.rejections import Rejection


class ErrorCode(NamedTuple):
    """``temporary`` makes the SDK try again by itself; ``message`` is what is said when the rejection says nothing."""

    code: int
    message: str
    temporary: bool = False

    def error(self, message: str = "") -> Error:
        return Error(code=self.code, message=message or self.message, temporary=self.temporary)


class DisconnectCode(NamedTuple):
    """A WebSocket close code with its reason: plain words, never something that parses as JSON."""

    code: int
    reason: str

    @property
    def reconnects(self) -> bool:
        """Whether the SDK comes back by itself."""
        return not (3500 <= self.code < 4000 or 4500 <= self.code < 5000)


INTERNAL: Final = ErrorCode(100, "the server could not do that now; repeat it in a moment", temporary=True)
UNAUTHORIZED: Final = ErrorCode(101, "sign in first")
UNKNOWN_CHANNEL: Final = ErrorCode(102, "there is no such channel")
PERMISSION_DENIED: Final = ErrorCode(103, "this room does not exist, or it is not open to you")
METHOD_NOT_FOUND: Final = ErrorCode(104, "no kind of room has a command of this name")
ALREADY_SUBSCRIBED: Final = ErrorCode(105, "this connection is subscribed to that room already")
LIMIT_EXCEEDED: Final = ErrorCode(106, "a fixed limit is exceeded")
BAD_REQUEST: Final = ErrorCode(107, "the request does not have its form")
NOT_AVAILABLE: Final = ErrorCode(108, "this server does not offer that")
TOKEN_EXPIRED: Final = ErrorCode(109, "the token has run out; get a new one")
EXPIRED: Final = ErrorCode(110, "this has run out")
TOO_MANY_REQUESTS: Final = ErrorCode(111, "too much at once; repeat it a little later", temporary=True)
UNRECOVERABLE_POSITION: Final = ErrorCode(112, "what was missed cannot be given any more; start from a fresh view")

ERRORS: Final = (
    INTERNAL,
    UNAUTHORIZED,
    UNKNOWN_CHANNEL,
    PERMISSION_DENIED,
    METHOD_NOT_FOUND,
    ALREADY_SUBSCRIBED,
    LIMIT_EXCEEDED,
    BAD_REQUEST,
    NOT_AVAILABLE,
    TOKEN_EXPIRED,
    EXPIRED,
    TOO_MANY_REQUESTS,
    UNRECOVERABLE_POSITION,
)

REJECTIONS: Final[dict[type[Rejection], ErrorCode]] = {
    rejections.Malformed: BAD_REQUEST,
    rejections.UnknownCommand: METHOD_NOT_FOUND,
    rejections.NotAllowed: PERMISSION_DENIED,
    rejections.SignInNeeded: TOKEN_EXPIRED,
    rejections.Unavailable: INTERNAL,
    rejections.Busy: TOO_MANY_REQUESTS,
    rejections.LimitExceeded: LIMIT_EXCEEDED,
    rejections.NotRecoverable: UNRECOVERABLE_POSITION,
    rejections.RuleBroken: ErrorCode(400, "a rule of the room says no"),
    rejections.AlreadyExists: ErrorCode(409, "that is there already"),
    rejections.WrongStatus: ErrorCode(410, "that cannot be done in this status"),
    rejections.UnknownThing: ErrorCode(411, "this room does not hold that"),
    rejections.NotYours: ErrorCode(412, "only its author may do that"),
    rejections.LimitReached: ErrorCode(413, "a limit of the room is reached"),
    rejections.NotYet: ErrorCode(414, "it is too early for that"),
    rejections.VersionNotHigher: ErrorCode(415, "versions only rise"),
    rejections.OutOfOrder: ErrorCode(416, "that does not follow what is there"),
    rejections.CommandIdReused: ErrorCode(417, "this command id was used with other content"),
    rejections.CommandTooOld: ErrorCode(418, "this command id is too old; the room's history says whether it ran"),
    rejections.CommentsOff: ErrorCode(420, "this share takes no comments"),
    rejections.VotingOff: ErrorCode(421, "this share takes no votes"),
    rejections.ShareOver: ErrorCode(422, "this share is over"),
}
"""Every cause of a refusal and its one code. 400-1999 are the rules' own."""


def error_of(rejection: Rejection) -> Error:
    """What the wire says of a refusal. A class that nobody listed is a mistake of ours and therefore temporary."""
    return REJECTIONS.get(type(rejection), INTERNAL).error(str(rejection))


SHUTDOWN: Final = DisconnectCode(3001, "the server restarts")
SERVER_ERROR: Final = DisconnectCode(3004, "a fault of the server")
CONNECTION_EXPIRED: Final = DisconnectCode(3005, "the token has run out")
SLOW: Final = DisconnectCode(3008, "reading too slowly")
INSUFFICIENT_STATE: Final = DisconnectCode(3010, "the position is no longer known")
NO_PONG: Final = DisconnectCode(3012, "no answer to a ping")
TOO_MANY: Final = DisconnectCode(3013, "too many requests")
STATE_INVALIDATED: Final = DisconnectCode(3014, "the state is no longer valid")
INVALID_TOKEN: Final = DisconnectCode(3500, "the token is not valid")
BAD_CLIENT_REQUEST: Final = DisconnectCode(3501, "bad request")
STALE: Final = DisconnectCode(3502, "no connect command in time")
FORCE_DISCONNECT: Final = DisconnectCode(3503, "disconnected by the server")
CONNECTION_LIMIT: Final = DisconnectCode(3504, "too many connections")
CHANNEL_LIMIT: Final = DisconnectCode(3505, "too many rooms")
DENIED: Final = DisconnectCode(3507, "permission denied")

DISCONNECTS: Final = (
    SHUTDOWN,
    SERVER_ERROR,
    CONNECTION_EXPIRED,
    SLOW,
    INSUFFICIENT_STATE,
    NO_PONG,
    TOO_MANY,
    STATE_INVALIDATED,
    INVALID_TOKEN,
    BAD_CLIENT_REQUEST,
    STALE,
    FORCE_DISCONNECT,
    CONNECTION_LIMIT,
    CHANNEL_LIMIT,
    DENIED,
)

UNSUBSCRIBES: Final = {
    PUT_OUT_NOT_ALLOWED: "the room is no longer open to you",
    PUT_OUT_DELETED: "the room was deleted",
    PUT_OUT_CLOSED: "the room has closed",
    RESUBSCRIBE: "the position is no longer at hand; subscribe again",
}
"""Unsubscribe pushes and what is said where the room says nothing. 2000-2499 is final, 2500-2999 makes the SDK subscribe again."""


def plain_reason(text: str) -> str:
    """A close frame's reason: at most 123 bytes (RFC 6455, 5.5), and never JSON, which SDKs would take apart."""
    reason = text.encode()[:120].decode(errors="ignore").strip()
    return reason if reason and reason[0] not in '{["-0123456789' else f"reason: {reason}"[:120]
