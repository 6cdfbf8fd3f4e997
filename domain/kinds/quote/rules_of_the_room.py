"""The room around the offer: opened for an artisan, talked in, handed to the person whom a guest turns into, deleted."""

from domain.decider import Context, Decision
from domain.ids import ActorId, ThingId
from domain.kinds.quote import commands as ask
from domain.kinds.quote import events as did
from domain.kinds.quote.state import QuoteRoom
from domain.rejections import AlreadyExists, NotYours, WrongStatus


def open_room(state: QuoteRoom, command: ask.Open, context: Context) -> Decision:
    if state.is_there or state.is_deleted:
        raise AlreadyExists(f"this artisan was asked already: {state.room}")
    event = did.QuoteOpened(
        parties=did.Parties(
            concept_id=ThingId(command.concept_id),
            request_id=ThingId(command.request_id),
            owner=command.owner.actor,
            seller_id=ThingId(command.seller_id),
            seller_user_id=ActorId(command.seller_user_id),
            title=command.concept_name,
        ),
        seller_name=command.seller_name,
        image_url=command.concept_image_url,
        message=command.message,
        expires_at=command.expires_at,
    )
    return Decision((event,))


def post(state: QuoteRoom, command: ask.Post, context: Context) -> Decision:
    """Also after the end: whoever has agreed on something has things to settle."""
    return Decision((did.MessagePosted(parties=state.parties, text=command.text, attachments=command.attachments),))


def change_owner(state: QuoteRoom, command: ask.ChangeOwner, context: Context) -> Decision:
    """Said again, it changes nothing."""
    owner = state.request.owner
    if owner.id == command.owner.id:
        return Decision()
    if owner.kind != "guest" or owner.id != command.guest_id:
        raise NotYours("this request is not that guest's")
    parties = did.Parties(
        concept_id=state.request.concept_id,
        request_id=state.request.id,
        owner=command.owner.actor,
        seller_id=state.request.seller_id,
        seller_user_id=state.request.seller_user_id,
        title=state.request.concept_name,
    )
    return Decision((did.OwnerChanged(parties=parties, guest_id=ActorId(command.guest_id)),))


def delete(state: QuoteRoom, command: ask.Delete, context: Context) -> Decision:
    if state.open_quote is not None or state.request.outcome is None:
        raise WrongStatus("this request is still open: settle or cancel it first (concept.accept_quote, concept.cancel_quotes)")
    return Decision((did.QuoteDeleted(parties=state.parties, quote_ids=state.quote_ids),))
