"""A valid form of every command, and one of every event."""

from typing import Any

from domain.ids import ActorId, RoomAddress, ThingId
from domain.kinds.person import events as did
from domain.kinds.person.things import ComparedItem, Face, MovedComparison, MovedFolder, MovedSearch, Words
from domain.record import Event

ONE = ThingId("01890a5d-ac96-874b-8c3b-000000000001")
TWO = ThingId("01890a5d-ac96-874b-8c3b-000000000002")
WHO = ActorId("01890a5d-ac96-874b-8c3b-000000000003")
ROOM, OTHER = RoomAddress(f"concept:{ONE}"), RoomAddress(f"share:{TWO}")
ITEMS = (ComparedItem(type="concept", id=ONE),)
FACE = Face(id=WHO, name="Ben", image="https://x/ben.png")
FOLDER = MovedFolder(id=ONE, is_public=True, concept_ids=(TWO,), made_at=5)
COMPARISON = MovedComparison(id=TWO, items=ITEMS, saved_at=6)
SEARCH = MovedSearch(id=WHO, result_count=3, clicked=(ONE,), at=7)
WORDS = (Words(id=ONE, text="Vasen", description="d", tags=("blau",)), Words(id=WHO, text="q", details={"max": 5}))

FIELDS: dict[str, dict[str, Any]] = {
    "make_folder": {"name": "Vases"},
    "change_folder": {"folder_id": ONE, "name": "Cups"},
    "fill_folder": {"folder_id": ONE, "add": (TWO,)},
    "remove_folder": {"folder_id": ONE},
    "favour": {"concept_id": ONE},
    "unfavour": {"concept_id": ONE},
    "save_comparison": {"items": ITEMS},
    "change_comparison": {"comparison_id": ONE, "items": ITEMS},
    "remove_comparison": {"comparison_id": ONE},
    "set_style_profile": {"profile": {"a": 1}},
    "set_ai_preferences": {"enable_deep_thinking": True},
    "note_click": {"search_id": ONE, "thing_id": TWO},
    "settle_notifications": {"up_to": 5},
    "add_device": {"endpoint": "https://push.example/1", "p256dh": "k", "auth": "a"},
    "remove_device": {"device_id": ONE},
    "mark_read": {"read_room": ROOM, "read_offset": 5},
    "note_search": {"query": "vase", "result_count": 3},
    "notify": {"what": "reply", "source": ROOM},
    "note_room": {"noted": ROOM},
    "forget_room": {"noted": ROOM},
    "claim": {"guest_id": WHO},
    "undo_claim": {"guest_id": WHO, "reason": "r"},
    "hand_over": {"user_id": WHO},
    "take_over": {"guest_id": WHO, "rooms": (ROOM,)},
}

SAMPLES: tuple[Event, ...] = (
    did.FolderMade(name="Vasen & „Tassen“", description="d", is_public=True, tags=("blau",), concept_ids=(ONE, TWO)),
    did.FolderChanged(folder_id=ONE, name="Cups", description="d", is_public=True, tags=("a", "b")),
    did.FolderFilled(folder_id=ONE, added=(ONE,), taken=(TWO,)),
    did.FolderRemoved(folder_id=ONE),
    did.FavouriteAdded(concept_id=ONE),
    did.FavouriteRemoved(concept_id=ONE),
    did.ComparisonSaved(items=ITEMS, metadata={"why": "price"}, session_hash="ab" * 32),
    did.ComparisonChanged(comparison_id=ONE, items=ITEMS, metadata={"b": 2}),
    did.ComparisonRemoved(comparison_id=ONE),
    did.StyleProfileSet(profile={"warm": 0.5}, is_first=True),
    did.AiPreferencesSet(
        preferred_models=("gpt-4o",),
        default_generation_mode="professional",
        enable_deep_thinking=True,
        auto_generate_on_create=True,
        model_weights={"gpt-4o": 0.5},
        is_first=True,
    ),
    did.SearchNoted(query="blaue Vase", filters={"max": 5}, result_count=3, session_hash="ab" * 32),
    did.SearchClicked(search_id=ONE, clicked=(ONE, TWO)),
    did.Notified(
        what="mention",
        source=OTHER,
        thing_id=ONE,
        by=FACE,
        title="Vase",
        at=1_760_000_000_000,
        unread_count=2,
        settled=TWO,
        handed_to=WHO,
    ),
    did.NotificationsSettled(notification_ids=(ONE, TWO), unread_count=1),
    did.DeviceAdded(
        device_id=ONE, endpoint="https://push.example/1", p256dh="key", auth="secret", kind="web", name="Phone", is_first=True
    ),
    did.DeviceRemoved(device_id=ONE),
    did.RoomRead(read_room=ROOM, read_offset=7, is_first=True, dropped=OTHER),
    did.RoomNoted(noted=ROOM, dropped=OTHER, handed_to=WHO, handed_to_name="Ada"),
    did.RoomForgotten(noted=ROOM),
    did.Claimed(guest_id=WHO, user_name="Ada"),
    did.ClaimUndone(guest_id=WHO, reason="somebody was first"),
    did.HandedOver(user_id=WHO, user_name="Ada"),
    did.ContentsHandedOver(
        user_id=WHO,
        user_name="Ada",
        folders=(FOLDER,),
        comparisons=(COMPARISON,),
        searches=(SEARCH,),
        words=WORDS,
        favourites=(ONE,),
        positions=((ROOM, 4),),
        rooms=(ROOM, OTHER),
    ),
    did.ContentsTakenOver(
        guest_id=WHO,
        folders=(FOLDER,),
        comparisons=(COMPARISON,),
        searches=(SEARCH,),
        words=WORDS,
        favourites=(ONE,),
        positions=((ROOM, 4),),
        known_positions=(ROOM,),
        rooms=(ROOM,),
        left_out=2,
    ),
)
