"""A conversation being answered: questions, restarts, takeovers, and people who stop it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from atrium_bot.answerer import Habits, stay
from atrium_bot.conversation import Said
from atrium_bot.models import Findings, ModelFailed, ScriptedModel, script, wishes_in

from tests.unit.bot.talk_double import QUICK, TalkDouble, answerer_of, asked
from tests.unit.domain.conversation.samples import SOME_ID
from tests.unit.domain.conversation.talk import HAL, talk
from tests.unit.domain.story import ADA, BOT

QUESTION = "We need 120 desks for 90 people"
ANSWER = script([QUESTION], wishes_in(QUESTION))
BRIEF = Habits(is_brief=True, between_s=0.0)

scripted = ScriptedModel(pause_s=0.0)


class Halting:
    """Says one word, and then nothing more until it is let go on. ``was_cancelled`` tells whether somebody lost patience."""

    def __init__(self, *before: str) -> None:
        self.before = before
        self.is_speaking = asyncio.Event()
        self.may_go_on = asyncio.Event()
        self.was_cancelled = False

    def findings(self) -> Findings:
        return Findings(model="halting", model_version="1")

    async def answer(self, history: Sequence[Said], so_far: str, findings: Findings) -> AsyncIterator[str]:
        for word in self.before:
            yield word
        self.is_speaking.set()
        try:
            await self.may_go_on.wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise
        yield "Done."


class Failing(Halting):
    async def answer(self, history: Sequence[Said], so_far: str, findings: Findings) -> AsyncIterator[str]:
        yield "Well, "
        raise ModelFailed("the model could not answer: overloaded")


async def test_a_question_is_answered_and_understood(tmp_path: Path) -> None:
    room = asked(QUESTION)

    await answerer_of(room, scripted, tmp_path, BRIEF).run()

    question, answer = room.story.view.messages
    assert (answer.text, answer.model, answer.by) == (ANSWER, "scripted", BOT.actor)
    assert (question.intent, question.confidence) == ("requirement", 0.9)
    assert {entity["field"]: entity["value"] for entity in question.entities} == {"desks": 120, "people": 90}
    assert room.story.view.conversation.requirements == {"desks": 120, "people": 90}
    assert "append_turn" in room.verbs


async def test_in_a_project_what_people_want_is_asked_of_the_project(tmp_path: Path) -> None:
    room = asked(QUESTION, project_id=SOME_ID)

    await answerer_of(room, scripted, tmp_path, BRIEF).run()

    (action,) = room.story.view.messages[-1].actions
    assert action == {"type": "update_project", "updates": {"requirements": {"desks": 120, "people": 90}}}


async def test_it_stays_and_answers_until_the_conversation_ends(tmp_path: Path) -> None:
    room = TalkDouble(talk())
    running = asyncio.create_task(answerer_of(room, scripted, tmp_path).run())
    for number in (1, 2):
        room.happens(ADA, "say", text=f"{number * 10} chairs")
        await room.until(lambda number=number: len(room.messages) == 2 * number)  # type: ignore[misc]  # a default holds the number

    room.happens(ADA, "complete")

    await asyncio.wait_for(running, 5.0)
    assert [message.role for message in room.messages] == ["user", "assistant"] * 2


async def test_a_message_that_comes_during_an_answer_gets_its_own(tmp_path: Path) -> None:
    room, model = asked("first"), Halting("Well. ")
    running = asyncio.create_task(answerer_of(room, model, tmp_path).run())
    await model.is_speaking.wait()
    room.happens(ADA, "say", text="second")
    model.may_go_on.set()

    await room.until(lambda: len(room.messages) == 4)
    room.happens(ADA, "complete")

    await asyncio.wait_for(running, 5.0)
    assert [message.text for message in room.messages] == ["first", "second", "Well. Done.", "Well. Done."]


async def test_whoever_stops_an_answer_stops_the_model_at_once(tmp_path: Path) -> None:
    room, model, said = asked(), Halting("Well, "), list[str]()
    told = asyncio.Event()
    room.after = lambda verb: told.set() if verb == "append_turn" else None
    running = asyncio.create_task(answerer_of(room, model, tmp_path, BRIEF, said).run())
    await told.wait()

    room.happens(ADA, "stop_turn", turn_id=next(iter(room.turns)))

    await asyncio.wait_for(running, 5.0)
    assert model.was_cancelled
    assert room.story.view.messages[-1].text == "Well, "
    assert said[-1].endswith("was stopped")


async def test_what_was_stopped_before_a_word_is_not_answered_by_the_next_start(tmp_path: Path) -> None:
    room, model = asked(), Halting()
    running = asyncio.create_task(answerer_of(room, model, tmp_path, BRIEF).run())
    await model.is_speaking.wait()
    room.catch_up()
    room.happens(ADA, "stop_turn", turn_id=next(iter(room.turns)))
    await asyncio.wait_for(running, 5.0)

    again = TalkDouble(room.story)
    await answerer_of(again, scripted, tmp_path, BRIEF).run()

    assert again.given == []
    assert len(room.story.view.messages) == 1


@pytest.mark.parametrize("told", [0, 1, 11, 30])
async def test_a_bot_that_died_goes_on_where_it_was(told: int, tmp_path: Path) -> None:
    story = talk()
    story.say(QUESTION)
    turn_id = story.begin()
    if told:
        story.tell(turn_id, ANSWER[:told])
    room = TalkDouble(story)

    await answerer_of(room, scripted, tmp_path, BRIEF).run()

    answer = story.view.messages[-1]
    assert (answer.text, answer.turn_id, answer.attempt) == (ANSWER, turn_id, 2)
    assert len(story.view.messages) == 2


@pytest.mark.parametrize("is_spare", [True, False])
async def test_what_another_bot_has_left_is_taken_over(is_spare: bool, tmp_path: Path) -> None:
    story = talk()
    story.say(QUESTION)
    turn_id = story.begin(HAL)
    story.tell(turn_id, ANSWER[:20], HAL)
    story.interrupt(turn_id)
    room = TalkDouble(story)

    await answerer_of(room, scripted, tmp_path, Habits(is_spare=is_spare, is_brief=True, between_s=0.0)).run()

    answer = story.view.messages[-1]
    assert (answer.text, answer.by) == (ANSWER, BOT.actor)


async def test_what_another_bot_is_telling_is_left_to_it(tmp_path: Path) -> None:
    story = talk()
    story.say(QUESTION)
    story.begin(HAL)
    room = TalkDouble(story)

    await answerer_of(room, scripted, tmp_path, BRIEF).run()

    assert room.given == []


async def test_a_spare_answers_nothing_by_itself(tmp_path: Path) -> None:
    room = asked()

    await answerer_of(room, scripted, tmp_path, Habits(is_spare=True, is_brief=True)).run()

    assert room.given == []


async def test_a_model_that_fails_leaves_what_it_had_said(tmp_path: Path) -> None:
    room, said = asked(), list[str]()

    await answerer_of(room, Failing(), tmp_path, BRIEF, said).run()

    message = room.story.view.messages[-1]
    assert message.metadata == {"ended": "failed"}
    assert "overloaded" in said[-1]


async def test_a_turn_that_is_refused_is_no_end(tmp_path: Path) -> None:
    story = talk()
    story.say(QUESTION)
    room, said = TalkDouble(story), list[str]()
    room.before = lambda _: room.happens(ADA, "complete")

    await answerer_of(room, scripted, tmp_path, QUICK, said).run()

    assert "refused (410)" in said[0]
    assert room.verbs == ["begin_turn"]


async def test_being_put_out_is_told(tmp_path: Path) -> None:
    room, said = TalkDouble(talk()), list[str]()
    room.end("put out of the room: the room was deleted (2002)")

    assert not await stay(answerer_of(room, scripted, tmp_path), said.append)
    assert said == ["put out of the room: the room was deleted (2002)"]
