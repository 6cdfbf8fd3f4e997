"""What each statement that the node sends does to rows. Statements are recognised by how they begin; an unknown one is an error.

So a statement that is written anew has to be looked at here too: the simulation says at once which one it does not know.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

import msgspec

from persistence.write_behind.columns import form_of as columns_of
from tests.simulation.tables import Row, Sight

Answer: TypeAlias = list[Row] | int
"""Rows, or how many were hit."""
Statement: TypeAlias = Callable[[Sight, Sequence[Any]], Answer]


class Unknown(BaseException):
    """The pretended Postgres does not know this statement. Nothing that catches errors shall take it for one of Postgres."""


def run(sight: Sight, sql: str, arguments: Sequence[Any]) -> Answer:
    text = " ".join(sql.split())
    for beginning, statement in KNOWN.items():
        if text.startswith(beginning):
            return statement(sight, arguments)
    for pattern, general in GENERAL:
        if found := pattern.match(text):
            return general(sight, found, arguments)
    raise Unknown(text)


# Positions and generations


def _lock(sight: Sight, arguments: Sequence[Any]) -> Answer:
    return [row] if (row := sight.get("positions", arguments[0])) is not None else []


def _position_of(sight: Sight, arguments: Sequence[Any]) -> Answer:
    row = sight.get("positions", arguments[0])
    return [{"number": row["number"]}] if row is not None and row["generation"] == arguments[1] else []


def _move(sight: Sight, arguments: Sequence[Any]) -> Answer:
    row = sight.get("positions", arguments[0])
    assert row is not None
    sight.put("positions", {**row, "number": arguments[1]})
    return 1


def _claim(sight: Sight, arguments: Sequence[Any]) -> Answer:
    row = sight.get("positions", arguments[0])
    assert row is not None
    sight.put("positions", {**row, "fence": arguments[1]})
    return 1


def _begin_again(sight: Sight, arguments: Sequence[Any]) -> Answer:
    row = sight.get("positions", arguments[0]) or {"fence": 0}
    sight.put("positions", {**row, "partition": arguments[0], "generation": arguments[1], "number": 0})
    return 1


def _newest_generation(sight: Sight, arguments: Sequence[Any]) -> Answer:
    rows = sorted(sight.rows("journal_generations"), key=lambda row: -row["generation"])
    return [{**row, "is_finished": row["finished_at"] is not None} for row in rows[:1]]


def _finish_all(sight: Sight, arguments: Sequence[Any]) -> Answer:
    unfinished = sight.where("journal_generations", lambda row: row["finished_at"] is None)
    for row in unfinished:
        sight.put("journal_generations", {**row, "finished_at": 1})
    return len(unfinished)


def _mint(sight: Sight, arguments: Sequence[Any]) -> Answer:
    generation = 1 + max((row["generation"] for row in sight.rows("journal_generations")), default=0)
    row = {"generation": generation, "partition": arguments[0], "epoch": arguments[1], "finished_at": 1}
    sight.insert("journal_generations", [row])
    return [{"generation": generation}]


def _finished(finished_at: int | None) -> Statement:
    def finish(sight: Sight, arguments: Sequence[Any]) -> Answer:
        row = sight.get("journal_generations", arguments[0])
        if row is not None:
            sight.put("journal_generations", {**row, "finished_at": finished_at})
        return int(row is not None)

    return finish


# Rooms


def _projected(sight: Sight, arguments: Sequence[Any]) -> Answer:
    return [row for room in arguments[0] if (row := sight.get("room_positions", room)) is not None]


def _move_rooms(sight: Sight, arguments: Sequence[Any]) -> Answer:
    for room, offset in zip(*arguments, strict=True):
        sight.put("room_positions", {"room": room, "projected_offset": offset})
    return len(arguments[0])


def _stubs(sight: Sight, arguments: Sequence[Any]) -> Answer:
    for id, kind, name, image in zip(*arguments, strict=True):
        old = sight.get("users", id) or {}
        face = {"name": name or old.get("name"), "image": image or old.get("image")}
        sight.put("users", {**old, "id": id, "kind": old.get("kind", kind), **face})
    return len(arguments[0])


def _snapshots(sight: Sight, arguments: Sequence[Any]) -> Answer:
    names = ("room", "offset", "version", "state", "receipts")
    rows = (sight.get("room_snapshots", room) for room in sorted(arguments[0]))
    return [{name: row[name] for name in names} for row in rows if row is not None]


def _put_snapshots(sight: Sight, arguments: Sequence[Any]) -> Answer:
    for room, offset, version, state, receipts in zip(*arguments, strict=True):
        old = sight.get("room_snapshots", room)
        if old is None or old["offset"] < offset:
            row = {"room": room, "offset": offset, "version": version, "state": state, "receipts": receipts}
            sight.put("room_snapshots", row)
    return len(arguments[0])


def _events(sight: Sight, room: str, low: int, high: int) -> list[Row]:
    found = sight.where("room_events", lambda row: row["room"] == room and low < row["offset"] < high)
    return sorted(found, key=lambda row: int(row["offset"]))


def _behind_snapshots(sight: Sight, arguments: Sequence[Any]) -> Answer:
    return [row for room, after in sorted(zip(*arguments, strict=True)) for row in _events(sight, room, after, 1 << 62)]


def _forward(sight: Sight, arguments: Sequence[Any]) -> Answer:
    room, after, *limit = arguments
    return _events(sight, room, after, 1 << 62)[: limit[0] if limit else None]


def _backward(sight: Sight, arguments: Sequence[Any]) -> Answer:
    room, before, limit = arguments
    return _events(sight, room, 0, before)[::-1][:limit]


# Words that are taken back


def _some_events(sight: Sight, arguments: Sequence[Any]) -> Answer:
    room, offsets = arguments
    return [row for offset in offsets if (row := sight.get("room_events", room, offset)) is not None]


def _rewrite_events(sight: Sight, arguments: Sequence[Any]) -> Answer:
    room, offsets, bodies, versions = arguments
    for offset, body, version in zip(offsets, bodies, versions, strict=True):
        row = sight.get("room_events", room, offset)
        assert row is not None
        sight.put("room_events", {**row, "body": body, "version": version})
    return len(offsets)


def _drop_snapshots(sight: Sight, arguments: Sequence[Any]) -> Answer:
    for room, by in zip(*arguments, strict=True):
        row = sight.get("room_snapshots", room)
        if row is not None and row["offset"] < by:
            sight.delete("room_snapshots", row)
    return len(arguments[0])


def _say_otherwise(sight: Sight, arguments: Sequence[Any]) -> Answer:
    for id, payload, refusal_payload in zip(*arguments, strict=True):
        row = sight.get("reactions", str(id))
        if row is not None and row["state"] != "done":
            sight.put("reactions", {**row, "payload": payload, "refusal_payload": refusal_payload})
    return len(arguments[0])


def _say_nothing(sight: Sight, arguments: Sequence[Any]) -> Answer:
    source, low, high, per_event, message, offsets, ids = arguments
    kept = {str(id) for id in ids}
    said = sight.where("reactions", lambda row: row["source"] == source and low <= row["number"] <= high)
    for row in said:
        if row["number"] // per_event not in offsets or row["state"] == "done" or str(row["id"]) in kept:
            continue
        ended = {"state": "refused", "message": message} if row["state"] in ("pending", "waiting") else {}
        sight.put("reactions", {**row, "payload": b"{}", **ended})
    return len(said)


# What goes along


def _replace_deadlines(sight: Sight, arguments: Sequence[Any]) -> Answer:
    left: list[Row] = []
    for room, offset in zip(*arguments, strict=True):
        of_room = sight.where("deadlines", lambda row, room=room: row["room"] == room)  # type: ignore[misc]  # a bound default
        for row in of_room:
            if row["offset"] <= offset:
                sight.delete("deadlines", row)
        if all(row["offset"] <= offset for row in of_room):
            left.append({"room": room})
    return left


def _due(sight: Sight, arguments: Sequence[Any]) -> Answer:
    _, now_ms, limit = arguments
    return sorted(sight.where("deadlines", lambda row: row["at"] <= now_ms), key=lambda row: (row["at"], row["room"]))[:limit]


def _passing(sight: Sight, arguments: Sequence[Any]) -> Answer:
    return sight.where("room_passing", lambda row: row["room"] in arguments[0])


def _streaming(sight: Sight, arguments: Sequence[Any]) -> Answer:
    return [
        {"room": room} for room in sorted({row["room"] for row in sight.where("room_passing", lambda row: row["text"] is not None)})
    ]


def _put_passing(sight: Sight, arguments: Sequence[Any]) -> Answer:
    names = ("room", "key", "after", "at", "tick", "attempt", "position", "text")
    for values in zip(*arguments, strict=True):
        row = dict(zip(names, values, strict=True))
        old = sight.get("room_passing", row["room"], row["key"])
        if old is None or old["after"] <= row["after"]:
            sight.put("room_passing", row)
    return len(arguments[0])


def _end_passing(sight: Sight, arguments: Sequence[Any]) -> Answer:
    for room, key, offset in zip(*arguments, strict=True):
        row = sight.get("room_passing", room, key)
        if row is not None and row["after"] < offset:
            sight.delete("room_passing", row)
    return len(arguments[0])


def _bury(sight: Sight, arguments: Sequence[Any]) -> Answer:
    names = ("room", "offset", "sqlstate", "error")
    sight.put("dead_letters", {**dict(zip(names, arguments, strict=True)), "resolved_at": None})
    return 1


def _rooms_behind(sight: Sight, arguments: Sequence[Any]) -> Answer:
    return [{"count": len({row["room"] for row in sight.where("dead_letters", lambda row: row["resolved_at"] is None)})}]


# The outbox


def _put_reaction(sight: Sight, arguments: Sequence[Any]) -> Answer:
    names = ("id", "source", "number", "target", "name", "payload", "refusal", "refusal_payload", "state")
    row = {**dict(zip(names, arguments, strict=True)), "message": ""}
    if sight.get("reactions", str(row["id"])) is None:
        sight.put("reactions", row)
    return 1


def _next_reactions(sight: Sight, arguments: Sequence[Any]) -> Answer:
    behind, sources, per_source = arguments
    is_open = [row for row in sight.rows("reactions") if row["state"] in ("pending", "refusing") and row["source"] > behind]
    chosen = sorted({row["source"] for row in is_open})[:sources]
    found: list[Row] = []
    for source in chosen:
        rows = sorted((row for row in is_open if row["source"] == source), key=lambda row: int(row["number"]))
        found += [{**row, "is_behind_one_that_waits": _waits_before(sight, row)} for row in rows[:per_source]]
    return found


def _waits_before(sight: Sight, row: Row) -> bool:
    return any(
        each["state"] == "waiting"
        and (each["source"], each["target"]) == (row["source"], row["target"])
        and each["number"] < row["number"]
        for each in sight.rows("reactions")
    )


def _finish_reactions(sight: Sight, arguments: Sequence[Any]) -> Answer:
    for id, state, message in zip(*arguments, strict=True):
        row = sight.get("reactions", str(id))
        if row is not None and row["state"] not in ("done", "refused"):
            sight.put("reactions", {**row, "state": state, "message": message})
    return len(arguments[0])


def _nothing(sight: Sight, arguments: Sequence[Any]) -> Answer:
    return 0


# Projected tables, whichever they are


def _read(sight: Sight, found: re.Match[str], arguments: Sequence[Any]) -> Answer:
    return [row for key in arguments[0] if (row := sight.get(found["table"], str(key))) is not None]


def _update(sight: Sight, found: re.Match[str], arguments: Sequence[Any]) -> Answer:
    table, names = found["table"], [name.strip().strip('"') for name in found["names"].split(",")]
    hit = 0
    for key, *values in zip(*arguments, strict=True):
        row = sight.get(table, str(key))
        if row is not None:
            changed = {name: _from_unnest(table, name, value) for name, value in zip(names, values, strict=True)}
            sight.put(table, {**row, **changed})
            hit += 1
    return hit


def _from_unnest(table: str, name: str, value: Any) -> Any:
    """Lists travel as JSON, and are lists again in their row."""
    is_list = columns_of(table).columns[name].read.startswith("ARRAY")
    return msgspec.json.decode(value) if is_list and isinstance(value, bytes) else value


def _delete(sight: Sight, found: re.Match[str], arguments: Sequence[Any]) -> Answer:
    rows = _read(sight, found, arguments)
    assert isinstance(rows, list)
    for row in rows:
        sight.delete(found["table"], row)
    return len(rows)


KNOWN: Final[dict[str, Statement]] = {
    "SELECT generation, number, fence, set_config": _lock,
    "SELECT number FROM positions WHERE partition = $1 AND generation = $2": _position_of,
    "UPDATE positions SET number": _move,
    "UPDATE positions SET fence": _claim,
    "INSERT INTO positions": _begin_again,
    "SELECT generation, epoch, finished_at": _newest_generation,
    "UPDATE journal_generations SET finished_at = now(), accepted_loss": _finish_all,
    "INSERT INTO journal_generations": _mint,
    "UPDATE journal_generations SET finished_at = NULL": _finished(None),
    "UPDATE journal_generations SET finished_at = now() WHERE generation": _finished(1),
    "SELECT room, projected_offset FROM room_positions": _projected,
    "INSERT INTO room_positions": _move_rooms,
    "INSERT INTO users": _stubs,
    'SELECT room, "offset", version, state, receipts FROM room_snapshots': _snapshots,
    "INSERT INTO room_snapshots": _put_snapshots,
    "WITH newer AS": _replace_deadlines,
    "SELECT room, what, at, name, payload": _due,
    "SELECT room, key, after, at, tick": _passing,
    "SELECT DISTINCT room FROM room_passing WHERE text IS NOT NULL": _streaming,
    "INSERT INTO room_passing": _put_passing,
    "DELETE FROM room_passing": _end_passing,
    "INSERT INTO dead_letters": _bury,
    "SELECT count(DISTINCT room) FROM dead_letters": _rooms_behind,
    "INSERT INTO reactions": _put_reaction,
    "WITH RECURSIVE sources": _next_reactions,
    "UPDATE reactions AS r SET state": _finish_reactions,
    "UPDATE reactions SET state = 'pending'": _nothing,
    "DELETE FROM reactions": _nothing,
    "UPDATE room_events AS e SET body": _rewrite_events,
    "UPDATE dead_letters SET error": _nothing,
    "DELETE FROM room_snapshots": _drop_snapshots,
    "UPDATE reactions AS r SET payload": _say_otherwise,
    "UPDATE reactions SET payload = '{}'": _say_nothing,
    "SET CONSTRAINTS": _nothing,
}

_OF_SEVERAL = r'SELECT "room", .* FROM unnest\(\$1::text\[\], \$2::int8\[\]\) AS v\(room, after\) JOIN room_events USING \(room\)'
_EVENTS = r'SELECT "room", .* FROM room_events WHERE room = \$1 AND '
GENERAL: Final[Sequence[tuple[re.Pattern[str], Callable[[Sight, re.Match[str], Sequence[Any]], Answer]]]] = (
    (re.compile(_OF_SEVERAL), lambda sight, _, arguments: _behind_snapshots(sight, arguments)),
    (re.compile(_EVENTS + r'"offset" > \$2 ORDER BY "offset"'), lambda sight, _, arguments: _forward(sight, arguments)),
    (re.compile(_EVENTS + r'"offset" < \$2 ORDER BY "offset" DESC'), lambda sight, _, arguments: _backward(sight, arguments)),
    (re.compile(_EVENTS + r'"offset" = ANY'), lambda sight, _, arguments: _some_events(sight, arguments)),
    (re.compile(r"SELECT (?P<names>.*) FROM (?P<table>\w+) WHERE id = ANY\(\$1::uuid\[\]\)$"), _read),
    (re.compile(r"UPDATE (?P<table>\w+) AS t SET .* AS v\(id, (?P<names>.*)\) WHERE t.id = v.id$"), _update),
    (re.compile(r"DELETE FROM (?P<table>\w+) WHERE id = ANY\(\$1::uuid\[\]\)$"), _delete),
)
