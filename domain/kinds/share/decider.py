"""The share as a Decider: rules, evolution, clock, view and what it tells outside, gathered under one name."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from domain.decider import (
    Arrival,
    Asker,
    Command,
    Context,
    Deadline,
    DeciderDefaults,
    Decision,
    Listing,
    Question,
    Reaction,
    Ref,
    Tick,
)
from domain.ids import ActorId, RoomAddress, keyed_id, room_address
from domain.kinds.share import clock, rules_of_sharing, rules_of_talking
from domain.kinds.share import commands as ask
from domain.kinds.share.events import EVENTS, CommentAdded, CommentDeleted
from domain.kinds.share.evolution import evolve
from domain.kinds.share.fitting import view_of
from domain.kinds.share.outside import listing_of, reactions_of, results_of
from domain.kinds.share.standing import may_share, role_for, sentence_of, standing_in
from domain.kinds.share.state import Share
from domain.kinds.share.ticks import TICKS
from domain.kinds.share.view import ShareView, VoteAnswer
from domain.record import Actor, Event, Record
from domain.rejections import NotAllowed
from domain.roles import Claims, Role, check_role, may_of

Rule: TypeAlias = Callable[[Share, Any, Context], Decision]

RULES: Final[Mapping[type[Command], Rule]] = {
    ask.Share: rules_of_sharing.share,
    ask.ChangeShare: rules_of_sharing.change_share,
    ask.RevokeShare: rules_of_sharing.revoke_share,
    ask.ExpireShare: rules_of_sharing.expire_share,
    ask.Delete: rules_of_sharing.delete,
    ask.Claim: rules_of_sharing.claim,
    ask.AddComment: rules_of_talking.add_comment,
    ask.EditComment: rules_of_talking.edit_comment,
    ask.DeleteComment: rules_of_talking.delete_comment,
    ask.CastVote: rules_of_talking.vote,
    ask.WithdrawVote: rules_of_talking.withdraw_vote,
    ask.Show: rules_of_sharing.show,
    ask.CountVisit: rules_of_sharing.count_visit,
}

VISIT_MS: Final = 30 * 60 * 1000
"""A person who comes again within half an hour is still looking."""


class ShareDecider(DeciderDefaults[Share]):
    """Fulfils ``domain.decider.Decider``."""

    kind: str = "share"
    commands: Mapping[str, type[Command]] = ask.COMMANDS
    questions: Mapping[str, type[Question]] = ask.QUESTIONS
    creates: str = "share"
    events: Sequence[type[Event]] = EVENTS
    ticks: Sequence[type[Tick]] = TICKS
    spoken: Sequence[type[Event]] = (CommentAdded,)
    state_type: type[Share] = Share

    def __init__(self) -> None:
        self._may = may_of(self.kind, self.commands)

    def address_of(self, command: Command, actor: Actor) -> RoomAddress:
        """One share per token: whoever holds the token can tell the address, and nobody the token from it."""
        assert isinstance(command, ask.Share)
        return room_address(self.kind, keyed_id(self.kind, command.token_hash))

    def initial(self, room: RoomAddress) -> Share:
        return Share(room=room)

    def exists(self, state: Share) -> bool:
        return state.is_there

    def standing(self, state: Share, actor: Actor, claims: Claims, now_ms: int) -> Role | None:
        return standing_in(state, actor, claims, now_ms)

    def standing_basis(self, state: Share) -> object:
        face = state.face
        return (state.is_there, face.status, face.is_public, face.by.id, face.expires_at, state.shared_with)

    def refs(self, command: Command) -> Iterable[Ref]:
        return rules_of_sharing.refs_of(command) if isinstance(command, ask.Share | ask.ChangeShare) else ()

    def decide(self, state: Share, command: Command, context: Context) -> Decision:
        asked = type(command)
        if asked is ask.Share:
            if not may_share(context.actor, context.claims, context.room):
                raise NotAllowed("sharing is for those who are signed in, or have concepts of their own as guests")
        else:
            role = role_for(state, context, also_when_over=asked is ask.Delete)
            check_role(role, self._may[asked])
        return RULES[asked](state, command, context)

    def evolve(self, state: Share, record: Record) -> Share:
        return evolve(state, record)

    def due(self, state: Share) -> Sequence[Deadline]:
        return clock.due(state)

    def live_keys(self, state: Share) -> frozenset[str]:
        return clock.live_keys(state)

    def view(self, state: Share) -> ShareView:
        return view_of(state)

    def results(self, records: Sequence[Record]) -> dict[str, Any]:
        return results_of(records)

    def reactions(self, record: Record) -> Sequence[Reaction]:
        return reactions_of(record)

    def answer(self, state: Share, question: Question, asker: Asker) -> VoteAnswer:
        assert isinstance(question, ask.MyVote)
        return VoteAnswer(vote=state.ballot.votes.get(asker.actor.id))

    def redacts(self, record: Record) -> Sequence[int]:
        return record.event.redacted if isinstance(record.event, CommentDeleted) else ()

    def closed_because(self, state: Share) -> str:
        return sentence_of(state) if state.is_there and not state.is_open else ""

    def arrival(self, state: Share, actor: Actor, claims: Claims, now_ms: int) -> Arrival | None:
        """The owner, who looks after it, is no visitor."""
        if not state.is_open or actor.kind not in ("user", "guest") or actor.id == state.owner_id:
            return None
        return Arrival(name="share.count_visit", payload={}, interval_ms=VISIT_MS)

    def listed_for(self, state: Share) -> Collection[ActorId]:
        return (state.owner_id,) if state.is_there else ()

    def listing(self, state: Share, ticks: Mapping[str, Tick] = {}) -> Listing:
        return listing_of(state)


SHARE: Final = ShareDecider()
