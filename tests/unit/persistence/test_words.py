"""What people type is never Postgres' own language: only its words count, as beginnings."""

import pytest

from persistence.queries.words import WORDS_MAX, prefix_query


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("gold", "gold:*"),
        ("gold ri", "gold:* & ri:*"),
        ("  Größe,  42!", "Größe:* & 42:*"),
        ("a_b & !c | (d:*)", "a:* & b:* & c:* & d:*"),
        ("'quoted'", "quoted:*"),
        ("& | ! :*", None),
        ("", None),
    ],
)
def test_words_become_beginnings(text: str, query: str | None) -> None:
    assert prefix_query(text) == query


def test_nobody_asks_for_more_words_than_the_bound() -> None:
    assert str(prefix_query("word " * 50)).count("word") == WORDS_MAX
