"""The person's room as a Decider: rules, evolution, reactions and view gathered under one name.

Every room is simply there: one without events is the empty room of somebody who did nothing yet.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import partial
from typing import Any, Final, TypeAlias

import msgspec

from domain.decider import Command, Context, DeciderDefaults, Decision, Listing, Reaction, Ref, Tick
from domain.ids import ActorId, RoomAddress
from domain.kinds.person import commands as ask
from domain.kinds.person import events as did
from domain.kinds.person import rules_of_claim, rules_of_inbox, rules_of_library, rules_of_profile
from domain.kinds.person.events import EVENTS
from domain.kinds.person.evolution import evolve
from domain.kinds.person.fitting import view_of
from domain.kinds.person.own_list import entry_of
from domain.kinds.person.reactions import reactions_of
from domain.kinds.person.standing import standing_in
from domain.kinds.person.state import Person
from domain.kinds.person.ticks import TICKS, ListEntry, list_key
from domain.kinds.person.view import PersonView
from domain.limits import UUID_PATTERN
from domain.record import Actor, Event, Record
from domain.rejections import NotAllowed, WrongStatus
from domain.roles import Claims, Role, check_role, may_of

Rule: TypeAlias = Callable[[Person, Any, Context], Decision]

RULES: Final[Mapping[type[Command], Rule]] = {
    ask.MakeFolder: rules_of_library.make_folder,
    ask.ChangeFolder: rules_of_library.change_folder,
    ask.FillFolder: rules_of_library.fill_folder,
    ask.RemoveFolder: rules_of_library.remove_folder,
    ask.Favour: rules_of_library.favour,
    ask.Unfavour: rules_of_library.unfavour,
    ask.SaveComparison: rules_of_library.save_comparison,
    ask.ChangeComparison: rules_of_library.change_comparison,
    ask.RemoveComparison: rules_of_library.remove_comparison,
    ask.SetStyleProfile: rules_of_profile.set_style_profile,
    ask.NoteSearch: rules_of_profile.note_search,
    ask.NoteClick: rules_of_profile.note_click,
    ask.AddDevice: rules_of_profile.add_device,
    ask.RemoveDevice: rules_of_profile.remove_device,
    ask.Notify: rules_of_inbox.notify,
    ask.SettleNotifications: rules_of_inbox.settle_notifications,
    ask.MarkRead: rules_of_inbox.mark_read,
    ask.NoteRoom: rules_of_inbox.note_room,
    ask.ForgetRoom: rules_of_inbox.forget_room,
    ask.Claim: rules_of_claim.claim,
    ask.UndoClaim: rules_of_claim.undo_claim,
    ask.HandOver: rules_of_claim.hand_over,
    ask.TakeOver: rules_of_claim.take_over,
}
"""The rules that need nothing but state, command and context; the AI preferences also take what the installation offers."""

_MADE: Final[Mapping[type[Event], str]] = {
    did.FolderMade: "folder_id",
    did.ComparisonSaved: "comparison_id",
    did.SearchNoted: "search_id",
}
"""What an event makes has the event's id; here is what the caller hears it called."""


_is_uuid: Final = re.compile(UUID_PATTERN).fullmatch
"""Whose room it is becomes part of every row: a reaction may have got hold of something else."""


class PersonReference(msgspec.Struct, frozen=True, kw_only=True):
    """What other rooms' rules may know of a person's room: who has taken it over, empty where nobody has."""

    handed_to: ActorId = ActorId("")


class PersonDecider(DeciderDefaults[Person]):
    """Fulfils ``domain.decider.Decider``. ``models`` and ``modes`` are what AI preferences may name."""

    kind: str = "person"
    commands: Mapping[str, type[Command]] = ask.COMMANDS
    creates: str = ""
    events: Sequence[type[Event]] = EVENTS
    ticks: Sequence[type[Tick]] = TICKS
    state_type: type[Person] = Person
    is_home: bool = True

    def __init__(self, models: Set[str] = rules_of_profile.AI_MODELS, modes: Set[str] = rules_of_profile.GENERATION_MODES) -> None:
        self._rules: Mapping[type[Command], Rule] = {
            **RULES,
            ask.SetAiPreferences: partial(rules_of_profile.set_ai_preferences, models=models, modes=modes),
        }
        self._may = may_of(self.kind, self.commands)

    def address_of(self, command: Command, actor: Actor) -> RoomAddress:
        """No command makes a person's room, so none is ever asked for its address."""
        return command.room

    def initial(self, room: RoomAddress) -> Person:
        return Person(room=room)

    def exists(self, state: Person) -> bool:
        return True

    def standing(self, state: Person, actor: Actor, claims: Claims, now_ms: int) -> Role | None:
        return standing_in(state.room, actor, claims, now_ms)

    def standing_basis(self, state: Person) -> object:
        """Standing follows from the address: no event changes it."""
        return None

    def refs(self, command: Command) -> Iterable[Ref]:
        match command:
            case ask.Favour():
                return (rules_of_library.concept_of(command),)
            case ask.Claim():
                return (rules_of_claim.guest_of(command),)
            case _:
                return ()

    def decide(self, state: Person, command: Command, context: Context) -> Decision:
        asked = type(command)
        role = standing_in(context.room, context.actor, context.claims, context.now_ms)
        if role is None or _is_uuid(state.id) is None:
            raise NotAllowed
        check_role(role, self._may[asked])
        if state.handed_to and role == "owner":
            raise WrongStatus("you have signed in elsewhere, and your things have moved to your own room: sign in here too")
        return self._rules[asked](state, command, context)

    def evolve(self, state: Person, record: Record) -> Person:
        return evolve(state, record)

    def live_keys(self, state: Person) -> frozenset[str]:
        """Every room of the own list may show its line."""
        return frozenset(map(list_key, state.rooms))

    def view(self, state: Person) -> PersonView:
        return view_of(state)

    def results(self, records: Sequence[Record]) -> dict[str, Any]:
        results: dict[str, Any] = {}
        for record in records:
            match record.event:
                case did.DeviceAdded(device_id=device_id):
                    results["device_id"] = device_id
                case did.Notified(unread_count=count) | did.NotificationsSettled(unread_count=count):
                    results["unread_count"] = count
                case event if type(event) in _MADE:
                    results[_MADE[type(event)]] = record.id
        return results

    def reactions(self, record: Record) -> Sequence[Reaction]:
        return reactions_of(record)

    def referred(self, state: Person) -> PersonReference:
        return PersonReference(handed_to=state.handed_to)

    def list_entry(self, state: Person, room: RoomAddress, listing: Listing) -> ListEntry | None:
        return entry_of(state, room, listing)


PERSON: Final = PersonDecider()
