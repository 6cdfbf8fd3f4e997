"""Folders, favourites and comparisons."""

import pytest

from domain.decider import Ref
from domain.ids import keyed_id
from domain.kinds.person import events as did
from domain.kinds.person.state import (
    COMPARISONS_MAX,
    FAVOURITES_MAX,
    FOLDER_IDS_MAX,
    FOLDER_IDS_TOTAL_MAX,
    FOLDERS_MAX,
    GUEST_COMPARISONS_MAX,
    GUEST_FAVOURITES_MAX,
    GUEST_FOLDER_IDS_MAX,
    GUEST_FOLDERS_MAX,
)
from domain.kinds.person.things import ComparedItem
from domain.rejections import AlreadyExists, LimitReached, Malformed, UnknownThing
from tests.unit.domain.person.home import C1, C2, C3, GUEST, HASH, Home
from tests.unit.domain.story import ADA, Person

ITEMS = (ComparedItem(type="concept", id=C1), ComparedItem(type="product", id="sku-7"))


def many_ids(count: int, start: int = 0) -> tuple[str, ...]:
    return tuple(keyed_id("many", str(number)) for number in range(start, start + count))


# --- Folders ---


def test_a_folder_is_made_with_what_is_in_it_once_each() -> None:
    home = Home(ADA)

    events = home.when(ADA, "make_folder", name="Vases", description="d", is_public=True, tags=("a", "a"), concept_ids=(C1, C1, C2))

    assert events == (did.FolderMade(name="Vases", description="d", is_public=True, tags=("a",), concept_ids=(C1, C2)),)
    assert home.results(ADA, "make_folder", name="Cups") == {"folder_id": home.records[-1].id}


def test_what_is_left_out_of_a_change_stays() -> None:
    home = Home(ADA)
    folder_id = home.given(ADA, "make_folder", name="Vases", description="d", tags=("a",))

    assert home.when(ADA, "change_folder", folder_id=folder_id, is_public=True) == (
        did.FolderChanged(folder_id=folder_id, name="Vases", description="d", is_public=True, tags=("a",)),
    )
    assert home.when(ADA, "change_folder", folder_id=folder_id, name="Cups", description="", tags=()) == (
        did.FolderChanged(folder_id=folder_id, name="Cups", description="", is_public=True, tags=()),
    )


def test_a_change_that_changes_nothing_is_refused() -> None:
    home = Home(ADA)
    folder_id = home.given(ADA, "make_folder", name="Vases")

    with pytest.raises(Malformed, match="nothing to change"):
        home.when(ADA, "change_folder", folder_id=folder_id)
    with pytest.raises(Malformed, match="nothing to change"):
        home.when(ADA, "fill_folder", folder_id=folder_id)


def test_only_what_is_new_comes_in_and_only_what_is_there_goes_out() -> None:
    home = Home(ADA)
    folder_id = home.given(ADA, "make_folder", name="Vases", concept_ids=(C1, C2))

    events = home.when(ADA, "fill_folder", folder_id=folder_id, add=(C2, C3), take=(C1, keyed_id("never", "there")))

    assert events == (did.FolderFilled(folder_id=folder_id, added=(C3,), taken=(C1,)),)
    assert home.state.folders[folder_id].concept_ids == (C2, C3)
    assert home.when(ADA, "fill_folder", folder_id=folder_id, add=(C3,)) == ()


def test_the_same_concept_is_not_added_and_taken_at_once() -> None:
    home = Home(ADA)
    folder_id = home.given(ADA, "make_folder", name="Vases")

    with pytest.raises(Malformed, match="name it once"):
        home.when(ADA, "fill_folder", folder_id=folder_id, add=(C1,), take=(C1,))


def test_a_removed_folder_gives_its_place_back() -> None:
    home = Home(ADA)
    folder_id = home.given(ADA, "make_folder", name="Vases", concept_ids=(C1, C2))

    assert home.when(ADA, "remove_folder", folder_id=folder_id) == (did.FolderRemoved(folder_id=folder_id),)
    assert (len(home.state.folders), home.state.folder_ids) == (0, 0)


@pytest.mark.parametrize(
    ("verb", "fields"),
    [("change_folder", {"name": "x"}), ("fill_folder", {"add": (C1,)}), ("remove_folder", {})],
)
def test_an_unknown_folder_has_a_sentence_of_its_own(verb: str, fields: dict[str, object]) -> None:
    with pytest.raises(UnknownThing, match="no such folder"):
        Home(ADA).when(ADA, verb, folder_id=C1, **fields)


@pytest.mark.parametrize(("who", "most"), [(ADA, FOLDERS_MAX), (GUEST, GUEST_FOLDERS_MAX)])
def test_there_are_only_so_many_folders(who: Person, most: int) -> None:
    home = Home(who)
    for number in range(most):
        home.given(who, "make_folder", name=f"{number}")

    with pytest.raises(LimitReached, match=f"{most} folders"):
        home.when(who, "make_folder", name="one more")


def test_a_guest_is_told_that_signing_in_keeps_more() -> None:
    home = Home(GUEST)
    folder_id = home.given(GUEST, "make_folder", name="Vases", concept_ids=many_ids(GUEST_FOLDER_IDS_MAX))

    with pytest.raises(LimitReached, match="sign in to keep more"):
        home.when(GUEST, "fill_folder", folder_id=folder_id, add=(C1,))


