"""The conversation as a Decider: rules, evolution, clock, view, answers and reactions gathered under one name."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

from domain.decider import (
    Asker,
    Command,
    Context,
    Deadline,
    DeciderDefaults,
    Decision,
    Listing,
    Question,
    Reaction,
    Tick,
)
from domain.ids import ActorId, RoomAddress, derived_id, room_address
from domain.kinds.conversation import answers, clock, rules_of_lifecycle, rules_of_turns
from domain.kinds.conversation import commands as ask
from domain.kinds.conversation import events as did
from domain.kinds.conversation.evolution import evolve
from domain.kinds.conversation.fitting import view_of
from domain.kinds.conversation.outside import listing_of, reactions_of, results_of
from domain.kinds.conversation.standing import may_remove, standing_in
from domain.kinds.conversation.state import Conversation
from domain.kinds.conversation.ticks import TICKS
from domain.kinds.conversation.view import ConversationView, TurnText
from domain.record import Actor, Event, Record
from domain.rejections import NotAllowed, WrongStatus
from domain.roles import Claims, Role, check_role, may_of

Rule: TypeAlias = Callable[[Conversation, Any, Context], Decision]

RULES: Final[Mapping[type[Command], Rule]] = {
    ask.Start: rules_of_lifecycle.start,
    ask.Say: rules_of_lifecycle.say,
    ask.BeginTurn: rules_of_turns.begin_turn,
    ask.AppendTurn: rules_of_turns.append_turn,
    ask.Annotate: rules_of_lifecycle.annotate,
    ask.CompleteTurn: rules_of_turns.complete_turn,
    ask.StopTurn: rules_of_turns.stop_turn,
    ask.FailTurn: rules_of_turns.fail_turn,
    ask.RateTurn: rules_of_turns.rate_turn,
    ask.SetRequirements: rules_of_lifecycle.set_requirements,
    ask.SetContext: rules_of_lifecycle.set_context,
    ask.Summarise: rules_of_lifecycle.summarise,
    ask.Complete: rules_of_lifecycle.complete,
    ask.Claim: rules_of_lifecycle.claim,
    ask.NoteRefusal: rules_of_turns.note_refusal,
    ask.Delete: rules_of_lifecycle.delete,
}
"""The rules that need nothing but state, command and context; those of the clock also take how long silence may last."""

_AFTER_THE_END: Final = frozenset({ask.Annotate, ask.RateTurn, ask.Summarise, ask.Claim, ask.NoteRefusal, ask.Delete})
"""What is said of a conversation rather than in it."""


class ConversationDecider(DeciderDefaults[Conversation]):
    """Fulfils ``domain.decider.Decider``. Milliseconds: ``silent_ms`` is how long a bot may be silent, ``idle_ms`` everybody."""

    kind: str = "conversation"
    commands: Mapping[str, type[Command]] = ask.COMMANDS
    questions: Mapping[str, type[Question]] = ask.QUESTIONS
    creates: str = "start"
    events: Sequence[type[Event]] = did.EVENTS
    ticks: Sequence[type[Tick]] = TICKS
    spoken: Sequence[type[Event]] = (did.MessageAdded,)
    state_type: type[Conversation] = Conversation

    def __init__(self, silent_ms: int = clock.SILENT_MS, idle_ms: int = clock.IDLE_MS) -> None:
        self._silent_ms = silent_ms
        self._idle_ms = idle_ms
        self._rules: Mapping[type[Command], Rule] = {
            **RULES,
            ask.InterruptTurn: partial(rules_of_turns.interrupt_turn, silent_ms=silent_ms),
            ask.Abandon: partial(rules_of_lifecycle.abandon, idle_ms=idle_ms),
        }
        self._may = may_of(self.kind, self.commands)

    def address_of(self, command: Command, actor: Actor) -> RoomAddress:
        return room_address(self.kind, derived_id(self.kind, actor.id, command.command_id, 0))

    def initial(self, room: RoomAddress) -> Conversation:
        return Conversation(room=room)

    def exists(self, state: Conversation) -> bool:
        return state.is_there

    def standing(self, state: Conversation, actor: Actor, claims: Claims, now_ms: int) -> Role | None:
        return standing_in(state, actor, claims)

    def standing_basis(self, state: Conversation) -> tuple[bool, ActorId]:
        return state.is_there, state.face.owner.id

    def decide(self, state: Conversation, command: Command, context: Context) -> Decision:
        asked = type(command)
        if not state.is_there and asked is not ask.Start:
            raise NotAllowed
        role = standing_in(state, context.actor, context.claims)
        if asked is ask.Delete and may_remove(state, context.actor, context.claims, context.now_ms):
            role = "admin"
        check_role(role, self._may[asked])
        if state.is_there and state.face.status != "active" and asked not in (*_AFTER_THE_END, ask.Start):
            raise WrongStatus(f"this conversation is {state.face.status}: start a new one (conversation.start)")
        return self._rules[asked](state, command, context)

    def evolve(self, state: Conversation, record: Record) -> Conversation:
        return evolve(state, record)

    def due(self, state: Conversation) -> Sequence[Deadline]:
        return clock.due(state, self._silent_ms, self._idle_ms)

    def live_keys(self, state: Conversation) -> frozenset[str]:
        return clock.live_keys(state)

    def view(self, state: Conversation) -> ConversationView:
        return view_of(state)

    def results(self, records: Sequence[Record]) -> dict[str, Any]:
        return results_of(records)

    def reactions(self, record: Record) -> Sequence[Reaction]:
        return reactions_of(record)

    def answer(self, state: Conversation, question: Question, asker: Asker) -> TurnText:
        assert isinstance(question, ask.ReadTurn)
        return answers.read_turn(state, question, asker)

    def redacts(self, record: Record) -> Sequence[int]:
        """What was said in a conversation goes with it."""
        return range(1, record.offset) if type(record.event) is did.ConversationDeleted else ()

    def listed_for(self, state: Conversation) -> Collection[ActorId]:
        return (state.face.owner.id,) if state.is_there else ()

    def listing(self, state: Conversation, ticks: Mapping[str, Tick] = {}) -> Listing:
        return listing_of(state)


CONVERSATION: Final = ConversationDecider()
