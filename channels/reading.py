"""What is asked of rooms without joining them: presence, history, standing, a look. May have to open the room first."""

from collections.abc import Mapping, Sequence

import msgspec

from channels.audience import Audience
from channels.directory import Directory
from channels.node import Node
from channels.open_room import OpenRoom
from channels.publications import event_message
from channels.resume import Ring, fitting
from channels.rooms import Rooms
from channels.seats import HistoryPage, Identity, PresenceCount, Present, RoomMessage, Standing, Subscribed, Told
from domain.decider import Asker
from domain.event_codec import encode
from domain.ids import RoomAddress, kind_of
from domain.log import StorageAway
from domain.question_codec import QuestionCodec
from domain.rejections import NotAllowed, Unavailable


class Reading:
    def __init__(self, node: Node, rooms: Rooms, directories: Mapping[RoomAddress, Directory]) -> None:
        self._node = node
        self._rooms = rooms
        self._directories = directories
        self._codec = QuestionCodec(node.kinds)

    async def presence(self, identity: Identity, address: RoomAddress) -> tuple[Present, ...]:
        return (await self._audience(identity, address)).presence.present()

    async def presence_stats(self, identity: Identity, address: RoomAddress) -> PresenceCount:
        return (await self._audience(identity, address)).presence.count()

    async def look(self, identity: Identity, address: RoomAddress) -> Subscribed:
        return (await self._audience(identity, address)).look()

    async def standing(self, identity: Identity, address: RoomAddress) -> Standing:
        open_room = await self._opened(address)
        role = open_room.room.standing(identity, self._node.now_ms())
        if role is None:
            raise NotAllowed
        return Standing(room=address, role=role)

    @property
    def questions(self) -> frozenset[str]:
        return self._codec.names

    async def ask(self, identity: Identity, name: str, payload: bytes) -> Told:
        decider, question = self._codec.decode(name, payload)
        open_room = await self._visible(identity, question.room)
        place, heard = open_room.room.place, open_room.room.heard
        asker = Asker(
            actor=identity.actor,
            claims=identity.claims,
            now_ms=self._node.now_ms(),
            told={key: fold.text for key, fold in place.folds.items()},
            last_ticks=heard.last_ticks,
        )
        return Told(data=encode(decider.answer(place.state, question, asker)))

    async def history(self, identity: Identity, address: RoomAddress, after: int, limit: int, reverse: bool) -> HistoryPage:
        open_room = await self._visible(identity, address)
        ring, epoch = open_room.audience.ring, open_room.room.epoch
        limit = min(limit, self._node.settings.resume_events)
        # Behind the top there is nothing: the log is not asked for it, and never for a number that its column does not hold.
        after = min(after, ring.top + 1 if reverse else ring.top)
        messages = await self._page(address, ring, after, limit, reverse) if limit > 0 else ()
        # Asked again: reading the log takes a while, and whoever was put out meanwhile is told nothing.
        open_room.room.check_may_see(identity, self._node.now_ms())
        page = fitting(messages, self._node.settings.resume_bytes)
        return HistoryPage(messages=tuple(page), epoch=epoch, offset=ring.top)

    def open_entries(self, kind: str) -> dict[RoomAddress, msgspec.Struct]:
        entries = {}
        for open_room in self._rooms:
            room = open_room.room
            if kind_of(room.address) == kind:
                entry = room.decider.directory_entry(room.place.state, open_room.audience.live.values)
                if entry is not None:
                    entries[room.address] = entry
        return entries

    async def _page(self, address: RoomAddress, ring: Ring, after: int, limit: int, reverse: bool) -> Sequence[RoomMessage]:
        at_hand = ring.before(after or ring.top + 1, limit) if reverse else ring.since(after, limit)
        if at_hand is not None:
            return at_hand
        try:
            records = await self._node.ports.log.history(address, after, limit, reverse)
        except StorageAway:
            raise Unavailable("older events cannot be read now: storage is away; repeat it in a moment") from None
        return [event_message(record, record.id) for record in records]

    async def _audience(self, identity: Identity, address: RoomAddress) -> Audience:
        directory = self._directories.get(address)
        if directory is None:
            return (await self._visible(identity, address)).audience
        if not directory.may_see(identity, self._node.now_ms()):
            raise NotAllowed
        return directory.audience

    async def _visible(self, identity: Identity, address: RoomAddress) -> OpenRoom:
        open_room = await self._opened(address)
        open_room.room.check_may_see(identity, self._node.now_ms())
        return open_room

    async def _opened(self, address: RoomAddress) -> OpenRoom:
        """Raises ``NotAllowed``, ``Busy``, ``Unavailable``."""
        open_room = self._rooms.find(address)
        if open_room is None:
            self._node.decider_of(address)
            open_room = await self._rooms.opened(address)
        open_room.was_asked = True
        return open_room
