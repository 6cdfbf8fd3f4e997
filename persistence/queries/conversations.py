"""Conversations by HTTP: one's own as a list, one of them, and what was said in it."""

import msgspec

from domain.kinds.conversation.events import MessageRole, Status
from domain.limits import OpenObject
from persistence.database import Database
from persistence.queries.rows import LIMIT_DEFAULT, Conditions, Face, Page, limited, page_of, row_as, rows_as

COLUMNS = """
    c.id, c.conversation_id, c.project_id, c.status, c.summary, c.created_at, c.updated_at, c.ended_at,
    CASE WHEN jsonb_typeof(c.context -> 'title') = 'string' THEN c.context ->> 'title' END AS title
"""


class Whose(msgspec.Struct, frozen=True, kw_only=True):
    """Whose conversations: a person's by ``user_id``, or an anonymous session's by its hash."""

    user_id: str | None = None
    session_hash: str | None = None


class ListedConversation(msgspec.Struct, frozen=True, kw_only=True):
    """A line of one's own list. Times are Unix milliseconds; ``title`` is the context's."""

    id: str
    conversation_id: str
    project_id: str | None = None
    status: Status
    title: str = ""
    summary: str = ""
    created_at: int
    updated_at: int
    ended_at: int | None = None


class ConversationDetail(ListedConversation, frozen=True, kw_only=True):
    """``owner`` is None while the conversation is an anonymous session's."""

    owner: Face | None = None
    context: OpenObject = {}
    requirements: OpenObject = {}
    message_count: int = 0


class StoredMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message with what is known of it now: what it means, which model told it, how it was rated."""

    id: str
    offset: int
    created_at: int
    role: MessageRole
    text: str
    author: Face | None = None
    metadata: OpenObject = {}
    turn_id: str | None = None
    intent: str = ""
    entities: tuple[OpenObject, ...] = ()
    confidence: float | None = None
    actions: tuple[OpenObject, ...] = ()
    model: str = ""
    tokens: int | None = None
    rating: int | None = None
    accepted: bool | None = None


class MessagesPage(msgspec.Struct, frozen=True):
    """Oldest first, as in the view. ``before`` asks for the page before this one; None at the beginning."""

    items: tuple[StoredMessage, ...]
    before: int | None = None


async def list_conversations(
    database: Database,
    whose: Whose,
    *,
    status: Status | None = None,
    project_id: str | None = None,
    after: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> Page[ListedConversation]:
    """Newest first; ``after`` is the last id of the page before."""
    query, values = list_query(whose, status, project_id, after, limited(limit))
    return page_of(ListedConversation, await database.fetch(query, *values), limited(limit))


def list_query(
    whose: Whose, status: Status | None, project_id: str | None, after: str | None, limit: int
) -> tuple[str, list[object]]:
    conditions = Conditions()
    if whose.session_hash:
        conditions.add("c.session_token = {}", whose.session_hash)
    else:
        conditions.add("c.user_id = {}::uuid", whose.user_id)
    conditions.add("c.status = {}", status)
    conditions.add("c.project_id = {}::uuid", project_id)
    conditions.add("(c.created_at, c.id) < (SELECT p.created_at, p.id FROM conversations p WHERE p.id = {}::uuid)", after)
    query = f"""
        SELECT {COLUMNS} FROM conversations c {conditions}
        ORDER BY c.created_at DESC, c.id DESC LIMIT {conditions.place(limit + 1)}
    """
    return query, conditions.values


async def conversation_by_id(database: Database, conversation_id: str) -> ConversationDetail | None:
    query = f"""
        SELECT {COLUMNS}, c.context, c.extracted_requirements AS requirements,
               (SELECT count(*) FROM conversation_messages m WHERE m.conversation_id = c.id) AS message_count,
               CASE WHEN u.id IS NOT NULL THEN
                   jsonb_build_object('id', u.id, 'name', coalesce(u.name, ''), 'image', coalesce(u.image, '')) END AS owner
        FROM conversations c LEFT JOIN users u ON u.id = c.user_id
        WHERE c.id = $1::uuid
    """
    row = await database.fetchrow(query, conversation_id)
    return row_as(ConversationDetail, row) if row else None


async def id_of_key(database: Database, key: str) -> str | None:
    """The conversation with that public key."""
    row = await database.fetchrow("SELECT id FROM conversations WHERE conversation_id = $1", key)
    return str(row["id"]) if row else None


async def list_messages(
    database: Database,
    conversation_id: str,
    *,
    turn_id: str | None = None,
    before: int | None = None,
    limit: int = LIMIT_DEFAULT,
) -> MessagesPage:
    """The newest messages with an offset below ``before``; with ``turn_id`` the one that the turn has become."""
    query, values = messages_query(conversation_id, turn_id, before, limited(limit))
    rows = await database.fetch(query, *values)
    shown = rows_as(StoredMessage, rows[: limited(limit)])[::-1]
    return MessagesPage(shown, shown[0].offset if len(rows) > limited(limit) else None)


def messages_query(conversation_id: str, turn_id: str | None, before: int | None, limit: int) -> tuple[str, list[object]]:
    conditions = Conditions()
    conditions.add("m.conversation_id = {}::uuid", conversation_id)
    conditions.add("m.turn_id = {}::uuid", turn_id)
    conditions.add('m."offset" < {}', before)
    query = f"""
        SELECT m.id, m."offset", m.created_at, m.role, m.content AS text, m.metadata, m.turn_id, m.intent, m.entities,
               m.confidence::float8, m.actions, m.model_used AS model, m.tokens_used AS tokens,
               k.user_rating AS rating, k.user_accepted AS accepted,
               CASE WHEN u.id IS NOT NULL THEN
                   jsonb_build_object('id', u.id, 'name', coalesce(u.name, ''), 'image', coalesce(u.image, '')) END AS author
        FROM conversation_messages m
        LEFT JOIN users u ON u.id = m.author_id
        LEFT JOIN ai_model_metrics k ON k.id = m.metric_id
        {conditions}
        ORDER BY m."offset" DESC LIMIT {conditions.place(limit + 1)}
    """
    return query, conditions.values
