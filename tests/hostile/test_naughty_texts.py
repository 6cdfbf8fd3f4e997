"""Every text in every field of every command of every kind: it comes back as it went in, or is refused with a word of where."""

import json
from typing import Any

import httpx
import pytest

from domain.command_codec import CommandCodec
from domain.event_codec import encode
from domain.kinds import KINDS
from domain.rejections import Malformed
from tests.hostile.conftest import Mint, NewRoom
from tests.hostile.forms import COMMANDS, SOME_ID, TextField, at, example, text_fields, with_text
from tests.hostile.naughty import KEPT, REFUSED
from tests.support.raw import RawClient, open_raw
from tests.support.server import ServerProcess
from tests.support.tokens import actor_of, new_command_id

codec = CommandCodec(KINDS)
FREE = frozenset({"text", "content", "description", "message", "notes", "feedback", "explanation", "error"})
"""Fields for whatever people want to say."""
FIELDS = [field for name in COMMANDS for field in text_fields(name)]


def payload_of(name: str, fields: dict[str, Any]) -> bytes:
    kind = name.partition(".")[0]
    whole = {"command_id": "019abb2e-0000-7000-8000-000000000000", "room": f"{kind}:{SOME_ID}", **fields}
    # ensure_ascii: halves of surrogate pairs go as escapes, which is how they come
    return json.dumps(whole).encode()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example_that_is_taken(name: str) -> None:
    for is_full in (False, True):
        codec.decode(name, payload_of(name, example(COMMANDS[name], is_full=is_full)))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_text_in_every_field_is_kept_or_refused(name: str) -> None:
    refused = 0
    for field in text_fields(name):
        # where a pattern refuses nearly all text, some of it will do
        for text in (*list(KEPT.values())[:: 8 if field.is_key else 1], *REFUSED.values()):
            refused += not is_kept(field, text)
    assert refused >= len(REFUSED) * len(list(text_fields(name)))


def is_kept(field: TextField, text: str) -> bool:
    """Whether it came back unchanged; asserts that it was refused properly where not."""
    payload = payload_of(field.name, with_text(field.name, field.path, text))
    try:
        _, command = codec.decode(field.name, payload)
    except Malformed as refusal:
        said = str(refusal)
        assert " - at `$" in said, said
        assert said.isprintable(), "what is refused does not speak to terminals and logs"
        assert len(said) < 500
        return False
    assert text not in REFUSED.values()
    # a second time through the form in which it goes into journal, wire and database
    assert at(json.loads(encode(command)), field.path) == text
    return True


def test_free_text_takes_all_that_is_text() -> None:
    for field in FIELDS:
        if not field.is_key and field.path[-1] in FREE:
            lost = [name for name, text in KEPT.items() if not is_kept(field, text)]
            assert not lost, (field, lost)


def test_text_is_in_hundreds_of_places() -> None:
    assert len(FIELDS) > 150
    assert {field.name.partition(".")[0] for field in FIELDS} == set(KINDS)


# --- The same through a running server ----------------------------------------------------------------------------------------

live = pytest.mark.asyncio(loop_scope="session")


async def said(client: RawClient, command: str, room: str = "", **fields: Any) -> dict[str, Any]:
    """The answer to a command that has to be accepted."""
    reply = await client.rpc(command, {"command_id": new_command_id(), **({"room": room} if room else {}), **fields})
    assert "rpc" in reply, reply
    return dict(reply["rpc"]["data"])


async def view_of(client: RawClient, room: str) -> Any:
    return (await client.ask(subscribe={"channel": room}))["subscribe"]["data"]["view"]


@live
async def test_in_a_workspace_they_come_back_in_events_views_and_rows(
    server: ServerProcess, token: Mint, new_room: NewRoom
) -> None:
    room = await new_room()
    async with open_raw(server.socket_address, token("scribe", "user")) as scribe:
        await scribe.ask(subscribe={"channel": room})
        for text in KEPT.values():
            last = await said(scribe, "workspace.post", room, text=text, receipt="stored")
        for text in REFUSED.values():
            refused = await scribe.rpc("workspace.post", {"room": room, "command_id": new_command_id(), "text": text})
            assert refused["error"]["code"] == 107
    events = [push["pub"]["data"]["event"] for push in scribe.pushes if "pub" in push and "event" in push["pub"]["data"]]
    assert [event["text"] for event in events] == list(KEPT.values())

    async with open_raw(server.socket_address, token("reader", "user")) as reader:
        shown = [message["event"].get("text") for message in (await view_of(reader, room))["messages"]]
    assert [text for text in shown if text is not None][-20:] == list(KEPT.values())[-20:]

    headers = {"Authorization": f"Bearer {token('scribe', 'user')}"}
    async with httpx.AsyncClient(base_url=server.http, trust_env=False) as client:
        answer = await client.get(f"/rooms/{room}/events", params={"limit": 100}, headers=headers)
        assert answer.is_success, answer.text
        told = [item["event"].get("text") for item in answer.json()["items"]]
    assert [text for text in told if text is not None] == list(KEPT.values())
    assert last["stored"] is True


@live
async def test_so_do_names_objects_and_words_in_the_other_kinds(server: ServerProcess, token: Mint) -> None:
    home = f"person:{actor_of('collector')}"
    async with open_raw(server.socket_address, token("collector", "user")) as client:
        concept = (await said(client, "concept.create", name="x"))["room"]
        conversation = (await said(client, "conversation.start", context={text: text for text in KEPT.values()}))["room"]
        for text in KEPT.values():
            await said(client, "concept.change_details", concept, name=text[:200], description=text)
            shown = (await view_of(client, concept))["concept"]
            await client.ask(unsubscribe={"channel": concept})
            assert (shown["name"], shown["description"]) == (text[:200], text)
            await said(client, "conversation.say", conversation, text=text, metadata={text: text})
            await said(client, "person.make_folder", home, name=text[:200], tags=[text[:50]])
        talk = await view_of(client, conversation)
    assert talk["conversation"]["context"] == {text: text for text in KEPT.values()}
    assert [message["text"] for message in talk["messages"]][-20:] == list(KEPT.values())[-20:]

    async with open_raw(server.socket_address) as again:
        reply = await again.connect(token("collector", "user"))
        folders = reply["connect"]["subs"][home]["data"]["view"]["folders"]
    assert {folder["name"] for folder in folders} == {text[:200] for text in KEPT.values()}
