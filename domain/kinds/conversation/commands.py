"""What an actor may ask of a conversation. The wire name of ``Say`` is ``conversation.say``; ``COMMANDS`` gives all of them."""

from typing import Annotated, TypeAlias

from msgspec import Meta

from domain.decider import Command, Question
from domain.limits import Attempt, ErrorText, Id, Line, OpenObject, OptionalText, PieceText, Share, Text, TextPosition

INTENT_MAX = 100
MODEL_MAX = 100
MODEL_VERSION_MAX = 50
SUMMARY_MAX = 5_000
"""Characters. As JSON at most 30 KB, so that a summary always fits into the view."""
ACTIONS_MAX = 20
ENTITIES_MAX = 100
COUNT_MAX = 2**31 - 1
"""Tokens and milliseconds: what an integer column takes."""

Intent: TypeAlias = Annotated[str, Meta(max_length=INTENT_MAX)]
Model: TypeAlias = Annotated[str, Meta(min_length=1, max_length=MODEL_MAX)]
ModelVersion: TypeAlias = Annotated[str, Meta(min_length=1, max_length=MODEL_VERSION_MAX)]
Summary: TypeAlias = Annotated[str, Meta(min_length=1, max_length=SUMMARY_MAX)]
Actions: TypeAlias = Annotated[tuple[OpenObject, ...], Meta(max_length=ACTIONS_MAX)]
Entities: TypeAlias = Annotated[tuple[OpenObject, ...], Meta(max_length=ENTITIES_MAX)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=COUNT_MAX)]
Rating: TypeAlias = Annotated[int, Meta(ge=1, le=5)]
Cost: TypeAlias = Annotated[str, Meta(pattern=r"^(0|[1-9]\d{0,5})(\.\d{1,4})?$", max_length=11)]
"""US dollars as a decimal string: six digits, four decimals."""
Sha256: TypeAlias = Annotated[str, Meta(min_length=64, max_length=64, pattern=r"^[0-9a-f]{64}$")]


class Start(Command, frozen=True, kw_only=True):
    """Begin a conversation; it is the starter's. ``context`` is what a model shall know; its ``title`` names the conversation."""

    project_id: Id | None = None
    context: OpenObject = {}


class Say(Command, frozen=True, kw_only=True):
    """Say something. ``metadata`` is kept with the message as it is."""

    text: Text
    metadata: OpenObject = {}


class BeginTurn(Command, frozen=True, kw_only=True):
    """Begin to answer. With ``resume_turn`` an interrupted turn is taken over, or one's own is told by a new process."""

    resume_turn: Id | None = None


class AppendTurn(Command, frozen=True, kw_only=True):
    """A stream: ``text`` begins at ``position`` (Unicode characters) of the ``attempt``-th telling of the turn."""

    turn_id: Id
    attempt: Attempt
    position: TextPosition
    text: PieceText


class Annotate(Command, frozen=True, kw_only=True):
    """Say what a message means; what is left out stays."""

    message_id: Id
    intent: Intent | None = None
    entities: Entities | None = None
    confidence: Share | None = None


class CompleteTurn(Command, frozen=True, kw_only=True):
    """The answer is told. ``length`` (Unicode characters) and ``sha256`` (of the UTF-8) are the whole text's.

    An action has a ``type``; ``update_project`` has ``updates``, the fields that change in the conversation's project.
    """

    turn_id: Id
    attempt: Attempt
    length: TextPosition
    sha256: Sha256
    model: Model
    model_version: ModelVersion
    tokens: Count | None = None
    latency_ms: Count | None = None
    cost_usd: Cost | None = None
    confidence: Share | None = None
    actions: Actions = ()


class StopTurn(Command, frozen=True, kw_only=True):
    """Stop an answer: what was said of it becomes the message."""

    turn_id: Id


class FailTurn(Command, frozen=True, kw_only=True):
    """The answer cannot be told to its end: what was said of it becomes the message."""

    turn_id: Id
    attempt: Attempt
    error: ErrorText


class InterruptTurn(Command, frozen=True, kw_only=True):
    """Nothing was heard of the bot: the turn waits for somebody who takes it over."""

    turn_id: Id


class RateTurn(Command, frozen=True, kw_only=True):
    """Say how good an answer was (1 to 5), or whether it was accepted; what is left out stays."""

    turn_id: Id
    rating: Rating | None = None
    accepted: bool | None = None


class SetRequirements(Command, frozen=True, kw_only=True):
    """Merge into what the conversation has found to be wanted (RFC 7396: null removes a key)."""

    requirements: OpenObject


class SetContext(Command, frozen=True, kw_only=True):
    """Merge into what a model shall know (RFC 7396: null removes a key)."""

    context: OpenObject


class Summarise(Command, frozen=True, kw_only=True):
    """Say what the conversation has been about; replaces the summary before."""

    summary: Summary


class Complete(Command, frozen=True, kw_only=True):
    """The conversation has reached its end. Answers that are being told are stopped."""


class Abandon(Command, frozen=True, kw_only=True):
    """The conversation ends without a result. Answers that are being told are stopped."""


class Claim(Command, frozen=True, kw_only=True):
    """The guest whose conversation this is has signed in: it is that person's from here on."""

    guest_id: Id
    user_id: Id
    user_name: Line = ""


class NoteRefusal(Command, frozen=True, kw_only=True):
    """What an action of a turn asked of another room was refused there."""

    turn_id: Id
    action: Line
    reason: OptionalText = ""


class Delete(Command, frozen=True, kw_only=True):
    """Remove the conversation with everything that was said in it."""


COMMANDS: dict[str, type[Command]] = {
    "start": Start,
    "say": Say,
    "begin_turn": BeginTurn,
    "append_turn": AppendTurn,
    "annotate": Annotate,
    "complete_turn": CompleteTurn,
    "stop_turn": StopTurn,
    "fail_turn": FailTurn,
    "interrupt_turn": InterruptTurn,
    "rate_turn": RateTurn,
    "set_requirements": SetRequirements,
    "set_context": SetContext,
    "summarise": Summarise,
    "complete": Complete,
    "abandon": Abandon,
    "claim": Claim,
    "note_refusal": NoteRefusal,
    "delete": Delete,
}


class ReadTurn(Question, frozen=True, kw_only=True):
    """The text of a turn from ``position`` on: of one that is open, or whose message is among the newest."""

    turn_id: Id
    position: TextPosition = 0


QUESTIONS: dict[str, type[Question]] = {"read_turn": ReadTurn}
