"""Who may open a socket."""

import pytest

from server.socket.door import Door, Refused, choose_format
from server.socket.settings import SocketSettings


def passes(origin: str, host: str = "atrium.example:8000", allowed: tuple[str, ...] = (), scheme: str = "ws") -> bool:
    try:
        Door(SocketSettings(allowed_origins=allowed)).check_origin(origin, host, scheme)
    except Refused as refusal:
        assert refusal.status == 403
        return False
    return True


def test_what_is_no_browser_sends_no_origin_and_passes() -> None:
    assert passes("")


def test_pages_of_the_server_itself_pass() -> None:
    assert passes("http://atrium.example:8000")
    assert passes("http://ATRIUM.example:8000")


def test_behind_a_proxy_that_ends_tls_they_do_too() -> None:
    assert passes("https://atrium.example", host="atrium.example")
    assert passes("https://atrium.example", host="atrium.example:443")


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://atrium.example:9000", "null", "http://[", "http://x:99999999", "file://"]
)
def test_pages_of_others_do_not(origin: str) -> None:
    assert not passes(origin)


@pytest.mark.parametrize("host", ["", "[", "atrium.example:x"])
def test_a_page_without_an_origin_of_its_own_is_not_at_home_where_the_host_is_broken(host: str) -> None:
    assert not passes("null", host=host)


def test_those_that_are_allowed_do() -> None:
    assert passes("https://app.example", allowed=("https://app.example/",))
    assert not passes("http://app.example", allowed=("https://app.example",))
    assert passes("http://whoever.example", allowed=("*",))


def test_an_address_has_a_limit() -> None:
    door = Door(SocketSettings(connections_per_address=2))
    door.enter("10.0.0.1")
    door.enter("10.0.0.1")
    door.enter("10.0.0.2")

    with pytest.raises(Refused) as refusal:
        door.enter("10.0.0.1")
    assert refusal.value.status == 429
    door.leave("10.0.0.1")
    door.enter("10.0.0.1")


@pytest.mark.parametrize(
    ("offered", "query", "expected"),
    [
        ([], "", ("json", None)),
        ([""], "", ("json", None)),
        (["centrifuge-json"], "", ("json", "centrifuge-json")),
        (["centrifuge-protobuf"], "", ("protobuf", "centrifuge-protobuf")),
        (["x", "centrifuge-json", "centrifuge-protobuf"], "", ("protobuf", "centrifuge-protobuf")),
        ([], "format=protobuf", ("protobuf", None)),
        ([], "a=1&format=json", ("json", None)),
        (["x"], "", ("json", None)),
    ],
)
def test_the_format_is_what_is_offered_or_asked_for(offered: list[str], query: str, expected: tuple[str, str | None]) -> None:
    assert choose_format(offered, query) == expected
