"""Records and proposals for tests of storage, where it does not matter what happened in a room."""

from collections.abc import Sequence

from domain.event_codec import encode
from domain.ids import ActorId, CommandId, RoomAddress, keyed_id, room_address
from domain.kinds.workspace.events import MessagePosted, PatternCreated
from domain.log import Proposal
from domain.record import Actor, Event, Record

ADA = Actor(id=ActorId("11111111-1111-4111-8111-111111111111"), name="Ada")
BASE_MS = 1_700_000_000_000


def workspace(name: str) -> RoomAddress:
    return room_address("workspace", keyed_id("workspace", name))


def command_id_of(number: int, time_ms: int = BASE_MS) -> CommandId:
    text = f"{time_ms:012x}7{number:03x}8{number:015x}"
    return CommandId(f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}")


def record(room: RoomAddress, offset: int, event: Event, actor: Actor = ADA) -> Record:
    return Record(
        room=room,
        offset=offset,
        time_ms=BASE_MS + offset,
        actor=actor,
        command_id=command_id_of(offset % 4096),
        ordinal=0,
        last=True,
        digest="0123456789abcdef",
        event=event,
        version=1,
        body=encode(event),
    )


def created(room: RoomAddress, name: str = "swings") -> Record:
    return record(room, 1, PatternCreated(pattern_type=name, name=name.title(), category="price_action"))


def posted(room: RoomAddress, offset: int, text: str = "") -> Record:
    return record(room, offset, MessagePosted(text=text or f"message {offset}"))


def proposal(room: RoomAddress, first: int, count: int = 1, text: str = "") -> Proposal:
    """``count`` messages from offset ``first`` on."""
    return Proposal(room=room, expected_top=first - 1, records=tuple(posted(room, first + n, text) for n in range(count)))


def proposal_of(records: Sequence[Record]) -> Proposal:
    return Proposal(room=records[0].room, expected_top=records[0].offset - 1, records=tuple(records))


def conversation(room: RoomAddress, name: str, count: int) -> list[Record]:
    """A workspace that was made, and what was posted there up to offset ``count``."""
    return [created(room, name), *(posted(room, offset) for offset in range(2, count + 1))]
