"""Whatever people and the server do: replay equals live, a plain model agrees, and everything stays within its bounds."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.event_codec import encode
from domain.ids import keyed_id
from domain.kinds.person import PERSON
from domain.kinds.person import events as did
from domain.kinds.person.commands import COMMANDS
from domain.kinds.person.fitting import VIEW_MAX_BYTES
from domain.kinds.person.state import NOTIFICATIONS_MAX, SEARCHES_MAX, Person
from domain.kinds.person.things import ComparedItem, Face, MovedComparison, MovedFolder, MovedSearch, Words
from domain.record import Record
from domain.rejections import Rejection
from tests.unit.domain.person.home import C1, C2, C3, Home
from tests.unit.domain.person.test_standing import OWNER
from tests.unit.domain.story import ADA, BEN, CLOCK

some = settings(max_examples=60, deadline=None)

CONCEPTS = st.sampled_from([C1, C2, C3])
ROOMS = st.sampled_from([f"concept:{C1}", f"conversation:{C2}", f"share:{C3}", f"quote:{C1}"])
TEXTS = st.sampled_from(["short", "€ and 😀", "x" * 180])
OBJECTS = st.sampled_from([{}, {"a": 1}, {"b": {"c": None}}, {"a": None}])
ITEMS = st.lists(st.builds(ComparedItem, type=st.just("concept"), id=CONCEPTS), min_size=1, max_size=3).map(tuple)
GUESTS = st.sampled_from([keyed_id("guest", "1"), keyed_id("guest", "2")])


def lists(of: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, max_size=most).map(tuple)


def taken_over() -> st.SearchStrategy[dict[str, Any]]:
    things = {
        "guest_id": GUESTS,
        "folders": lists(st.builds(MovedFolder, id=CONCEPTS, concept_ids=lists(CONCEPTS)), 1),
        "comparisons": lists(st.builds(MovedComparison, id=CONCEPTS, items=ITEMS), 1),
        "searches": lists(st.builds(MovedSearch, id=CONCEPTS, at=st.integers(0, 10)), 1),
        "words": lists(st.builds(Words, id=CONCEPTS, text=TEXTS), 1),
        "favourites": lists(CONCEPTS),
        "positions": lists(st.tuples(ROOMS, st.integers(0, 9)), 2),
        "rooms": lists(ROOMS),
    }
    return st.fixed_dictionaries(things)


def fields_for(state: Person, verb: str) -> st.SearchStrategy[dict[str, Any]]:
    """Fields that often fit what the room holds, and sometimes do not."""
    folders = st.sampled_from([*state.folders, C1])
    comparisons = st.sampled_from([*state.comparisons, C1])
    by_verb: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        "make_folder": {"name": TEXTS, "is_public": st.booleans(), "concept_ids": lists(CONCEPTS)},
        "change_folder": {"folder_id": folders, "name": TEXTS, "tags": lists(TEXTS.map(lambda text: text[:50]))},
        "fill_folder": {"folder_id": folders, "add": lists(CONCEPTS), "take": lists(CONCEPTS)},
        "remove_folder": {"folder_id": folders},
        "favour": {"concept_id": CONCEPTS},
        "unfavour": {"concept_id": CONCEPTS},
        "save_comparison": {"items": ITEMS, "metadata": OBJECTS},
        "change_comparison": {"comparison_id": comparisons, "metadata": OBJECTS},
        "remove_comparison": {"comparison_id": comparisons},
        "set_style_profile": {"profile": OBJECTS},
        "set_ai_preferences": {"enable_deep_thinking": st.booleans()},
        "note_click": {"search_id": st.sampled_from([*(one.id for one in state.searches), C1]), "thing_id": CONCEPTS},
        "settle_notifications": {"up_to": st.integers(0, 60)},
        "add_device": {"endpoint": TEXTS, "kind": st.just("fcm"), "name": TEXTS},
        "remove_device": {"device_id": st.sampled_from([*state.devices, C1])},
        "mark_read": {"read_room": ROOMS, "read_offset": st.integers(0, 9)},
        "note_search": {"query": TEXTS, "filters": OBJECTS, "result_count": st.integers(0, 3)},
        "notify": {"what": st.just("reply"), "source": ROOMS, "by": st.sampled_from([None, Face(id=BEN.actor.id)])},
        "note_room": {"noted": ROOMS},
        "forget_room": {"noted": ROOMS},
        "claim": {"guest_id": GUESTS},
        "undo_claim": {"guest_id": GUESTS},
        "hand_over": {"user_id": GUESTS},
    }
    return taken_over() if verb == "take_over" else st.fixed_dictionaries(by_verb[verb])


@st.composite
def lives(draw: st.DrawFn) -> Home:
    """A random story: many commands, some refused; now and then a room is handed over like a guest's."""
    home = Home(ADA)
    verbs = sorted(set(COMMANDS) - {"hand_over"})
    for _ in range(draw(st.integers(0, 40))):
        home.at_ms += draw(st.sampled_from([0, 1, 60_000]))
        verb = draw(st.sampled_from(verbs)) if draw(st.integers(0, 30)) else "hand_over"
        fields = draw(fields_for(home.state, verb))
        before = home.state
        try:
            home.when(ADA if verb in OWNER else CLOCK, verb, **fields)
        except Rejection as rejection:
            assert str(rejection)
            assert home.state is before
    return home


