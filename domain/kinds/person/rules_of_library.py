"""Folders, favourites and comparisons: what a person keeps of concepts and products."""

from typing import TypeAlias

from domain.decider import Context, Decision, Ref
from domain.event_codec import encode
from domain.ids import ThingId
from domain.kinds.person import commands as ask
from domain.kinds.person import events as did
from domain.kinds.person.state import (
    COMPARISON_METADATA_MAX_BYTES,
    COMPARISONS_MAX,
    FAVOURITES_MAX,
    FOLDER_IDS_MAX,
    FOLDER_IDS_TOTAL_MAX,
    FOLDERS_MAX,
    GUEST_COMPARISONS_MAX,
    GUEST_FAVOURITES_MAX,
    GUEST_FOLDER_IDS_MAX,
    GUEST_FOLDERS_MAX,
    Comparison,
    Folder,
    Person,
)
from domain.limits import OpenObject
from domain.parts.json_merge import merged
from domain.rejections import AlreadyExists, LimitReached, Malformed, UnknownThing

Ids: TypeAlias = tuple[ThingId, ...]


def make_folder(state: Person, command: ask.MakeFolder, context: Context) -> Decision:
    most = GUEST_FOLDERS_MAX if _is_guest(context) else FOLDERS_MAX
    if len(state.folders) >= most:
        raise LimitReached(f"there are {most} folders already: remove one first{_hint(context)}")
    concept_ids = _unique(command.concept_ids)
    _check_fill(state, 0, len(concept_ids), context)
    event = did.FolderMade(
        name=command.name,
        description=command.description,
        is_public=command.is_public,
        tags=tuple(dict.fromkeys(command.tags)),
        concept_ids=concept_ids,
    )
    return Decision((event,))


def change_folder(state: Person, command: ask.ChangeFolder, context: Context) -> Decision:
    given = (command.name, command.description, command.is_public, command.tags)
    if all(value is None for value in given):
        raise Malformed("nothing to change: give a name, a description, is_public or tags - at `$`")
    folder = _folder(state, command.folder_id)
    event = did.FolderChanged(
        folder_id=ThingId(command.folder_id),
        name=folder.name if command.name is None else command.name,
        description=folder.description if command.description is None else command.description,
        is_public=folder.is_public if command.is_public is None else command.is_public,
        tags=folder.tags if command.tags is None else tuple(dict.fromkeys(command.tags)),
    )
    return Decision((event,))


def fill_folder(state: Person, command: ask.FillFolder, context: Context) -> Decision:
    """What is in both lists is refused: nobody could say what was meant."""
    folder = _folder(state, command.folder_id)
    if not command.add and not command.take:
        raise Malformed("nothing to change: give ids to add or to take - at `$`")
    if set(command.add) & set(command.take):
        raise Malformed("the same concept is to be added and taken: name it once - at `$.take`")
    inside = set(folder.concept_ids)
    added = tuple(one for one in _unique(command.add) if one not in inside)
    taken = tuple(one for one in _unique(command.take) if one in inside)
    if not added and not taken:
        return Decision()
    if added:
        _check_fill(state, len(inside) - len(taken), len(added), context)
    return Decision((did.FolderFilled(folder_id=ThingId(command.folder_id), added=added, taken=taken),))


def remove_folder(state: Person, command: ask.RemoveFolder, context: Context) -> Decision:
    _folder(state, command.folder_id)
    return Decision((did.FolderRemoved(folder_id=ThingId(command.folder_id)),))


def concept_of(command: ask.Favour) -> Ref:
    return Ref("concept", command.concept_id)


