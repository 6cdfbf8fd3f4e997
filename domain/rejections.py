"""Why a command was refused. Every class is one cause and maps to exactly one wire code (``channels/wire/codes.py``).

::

    Rejection
    ├── Malformed               the command's form: unknown field, missing field, wrong type, out of range
    ├── UnknownCommand          no kind of room knows this name
    ├── NotAllowed              the room is not there, or not for this actor: both answer alike
    ├── SignInNeeded            the actor's token has run out
    ├── Unavailable             temporary: storage is away, the node is draining; SDKs repeat it
    ├── Busy                    temporary: a bound of the room, the connection or the node is reached
    ├── LimitExceeded           a fixed limit of the wire: sizes, rooms per connection
    ├── NotRecoverable          a subscriber wants its missed events or nothing, and they are not to be had
    └── RuleBroken              a rule of the room says no
        ├── AlreadyExists       the one thing of its key is there already
        ├── WrongStatus         not in this status of the room, the execution, the deploy
        ├── UnknownThing        the command names something that this room does not hold
        ├── NotYours            only its author may do that
        ├── LimitReached        retries, counts, quotas
        ├── NotYet              the clock has not come that far
        ├── VersionNotHigher    versions only rise
        ├── OutOfOrder          a phase, position or attempt that does not follow; says what is expected
        ├── CommandIdReused     the same command id with other content
        ├── CommandTooOld       the command id is older than what the room remembers
        ├── CommentsOff         the share takes no comments
        ├── VotingOff           the share takes no votes
        └── ShareOver           the share was revoked, or has run out
"""


class Rejection(Exception):
    """A command was refused; ``str()`` is a sentence that a person can read and act on. Nothing has happened in the room."""


class Malformed(Rejection):
    """The command does not have its form. The message names the path, as in ``$.title``."""


class UnknownCommand(Rejection):
    """No kind of room has a command of this name."""


class NotAllowed(Rejection):
    """The room does not exist, or this actor may not do that there: both answer alike, so guessing lists no rooms."""

    def __init__(self, message: str = "this room does not exist, or it is not open to you") -> None:
        super().__init__(message)


class SignInNeeded(Rejection):
    """The actor's token has run out: get a new one and repeat the command."""


class Unavailable(Rejection):
    """Temporary: storage is away or the node is draining. Repeat the command with the same id."""


class Busy(Rejection):
    """Temporary: a bound is reached. Repeat the command with the same id, a little later."""


class LimitExceeded(Rejection):
    """A fixed limit: the same command will be refused again."""


class NotRecoverable(Rejection):
    """The position cannot be resumed, and the subscriber asked for nothing else (wire code 112)."""

    def __init__(self, message: str = "the missed events are no longer at hand; subscribe afresh") -> None:
        super().__init__(message)


class RuleBroken(Rejection):
    """A rule of the room says no."""


class AlreadyExists(RuleBroken):
    """The one thing of its key is there already."""


class WrongStatus(RuleBroken):
    """Not in this status."""


class UnknownThing(RuleBroken):
    """The command names something that this room does not hold."""


class NotYours(RuleBroken):
    """Only its author may do that."""


class LimitReached(RuleBroken):
    """A limit of the rules: retries, counts, quotas."""


class NotYet(RuleBroken):
    """The clock has not come that far. ``at_ms`` says when to ask again (Unix milliseconds)."""

    def __init__(self, message: str, at_ms: int) -> None:
        super().__init__(message)
        self.at_ms = at_ms


class VersionNotHigher(RuleBroken):
    """Versions only rise."""


class OutOfOrder(RuleBroken):
    """A phase, position or attempt that does not follow; the message says what is expected.

    A stream's refusal also carries the expected place, so that the teller can rewind to it.
    """

    def __init__(self, message: str, *, expected_attempt: int | None = None, expected_position: int | None = None) -> None:
        super().__init__(message)
        self.expected_attempt = expected_attempt
        self.expected_position = expected_position


class CommandIdReused(RuleBroken):
    """The same command id was accepted before with other content."""


class CommandTooOld(RuleBroken):
    """The command id is older than what the room remembers; whether it ran is in the room's history."""


class CommentsOff(RuleBroken):
    """The share takes no comments: its owner may allow them."""


class VotingOff(RuleBroken):
    """The share takes no votes: its owner may allow them."""


class ShareOver(RuleBroken):
    """The share was revoked, or has run out."""
