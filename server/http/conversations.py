"""Conversations by HTTP. A list has one's own; one of them is for whoever may be in its room, which the room itself says."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get
from litestar.params import FromPath, FromQuery, QueryParameter

from channels.seats import Identity
from domain.kinds.conversation.events import Status
from domain.rejections import NotAllowed
from persistence.queries.conversations import (
    ConversationDetail,
    ListedConversation,
    MessagesPage,
    Whose,
    conversation_by_id,
    id_of_key,
    list_conversations,
    list_messages,
)
from server.http.context import Asked, parts_of, room_caught_up, signed_in
from server.http.lists import AfterId, AfterOffset, Limit, Listed, found, listed, size_of, text_of


@get("/conversations", summary="My conversations, newest first")
async def conversations(
    request: Asked,
    status: FromQuery[Status | None] = None,
    project: FromQuery[UUID | None] = None,
    after: AfterId = None,
    limit: Limit = None,
    room: FromQuery[str] = "",
    after_offset: AfterOffset = 0,
) -> Listed[ListedConversation]:
    """A guest's are those of the session. `room` and `after_offset` belong together: a conversation just written to is then in the
    list as written."""
    parts = parts_of(request)
    await room_caught_up(request, room, after_offset)
    page = await list_conversations(
        parts.database,
        whose(request.user),
        status=status,
        project_id=text_of(project),
        after=text_of(after),
        limit=size_of(request, limit),
    )
    return listed(request, page)


@get("/conversations/{conversation_id:uuid}", summary="A conversation")
async def conversation(request: Asked, conversation_id: FromPath[UUID], after_offset: AfterOffset = 0) -> ConversationDetail:
    """The row. For messages and open turns too, in one go: GET /rooms/conversation:{id}/view."""
    key = await _entered(request, str(conversation_id), after_offset)
    return found(await conversation_by_id(parts_of(request).database, key))


@get("/conversations/by-key/{key:str}", summary="The conversation with a public key")
async def by_key(request: Asked, key: FromPath[str]) -> ConversationDetail:
    database = parts_of(request).database
    conversation_id = await id_of_key(database, key)
    if conversation_id is None:
        raise NotAllowed  # in the room's own words: missing and forbidden answer alike
    await _entered(request, conversation_id, 0)
    return found(await conversation_by_id(database, conversation_id))


@get("/conversations/{conversation_id:uuid}/messages", summary="What was said in it")
async def messages(
    request: Asked,
    conversation_id: FromPath[UUID],
    turn: Annotated[UUID | None, QueryParameter(description="Only what this turn has become.")] = None,
    before: Annotated[int | None, QueryParameter(ge=1, description="The `before` of the page behind.")] = None,
    limit: Limit = None,
    after_offset: AfterOffset = 0,
) -> MessagesPage:
    """The newest, oldest first, each with its author and, for a model's, with its rating."""
    key = await _entered(request, str(conversation_id), after_offset)
    database, size = parts_of(request).database, size_of(request, limit)
    return await list_messages(database, key, turn_id=text_of(turn), before=before, limit=size)


def whose(identity: Identity) -> Whose:
    """A guest is known by the session, where the token has one."""
    if identity.actor.kind == "guest" and identity.claims.session_hash:
        return Whose(session_hash=identity.claims.session_hash)
    return Whose(user_id=identity.actor.id)


async def _entered(request: Asked, conversation_id: str, after_offset: int) -> str:
    """The id, once the room has let the caller in and the database has it up to the offset. Raises ``NotAllowed``."""
    room = f"conversation:{conversation_id}"
    await room_caught_up(request, room, after_offset)
    return conversation_id


ROUTES = Router(
    "/",
    route_handlers=[conversations, conversation, by_key, messages],
    guards=[signed_in],
    tags=["conversations"],
)
