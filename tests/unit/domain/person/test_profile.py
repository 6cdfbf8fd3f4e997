"""Style profile, AI preferences, searches and devices."""

import pytest

from domain.ids import ThingId, keyed_id
from domain.kinds.person import events as did
from domain.kinds.person.decider import PersonDecider
from domain.kinds.person.state import CLICKED_MAX, DEVICES_MAX, SEARCHES_MAX
from domain.rejections import LimitReached, Malformed, NotAllowed, UnknownThing
from tests.unit.domain.person.home import C1, C2, GUEST, HASH, Home
from tests.unit.domain.story import ADA, CLOCK, Story

KEYS = {"p256dh": "key", "auth": "secret"}


def test_a_style_profile_replaces_the_one_before() -> None:
    home = Home(ADA)

    assert home.when(ADA, "set_style_profile", profile={"a": 1}) == (did.StyleProfileSet(profile={"a": 1}, is_first=True),)
    assert home.when(ADA, "set_style_profile", profile={"b": 2}) == (did.StyleProfileSet(profile={"b": 2}),)


@pytest.mark.parametrize(
    ("verb", "fields"),
    [
        ("set_style_profile", {"profile": {}}),
        ("set_ai_preferences", {"enable_deep_thinking": True}),
        ("add_device", {"endpoint": "https://push.example/1", **KEYS}),
    ],
)
def test_what_needs_an_account_is_not_for_guests(verb: str, fields: dict[str, object]) -> None:
    with pytest.raises(NotAllowed, match="sign in first"):
        Home(GUEST).when(GUEST, verb, **fields)


def test_preferences_change_key_by_key() -> None:
    home = Home(ADA)

    first = home.when(ADA, "set_ai_preferences", preferred_models=("gpt-4o", "gpt-4o"), model_weights={"gpt-4o": 0.5})
    second = home.when(ADA, "set_ai_preferences", enable_deep_thinking=True, model_weights={"grok-beta": 1, "gpt-4o": None})

    assert first == (did.AiPreferencesSet(preferred_models=("gpt-4o",), model_weights={"gpt-4o": 0.5}, is_first=True),)
    assert second == (
        did.AiPreferencesSet(preferred_models=("gpt-4o",), enable_deep_thinking=True, model_weights={"grok-beta": 1}),
    )
    assert home.when(ADA, "set_ai_preferences", enable_deep_thinking=True) == ()


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"preferred_models": ("hal-9000",)}, "preferred_models"),
        ({"default_generation_mode": "sad"}, "default_generation_mode"),
        ({"model_weights": {"hal-9000": 1}}, "model_weights"),
        ({"model_weights": {"gpt-4o": 1.5}}, "model_weights"),
        ({"model_weights": {"gpt-4o": True}}, "model_weights"),
        ({"model_weights": {"gpt-4o": "much"}}, "model_weights"),
    ],
)
def test_a_preference_that_is_not_offered_names_its_place(fields: dict[str, object], named: str) -> None:
    with pytest.raises(Malformed, match=named):
        Home(ADA).when(ADA, "set_ai_preferences", **fields)


def test_an_installation_offers_models_of_its_own() -> None:
    story = Story(PersonDecider(models={"hal-9000"}, modes={"calm"}), "Ada")

    (event,) = story.when(ADA, "set_ai_preferences", preferred_models=("hal-9000",), default_generation_mode="calm")
    assert isinstance(event, did.AiPreferencesSet)
    with pytest.raises(Malformed, match="hal-9000"):
        story.when(ADA, "set_ai_preferences", preferred_models=("gpt-4o",))


def searched(home: Home, query: str = "blue vase") -> ThingId:
    return home.given(CLOCK, "note_search", query=query, result_count=3)


def test_a_search_is_noted_and_clicked_once_per_thing() -> None:
    home = Home(ADA)
    assert home.when(CLOCK, "note_search", query="blue", filters={"max": 5}, result_count=3, session_hash=HASH) == (
        did.SearchNoted(query="blue", filters={"max": 5}, result_count=3, session_hash=HASH),
    )
    search_id = searched(home)

    assert home.when(ADA, "note_click", search_id=search_id, thing_id=C1) == (
        did.SearchClicked(search_id=search_id, clicked=(C1,)),
    )
    assert home.when(ADA, "note_click", search_id=search_id, thing_id=C1) == ()
    assert home.when(ADA, "note_click", search_id=search_id, thing_id=C2) == (
        did.SearchClicked(search_id=search_id, clicked=(C1, C2)),
    )


def test_only_the_newest_searches_take_clicks() -> None:
    home = Home(ADA)
    oldest = searched(home)
    for number in range(SEARCHES_MAX):
        newest = searched(home, f"{number}")

    with pytest.raises(UnknownThing, match="search again"):
        home.when(ADA, "note_click", search_id=oldest, thing_id=C1)
    for number in range(CLICKED_MAX):
        home.given(ADA, "note_click", search_id=newest, thing_id=keyed_id("thing", str(number)))
    with pytest.raises(LimitReached, match="clicks"):
        home.when(ADA, "note_click", search_id=newest, thing_id=C1)


def test_the_same_endpoint_is_the_same_device() -> None:
    home = Home(ADA)
    added = {"endpoint": "https://push.example/1", "name": "Phone", **KEYS}

    (first,) = home.when(ADA, "add_device", **added)
    assert isinstance(first, did.DeviceAdded)
    assert first.is_first
    assert home.when(ADA, "add_device", **added) == ()
    (renewed,) = home.when(ADA, "add_device", **{**added, "auth": "new"})
    assert isinstance(renewed, did.DeviceAdded)
    assert (renewed.device_id, renewed.is_first) == (first.device_id, False)
    assert home.results(ADA, "add_device", **{**added, "auth": "newer"}) == {"device_id": first.device_id}


def test_a_browser_without_keys_cannot_be_pushed_to() -> None:
    with pytest.raises(Malformed, match="p256dh"):
        Home(ADA).when(ADA, "add_device", endpoint="https://push.example/1")
    assert Home(ADA).when(ADA, "add_device", endpoint="token", kind="fcm")


def test_a_removed_device_makes_room() -> None:
    home = Home(ADA)
    for number in range(DEVICES_MAX):
        home.given(ADA, "add_device", endpoint=f"{number}", kind="apns")
    device_id = next(iter(home.state.devices))

    with pytest.raises(LimitReached, match="20 devices"):
        home.when(ADA, "add_device", endpoint="one more", kind="apns")
    assert home.when(ADA, "remove_device", device_id=device_id) == (did.DeviceRemoved(device_id=device_id),)
    with pytest.raises(UnknownThing, match="no such device"):
        home.when(ADA, "remove_device", device_id=device_id)
    assert home.when(ADA, "add_device", endpoint="one more", kind="apns")


def test_the_keys_of_a_device_stand_in_no_state_and_no_view() -> None:
    home = Home(ADA)
    home.given(ADA, "add_device", endpoint="https://push.example/geheim", **KEYS)

    assert "geheim" not in str(home.state)
    assert "secret" not in str(home.state)
