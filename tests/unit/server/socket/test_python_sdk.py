"""The official Python SDK against our sockets, in both formats: what it trips over does not happen."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import centrifuge
import pytest

from domain.ids import RoomAddress
from tests.unit.channels.fakes import FakeHub
from tests.unit.server.socket.serving import Carrier, Serving, serving, until

ROOM = RoomAddress("workspace:1")


class Events(centrifuge.ClientEventHandler, centrifuge.SubscriptionEventHandler):  # type: ignore[misc] # the SDK is not typed
    """Everything that the SDK tells, by name."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, Any]] = []

    def names(self, name: str) -> list[Any]:
        return [context for seen, context in self.seen if seen == name]

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("on_"):
            return super().__getattribute__(name)

        async def note(context: Any) -> None:
            self.seen.append((name, context))

        return note


class Sdk:
    def __init__(self, serving: Serving, is_protobuf: bool, token: str, **options: Any) -> None:
        self.is_protobuf = is_protobuf
        self.events = Events()
        self.client = centrifuge.Client(
            serving.url, events=self.events, token=token, use_protobuf=is_protobuf, proxy=None, max_reconnect_delay=0.2, **options
        )

    def encoded(self, data: Any) -> Any:
        return json.dumps(data).encode() if self.is_protobuf else data

    def decoded(self, data: Any) -> Any:
        return json.loads(data) if self.is_protobuf else data

    async def subscribe(self, room: str = ROOM, **options: Any) -> Any:
        subscription = self.client.new_subscription(room, events=self.events, **options)
        await subscription.subscribe()
        await subscription.ready(5)
        return subscription

    def publications(self) -> list[Any]:
        return [self.decoded(context.pub.data) for context in self.events.names("on_publication")]


@pytest.fixture(params=["json", "protobuf"])
def is_protobuf(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "protobuf")


@pytest.fixture(params=["socket", "asgi"])
async def served(request: pytest.FixtureRequest) -> AsyncIterator[Serving]:
    carrier: Carrier = request.param
    async with serving(carrier) as served:
        yield served


@asynccontextmanager
async def sdk_of(serving: Serving, is_protobuf: bool, token: str = "ada", **options: Any) -> AsyncIterator[Sdk]:
    sdk = Sdk(serving, is_protobuf, token, **options)
    await sdk.client.connect()
    try:
        yield sdk
    finally:
        await sdk.client.disconnect()


async def test_it_connects_watches_and_gives_commands(served: Serving, is_protobuf: bool) -> None:
    async with sdk_of(served, is_protobuf) as sdk:
        await sdk.client.ready(5)
        subscription = await sdk.subscribe(join_leave=True)

        result = await sdk.client.rpc("workspace.post", sdk.encoded({"text": "hällo\nthere"}))
        await until(sdk.publications)

        assert sdk.decoded(result.data)["room"] == ROOM
        [publication] = sdk.publications()
        assert publication["event"]["text"] == "hällo\nthere"
        [subscribed] = sdk.events.names("on_subscribed")
        assert sdk.decoded(subscribed.data) == {"view": {}}
        await subscription.unsubscribe()
        await until(lambda: not served.hub.members[ROOM])


async def test_presence_history_and_signals(served: Serving, is_protobuf: bool) -> None:
    async with sdk_of(served, is_protobuf) as sdk:
        await sdk.subscribe()
        served.hub.publish(ROOM, b'{"event":1}')

        presence = await sdk.client.presence(ROOM)
        stats = await sdk.client.presence_stats(ROOM)
        history = await sdk.client.history(ROOM, limit=10)
        await sdk.client.publish(ROOM, sdk.encoded({"type": "typing"}))

        [info] = presence.clients.values()
        assert info.user == "ada"
        assert sdk.decoded(info.conn_info)["name"] == "ada"
        assert (stats.num_clients, stats.num_users) == (1, 1)
        assert [publication.offset for publication in history.publications] == [1]
        await until(lambda: {"signal": {"type": "typing"}} in sdk.publications())


