"""Executions of Claude by HTTP, over all workspaces: what bots look for work in, and one with its retries and its deploy's log."""

from typing import Annotated, get_args
from uuid import UUID

from litestar import Router, get
from litestar.params import FromPath, FromQuery, QueryParameter

from domain.rejections import Malformed
from persistence.queries.implementation_sessions import ImplementationSession, implementation_session_by_id
from persistence.queries.workspace_executions import (
    DeployLog,
    ExecutionDetail,
    ExecutionStatus,
    WaitingExecution,
    deploy_log,
    execution_by_id,
    list_executions_by_status,
)
from server.http.context import Asked, check_may_see, parts_of, room_caught_up, signed_in
from server.http.lists import AfterId, AfterOffset, Limit, Listed, found, listed, size_of, text_of

STATUSES: tuple[ExecutionStatus, ...] = get_args(ExecutionStatus)
Statuses = Annotated[str, QueryParameter(description=f"One or more of {', '.join(STATUSES)}, with commas.")]


@get("/executions", summary="Executions in all workspaces, who waits longest first")
async def executions(
    request: Asked,
    status: Statuses = "pending,running",
    after: AfterId = None,
    limit: Limit = None,
    room: FromQuery[str] = "",
    after_offset: AfterOffset = 0,
) -> Listed[WaitingExecution]:
    check_may_see(request, "directory:workspaces")
    await room_caught_up(request, room, after_offset)
    wanted = [known for known in STATUSES if known in status.split(",")]
    if len(wanted) != len(set(status.split(","))):
        raise Malformed(f"status: expected one or more of {', '.join(STATUSES)}, with commas")
    page = await list_executions_by_status(parts_of(request).database, wanted, text_of(after), size_of(request, limit))
    return listed(request, page)


@get("/executions/{execution_id:uuid}", summary="An execution with its phases, checkpoints and chain of retries")
async def execution(
    request: Asked, execution_id: FromPath[UUID], room: FromQuery[str] = "", after_offset: AfterOffset = 0
) -> ExecutionDetail:
    check_may_see(request, "directory:workspaces")
    await room_caught_up(request, room, after_offset)
    return found(await execution_by_id(parts_of(request).database, str(execution_id)))


@get("/executions/{execution_id:uuid}/deploy-log", summary="The last 256 KiB of its deploy's log")
async def log_of_deploy(request: Asked, execution_id: FromPath[UUID]) -> DeployLog:
    """While the deploy runs it is a second behind; the room streams it live."""
    check_may_see(request, "directory:workspaces")
    return found(await deploy_log(parts_of(request).database, str(execution_id)))


@get("/implementation-sessions/{session_id:uuid}", summary="A session of the older kind", deprecated=True)
async def implementation_session(request: Asked, session_id: FromPath[UUID]) -> ImplementationSession:
    """Read-only; kept for what refers to it."""
    check_may_see(request, "directory:workspaces")
    return found(await implementation_session_by_id(parts_of(request).database, str(session_id)))


ROUTES = Router(
    "/", route_handlers=[executions, execution, log_of_deploy, implementation_session], guards=[signed_in], tags=["executions"]
)