def favour(state: Person, command: ask.Favour, context: Context) -> Decision:
    concept_id = ThingId(command.concept_id)
    if concept_id in state.favourites:
        raise AlreadyExists("this concept is among your favourites already")
    concept = context.refs.get(concept_of(command))
    if concept is None:
        raise UnknownThing("there is no such concept: it may have been deleted")
    if getattr(concept, "owner_id", None) == context.actor.id:
        raise Malformed("this concept is your own: favour it in its own room (concept.favour) - at `$.concept_id`")
    most = GUEST_FAVOURITES_MAX if _is_guest(context) else FAVOURITES_MAX
    if len(state.favourites) >= most:
        raise LimitReached(f"there are {most} favourites already: take one back first (person.unfavour){_hint(context)}")
    return Decision((did.FavouriteAdded(concept_id=concept_id),))


def unfavour(state: Person, command: ask.Unfavour, context: Context) -> Decision:
    if command.concept_id not in state.favourites:
        raise UnknownThing("this concept is not among your favourites")
    return Decision((did.FavouriteRemoved(concept_id=ThingId(command.concept_id)),))


def save_comparison(state: Person, command: ask.SaveComparison, context: Context) -> Decision:
    most = GUEST_COMPARISONS_MAX if _is_guest(context) else COMPARISONS_MAX
    if len(state.comparisons) >= most:
        raise LimitReached(f"there are {most} comparisons already: remove one first{_hint(context)}")
    _check_metadata(command.metadata)
    event = did.ComparisonSaved(items=command.items, metadata=command.metadata, session_hash=session_of(context))
    return Decision((event,))


def change_comparison(state: Person, command: ask.ChangeComparison, context: Context) -> Decision:
    if command.items is None and command.metadata is None:
        raise Malformed("nothing to change: give items or metadata - at `$`")
    comparison = _comparison(state, command.comparison_id)
    metadata = comparison.metadata if command.metadata is None else merged(comparison.metadata, command.metadata)
    _check_metadata(metadata)
    event = did.ComparisonChanged(
        comparison_id=ThingId(command.comparison_id),
        items=comparison.items if command.items is None else command.items,
        metadata=metadata,
    )
    return Decision((event,))


def remove_comparison(state: Person, command: ask.RemoveComparison, context: Context) -> Decision:
    _comparison(state, command.comparison_id)
    return Decision((did.ComparisonRemoved(comparison_id=ThingId(command.comparison_id)),))


def session_of(context: Context) -> str:
    """The hash of a guest's session, empty for everybody else."""
    return context.claims.session_hash if _is_guest(context) else ""


def _folder(state: Person, folder_id: str) -> Folder:
    folder = state.folders.get(ThingId(folder_id))
    if folder is None:
        raise UnknownThing("you have no such folder: it may have been removed on another device")
    return folder


def _comparison(state: Person, comparison_id: str) -> Comparison:
    comparison = state.comparisons.get(ThingId(comparison_id))
    if comparison is None:
        raise UnknownThing("you have no such comparison: it may have been removed on another device")
    return comparison


def _check_fill(state: Person, inside: int, added: int, context: Context) -> None:
    most = GUEST_FOLDER_IDS_MAX if _is_guest(context) else FOLDER_IDS_MAX
    if inside + added > most:
        raise LimitReached(f"a folder holds {most} concepts: put the others into another one{_hint(context)}")
    if state.folder_ids + added > FOLDER_IDS_TOTAL_MAX:
        raise LimitReached(f"your folders hold {FOLDER_IDS_TOTAL_MAX} concepts together: take some out first")


def _check_metadata(metadata: OpenObject) -> None:
    if len(encode(metadata)) > COMPARISON_METADATA_MAX_BYTES:
        raise Malformed(f"the metadata of a comparison may have {COMPARISON_METADATA_MAX_BYTES // 1024} KiB - at `$.metadata`")


def _unique(ids: tuple[str, ...]) -> Ids:
    return tuple(dict.fromkeys(ThingId(one) for one in ids))


def _is_guest(context: Context) -> bool:
    return context.actor.kind == "guest"


def _hint(context: Context) -> str:
    return ", or sign in to keep more" if _is_guest(context) else ""
