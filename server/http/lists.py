"""What all lists share: their envelope, their paging, and the merge with what open rooms know already."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Generic, TypeAlias, TypeVar
from uuid import UUID

import msgspec
from litestar.params import QueryParameter

from channels.seats import Identity
from domain.kinds.workspace.view import WorkspaceEntry
from domain.rejections import Malformed, NotAllowed
from persistence.queries.rows import Page
from persistence.queries.workspaces import Filters, ListedWorkspace
from server.http.context import Asked, caught_up, check_may_see, parts_of

T = TypeVar("T")
Workspaces: TypeAlias = tuple[ListedWorkspace, ...]

Limit = Annotated[int | None, QueryParameter(ge=1, le=100, description="Entries of a page; 50 without it.")]
AfterId = Annotated[UUID | None, QueryParameter(description="The `next` of the page before.")]
AfterOffset = Annotated[
    int, QueryParameter(ge=0, description="Wait until the database has the room up to here: what the caller has just written.")
]


class Listed(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One page. ``next`` is the ``after`` of the page behind it, None at the end; ``lag_s`` is how old the database's knowledge
    is at most (what open rooms know is merged in where a list says so)."""

    items: tuple[T, ...]
    next: str | None = None
    lag_s: float


def listed(asked: Asked, page: Page[T]) -> Listed[T]:
    return Listed(items=page.items, next=page.after, lag_s=parts_of(asked).health.lag_s())


def size_of(asked: Asked, limit: int | None) -> int:
    return limit or parts_of(asked).settings.page_size


def text_of(value: UUID | None) -> str | None:
    return str(value) if value else None


def someone(name: str, value: str | None, identity: Identity) -> str | None:
    """``me`` or a uuid. Raises ``Malformed``."""
    if value is None or value == "me":
        return identity.actor.id if value else None
    try:
        return str(UUID(value))
    except ValueError as error:
        raise Malformed(f"{name}: expected me or the id of a person") from error


async def workspace_caught_up(asked: Asked, workspace_id: UUID, after_offset: int) -> str:
    """The id as text, once the database has the workspace up to the offset."""
    room = f"workspace:{workspace_id}"
    check_may_see(asked, room)
    await caught_up(asked, room, after_offset)
    return str(workspace_id)


def found(thing: T | None) -> T:
    """Missing and forbidden answer alike. Raises ``NotAllowed``."""
    if thing is None:
        raise NotAllowed("this does not exist, or it is not open to you")
    return thing


def merged(rows: Sequence[ListedWorkspace], known: Iterable[Any], filters: Filters, *, is_whole: bool) -> Workspaces:
    """A first page with what the open rooms say: as ``refreshed``, and with workspaces that the database does not have yet.

    ``is_whole`` when no page follows.
    """
    entries = [entry for entry in known if isinstance(entry, WorkspaceEntry)]
    there = {row.id for row in rows}
    # what is older than the page's last row stands on a later page
    since = 0 if is_whole or not rows else rows[-1].created_at
    new = [_shown(entry) for entry in entries if entry.id not in there and fits(entry, filters) and entry.created_at > since]
    return tuple(sorted((*refreshed(rows, entries, filters), *new), key=lambda row: (row.created_at, row.id), reverse=True))


def refreshed(rows: Iterable[ListedWorkspace], known: Iterable[Any], filters: Filters) -> Workspaces:
    """A page with the newer values of open rooms, and without what no longer fits."""
    fresh = {entry.id: entry for entry in known if isinstance(entry, WorkspaceEntry)}
    return tuple(
        _shown(fresh[row.id]) if row.id in fresh else row for row in rows if row.id not in fresh or fits(fresh[row.id], filters)
    )


def fits(entry: WorkspaceEntry, filters: Filters) -> bool:
    """The same conditions as the query's."""
    wanted = {name: value for name, value in msgspec.structs.asdict(filters).items() if value is not None}
    return all(getattr(entry, name) == value for name, value in wanted.items())


_FIELDS = tuple(field.name for field in msgspec.structs.fields(ListedWorkspace))


def _shown(entry: WorkspaceEntry) -> ListedWorkspace:
    return ListedWorkspace(**{name: getattr(entry, name) for name in _FIELDS})
