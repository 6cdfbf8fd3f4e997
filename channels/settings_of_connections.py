"""Bounds and times of one connection. Every number has its unit in its name and its reason beside it."""

import msgspec


class ConnectionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a connection may do and how long it may take; ``server.settings`` fills it from ``ATRIUM_…`` variables."""

    connect_timeout_s: float = 15.0
    """From the open socket to a connect command that is let in: some SDKs fetch their token only then. Afterwards 3502."""
    ping_interval_s: float = 25.0
    """Server pings; below the 30 s after which load balancers begin to drop quiet connections."""
    pong_timeout_s: float = 10.0
    """A client that has not answered a ping by then is gone: 3012. The SDKs allow the server the same."""
    expiry_grace_s: float = 25.0
    """How late a refreshed token may come, for phones that slept: afterwards 3005."""
    answer_timeout_s: float = 4.0
    """What the server needs longer for is answered with 100; SDKs give up at 5 s and would not know why."""

    home_wait_s: float = 2.0
    """How long the answer to connect waits for the person's own room, so that both come together; afterwards it follows alone."""

    rooms: int = 128
    """Rooms that one connection follows; the next is refused with 106."""
    name_bytes: int = 255
    """Length of a channel or a method."""
    waiting_commands: int = 64
    """Commands of a connection without an answer; reading pauses until one is answered."""
    waiting_bytes: int = 256 * 1024
    """The same in bytes."""
    waiting_subscribes: int = 8
    """Subscribes among them: each may answer with a view of 256 KiB."""
    backlog_bytes: int = 1024 * 1024
    """What rooms may have written to a paused connection before it is given up with 3008."""
    stall_timeout_s: float = 30.0
    """A connection whose transport stays paused for so long takes less than 2 KiB a second: 3008."""

    commands_per_s: float = 200.0
    """Sustained rate of one connection: far above a person's, enough for a bot that tells a stream."""
    command_burst: int = 1_000
    """What may come at once, as after a reconnect with many rooms. Beyond it 111, twice that 3013."""
    user_commands_per_s: float = 1_000.0
    """The same for all connections of one user together."""
    user_command_burst: int = 4_000
    """The same for all connections of one user together."""
    user_connections: int = 200
    """Connections of one user on this node: tabs, devices, bots. The next ends with 3504."""
    tasks: int = 5_000
    """Authentications and questions under way on this node: a reconnect storm's worth. The next is answered with 100."""
