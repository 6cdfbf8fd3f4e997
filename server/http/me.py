"""What a person keeps, by HTTP: favourites, comparisons, profile, preferences, searches. Writes are commands of their own room."""

from uuid import UUID

from litestar import Response, Router, delete, get, patch, post, put
from litestar.params import FromPath, JSONBody

from domain.limits import OpenObject
from persistence.queries.library import (
    AiPreferences,
    Comparison,
    Favourite,
    Search,
    StyleProfile,
    ai_preferences_of,
    comparison_by_id,
    list_comparisons,
    list_favourites,
    list_searches,
    style_profile_of,
)
from server.http.context import Asked, parts_of, signed_in
from server.http.home import CommandId, done, home_caught_up
from server.http.home_forms import Click, ComparisonChange, ComparisonToSave, PreferencesChange
from server.http.lists import AfterId, AfterOffset, Limit, Listed, found, listed, size_of, text_of


@get("/me/favourites", summary="My favourites, newest first")
async def favourites(
    request: Asked, after: AfterId = None, limit: Limit = None, after_offset: AfterOffset = 0
) -> Listed[Favourite]:
    """Concepts of others. One's own that one likes carry the mark themselves."""
    owner = await home_caught_up(request, after_offset)
    return listed(request, await list_favourites(parts_of(request).database, owner, text_of(after), size_of(request, limit)))


@put("/me/favourites/{concept_id:uuid}", summary="Favour a concept of others")
async def favour(request: Asked, concept_id: FromPath[UUID], command_id: CommandId = None) -> Response[bytes]:
    return await done(request, "favour", command_id, concept_id=str(concept_id))


@delete("/me/favourites/{concept_id:uuid}", status_code=200, summary="Take a favourite back")
async def unfavour(request: Asked, concept_id: FromPath[UUID], command_id: CommandId = None) -> Response[bytes]:
    return await done(request, "unfavour", command_id, concept_id=str(concept_id))


@get("/me/comparisons", summary="My comparisons, newest first")
async def comparisons(
    request: Asked, after: AfterId = None, limit: Limit = None, after_offset: AfterOffset = 0
) -> Listed[Comparison]:
    """A guest's are those of the session."""
    owner = await home_caught_up(request, after_offset)
    return listed(request, await list_comparisons(parts_of(request).database, owner, text_of(after), size_of(request, limit)))


@get("/me/comparisons/{comparison_id:uuid}", summary="A comparison of mine")
async def comparison(request: Asked, comparison_id: FromPath[UUID], after_offset: AfterOffset = 0) -> Comparison:
    owner = await home_caught_up(request, after_offset)
    return found(await comparison_by_id(parts_of(request).database, owner, str(comparison_id)))


@post("/me/comparisons", status_code=201, summary="Save a comparison")
async def save_comparison(request: Asked, data: JSONBody[ComparisonToSave], command_id: CommandId = None) -> Response[bytes]:
    """The answer is that of the command `person.save_comparison`, with `comparison_id`."""
    return await done(request, "save_comparison", command_id, data)


@patch("/me/comparisons/{comparison_id:uuid}", summary="Change a comparison")
async def change_comparison(
    request: Asked, comparison_id: FromPath[UUID], data: JSONBody[ComparisonChange], command_id: CommandId = None
) -> Response[bytes]:
    return await done(request, "change_comparison", command_id, data, comparison_id=str(comparison_id))


@delete("/me/comparisons/{comparison_id:uuid}", status_code=200, summary="Remove a comparison")
async def remove_comparison(request: Asked, comparison_id: FromPath[UUID], command_id: CommandId = None) -> Response[bytes]:
    return await done(request, "remove_comparison", command_id, comparison_id=str(comparison_id))


@get("/me/style-profile", summary="My style profile")
async def style_profile(request: Asked, after_offset: AfterOffset = 0) -> StyleProfile:
    """Empty, without times, until one was set."""
    return await style_profile_of(parts_of(request).database, await home_caught_up(request, after_offset))


@put("/me/style-profile", summary="Set my style profile")
async def set_style_profile(request: Asked, data: JSONBody[OpenObject], command_id: CommandId = None) -> Response[bytes]:
    """The body is the full profile; it replaces the one before."""
    return await done(request, "set_style_profile", command_id, profile=data)


@get("/me/ai-preferences", summary="My preferences for AI models")
async def ai_preferences(request: Asked, after_offset: AfterOffset = 0) -> AiPreferences:
    """The defaults, without times, until something was set."""
    return await ai_preferences_of(parts_of(request).database, await home_caught_up(request, after_offset))


@patch("/me/ai-preferences", summary="Change my preferences for AI models")
async def set_ai_preferences(request: Asked, data: JSONBody[PreferencesChange], command_id: CommandId = None) -> Response[bytes]:
    """What is left out stays; `model_weights` merges by key."""
    return await done(request, "set_ai_preferences", command_id, data)


@get("/me/searches", summary="What I searched for, newest first")
async def searches(request: Asked, after: AfterId = None, limit: Limit = None, after_offset: AfterOffset = 0) -> Listed[Search]:
    """A guest's are those of the session."""
    owner = await home_caught_up(request, after_offset)
    return listed(request, await list_searches(parts_of(request).database, owner, text_of(after), size_of(request, limit)))


@post("/me/searches/{search_id:uuid}/clicks", status_code=200, summary="Note what I went to from a search")
async def click(request: Asked, search_id: FromPath[UUID], data: JSONBody[Click], command_id: CommandId = None) -> Response[bytes]:
    return await done(request, "note_click", command_id, data, search_id=str(search_id))


ROUTES = Router(
    "/",
    route_handlers=[
        favourites,
        favour,
        unfavour,
        comparisons,
        comparison,
        save_comparison,
        change_comparison,
        remove_comparison,
        style_profile,
        set_style_profile,
        ai_preferences,
        set_ai_preferences,
        searches,
        click,
    ],
    guards=[signed_in],
    tags=["me"],
)