class Model:
    """The same room out of plain dicts, lists and sets, by what the events say."""

    def __init__(self) -> None:
        self.folders: dict[str, dict[str, Any]] = {}
        self.favourites: set[str] = set()
        self.comparisons: dict[str, Any] = {}
        self.inbox: dict[str, bool] = {}
        self.positions: dict[str, int] = {}
        self.rooms: list[str] = []
        self.handed_to = ""

    def take(self, record: Record) -> None:
        match record.event:
            case did.FolderMade(name=name, concept_ids=ids):
                self.folders[record.id] = {"name": name, "ids": list(ids)}
            case did.FolderChanged(folder_id=key, name=name):
                self.folders[key]["name"] = name
            case did.FolderFilled(folder_id=key, added=added, taken=taken):
                self.folders[key]["ids"] = [one for one in self.folders[key]["ids"] if one not in taken] + list(added)
            case did.FolderRemoved(folder_id=key):
                del self.folders[key]
            case did.FavouriteAdded(concept_id=key):
                self.favourites.add(key)
            case did.FavouriteRemoved(concept_id=key):
                self.favourites.remove(key)
            case did.ComparisonSaved(metadata=metadata):
                self.comparisons[record.id] = metadata
            case did.ComparisonChanged(comparison_id=key, metadata=metadata):
                self.comparisons[key] = metadata
            case did.ComparisonRemoved(comparison_id=key):
                del self.comparisons[key]
            case _:
                self._take_more(record)

    def _take_more(self, record: Record) -> None:
        match record.event:
            case did.Notified():
                self.inbox[record.id] = False
            case did.NotificationsSettled(notification_ids=ids):
                self.inbox |= dict.fromkeys(ids, True)
            case did.RoomRead(read_room=room, read_offset=offset):
                assert offset > self.positions.get(room, 0)
                self.positions[room] = offset
            case did.RoomNoted(noted=room):
                self.rooms.append(room)
            case did.RoomForgotten(noted=room):
                self.rooms.remove(room)
            case did.HandedOver(user_id=user_id):
                inbox = self.inbox
                self.__init__()  # type: ignore[misc]  # begins anew
                self.inbox, self.handed_to = inbox, user_id
            case did.ContentsTakenOver() as taken:
                self._take_over(taken)

    def _take_over(self, taken: did.ContentsTakenOver) -> None:
        words = {one.id: one.text for one in taken.words}
        self.folders |= {one.id: {"name": words.get(one.id, ""), "ids": list(one.concept_ids)} for one in taken.folders}
        self.comparisons |= {one.id: {} for one in taken.comparisons}
        self.favourites |= set(taken.favourites)
        self.positions |= dict(taken.positions)
        self.rooms += taken.rooms


@some
@given(lives())
def test_a_plain_model_agrees(home: Home) -> None:
    model, state = Model(), home.state
    for record in home.records:
        model.take(record)

    assert {key: {"name": one.name, "ids": list(one.concept_ids)} for key, one in state.folders.items()} == model.folders
    assert set(state.favourites) == model.favourites
    assert {key: one.metadata for key, one in state.comparisons.items()} == model.comparisons
    assert {one.id: one.is_read for one in state.notifications} == model.inbox
    assert {room: one.offset for room, one in state.positions.items()} == model.positions
    assert set(state.rooms) == set(model.rooms)
    assert state.handed_to == model.handed_to
    assert state.unread_count == sum(not is_read for is_read in model.inbox.values())


@some
@given(lives())
def test_everything_stays_within_its_bounds(home: Home) -> None:
    state = home.state

    assert len(encode(home.view)) <= VIEW_MAX_BYTES
    assert len(state.notifications) <= NOTIFICATIONS_MAX
    assert len(state.searches) <= SEARCHES_MAX
    assert state.folder_ids == sum(len(folder.concept_ids) for folder in state.folders.values())
    assert len({record.id for record in home.records}) == len(home.records)
    assert PERSON.live_keys(state) == {f"room:{room}" for room in state.rooms}
    assert not PERSON.due(state)
