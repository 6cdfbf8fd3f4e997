"""Ids follow from who asked for what, and sort by time."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import actor_id_of, clock_command_id, derived_id, id_of, keyed_id, kind_of, time_ms_of
from tests.unit.domain.story import START_MS, command_id


def test_a_derived_id_is_a_uuid_of_version_8_with_the_commands_time_in_front() -> None:
    derived = uuid.UUID(derived_id("workspace:1", "ada", command_id(1), 0))

    assert (derived.version, derived.variant) == (8, uuid.RFC_4122)
    assert time_ms_of(str(derived)) == START_MS


def test_a_derived_id_is_pinned_so_that_clients_can_predict_it() -> None:
    assert derived_id("workspace:1", "ada", "0199c8a1-2000-7000-8000-000000000000", 0) == "0199c8a1-2000-8c70-a9bc-01b4f94c4f26"


@pytest.mark.parametrize(
    "other",
    [("workspace:2", "ada", 1, 0), ("workspace:1", "ben", 1, 0), ("workspace:1", "ada", 2, 0), ("workspace:1", "ada", 1, 1)],
)
def test_every_part_of_what_was_asked_tells_ids_apart(other: tuple[str, str, int, int]) -> None:
    room, actor, number, ordinal = other

    assert derived_id(room, actor, command_id(number), ordinal) != derived_id("workspace:1", "ada", command_id(1), 0)


@given(st.text(), st.integers(0, 2**48 - 1))
def test_a_deadline_always_gives_the_same_command_id(what: str, when_ms: int) -> None:
    once = clock_command_id("workspace:1", what, when_ms)

    assert clock_command_id("workspace:1", what, when_ms) == once
    assert time_ms_of(once) == when_ms
    assert str(uuid.UUID(once)) == once


@pytest.mark.parametrize(
    "text", ["", "x", "x" * 36, "0190aaaa_bbbb-7ccc-8ddd-eeeeeeeeeeee", "zzzzzzzz-zzzz-7ccc-8ddd-eeeeeeeeeeee"]
)
def test_what_is_no_uuid_has_no_time(text: str) -> None:
    assert time_ms_of(text) is None


def test_an_address_is_kind_and_id() -> None:
    assert (kind_of("workspace:8f1d:2"), id_of("workspace:8f1d:2")) == ("workspace", "8f1d:2")
    assert kind_of("workspace") == ""


def test_keys_do_not_run_into_one_another() -> None:
    assert keyed_id("a", "bc") != keyed_id("ab", "c")


def test_a_subject_that_is_a_uuid_is_the_actors_id_and_any_other_is_derived() -> None:
    assert actor_id_of("https://i", "8F1D0000-0000-4000-8000-000000000000") == "8f1d0000-0000-4000-8000-000000000000"
    assert actor_id_of("https://i", "ada") == actor_id_of("https://i", "ada") != actor_id_of("https://j", "ada")
