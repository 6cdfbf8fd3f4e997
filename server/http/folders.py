"""Folders by HTTP. Public ones are for whoever is let in; all else is one's own, and writes are commands of one's own room."""

from typing import Annotated
from uuid import UUID

from litestar import Response, Router, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from persistence.queries.folders import Folder, ListedFolder, folder_by_id, list_own_folders, list_public_folders
from server.http.context import Asked, parts_of, signed_in
from server.http.home import CommandId, done, home_caught_up
from server.http.home_forms import FolderChange, FolderFilling, FolderToMake
from server.http.lists import AfterId, AfterOffset, Limit, Listed, found, listed, size_of, text_of

Tag = Annotated[str | None, QueryParameter(description="Only folders that carry this tag.")]


@get("/me/folders", summary="My folders, newest first")
async def own_folders(
    request: Asked, after: AfterId = None, limit: Limit = None, after_offset: AfterOffset = 0
) -> Listed[ListedFolder]:
    owner = await home_caught_up(request, after_offset)
    page = await list_own_folders(parts_of(request).database, owner.id, text_of(after), size_of(request, limit))
    return listed(request, page)


@get("/folders", summary="Folders, newest first")
async def folders(
    request: Asked, public: FromQuery[bool] = True, tag: Tag = None, after: AfterId = None, limit: Limit = None
) -> Listed[ListedFolder]:
    """Those that their owners have made public; with `public=false` one's own, public or not."""
    database, size = parts_of(request).database, size_of(request, limit)
    if public:
        return listed(request, await list_public_folders(database, tag, text_of(after), size))
    owner = await home_caught_up(request, 0)
    return listed(request, await list_own_folders(database, owner.id, text_of(after), size))


@get("/folders/{folder_id:uuid}", summary="A folder, with what is in it")
async def folder(request: Asked, folder_id: FromPath[UUID], after_offset: AfterOffset = 0) -> Folder:
    """One's own, or a public one. `after_offset` is an offset of one's own room."""
    if after_offset:
        await home_caught_up(request, after_offset)
    return found(await folder_by_id(parts_of(request).database, str(folder_id), request.user.actor.id))


@post("/me/folders", status_code=201, summary="Make a folder")
async def make_folder(request: Asked, data: JSONBody[FolderToMake], command_id: CommandId = None) -> Response[bytes]:
    """The answer is that of the command `person.make_folder`, with `folder_id`."""
    return await done(request, "make_folder", command_id, data)


@patch("/me/folders/{folder_id:uuid}", summary="Change a folder")
async def change_folder(
    request: Asked, folder_id: FromPath[UUID], data: JSONBody[FolderChange], command_id: CommandId = None
) -> Response[bytes]:
    return await done(request, "change_folder", command_id, data, folder_id=str(folder_id))


@post("/me/folders/{folder_id:uuid}/concepts", status_code=200, summary="Put concepts into a folder, take others out")
async def fill_folder(
    request: Asked, folder_id: FromPath[UUID], data: JSONBody[FolderFilling], command_id: CommandId = None
) -> Response[bytes]:
    return await done(request, "fill_folder", command_id, data, folder_id=str(folder_id))


@delete("/me/folders/{folder_id:uuid}", status_code=200, summary="Remove a folder")
async def remove_folder(request: Asked, folder_id: FromPath[UUID], command_id: CommandId = None) -> Response[bytes]:
    """The concepts in it stay where they are."""
    return await done(request, "remove_folder", command_id, folder_id=str(folder_id))


ROUTES = Router(
    "/",
    route_handlers=[own_folders, folders, folder, make_folder, change_folder, fill_folder, remove_folder],
    guards=[signed_in],
    tags=["me"],
)