def test_a_folder_and_all_of_them_together_hold_only_so_many_concepts() -> None:
    home = Home(ADA)
    for number in range(FOLDER_IDS_TOTAL_MAX // FOLDER_IDS_MAX):
        folder_id = home.given(ADA, "make_folder", name=f"{number}", concept_ids=many_ids(FOLDER_IDS_MAX))

    with pytest.raises(LimitReached, match="a folder holds"):
        home.when(ADA, "fill_folder", folder_id=folder_id, add=(C1,))
    with pytest.raises(LimitReached, match="together"):
        home.when(ADA, "make_folder", name="one more", concept_ids=(C1,))
    assert home.when(ADA, "fill_folder", folder_id=folder_id, take=many_ids(1))


# --- Favourites ---


def test_a_concept_is_favoured_once_and_taken_back() -> None:
    home = Home(ADA)

    assert home.when(ADA, "favour", concept_id=C1) == (did.FavouriteAdded(concept_id=C1),)
    with pytest.raises(AlreadyExists, match="already"):
        home.when(ADA, "favour", concept_id=C1)
    assert home.when(ADA, "unfavour", concept_id=C1) == (did.FavouriteRemoved(concept_id=C1),)
    with pytest.raises(UnknownThing, match="not among your favourites"):
        home.when(ADA, "unfavour", concept_id=C1)


def test_a_concept_that_is_not_there_is_no_favourite() -> None:
    home = Home(ADA)
    del home.refs[Ref("concept", C1)]

    with pytest.raises(UnknownThing, match="no such concept"):
        home.when(ADA, "favour", concept_id=C1)


def test_ones_own_concept_is_favoured_in_its_own_room() -> None:
    class Mine:
        owner_id = ADA.actor.id

    home = Home(ADA)
    home.refs[Ref("concept", C1)] = Mine()

    with pytest.raises(Malformed, match=r"concept\.favour"):
        home.when(ADA, "favour", concept_id=C1)


@pytest.mark.parametrize(("who", "most"), [(ADA, FAVOURITES_MAX), (GUEST, GUEST_FAVOURITES_MAX)])
def test_there_are_only_so_many_favourites(who: Person, most: int) -> None:
    home = Home(who)
    for concept_id in many_ids(most):
        home.refs[Ref("concept", concept_id)] = object()
        home.given(who, "favour", concept_id=concept_id)

    with pytest.raises(LimitReached, match=f"{most} favourites"):
        home.when(who, "favour", concept_id=C1)


# --- Comparisons ---


def test_a_comparison_is_kept_with_its_items() -> None:
    home = Home(ADA)

    assert home.when(ADA, "save_comparison", items=ITEMS, metadata={"a": 1}) == (
        did.ComparisonSaved(items=ITEMS, metadata={"a": 1}),
    )


def test_a_guests_comparison_hangs_on_the_session() -> None:
    assert Home(GUEST).when(GUEST, "save_comparison", items=ITEMS) == (did.ComparisonSaved(items=ITEMS, session_hash=HASH),)


def test_changed_metadata_merges_by_key_and_null_removes() -> None:
    home = Home(ADA)
    comparison_id = home.given(ADA, "save_comparison", items=ITEMS, metadata={"a": 1, "b": 2})

    assert home.when(ADA, "change_comparison", comparison_id=comparison_id, metadata={"a": None, "c": 3}) == (
        did.ComparisonChanged(comparison_id=comparison_id, items=ITEMS, metadata={"b": 2, "c": 3}),
    )
    assert home.when(ADA, "change_comparison", comparison_id=comparison_id, items=ITEMS[:1]) == (
        did.ComparisonChanged(comparison_id=comparison_id, items=ITEMS[:1], metadata={"b": 2, "c": 3}),
    )
    with pytest.raises(Malformed, match="nothing to change"):
        home.when(ADA, "change_comparison", comparison_id=comparison_id)


def test_metadata_stays_small_also_by_merging() -> None:
    home = Home(ADA)
    comparison_id = home.given(ADA, "save_comparison", items=ITEMS, metadata={"a": "x" * 4_000})

    with pytest.raises(Malformed, match="4 KiB"):
        home.when(ADA, "save_comparison", items=ITEMS, metadata={"a": "x" * 4_096})
    with pytest.raises(Malformed, match="4 KiB"):
        home.when(ADA, "change_comparison", comparison_id=comparison_id, metadata={"b": "x" * 100})


def test_a_removed_comparison_is_gone() -> None:
    home = Home(ADA)
    comparison_id = home.given(ADA, "save_comparison", items=ITEMS)
    home.given(ADA, "remove_comparison", comparison_id=comparison_id)

    with pytest.raises(UnknownThing, match="no such comparison"):
        home.when(ADA, "change_comparison", comparison_id=comparison_id, items=ITEMS)
    with pytest.raises(UnknownThing, match="no such comparison"):
        home.when(ADA, "remove_comparison", comparison_id=comparison_id)


@pytest.mark.parametrize(("who", "most"), [(ADA, COMPARISONS_MAX), (GUEST, GUEST_COMPARISONS_MAX)])
def test_there_are_only_so_many_comparisons(who: Person, most: int) -> None:
    home = Home(who)
    for _ in range(most):
        home.given(who, "save_comparison", items=ITEMS)

    with pytest.raises(LimitReached, match=f"{most} comparisons"):
        home.when(who, "save_comparison", items=ITEMS)
