"""Counting somebody once: within the interval not again, afterwards anew, and never more memory than the bound."""

from server.http.seen_once import SeenOnce


def test_a_key_counts_once_in_its_interval() -> None:
    seen = SeenOnce(1_000)

    assert [seen.is_new(at_ms, "ada", "look") for at_ms in (0, 1, 999, 1_000, 1_001)] == [True, False, False, True, False]


def test_every_key_counts_for_itself() -> None:
    seen = SeenOnce(1_000)

    assert seen.is_new(0, "ada", "look")
    assert seen.is_new(0, "ada", "share")
    assert seen.is_new(0, "ben", "look")


def test_what_did_not_count_after_all_is_forgotten() -> None:
    seen = SeenOnce(1_000)
    seen.is_new(0, "ada")
    seen.forget("ada")
    seen.forget("nobody")

    assert seen.is_new(1, "ada")


def test_beyond_the_bound_the_oldest_are_forgotten() -> None:
    seen = SeenOnce(1_000, most=2)
    for key in ("ada", "ben", "eve"):
        seen.is_new(0, key)

    assert len(seen) == 2
    assert not seen.is_new(0, "eve")
    assert seen.is_new(0, "ada")