async def test_a_cut_is_resumed_without_hole_or_double(served: Serving, is_protobuf: bool) -> None:
    async with sdk_of(served, is_protobuf) as sdk:
        await sdk.subscribe()
        served.hub.publish(ROOM, b'{"n":1}')
        await until(sdk.publications)

        [seat] = served.hub.members[ROOM]
        seat.disconnect(3001, "the server restarts")
        for number in (2, 3):
            served.hub.publish(ROOM, b'{"n":%d}' % number)
        await until(lambda: len(sdk.events.names("on_subscribed")) == 2)
        served.hub.publish(ROOM, b'{"n":4}')
        await until(lambda: len(sdk.publications()) >= 4)

        assert [publication["n"] for publication in sdk.publications()] == [1, 2, 3, 4]
        assert sdk.events.names("on_subscribed")[1].recovered


async def test_refusals_have_their_code_and_their_sentence(served: Serving, is_protobuf: bool) -> None:
    async with sdk_of(served, is_protobuf) as sdk:
        with pytest.raises(centrifuge.ReplyError) as refusal:
            await sdk.client.rpc("workspace.nonsense", sdk.encoded({}))
        assert refusal.value.code == 107
        assert "unknown" in str(refusal.value)

        with pytest.raises(centrifuge.ReplyError) as refusal:
            await sdk.client.publish(ROOM, sdk.encoded({"type": "typing"}))
        assert refusal.value.code == 103

        subscription = sdk.client.new_subscription("other:1", events=sdk.events)
        await subscription.subscribe()
        await until(lambda: sdk.events.names("on_unsubscribed"))
        assert sdk.events.names("on_unsubscribed")[0].code == 103


async def test_a_bad_token_ends_it_for_good(served: Serving, is_protobuf: bool) -> None:
    async with sdk_of(served, is_protobuf, token="bad") as sdk:
        await until(lambda: sdk.events.names("on_disconnected"))

        [ended] = sdk.events.names("on_disconnected")
        assert (ended.code, ended.reason) == (3500, "the token is not valid")


async def test_a_token_that_has_run_out_is_replaced(served: Serving, is_protobuf: bool) -> None:
    async def get_token() -> str:
        return "ada"

    async with sdk_of(served, is_protobuf, token="late", get_token=get_token) as sdk:
        await sdk.client.ready(5)


async def test_a_token_is_refreshed_before_its_end(served: Serving, is_protobuf: bool) -> None:
    async def get_token() -> str:
        return "ada:600"

    async with sdk_of(served, is_protobuf, token="ada:1", get_token=get_token) as sdk:
        await sdk.client.ready(5)
        await until(lambda: ("recheck", "ada") in served.hub.calls)

        assert not sdk.events.names("on_error")


async def test_it_answers_our_pings(is_protobuf: bool) -> None:
    async with serving(ping_interval_s=0.1, pong_timeout_s=1.0) as served, sdk_of(served, is_protobuf) as sdk:
        await sdk.client.ready(5)
        [connection] = served.lobby.connections

        def has_answered() -> bool:
            pulse: Any = connection._session._pulse  # type: ignore[attr-defined] # there is no other sign of it
            return bool(pulse._pong_by_s == float("inf") and pulse._ping_at_s > asyncio.get_running_loop().time())

        await until(has_answered)
        assert served.lobby.connections


async def test_being_put_out_ends_the_subscription_or_renews_it(served: Serving, is_protobuf: bool) -> None:
    async with sdk_of(served, is_protobuf) as sdk:
        await sdk.subscribe()
        hub: FakeHub = served.hub
        [seat] = hub.members.pop(ROOM)

        seat.push_unsubscribed(ROOM, 2500, "")
        await until(lambda: hub.members.get(ROOM))
        hub.members.pop(ROOM)
        seat.push_unsubscribed(ROOM, 2001, "")

        await until(lambda: sdk.events.names("on_unsubscribed"))
        assert sdk.events.names("on_unsubscribed")[0].code == 2001
