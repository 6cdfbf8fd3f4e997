"""How a room stands in a person's own list."""

from domain.decider import Listing
from domain.ids import RoomAddress
from domain.kinds.person.state import Person, read_position
from domain.kinds.person.ticks import ListEntry, list_key
from domain.parts.listing import unread_count


def entry_of(state: Person, room: RoomAddress, listing: Listing) -> ListEntry | None:
    """The line of a room of the own list, None for any other."""
    if room not in state.rooms:
        return None
    return ListEntry(
        key=list_key(room),
        room=room,
        name=listing.name,
        status=listing.status,
        step=listing.step,
        progress=listing.progress,
        at=listing.at_ms,
        unread=unread_count(listing.spoken, read_position(state, room), state.id),
    )
