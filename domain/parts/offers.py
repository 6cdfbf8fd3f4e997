"""What concepts and quotes say to each other: prices, when an offer ends, and how it ended.

Money is a decimal string with at most two places, never a float.
"""

from decimal import Decimal
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

MOMENT_MAX_MS: Final = 253_402_300_799_000
"""The end of the year 9999, the last that every client can show."""
OFFER_MAX_MS: Final = 366 * 24 * 60 * 60 * 1000
"""How far ahead a request or a quote may end: nobody keeps a price for longer than a year."""
DAYS_MAX: Final = 3_650

Money: TypeAlias = Annotated[str, Meta(pattern=r"^(0|[1-9]\d{0,8})(\.\d{1,2})?$", max_length=12)]
"""``"1250"`` or ``"1250.50"``: below a thousand million, so that four of them still fit the column of their sum."""
Moment: TypeAlias = Annotated[int, Meta(ge=0, le=MOMENT_MAX_MS)]
"""Unix milliseconds."""
Days: TypeAlias = Annotated[int, Meta(ge=0, le=DAYS_MAX)]

Outcome: TypeAlias = Literal["accepted", "other_accepted", "cancelled", "expired", "undone"]
"""How a request ended, as its quote rooms hear it; ``undone`` takes ``other_accepted`` back."""
News: TypeAlias = Literal["received", "revised", "gone"]
"""What a concept hears of the quotes to its request."""


class GivenPricing(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The parts of a price as somebody states them: ``basePrice``, ``customization``, ``materials``, ``shipping``."""

    base_price: Money
    customization: Money = "0"
    materials: Money = "0"
    shipping: Money = "0"


class Pricing(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The same as it was agreed on; what was once recorded is read whatever is allowed today."""

    base_price: str
    customization: str = "0"
    materials: str = "0"
    shipping: str = "0"


def priced(given: GivenPricing) -> Pricing:
    return Pricing(
        base_price=given.base_price,
        customization=given.customization,
        materials=given.materials,
        shipping=given.shipping,
    )


def total_of(pricing: Pricing) -> str:
    """The sum of the four parts, with two places."""
    parts = (pricing.base_price, pricing.customization, pricing.materials, pricing.shipping)
    return str(sum((Decimal(part) for part in parts), Decimal("0.00")))
