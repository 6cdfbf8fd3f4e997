"""The inbox, the own list, and how far the person has read their rooms.

What the server asks here is never refused for a bound: the oldest makes room.
"""

from collections.abc import Iterable

from domain.decider import Context, Decision
from domain.ids import RoomAddress, ThingId
from domain.kinds.person import commands as ask
from domain.kinds.person import events as did
from domain.kinds.person.state import NOTIFICATIONS_MAX, OWN_ROOMS_MAX, POSITIONS_MAX, Person
from domain.rejections import Malformed, UnknownThing


def notify(state: Person, command: ask.Notify, context: Context) -> Decision:
    """Nobody is told what they did themselves."""
    if command.by is not None and command.by.id == state.id:
        return Decision()
    falls_out = state.notifications[0] if len(state.notifications) >= NOTIFICATIONS_MAX else None
    settled = falls_out.id if falls_out is not None and not falls_out.is_read else None
    event = did.Notified(
        what=command.what,
        source=RoomAddress(command.source),
        thing_id=ThingId(command.thing_id) if command.thing_id else None,
        by=command.by,
        title=command.title,
        at=command.at or context.now_ms,
        unread_count=state.unread_count + 1 - (settled is not None),
        settled=settled,
        handed_to=state.handed_to,
    )
    return Decision((event,))


def settle_notifications(state: Person, command: ask.SettleNotifications, context: Context) -> Decision:
    """What is read already, or older than the newest 200 (which counts as read), is passed over."""
    if bool(command.notification_ids) == (command.up_to is not None):
        raise Malformed("give notification_ids, or up_to (an offset of this room) - at `$`")
    known = {notification.id for notification in state.notifications}
    if command.notification_ids and known.isdisjoint(command.notification_ids):
        raise UnknownThing(f"none of these is among your newest {NOTIFICATIONS_MAX} notifications; older ones count as read")
    wanted, up_to = set(command.notification_ids), command.up_to or 0
    ids = tuple(one.id for one in state.notifications if not one.is_read and (one.id in wanted or one.offset <= up_to))
    if not ids:
        return Decision()
    return Decision((did.NotificationsSettled(notification_ids=ids, unread_count=state.unread_count - len(ids)),))


def mark_read(state: Person, command: ask.MarkRead, context: Context) -> Decision:
    room = RoomAddress(command.read_room)
    known = state.positions.get(room)
    if command.read_offset <= (known.offset if known else 0):
        return Decision()
    is_full = known is None and len(state.positions) >= POSITIONS_MAX
    event = did.RoomRead(
        read_room=room,
        read_offset=command.read_offset,
        is_first=known is None,
        dropped=_oldest(((position.moved, 0), address) for address, position in state.positions.items())
        if is_full
        else RoomAddress(""),
    )
    return Decision((event,))


def note_room(state: Person, command: ask.NoteRoom, context: Context) -> Decision:
    """In a guest's room that somebody has taken over the room is passed on at once."""
    room = RoomAddress(command.noted)
    if room in state.rooms:
        return Decision()
    is_full = len(state.rooms) >= OWN_ROOMS_MAX
    event = did.RoomNoted(
        noted=room,
        dropped=_oldest(((noted.offset, noted.place), address) for address, noted in state.rooms.items())
        if is_full
        else RoomAddress(""),
        handed_to=state.handed_to,
        handed_to_name=state.handed_to_name,
    )
    return Decision((event,))


def forget_room(state: Person, command: ask.ForgetRoom, context: Context) -> Decision:
    if command.noted not in state.rooms:
        return Decision()
    return Decision((did.RoomForgotten(noted=RoomAddress(command.noted)),))


def _oldest(rooms: Iterable[tuple[tuple[int, int], RoomAddress]]) -> RoomAddress:
    return min(rooms)[1]
