"""quote:{uuid5 of request and artisan}: one artisan's part in a request for quotes, between them and the concept's owner."""

from domain.kinds.quote.decider import QUOTE

__all__ = ["QUOTE"]
