"""What the HTTP API reads of conversations."""

import pytest

from persistence.database import Database
from persistence.queries.conversations import (
    Whose,
    conversation_by_id,
    id_of_key,
    list_conversations,
    list_messages,
    list_query,
    messages_query,
)
from persistence.queries.rows import Face
from tests.support.conversation_rows import conversation, metric, said
from tests.support.workspace_rows import at, new_id, person, stored

ADA, BOB, CLAUDE = new_id(), new_id(), new_id()
C, PROJECT = new_id(), new_id()
SESSION = "ab" * 32


@pytest.fixture
async def filled(database: Database) -> Database:
    await stored(database, person(ADA, "Ada"), person(BOB, "Bob"), person(CLAUDE, "Claude"), conversation(C, ADA))
    return database


async def test_ones_own_come_newest_first_page_by_page(filled: Database) -> None:
    ids = [new_id() for _ in range(5)]
    await stored(filled, *(conversation(one, ADA, seconds) for seconds, one in enumerate(ids, 1)), conversation(new_id(), BOB, 9))

    first = await list_conversations(filled, Whose(user_id=ADA), limit=4)
    second = await list_conversations(filled, Whose(user_id=ADA), after=first.after, limit=4)

    assert [one.id for one in first.items] == ids[:0:-1]
    assert [one.id for one in second.items] == [ids[0], C]
    assert second.after is None


async def test_a_list_is_narrowed_by_each_of_its_filters(filled: Database) -> None:
    other = new_id()
    await stored(filled, conversation(other, ADA, 1, status="completed", project_id=PROJECT, ended_at=at(2)))

    assert [one.id for one in (await list_conversations(filled, Whose(user_id=ADA), status="completed")).items] == [other]
    assert [one.id for one in (await list_conversations(filled, Whose(user_id=ADA), project_id=PROJECT)).items] == [other]
    assert [one.id for one in (await list_conversations(filled, Whose(user_id=ADA), status="active")).items] == [C]
    assert (await list_conversations(filled, Whose(user_id=BOB), project_id=PROJECT)).items == ()


async def test_an_anonymous_sessions_are_its_own(filled: Database) -> None:
    own = new_id()
    await stored(filled, conversation(own, None, 1, session_token=SESSION))

    assert [one.id for one in (await list_conversations(filled, Whose(session_hash=SESSION))).items] == [own]
    detail = await conversation_by_id(filled, own)
    assert detail is not None
    assert detail.owner is None


async def test_a_title_is_the_contexts_where_it_is_a_text(filled: Database) -> None:
    titled, numbered = new_id(), new_id()
    await stored(
        filled, conversation(titled, BOB, 1, context={"title": "Office"}), conversation(numbered, BOB, context={"title": 5})
    )

    assert [one.title for one in (await list_conversations(filled, Whose(user_id=BOB))).items] == ["Office", ""]


async def test_a_conversation_is_shown_with_its_owner_and_what_it_has_found(filled: Database) -> None:
    one = new_id()
    values = {"context": {"a": 1}, "extracted_requirements": {"desks": 120}, "summary": "An office", "project_id": PROJECT}
    await stored(filled, conversation(one, ADA, 1, conversation_id="old-key", **values), said(one, 1), said(one, 2))

    detail = await conversation_by_id(filled, one)

    assert detail is not None
    assert (detail.conversation_id, detail.project_id, detail.message_count) == ("old-key", PROJECT, 2)
    assert (detail.context, detail.requirements, detail.summary) == ({"a": 1}, {"desks": 120}, "An office")
    assert detail.owner == Face(id=ADA, name="Ada", image="https://img/Ada")
    assert await id_of_key(filled, "old-key") == one


async def test_what_is_not_there_is_none(filled: Database) -> None:
    assert await conversation_by_id(filled, new_id()) is None
    assert await id_of_key(filled, "x") is None


async def test_messages_page_backwards_oldest_first(filled: Database) -> None:
    await stored(filled, *(said(C, offset, f"{offset}") for offset in range(1, 6)))

    page = await list_messages(filled, C, limit=2)
    before = await list_messages(filled, C, limit=2, before=page.before)
    first = await list_messages(filled, C, limit=2, before=before.before)

    assert [[one.text for one in each.items] for each in (page, before, first)] == [["4", "5"], ["2", "3"], ["1"]]
    assert first.before is None


async def test_a_models_message_comes_with_who_told_it_and_how_it_was_rated(filled: Database) -> None:
    measured, turn = new_id(), new_id()
    told = {"role": "assistant", "author_id": CLAUDE, "turn_id": turn, "metric_id": measured, "model_used": "claude-sonnet"}
    understood = {"intent": "ask", "entities": [{"type": "number"}], "confidence": 0.5, "actions": [{"type": "note"}]}
    await stored(
        filled,
        metric(measured, user_rating=4, user_accepted=True),
        said(C, 1),
        said(C, 2, "How many?", **told, **understood, tokens_used=7, metadata={"a": 1}),
    )

    (message,) = (await list_messages(filled, C, turn_id=turn)).items

    assert (message.author, message.model, message.tokens) == (
        Face(id=CLAUDE, name="Claude", image="https://img/Claude"),
        "claude-sonnet",
        7,
    )
    assert (message.intent, message.entities, message.confidence) == ("ask", ({"type": "number"},), 0.5)
    assert (message.actions, message.metadata) == (({"type": "note"},), {"a": 1})
    assert (message.rating, message.accepted) == (4, True)


async def test_lists_read_their_index_in_order(filled: Database) -> None:
    await stored(filled, *(conversation(new_id(), BOB, seconds) for seconds in range(1, 300)))
    await stored(filled, *(said(C, offset) for offset in range(1, 300)))
    await filled.fetch("ANALYZE conversations, conversation_messages")

    async def plan(query: str, values: list[object]) -> str:
        return "\n".join(row[0] for row in await filled.fetch(f"EXPLAIN {query}", *values))

    own = await plan(*list_query(Whose(user_id=BOB), None, None, None, 5))
    newest = await plan(*messages_query(C, None, None, 5))
    assert "Sort" not in own
    assert "ix_conversations_user_id" in own
    assert "Sort" not in newest
    assert "uq_conversation_messages_conversation_id_offset" in newest
