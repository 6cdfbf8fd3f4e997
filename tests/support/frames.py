"""WebSocket frames as a server writes them, read again (RFC 6455, 5.2)."""


def payloads(framed: bytes) -> list[bytes]:
    """The text messages of one write."""
    found = []
    while framed:
        assert framed[0] == 0x81
        size, begin = framed[1], 2
        if size == 126:
            size, begin = int.from_bytes(framed[2:4], "big"), 4
        elif size == 127:
            size, begin = int.from_bytes(framed[2:10], "big"), 10
        found.append(framed[begin : begin + size])
        framed = framed[begin + size :]
    return found
