"""Bounds and times of the live side. Every number has its unit in its name and its reason beside it."""

import msgspec


class HubSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One node's rooms. The defaults fit one core; ``server.settings`` fills them from ``ATRIUM_…`` variables."""

    room_waiting_commands: int = 1_000
    """Commands that one room holds undecided; the next is refused with Busy. A slow fsync (50 ms) at 20,000/s in one room fits."""
    node_waiting_commands: int = 20_000
    """Commands that all rooms of the node hold together: half a second of the target rate."""
    node_waiting_bytes: int = 64 * 1024 * 1024
    """The same in bytes of payload: a fifth of the memory of a small machine."""
    opening_waiting_asks: int = 500
    """Commands and subscribes that wait for one room to be opened; a reconnect storm on one room asks again after Busy."""
    batch_commands: int = 250
    """Commands decided in one turn, over all rooms: about 4 ms of rules, so that reading and writing go on in between."""
    batch_bytes: int = 4 * 1024 * 1024
    """The same in bytes of payload: about 10 ms of a disk that writes 400 MB/s."""
    outbox_events: int = 5_000
    """Events that a room may have published and not sealed, because its slices are still being written; beyond it the room decides
    nothing until its members have caught up."""
    openings_waiting: int = 5_000
    """Rooms that wait to be opened, and as many histories to be read; the next asker is refused with Busy."""
    opening_rooms: int = 64
    """Rooms opened at the same time: the log reads them in groups."""
    reading_logs: int = 8
    """Histories read at the same time: the size of the connection pool behind them."""

    slice_members: int = 250
    """Members written in one go: 1 ms of the loop at 4 µs a write."""
    writes_per_turn: int = 500
    """Member writes in one loop turn; the rest follows in the next ones, so that reading goes on in between."""

    ring_events: int = 1_000
    """Newest events of a room kept at hand: what a resume may bring at most."""
    ring_bytes: int = 512 * 1024
    """The same in bytes, per room."""
    resume_events: int = 1_000
    """A member who missed more gets a fresh view (PROTOCOL.md "Resume")."""
    resume_bytes: int = 256 * 1024
    """The same in bytes: as much as a view may have."""
    catch_up_bytes: int = 64 * 1024
    """What a lagging member gets from the ring in one write: the transport's high water."""

    tick_interval_ms: int = 100
    """A key's ticks leave at most every 100 ms: ten a second look smooth, more is only traffic."""
    stream_interval_ms: int = 40
    """A stream's pieces leave at most every 40 ms, put together: 25 a second read as steady typing, and cost a quarter of 100."""
    signals_per_turn: int = 64
    """Signals of a room in one turn; more are dropped: nobody can read 64 people typing."""
    signal_bytes: int = 1_024
    """Size of one signal as JSON."""

    leave_after_cut_ms: int = 10_000
    """A cut connection's actor leaves after this: a phone changes from Wi-Fi to mobile in less."""
    leave_after_close_ms: int = 2_000
    """After a clean close: a page that is loaded again is back in less."""
    presence_members: int = 200
    """In larger rooms joins and leaves are not pushed one by one: only a count, once a second."""

    idle_close_s: float = 60.0
    """A room without members closes after this: a page that comes back finds it in memory."""
    snapshot_events: int = 500
    """Events between two snapshots: opening a room folds at most this many, a few milliseconds."""
    stored_wait_s: float = 3.0
    """How long ``receipt: "stored"`` waits for Postgres; SDKs give up at 5 s."""
    stored_waiting: int = 10_000
    """Replies that wait for Postgres at the same time; the next one is answered durable, ``stored: false``."""

    slowed_from_fill: float = 0.8
    """From this share of the journal's budget on, producers are slowed."""
    slowed_commands_per_s: int = 2_000
    """What a node takes then, falling to none when the journal is full; the rest is Busy."""

    last_append_s: float = 10.0
    """How long the append under way may take when the node ends: a disk that hangs shall not keep the process from ending."""
    sweep_interval_s: float = 1.0
    """Pause between two looks for stored deadlines of closed rooms."""
    sweep_rooms: int = 200
    """Rooms opened by one sweep."""
    reaction_interval_s: float = 0.5
    """Pause between two looks into an empty outbox."""
    directory_entries: int = 500
    """Entries in a directory's view, those that changed last: about 200 KiB; the whole list is HTTP's."""
    directory_interval_ms: int = 250
    """A room's entry leaves at most this often."""
