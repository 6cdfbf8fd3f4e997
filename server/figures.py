"""What is counted, and under which name Prometheus finds it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from channels.hub import Hub
from channels.lobby import Lobby
from channels.tally import BOUNDS_S, Tally
from channels.wire.codes import INTERNAL, REJECTIONS
from channels.wire.deflate import DeflateCodec
from persistence.storage import Storage
from server.metrics import Figure, Spread
from server.telemetry import LoopLag

HUB_FIGURES: Final = {
    "rooms_open": "Rooms in memory",
    "rooms_opening": "Rooms being read from the log",
    "connections": "Connections whose client is known",
    "members": "Connections in rooms, each room counted",
    "members_lagging": "Members that read too slowly and catch up",
    "commands_waiting": "Commands given and not answered yet",
    "commands_waiting_for_stored": "Answers that wait for Postgres",
    "appends_total": "Batches made durable",
    "records_total": "Events made durable",
    "writes_total": "Writes to members",
    "jobs_waiting": "Rooms and histories that wait to be read",
    "alarms": "Timers of rooms",
    "journal_fill": "Used share of the journal's budget: from 0.8 producers are slowed, at 1 refused",
}
"""Name in ``Hub.statistics`` -> help; a name that is not listed is shown too."""


def figures_of(
    hub: Hub, lobby: Lobby, storage: Storage, loop_lag: LoopLag, deflating: Sequence[DeflateCodec]
) -> Callable[[], Iterator[Figure | Spread]]:
    """The reader behind /metrics."""

    def read() -> Iterator[Figure | Spread]:
        yield from _of_hub(hub)
        yield from _of_commands(hub.tally)
        yield Figure("atrium_sockets", "Open WebSockets, those that have not said who they are included", len(lobby.connections))
        yield from _of_storage(storage)
        yield from _of_compression(deflating)
        yield Figure("atrium_loop_lag_seconds", "How late the event loop came last", loop_lag.last_s)
        yield Figure("atrium_loop_lag_worst_seconds", "How late it came at worst in the last half minute", loop_lag.worst_s)

    return read


def _of_hub(hub: Hub) -> Iterator[Figure]:
    for name, value in hub.statistics().items():
        yield Figure(f"atrium_{name}", HUB_FIGURES.get(name, name), value)


def _of_commands(tally: Tally) -> Iterator[Figure | Spread]:
    """Every code stands there from the start: a rate over one that has just appeared would miss its first."""
    counts = dict.fromkeys(sorted({code.code for code in REJECTIONS.values()}), 0)
    for kind, count in tally.refused.items():
        counts[REJECTIONS.get(kind, INTERNAL).code] += count
    meaning = "Commands answered; a refused one with its code of the wire"
    yield Figure("atrium_commands_total", meaning, tally.accepted, (("outcome", "accepted"), ("code", "")))
    for code, count in counts.items():
        yield Figure("atrium_commands_total", meaning, count, (("outcome", "rejected"), ("code", str(code))))
    yield Spread(
        "atrium_command_seconds",
        "From giving a command, by socket or HTTP, until it is durable; accepted ones",
        BOUNDS_S,
        tally.counts,
        tally.seconds,
    )


def _of_compression(deflating: Sequence[DeflateCodec]) -> Iterator[Figure]:
    plain, deflated = sum(codec.plain_bytes for codec in deflating), sum(codec.deflated_bytes for codec in deflating)
    yield Figure("atrium_deflate_plain_bytes_total", "Bytes of messages before they were compressed, each once", plain)
    yield Figure("atrium_deflate_deflated_bytes_total", "The same afterwards", deflated)
    seconds = sum(codec.seconds for codec in deflating)
    yield Figure("atrium_deflate_seconds_total", "What compressing took", seconds)


def _of_storage(storage: Storage) -> Iterator[Figure]:
    lag = storage.lag()
    yield Figure("atrium_write_behind_records", "Events that are durable and not yet in Postgres", lag.records_waiting)
    yield Figure("atrium_write_behind_age_seconds", "The age of the oldest of them", lag.oldest_age_s)
    yield Figure(
        "atrium_write_behind_rooms_behind", "Rooms whose rows stand still at a record that did not go in", lag.rooms_behind
    )
    yield Figure("atrium_write_behind_confirmed_batch", "The journal's last batch that Postgres has confirmed", lag.confirmed_batch)
    yield Figure("atrium_write_behind_away", "1 while Postgres does not answer", 1 if lag.away else 0)
    yield Figure("atrium_write_behind_stopped", "1 once it has stopped for good", 1 if lag.stopped else 0)
