"""What an actor may ask of a quote. The wire name of ``SubmitQuote`` is ``quote.submit_quote``; ``COMMANDS`` gives all of them."""

from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from domain.decider import Command
from domain.ids import ActorId
from domain.limits import Id, Line, Name, OpenObject, OptionalText, Text, Urls
from domain.parts.offers import Days, GivenPricing, Moment, Outcome
from domain.record import Actor, ActorKind

Customizations: TypeAlias = Annotated[tuple[OpenObject, ...], Meta(max_length=20)]
Revision: TypeAlias = Annotated[int, Meta(ge=1, le=2**31 - 1)]


class Somebody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A person or guest by their public face."""

    id: Id
    kind: ActorKind = "user"
    name: str = ""
    image: str = ""

    @property
    def actor(self) -> Actor:
        return Actor(id=ActorId(self.id), kind=self.kind, name=self.name, image=self.image)


class Open(Command, frozen=True, kw_only=True):
    """The server's: an artisan is asked for an offer. The room's address follows from request and artisan.

    ``message`` is what the owner writes to the artisans, ``concept_name`` and ``concept_image_url`` are all that is shown of it.
    """

    request_id: Id
    seller_id: Id
    seller_user_id: Id
    seller_name: Annotated[str, Meta(max_length=200)] = ""
    concept_id: Id
    concept_name: Name
    concept_image_url: Annotated[str, Meta(max_length=2_000)] = ""
    owner: Somebody
    message: OptionalText = ""
    expires_at: Moment


class SubmitQuote(Command, frozen=True, kw_only=True):
    """Make an offer. After the end of one another may follow, while the request is open."""

    pricing: GivenPricing
    estimated_days: Days
    customizations: Customizations = ()
    notes: OptionalText = ""
    attachments: Urls = ()
    expires_at: Moment


class ReviseQuote(Command, frozen=True, kw_only=True):
    """Change the open offer; what is left out stays. The owner has not seen it then."""

    pricing: GivenPricing | None = None
    estimated_days: Days | None = None
    customizations: Customizations | None = None
    notes: OptionalText | None = None
    attachments: Urls | None = None
    expires_at: Moment | None = None


class WithdrawQuote(Command, frozen=True, kw_only=True):
    """Take the open offer back."""

    reason: Line = ""


class ViewQuote(Command, frozen=True, kw_only=True):
    """The owner has seen the offer; the artisan is told, once."""


class RejectQuote(Command, frozen=True, kw_only=True):
    """Decline the open offer. The artisan may make another one."""

    reason: Line = ""


class Settle(Command, frozen=True, kw_only=True):
    """The server's: how the request has ended. ``quote_id`` and ``revision`` name the offer that was accepted."""

    outcome: Outcome
    by: Somebody | None = None
    quote_id: Id | None = None
    revision: Revision | None = None


class ExpireQuote(Command, frozen=True, kw_only=True):
    """The clock's: the offer has come to its end."""

    quote_id: Id


class Post(Command, frozen=True, kw_only=True):
    """A message between owner and artisan; Markdown."""

    text: Text
    attachments: Urls = ()


class ChangeOwner(Command, frozen=True, kw_only=True):
    """The server's: the guest who asked has signed in."""

    guest_id: Id
    owner: Somebody


class Delete(Command, frozen=True, kw_only=True):
    """Take away a quote that has ended, with all that was said about it: nobody is shown it any more."""


COMMANDS: dict[str, type[Command]] = {
    "open": Open,
    "submit_quote": SubmitQuote,
    "revise_quote": ReviseQuote,
    "withdraw_quote": WithdrawQuote,
    "view_quote": ViewQuote,
    "reject_quote": RejectQuote,
    "settle": Settle,
    "expire_quote": ExpireQuote,
    "post": Post,
    "change_owner": ChangeOwner,
    "delete": Delete,
}
