"""The quote as a Decider: rules, evolution, clock and view gathered under one name."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, TypeAlias

from domain.decider import Command, Context, Deadline, DeciderDefaults, Decision, Listing, Reaction, Tick
from domain.ids import ActorId, RoomAddress, keyed_id, room_address
from domain.kinds.quote import commands as ask
from domain.kinds.quote import rules_of_offers, rules_of_the_room
from domain.kinds.quote.events import EVENTS
from domain.kinds.quote.evolution import SPOKEN, evolve
from domain.kinds.quote.fitting import view_of
from domain.kinds.quote.outside import listing_of, reactions_of, results_of
from domain.kinds.quote.standing import role_for, standing_in
from domain.kinds.quote.state import QuoteRoom
from domain.kinds.quote.ticks import TICKS
from domain.kinds.quote.view import QuoteView
from domain.record import Actor, Event, Record
from domain.rejections import NotAllowed
from domain.roles import Claims, Role, check_role, may_of

Rule: TypeAlias = Callable[[QuoteRoom, Any, Context], Decision]

RULES: Final[Mapping[type[Command], Rule]] = {
    ask.Open: rules_of_the_room.open_room,
    ask.SubmitQuote: rules_of_offers.submit_quote,
    ask.ReviseQuote: rules_of_offers.revise_quote,
    ask.WithdrawQuote: rules_of_offers.withdraw_quote,
    ask.ViewQuote: rules_of_offers.view_quote,
    ask.RejectQuote: rules_of_offers.reject_quote,
    ask.Settle: rules_of_offers.settle,
    ask.ExpireQuote: rules_of_offers.expire_quote,
    ask.Post: rules_of_the_room.post,
    ask.ChangeOwner: rules_of_the_room.change_owner,
    ask.Delete: rules_of_the_room.delete,
}


class QuoteDecider(DeciderDefaults[QuoteRoom]):
    """Fulfils ``domain.decider.Decider``."""

    kind: str = "quote"
    commands: Mapping[str, type[Command]] = ask.COMMANDS
    creates: str = "open"
    events: Sequence[type[Event]] = EVENTS
    ticks: Sequence[type[Tick]] = TICKS
    spoken: Sequence[type[Event]] = SPOKEN
    state_type: type[QuoteRoom] = QuoteRoom

    def __init__(self) -> None:
        self._may = may_of(self.kind, self.commands)

    def address_of(self, command: Command, actor: Actor) -> RoomAddress:
        """One room per request and artisan: the address follows from them."""
        assert isinstance(command, ask.Open)
        return room_address(self.kind, keyed_id(self.kind, command.request_id, command.seller_id))

    def initial(self, room: RoomAddress) -> QuoteRoom:
        return QuoteRoom(room=room)

    def exists(self, state: QuoteRoom) -> bool:
        return state.is_there

    def standing(self, state: QuoteRoom, actor: Actor, claims: Claims, now_ms: int) -> Role | None:
        return standing_in(state, actor, claims, now_ms)

    def standing_basis(self, state: QuoteRoom) -> tuple[bool, str, ActorId]:
        return state.is_there, state.request.owner.id, state.request.seller_user_id

    def decide(self, state: QuoteRoom, command: Command, context: Context) -> Decision:
        asked = type(command)
        if not state.is_there and asked is not ask.Open:
            raise NotAllowed
        role = role_for(state, context)
        check_role(role, self._may[asked])
        return RULES[asked](state, command, context)

    def evolve(self, state: QuoteRoom, record: Record) -> QuoteRoom:
        return evolve(state, record)

    def due(self, state: QuoteRoom) -> Sequence[Deadline]:
        quote = state.open_quote
        if quote is None:
            return ()
        payload = {"quote_id": quote.id}
        return (Deadline(what=f"quote:{quote.id}", at_ms=quote.expires_at, name="quote.expire_quote", payload=payload),)

    def view(self, state: QuoteRoom) -> QuoteView:
        return view_of(state)

    def results(self, records: Sequence[Record]) -> dict[str, Any]:
        return results_of(records)

    def reactions(self, record: Record) -> Sequence[Reaction]:
        return reactions_of(record)

    def listed_for(self, state: QuoteRoom) -> Collection[ActorId]:
        if not state.is_there:
            return ()
        return (ActorId(state.request.owner.id), state.request.seller_user_id)

    def listing(self, state: QuoteRoom, ticks: Mapping[str, Tick] = {}) -> Listing:
        return listing_of(state)


QUOTE: Final = QuoteDecider()
