"""Ticks, streams and signals of one room."""

import json

from channels.live import Live
from channels.seats import RoomMessage
from channels.settings import HubSettings
from domain.parts.streams import Fold
from tests.support.desk import Worked

SETTINGS = HubSettings(tick_interval_ms=100, signals_per_turn=2)


def data_of(messages: list[RoomMessage]) -> list[object]:
    return [json.loads(message.data) for message in messages]


def values_of(messages: list[RoomMessage]) -> list[int]:
    return [json.loads(message.data)["tick"]["value"] for message in messages]


def pieces_of(messages: list[RoomMessage]) -> list[tuple[int, str]]:
    return [(piece["position"], piece["text"]) for piece in (json.loads(message.data)["stream"] for message in messages)]


def test_the_latest_tick_of_a_key_wins() -> None:
    live = Live(SETTINGS)
    live.put_tick(Worked(key="k", value=1), 4, 1_000)
    live.put_tick(Worked(key="k", value=2), 5, 1_001)

    assert data_of(live.take(1_001)) == [{"tick": {"type": "worked", "key": "k", "value": 2}, "after": 5}]
    assert live.take(1_002) == []


def test_a_key_ticks_at_most_every_interval_and_its_last_value_is_not_lost() -> None:
    live = Live(SETTINGS)
    live.put_tick(Worked(key="k", value=1), 1, 1_000)
    live.take(1_000)
    live.put_tick(Worked(key="k", value=2), 1, 1_010)
    live.put_tick(Worked(key="other", value=9), 1, 1_010)

    assert values_of(live.take(1_010)) == [9]
    assert live.next_due_ms() == 1_100
    assert values_of(live.take(1_100)) == [2]
    assert live.next_due_ms() is None


def test_a_clock_that_is_set_back_holds_nothing_up() -> None:
    live = Live(SETTINGS)
    for value, now_ms in ((1, 9_000_000), (2, 1_000)):
        live.put_tick(Worked(key="k", value=value), 1, now_ms)
        live.put_folds({"s": Fold(key="s", attempt=1, text="a" * value)}, ["s"], now_ms)
        assert len(live.take(now_ms)) == 2


def test_an_ended_key_leaves_nothing_behind() -> None:
    live = Live(SETTINGS)
    live.put_tick(Worked(key="k", value=1), 1, 1_000)
    live.put_folds({"k": Fold(key="k", attempt=1, text="abc")}, ["k"], 1_000)

    live.end(["k"])

    assert live.take(1_000) == []
    assert (live.last_ticks(), live.told()) == ([], [])
    assert live.ticked_at == {}


def test_a_stream_is_published_from_where_it_was_published_before() -> None:
    live = Live(SETTINGS)
    live.put_folds({"k": Fold(key="k", attempt=1, text="abc")}, ["k"], 1_000)
    assert pieces_of(live.take(1_000)) == [(0, "abc")]

    live.put_folds({"k": Fold(key="k", attempt=1, text="abcdef")}, ["k"], 1_040)

    assert pieces_of(live.take(1_040)) == [(3, "def")]


def test_pieces_gather_for_the_interval_and_leave_as_one() -> None:
    live = Live(SETTINGS)
    live.put_folds({"k": Fold(key="k", attempt=1, text="a")}, ["k"], 1_000)
    live.take(1_000)
    live.put_folds({"k": Fold(key="k", attempt=1, text="ab")}, ["k"], 1_010)
    live.put_folds({"k": Fold(key="k", attempt=1, text="abc")}, ["k"], 1_020)

    assert live.take(1_020) == []
    assert live.next_due_ms() == 1_040
    assert pieces_of(live.take(1_040)) == [(1, "bc")]
    assert live.next_due_ms() is None


def test_before_the_member_list_changes_all_pieces_leave() -> None:
    live = Live(SETTINGS)
    live.put_folds({"k": Fold(key="k", attempt=1, text="a")}, ["k"], 1_000)
    live.take(1_000)
    live.put_folds({"k": Fold(key="k", attempt=1, text="ab")}, ["k"], 1_001)

    assert pieces_of(live.take(1_001, is_membership_change=True)) == [(1, "b")]


def test_a_restored_tick_is_given_to_joiners_and_is_not_published_again() -> None:
    live = Live(SETTINGS)
    live.restore(Worked(key="k", value=3), 7, 900)

    assert live.take(1_000) == []
    assert [json.loads(tick) for tick in live.last_ticks()] == [{"tick": {"type": "worked", "key": "k", "value": 3}, "after": 7}]
    assert (live.ticked_at, live.values) == ({"k": 900}, {"k": Worked(key="k", value=3)})


def test_a_new_attempt_is_told_from_its_beginning() -> None:
    live = Live(SETTINGS)
    live.put_folds({"k": Fold(key="k", attempt=1, text="abc")}, ["k"], 1_000)
    live.take(1_000)

    live.put_folds({"k": Fold(key="k", attempt=2, text="x")}, ["k"], 1_040)

    assert pieces_of(live.take(1_040)) == [(0, "x")]


def test_a_member_that_lagged_gets_the_rest_of_each_stream_and_the_last_ticks() -> None:
    live = Live(SETTINGS)
    live.put_folds({"k": Fold(key="k", attempt=1, text="abc")}, ["k"], 1_000)
    live.take(1_000)
    heads = live.heads
    live.put_folds({"k": Fold(key="k", attempt=1, text="abcdef")}, ["k"], 1_001)
    live.put_tick(Worked(key="k", value=7), 1, 1_001)
    live.take(1_001)

    piece, tick = live.since(heads)

    assert pieces_of([piece]) == [(3, "def")]
    assert values_of([tick]) == [7]


def test_a_place_in_a_stream_that_ended_is_no_place_in_the_one_begun_anew() -> None:
    live = Live(SETTINGS)
    live.put_folds({"k": Fold(key="k", attempt=1, text="abc")}, ["k"], 1_000)
    live.take(1_000)
    heads = live.heads
    live.end(["k"])
    live.put_folds({"k": Fold(key="k", attempt=1, text="vwxyz")}, ["k"], 1_001)
    live.take(1_001)

    assert pieces_of(live.since(heads)) == [(0, "vwxyz")]


def test_of_signals_the_newest_per_client_and_type_stays_and_what_is_too_much_is_dropped() -> None:
    live = Live(SETTINGS)
    for client, data in (("a", b'"1"'), ("a", b'"2"'), ("b", b'"3"'), ("c", b'"4"')):
        live.put_signal(client, "typing", RoomMessage(data=data))

    assert data_of(live.take(1_000)) == ["2", "3"]
    assert live.take(1_001) == []
