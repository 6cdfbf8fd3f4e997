"""Who is in a room: by actor, with a count of devices. Pure; ``OpenRoom`` pushes what changes to those who asked."""

from collections.abc import Sequence

from channels.seats import PresenceCount, Present, Seat
from domain.ids import ActorId
from domain.record import Actor


class _Here:
    """An actor with its connections; with ``leaves_at_ms`` the last one has gone and the leave waits."""

    __slots__ = ("actor", "clients", "leaves_at_ms")

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.clients: dict[str, None] = {}
        self.leaves_at_ms: int | None = None

    def present(self) -> Present:
        return Present(actor=self.actor, clients=tuple(self.clients))


class Presence:
    __slots__ = ("_here", "_leaving")

    def __init__(self) -> None:
        self._here: dict[ActorId, _Here] = {}
        self._leaving: dict[ActorId, _Here] = {}

    @property
    def is_empty(self) -> bool:
        return not self._here

    def join(self, seat: Seat) -> Present | None:
        """The actor when it was not here before; None for a further device, and for one that is back before its leave was told."""
        actor = seat.identity.actor
        here = self._here.get(actor.id)
        if here is None:
            here = self._here[actor.id] = _Here(actor)
            here.clients[seat.client_id] = None
            return here.present()
        if self._leaving.pop(actor.id, None) is not None:
            here.leaves_at_ms = None
            here.clients.clear()
        here.actor = actor
        here.clients[seat.client_id] = None
        return None

    def leave(self, seat: Seat, at_ms: int) -> int | None:
        """The instant of the leave when this was the actor's last device, else None. The last device is shown until then."""
        actor_id = seat.identity.actor.id
        here = self._here.get(actor_id)
        if here is None or seat.client_id not in here.clients:
            return None
        if len(here.clients) > 1:
            del here.clients[seat.client_id]
            return None
        here.leaves_at_ms = at_ms
        self._leaving[actor_id] = here
        return at_ms

    def take_left(self, now_ms: int) -> Sequence[Present]:
        """Those whose leave is due."""
        left = [here for here in self._leaving.values() if here.leaves_at_ms is not None and here.leaves_at_ms <= now_ms]
        for here in left:
            del self._leaving[here.actor.id]
            del self._here[here.actor.id]
        return [here.present() for here in left]

    def present(self) -> tuple[Present, ...]:
        return tuple(here.present() for here in self._here.values())

    def count(self) -> PresenceCount:
        return PresenceCount(clients=sum(len(here.clients) for here in self._here.values()), actors=len(self._here))
