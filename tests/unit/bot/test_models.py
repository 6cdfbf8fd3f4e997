"""The scripted model: what it understands, and that its answers can be taken up anywhere."""

from typing import Any

import pytest
from atrium_bot.conversation import Said
from atrium_bot.models import ScriptedModel, script, wishes_in
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("We need 120 desks and 8 rooms", {"desks": 120, "rooms": 8}),
        ("it is for 90 employees", {"people": 90}),
        ("at most $50,000", {"budget": 50_000}),
        ("about 50k EUR", {}),
        ("€ 75k, please", {"budget": 75_000}),
        ("1.500 euros and 3 lamps", {"budget": 1_500, "lamps": 3}),
        ("by 2026-03-01, modern and sustainable", {"delivery_date": "2026-03-01", "style": ["modern", "sustainable"]}),
        ("hello", {}),
    ],
)
def test_what_a_message_asks_for(text: str, wishes: dict[str, Any]) -> None:
    assert wishes_in(text) == wishes


def test_it_asks_for_what_is_missing_one_by_one() -> None:
    asked, known = [], dict[str, Any]()
    questions = []
    for text in ("120 desks", "90 people", "$ 50,000", "by 2026-03-01", "modern"):
        asked.append(text)
        known |= wishes_in(text)
        questions.append(script(asked, known).rpartition(". ")[2])

    assert questions == [
        "How many people is it for?",
        "What may it cost at most?",
        "When does it have to be there?",
        "Is there a style that you like, such as modern or classic?",
        "That is all I need to know; say so when something changes.",
    ]


def test_without_a_question_it_greets() -> None:
    assert script([], {}).startswith("Hello!")


async def said_by(history: list[Said], so_far: str) -> str:
    model = ScriptedModel(pause_s=0.0)
    return "".join([word async for word in model.answer(history, so_far, model.findings())])


HISTORY = [Said("1", "user", "We need 120 desks"), Said("2", "assistant", "Noted."), Said("3", "user", "for 90 people")]


@given(st.integers(0, 200))
async def test_its_answer_is_taken_up_anywhere(cut: int) -> None:
    whole = await said_by(HISTORY, "")

    assert whole[:cut] + await said_by(HISTORY, whole[:cut]) == whole


async def test_where_another_model_had_begun_it_begins_a_paragraph() -> None:
    whole = await said_by(HISTORY, "")

    assert await said_by(HISTORY, "Let me think") == f"\n\n{whole}"
