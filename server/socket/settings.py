"""Bounds of the sockets before a client is known. Every number has its unit in its name and its reason beside it."""

import msgspec


class SocketSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Who may open a WebSocket, and what its bytes may be; ``server.settings`` fills it from ``ATRIUM_…`` variables."""

    allowed_origins: tuple[str, ...] = ()
    """Origins of other hosts whose pages may connect, as in https://app.example.com; ``*`` is all. The server's own host always
    may, and so may whatever is no browser and sends no Origin."""
    handshake_timeout_s: float = 5.0
    """From the open TCP connection to the end of the handshake."""
    head_bytes: int = 32 * 1024
    """Request line and headers of one HTTP request; the longest token has 8 KiB."""
    request_timeout_s: float = 30.0
    """From a later request's first byte to the end of its head, and from the head to the end of the body."""
    requests_per_address: int = 2_000
    """TCP connections of one address that are no WebSocket (yet), at the same time; more are cut. A proxy is one address."""
    connections: int = 0
    """TCP connections in all. 0: what the process may open less 256, which journal, database and page need."""
    connections_per_address: int = 10_000
    """WebSockets from one address; more are refused with 429. An office or a proxy is one address, so this only stops floods."""

    message_bytes: int = 512 * 1024
    """One inbound message, fragments together."""
    message_fragments: int = 64
    """Fragments of one message: each costs an object, whatever its size."""
    message_timeout_s: float = 10.0
    """From a message's first byte to its last."""
    control_frames_per_s: float = 10.0
    """WebSocket's own pings and pongs of one connection; a hundred may come at once. Libraries send one in some seconds."""
    close_timeout_s: float = 5.0
    """How long the other side may take to answer our close frame, and what is buffered to leave."""
    high_water_bytes: int = 64 * 1024
    """From here on a transport pauses its rooms, and again at a quarter of it they go on."""

    unsent_bytes: int = 128 * 1024
    """What the kernel takes of one connection beyond what is on the wire (TCP_NOTSENT_LOWAT): without a bound megabytes wait
    there for a slow reader, who then sees everything minutes late."""

    deflate: bool = True
    """Whether clients may agree on compression (permessage-deflate without context takeover): browsers do by themselves."""

    drain_slice: int = 100
    """Connections told to leave at once at a shutdown; so they come back elsewhere little by little."""
    drain_pause_s: float = 0.05
    """Pause between two slices: 2,000 a second, which is what a node lets in."""
