"""The concept as a Decider: rules, evolution, clock and view gathered under one name."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from domain.decider import Command, Context, Deadline, DeciderDefaults, Decision, Listing, Reaction, Ref, Tick
from domain.ids import ActorId, RoomAddress, derived_id, keyed_id, room_address
from domain.kinds.concept import (
    clock,
    rules_of_contents,
    rules_of_lifecycle,
    rules_of_quotes,
    rules_of_refinements,
    rules_of_videos,
)
from domain.kinds.concept import commands as ask
from domain.kinds.concept.events import EVENTS
from domain.kinds.concept.evolution import SPOKEN, evolve
from domain.kinds.concept.fitting import view_of
from domain.kinds.concept.outside import face_of, listing_of, reactions_of, results_of
from domain.kinds.concept.standing import role_for, role_of_maker, standing_in
from domain.kinds.concept.state import Concept
from domain.kinds.concept.ticks import TICKS
from domain.kinds.concept.view import ConceptView
from domain.record import Actor, Event, Record
from domain.refs import ConceptFace
from domain.rejections import NotAllowed
from domain.roles import Claims, Role, check_role, may_of

Rule: TypeAlias = Callable[[Concept, Any, Context], Decision]

RULES: Final[Mapping[type[Command], Rule]] = {
    ask.Create: rules_of_lifecycle.create,
    ask.ChangeDetails: rules_of_lifecycle.change_details,
    ask.Delete: rules_of_lifecycle.delete,
    ask.AddImage: rules_of_contents.add_image,
    ask.SetOptimizedVersions: rules_of_contents.set_optimized_versions,
    ask.RemoveImage: rules_of_contents.remove_image,
    ask.SetProducts: rules_of_contents.set_products,
    ask.MatchArtisans: rules_of_contents.match_artisans,
    ask.Favour: rules_of_lifecycle.favour,
    ask.Unfavour: rules_of_lifecycle.unfavour,
    ask.AddArPreview: rules_of_contents.add_ar_preview,
    ask.RemoveArPreview: rules_of_contents.remove_ar_preview,
    ask.CountArLook: rules_of_contents.count_ar_look,
    ask.CountArShare: rules_of_contents.count_ar_share,
    ask.RequestRefinement: rules_of_refinements.request_refinement,
    ask.SuggestRefinement: rules_of_refinements.suggest_refinement,
    ask.ApplyRefinement: rules_of_refinements.apply_refinement,
    ask.DismissRefinement: rules_of_refinements.dismiss_refinement,
    ask.RequestQuotes: rules_of_quotes.request_quotes,
    ask.CancelQuotes: rules_of_quotes.cancel_quotes,
    ask.AcceptQuote: rules_of_quotes.accept_quote,
    ask.ExpireQuotes: rules_of_quotes.expire_quotes,
    ask.NoteQuote: rules_of_quotes.note_quote,
    ask.UndoAcceptance: rules_of_quotes.undo_acceptance,
    ask.NoteShare: rules_of_lifecycle.note_share,
    ask.QueueVideo: rules_of_videos.queue_video,
    ask.StartVideo: rules_of_videos.start_video,
    ask.ReportProgress: rules_of_videos.report_progress,
    ask.CompleteVideo: rules_of_videos.complete_video,
    ask.FailVideo: rules_of_videos.fail_video,
    ask.SetSustainability: rules_of_contents.set_sustainability,
    ask.Claim: rules_of_lifecycle.claim,
}


class ConceptDecider(DeciderDefaults[Concept]):
    """Fulfils ``domain.decider.Decider``."""

    kind: str = "concept"
    commands: Mapping[str, type[Command]] = ask.COMMANDS
    creates: str = "create"
    events: Sequence[type[Event]] = EVENTS
    ticks: Sequence[type[Tick]] = TICKS
    spoken: Sequence[type[Event]] = SPOKEN
    state_type: type[Concept] = Concept

    def __init__(self) -> None:
        self._may = may_of(self.kind, self.commands)

    def address_of(self, command: Command, actor: Actor) -> RoomAddress:
        """A visit makes one concept; what somebody makes directly follows from them and the command."""
        assert isinstance(command, ask.Create)
        if command.visit_id is not None:
            return room_address(self.kind, keyed_id(self.kind, command.visit_id))
        return room_address(self.kind, derived_id(self.kind, actor.id, command.command_id, 0))

    def initial(self, room: RoomAddress) -> Concept:
        return Concept(room=room)

    def exists(self, state: Concept) -> bool:
        return state.is_there

    def standing(self, state: Concept, actor: Actor, claims: Claims, now_ms: int) -> Role | None:
        return standing_in(state, actor, claims, now_ms)

    def standing_basis(self, state: Concept) -> tuple[bool, ActorId, str]:
        return state.is_there, state.face.owner_id, state.session_hash

    def refs(self, command: Command) -> Iterable[Ref]:
        match command:
            case ask.MatchArtisans():
                return rules_of_contents.refs_of_match(command)
            case ask.RequestQuotes():
                return rules_of_quotes.refs_of_request(command)
            case _:
                return ()

    def decide(self, state: Concept, command: Command, context: Context) -> Decision:
        asked = type(command)
        if asked is ask.Create:
            role = role_of_maker(context)
        elif state.is_there or (state.is_deleted and asked is ask.NoteShare):
            role = role_for(state, context)
        else:
            raise NotAllowed
        check_role(role, self._may[asked])
        return RULES[asked](state, command, context)

    def evolve(self, state: Concept, record: Record) -> Concept:
        return evolve(state, record)

    def due(self, state: Concept) -> Sequence[Deadline]:
        return clock.due(state)

    def live_keys(self, state: Concept) -> frozenset[str]:
        return clock.live_keys(state)

    def view(self, state: Concept) -> ConceptView:
        return view_of(state)

    def results(self, records: Sequence[Record]) -> dict[str, Any]:
        return results_of(records)

    def reactions(self, record: Record) -> Sequence[Reaction]:
        return reactions_of(record)

    def referred(self, state: Concept) -> ConceptFace | None:
        return face_of(state)

    def listed_for(self, state: Concept) -> Collection[ActorId]:
        return (state.face.owner_id,) if state.is_there else ()

    def listing(self, state: Concept, ticks: Mapping[str, Tick] = {}) -> Listing:
        return listing_of(state, ticks)


CONCEPT: Final = ConceptDecider()
