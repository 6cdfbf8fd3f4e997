"""Style profile, AI preferences, searches and devices."""

from collections.abc import Set
from typing import Final

from domain.decider import Context, Decision
from domain.ids import ThingId, keyed_id
from domain.kinds.person import commands as ask
from domain.kinds.person import events as did
from domain.kinds.person.state import CLICKED_MAX, DEVICES_MAX, AiPreferences, Person, device_digest
from domain.limits import OpenObject
from domain.parts.json_merge import merged
from domain.rejections import LimitReached, Malformed, NotAllowed, UnknownThing

AI_MODELS: Final = frozenset({"gpt-4o", "claude-3.5-sonnet", "gemini-1.5-pro", "grok-beta"})
GENERATION_MODES: Final = frozenset({"creative", "professional", "brandable", "tech-focused"})
"""Models and modes that may be preferred where the installation names no others."""


def set_style_profile(state: Person, command: ask.SetStyleProfile, context: Context) -> Decision:
    _check_signed_in(context, "a style profile")
    return Decision((did.StyleProfileSet(profile=command.profile, is_first=not state.has_style_profile),))


def set_ai_preferences(
    state: Person, command: ask.SetAiPreferences, context: Context, models: Set[str], modes: Set[str]
) -> Decision:
    """``models`` and ``modes`` are those that the installation offers."""
    _check_signed_in(context, "AI preferences")
    old = state.ai_preferences or AiPreferences()
    event = did.AiPreferencesSet(
        preferred_models=_models(old.preferred_models, command.preferred_models, models),
        default_generation_mode=_mode(old.default_generation_mode, command.default_generation_mode, modes),
        enable_deep_thinking=_either(command.enable_deep_thinking, old.enable_deep_thinking),
        auto_generate_on_create=_either(command.auto_generate_on_create, old.auto_generate_on_create),
        model_weights=_weights(old.model_weights, command.model_weights, models),
        is_first=state.ai_preferences is None,
    )
    if event.is_first or _preferences_of(event) != old:
        return Decision((event,))
    return Decision()


def note_search(state: Person, command: ask.NoteSearch, context: Context) -> Decision:
    event = did.SearchNoted(
        query=command.query, filters=command.filters, result_count=command.result_count, session_hash=command.session_hash
    )
    return Decision((event,))


def note_click(state: Person, command: ask.NoteClick, context: Context) -> Decision:
    search = state.search(command.search_id)
    if search is None:
        raise UnknownThing("this search is not among your newest ones: search again")
    thing_id = ThingId(command.thing_id)
    if thing_id in search.clicked:
        return Decision()
    if len(search.clicked) >= CLICKED_MAX:
        raise LimitReached(f"of one search {CLICKED_MAX} clicks are kept")
    return Decision((did.SearchClicked(search_id=search.id, clicked=(*search.clicked, thing_id)),))


def add_device(state: Person, command: ask.AddDevice, context: Context) -> Decision:
    """The endpoint is the device: its id follows from it. A web browser needs both keys, or nothing could be encrypted for it."""
    _check_signed_in(context, "push messages")
    if command.kind == "web" and not (command.p256dh and command.auth):
        raise Malformed("a browser's subscription has the keys p256dh and auth - at `$`")
    device_id = device_id_of(state.id, command.endpoint)
    known = state.devices.get(device_id)
    if known is None and len(state.devices) >= DEVICES_MAX:
        raise LimitReached(f"push messages go to {DEVICES_MAX} devices at most: remove one first (person.remove_device)")
    event = did.DeviceAdded(
        device_id=device_id,
        endpoint=command.endpoint,
        p256dh=command.p256dh,
        auth=command.auth,
        kind=command.kind,
        name=command.name,
        is_first=known is None,
    )
    is_same = known is not None and (known.digest, known.name, known.kind) == (
        device_digest(event.endpoint, event.p256dh, event.auth),
        event.name,
        event.kind,
    )
    return Decision() if is_same else Decision((event,))


def remove_device(state: Person, command: ask.RemoveDevice, context: Context) -> Decision:
    if command.device_id not in state.devices:
        raise UnknownThing("there is no such device: it may have been removed already")
    return Decision((did.DeviceRemoved(device_id=ThingId(command.device_id)),))


def device_id_of(person_id: str, endpoint: str) -> ThingId:
    return keyed_id("push_subscription", person_id, endpoint)


def _check_signed_in(context: Context, what: str) -> None:
    if context.actor.kind != "user":
        raise NotAllowed(f"{what} are for people who have signed in: sign in first")


def _preferences_of(event: did.AiPreferencesSet) -> AiPreferences:
    return AiPreferences(
        preferred_models=event.preferred_models,
        default_generation_mode=event.default_generation_mode,
        enable_deep_thinking=event.enable_deep_thinking,
        auto_generate_on_create=event.auto_generate_on_create,
        model_weights=event.model_weights,
    )


def _models(old: tuple[str, ...], new: tuple[str, ...] | None, known: Set[str]) -> tuple[str, ...]:
    if new is None:
        return old
    _check_models(new, known, "preferred_models")
    return tuple(dict.fromkeys(new))


def _mode(old: str, new: str | None, known: Set[str]) -> str:
    if new is not None and new not in known:
        raise Malformed(f"there is no generation mode of this name; there are {_listed(known)} - at `$.default_generation_mode`")
    return old if new is None else new


def _weights(old: OpenObject, patch: OpenObject | None, known: Set[str]) -> OpenObject:
    if patch is None:
        return old
    _check_models(patch, known, "model_weights")
    if not all(value is None or _is_weight(value) for value in patch.values()):
        raise Malformed("a weight is a number from 0 to 1, or null to take it back - at `$.model_weights`")
    return merged(old, patch)


def _is_weight(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _check_models(names: tuple[str, ...] | OpenObject, known: Set[str], where: str) -> None:
    if any(name not in known for name in names):
        raise Malformed(f"there is no model of this name; there are {_listed(known)} - at `$.{where}`")


def _either(new: bool | None, old: bool) -> bool:
    return old if new is None else new


def _listed(words: Set[str]) -> str:
    return ", ".join(sorted(words))
