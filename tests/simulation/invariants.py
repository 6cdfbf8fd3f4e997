"""What has to hold at every instant, and what has to stand in the tables at the end."""

import re
from collections.abc import Collection, Iterator
from typing import Final

from domain.event_codec import decode, tag_of
from domain.kinds.conversation.events import ConversationStarted
from domain.kinds.person.events import RoomNoted
from domain.kinds.workspace.events import MessagePosted
from tests.simulation.database import Postgres
from tests.simulation.node import Parts

WORDS: Final = re.compile(r"words-of-[a-z0-9-]+-end")
"""What clients may take back, so that it can be looked for."""


def look(parts: Parts) -> Iterator[str]:
    """Every queue within its bound; the journal has not let go of what is not stored."""
    hub, journal, lobby = parts.hub, parts.journal, parts.lobby
    figures, settings = hub.statistics(), hub._node.settings
    if not 0 <= figures["commands_waiting"] <= settings.node_waiting_commands:
        yield f"{figures['commands_waiting']} commands wait"
    if figures["commands_waiting_bytes"] < 0:
        yield "fewer than no bytes wait"
    if figures["jobs_waiting"] > settings.openings_waiting:
        yield f"{figures['jobs_waiting']} jobs wait"
    for open_room in hub._rooms:
        room, ring = open_room.room, open_room.audience.ring
        if len(ring) > settings.ring_events or ring.top > room.top:
            yield f"the ring of {room.address[:14]} has {len(ring)} events up to {ring.top}, the room {room.top}"
        if room.waiting > settings.room_waiting_commands:
            yield f"{room.waiting} commands wait in {room.address[:14]}"
    if journal.tail.confirmed > journal.tail.top:
        yield "the journal's tail ends before it begins"
    if len(lobby._running) > lobby.settings.tasks:
        yield f"{len(lobby._running)} tasks of the lobby"


def look_at_rows(postgres: Postgres, forgotten: Collection[str]) -> Iterator[str]:
    """Rows follow the log: every room's projection is at its end, every message has its row, and nothing stands still.

    What was taken back, and called so, stands in no table.
    """
    for table, rows in postgres.committed.items() if forgotten else ():
        left = set(WORDS.findall(str([dict(row) for row in rows.values()]))) & set(forgotten)
        if left:
            yield f"not forgotten in {table}: {sorted(left)}"
    for letter in postgres.rows("dead_letters"):
        yield f"dead letter: {letter['room'][:14]} {letter['error']}"
    tops: dict[str, int] = {}
    for row in postgres.rows("room_events"):
        tops[row["room"]] = max(tops.get(row["room"], 0), row["offset"])
    projected = {row["room"]: row["projected_offset"] for row in postgres.rows("room_positions")}
    if projected != tops:
        yield f"projections stand at {projected}, logs at {tops}"
    posted = {(row["room"], row["offset"]) for row in postgres.rows("room_events") if row["type"] == tag_of(MessagePosted)}
    shown = {(f"workspace:{row['workspace_id']}", row["offset"]) for row in postgres.rows("workspace_messages")}
    if not posted <= shown:
        yield f"messages without a row: {sorted(posted - shown)[:3]}"
    started = sorted(row["room"] for row in postgres.rows("room_events") if row["type"] == tag_of(ConversationStarted))
    noted = sorted(decode(row["body"], RoomNoted).noted for row in postgres.rows("room_events") if row["type"] == tag_of(RoomNoted))
    if started != noted:
        yield f"conversations {started} were begun, and people told of {noted}"
    waiting = [row["state"] for row in postgres.rows("reactions") if row["state"] in ("pending", "refusing")]
    if waiting:
        yield f"{len(waiting)} reactions are not delivered"
