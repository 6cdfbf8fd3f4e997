"""Refinements: the owner says what should be otherwise, a bot suggests, the owner takes it or not.

::

    requested ── suggest ─▶ suggested ── apply ─▶ applied
        └──────────── dismiss ──┴──────────────▶ dismissed
"""

from domain.decider import Context, Decision
from domain.kinds.concept import commands as ask
from domain.kinds.concept import events as did
from domain.kinds.concept.state import REFINEMENTS_MAX, Concept
from domain.kinds.concept.view import Refinement
from domain.rejections import LimitReached, UnknownThing, WrongStatus


def request_refinement(state: Concept, command: ask.RequestRefinement, context: Context) -> Decision:
    if len(state.refinements) >= REFINEMENTS_MAX:
        raise LimitReached(f"{REFINEMENTS_MAX} refinements are open already: apply or dismiss some of them first")
    return Decision((did.RefinementRequested(refinement_type=command.refinement_type, feedback=command.feedback),))


def suggest_refinement(state: Concept, command: ask.SuggestRefinement, context: Context) -> Decision:
    refinement = _open(state, command.refinement_id)
    if refinement.status == "suggested":
        raise WrongStatus("this refinement has its suggestion already: the owner applies or dismisses it")
    event = did.RefinementSuggested(
        refinement_id=refinement.id,
        refinement_type=refinement.refinement_type,
        feedback=refinement.feedback,
        changes=command.changes,
        explanation=command.explanation,
        confidence=command.confidence,
        owner_id=state.face.owner_id,
        title=state.face.name,
    )
    return Decision((event,))


def apply_refinement(state: Concept, command: ask.ApplyRefinement, context: Context) -> Decision:
    refinement = _open(state, command.refinement_id)
    if refinement.status != "suggested":
        raise WrongStatus("nothing was suggested for this refinement yet")
    event = did.RefinementApplied(
        refinement_id=refinement.id,
        changes=refinement.changes if command.changes is None else command.changes,
        refinement_count=state.face.refinement_count + 1,
        shares=state.open_shares,
    )
    return Decision((event,))


def dismiss_refinement(state: Concept, command: ask.DismissRefinement, context: Context) -> Decision:
    refinement = _open(state, command.refinement_id)
    return Decision((did.RefinementDismissed(refinement_id=refinement.id, was_suggested=refinement.status == "suggested"),))


def _open(state: Concept, refinement_id: str) -> Refinement:
    refinement = state.refinement(refinement_id)
    if refinement is None:
        raise UnknownThing(f"no open refinement of this concept has the id {refinement_id}: it may have been applied or dismissed")
    return refinement
