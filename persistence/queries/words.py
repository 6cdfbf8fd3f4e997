"""What people type into a search box -> a query of Postgres' full text: every word counts, and its beginning is enough."""

import re
from typing import Final

WORDS_MAX: Final = 10
"""Nobody means more; each costs a look into the index."""
WORD_MAX: Final = 100

_words = re.compile(r"[^\W_]+").findall


def prefix_query(text: str) -> str | None:
    """``"gold ri"`` -> ``"gold:* & ri:*"``; None where there is no word in it."""
    words = [word[:WORD_MAX] for word in _words(text)[:WORDS_MAX]]
    return " & ".join(f"{word}:*" for word in words) if words else None
