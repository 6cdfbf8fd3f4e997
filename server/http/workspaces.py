"""Workspaces by HTTP. Any signed-in person may see all of them, so lists need no further condition in SQL."""

from typing import Annotated, Literal
from uuid import UUID

from litestar import Router, get
from litestar.params import FromPath, FromQuery, QueryParameter

from domain.kinds.workspace.events import Status
from domain.kinds.workspace.view import Session
from persistence.queries.workspace_executions import Execution, list_executions
from persistence.queries.workspace_stats import WorkspaceStats, workspace_stats
from persistence.queries.workspace_timeline import TimelinePage, list_messages
from persistence.queries.workspaces import (
    Feedback,
    Filters,
    ListedWorkspace,
    WorkspaceDetail,
    list_feedback,
    list_sessions,
    list_workspaces,
    workspace_by_id,
    workspace_by_pattern,
)
from server.http.context import Asked, check_may_see, parts_of, room_caught_up, signed_in
from server.http.lists import (
    AfterId,
    AfterOffset,
    Limit,
    Listed,
    found,
    listed,
    merged,
    refreshed,
    size_of,
    someone,
    text_of,
    workspace_caught_up,
)

Person = Annotated[str | None, QueryParameter(description="`me`, or the id of a person.")]
Sent: dict[bool | None, Literal["all", "sent", "unsent"]] = {None: "all", True: "sent", False: "unsent"}


@get("/workspaces", summary="All workspaces, newest first")
async def workspaces(
    request: Asked,
    status: FromQuery[Status | None] = None,
    category: FromQuery[str | None] = None,
    created_by: Person = None,
    approved_by: Person = None,
    verified_by: Person = None,
    archived: FromQuery[bool] = False,
    after: AfterId = None,
    limit: Limit = None,
    room: FromQuery[str] = "",
    after_offset: AfterOffset = 0,
) -> Listed[ListedWorkspace]:
    """What the open rooms know is merged in, so the list is fresher than its `lag_s`; subscribe to `directory:workspaces` to keep
    it live. `room` and `after_offset` belong together: a workspace just written to is then in the list as written."""
    parts = parts_of(request)
    check_may_see(request, "directory:workspaces")
    await room_caught_up(request, room, after_offset)
    filters = Filters(
        status=status,
        category=category,
        created_by=someone("created_by", created_by, request.user),
        approved_by=someone("approved_by", approved_by, request.user),
        verified_by=someone("verified_by", verified_by, request.user),
        is_archived=archived,
    )
    page = await list_workspaces(parts.database, filters, text_of(after), size_of(request, limit))
    entries = parts.hub.open_entries("workspace").values()
    items = refreshed(page.items, entries, filters) if after else merged(page.items, entries, filters, is_whole=page.after is None)
    return Listed(items=items, next=page.after, lag_s=parts.health.lag_s())


@get("/workspaces/{workspace_id:uuid}", summary="A workspace")
async def workspace(request: Asked, workspace_id: FromPath[UUID], after_offset: AfterOffset = 0) -> WorkspaceDetail:
    """The row, the 5 newest sessions and the latest execution. For the timeline too, in one go: GET /rooms/workspace:{id}/view."""
    key = await workspace_caught_up(request, workspace_id, after_offset)
    return found(await workspace_by_id(parts_of(request).database, key))


@get("/workspaces/by-pattern/{pattern_type:str}", summary="The workspace of a pattern type")
async def by_pattern(
    request: Asked, pattern_type: FromPath[str], room: FromQuery[str] = "", after_offset: AfterOffset = 0
) -> WorkspaceDetail:
    await room_caught_up(request, room, after_offset)
    detail = await workspace_by_pattern(parts_of(request).database, pattern_type)
    # Also for one that is missing: the two must not differ by a word.
    check_may_see(request, f"workspace:{detail.workspace.id}" if detail else "directory:workspaces")
    return found(detail)


@get("/workspaces/{workspace_id:uuid}/messages", summary="Its timeline")
async def messages(
    request: Asked,
    workspace_id: FromPath[UUID],
    message_type: Annotated[str | None, QueryParameter(name="type", description="A type, such as claude_completed.")] = None,
    session: FromQuery[UUID | None] = None,
    before: Annotated[int | None, QueryParameter(ge=1, description="The `before` of the page behind.")] = None,
    limit: Limit = None,
    after_offset: AfterOffset = 0,
) -> TimelinePage:
    """The newest, oldest first, each with its author, session, feedback and execution as they are now."""
    key = await workspace_caught_up(request, workspace_id, after_offset)
    database, size = parts_of(request).database, size_of(request, limit)
    page = await list_messages(database, key, type=message_type, session_id=text_of(session), before=before, limit=size)
    await _exists(request, key, page.items)
    return page


@get("/workspaces/{workspace_id:uuid}/executions", summary="Its executions, latest first")
async def executions(
    request: Asked, workspace_id: FromPath[UUID], after: AfterId = None, limit: Limit = None, after_offset: AfterOffset = 0
) -> Listed[Execution]:
    key = await workspace_caught_up(request, workspace_id, after_offset)
    page = await list_executions(parts_of(request).database, key, text_of(after), size_of(request, limit))
    await _exists(request, key, page.items)
    return listed(request, page)


@get("/workspaces/{workspace_id:uuid}/sessions", summary="Its test sessions, newest first")
async def sessions(
    request: Asked, workspace_id: FromPath[UUID], after: AfterId = None, limit: Limit = None, after_offset: AfterOffset = 0
) -> Listed[Session]:
    key = await workspace_caught_up(request, workspace_id, after_offset)
    page = await list_sessions(parts_of(request).database, key, text_of(after), size_of(request, limit))
    await _exists(request, key, page.items)
    return listed(request, page)


@get("/workspaces/{workspace_id:uuid}/feedback", summary="Its feedback, oldest first")
async def feedback(
    request: Asked,
    workspace_id: FromPath[UUID],
    sent: FromQuery[bool | None] = None,
    after: AfterId = None,
    limit: Limit = None,
    after_offset: AfterOffset = 0,
) -> Listed[Feedback]:
    """`sent=false` is what Claude has not been given yet."""
    key = await workspace_caught_up(request, workspace_id, after_offset)
    page = await list_feedback(parts_of(request).database, key, Sent[sent], text_of(after), size_of(request, limit))
    await _exists(request, key, page.items)
    return listed(request, page)


@get("/workspaces/{workspace_id:uuid}/stats", summary="A workspace in numbers")
async def stats(request: Asked, workspace_id: FromPath[UUID], after_offset: AfterOffset = 0) -> WorkspaceStats:
    """Counts, the success rate by day, executions by status, retries."""
    key = await workspace_caught_up(request, workspace_id, after_offset)
    return found(await workspace_stats(parts_of(request).database, key))


async def _exists(request: Asked, workspace_id: str, items: tuple[object, ...]) -> None:
    """An empty list must not stand for a workspace that is not there."""
    if not items:
        found(await workspace_by_id(parts_of(request).database, workspace_id))


ROUTES = Router(
    "/",
    route_handlers=[workspaces, workspace, by_pattern, messages, executions, sessions, feedback, stats],
    guards=[signed_in],
    tags=["workspaces"],
)
