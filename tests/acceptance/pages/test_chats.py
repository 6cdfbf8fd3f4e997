"""Answers that are told word by word: through reloads, stops from elsewhere, and another bot that goes on."""

import hashlib
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from domain.ids import id_of
from tests.acceptance.pages.conftest import Act, Invite
from tests.acceptance.pages.people import Somebody

pytestmark = pytest.mark.asyncio(loop_scope="session")

RELOADS = 10


class Answer:
    """The bot's answer to what was said last, piece by piece."""

    def __init__(self, act: Act, room: str) -> None:
        self.act, self.room = act, room
        self.turn_id = ""
        self.text = ""

    async def begin(self) -> None:
        self.turn_id = (await self.act("claude", "conversation.begin_turn", room=self.room))["event_ids"][0]

    async def tell(self, text: str) -> None:
        place = {"turn_id": self.turn_id, "attempt": 1, "position": len(self.text)}
        await self.act("claude", "conversation.append_turn", room=self.room, text=text, **place)
        self.text += text

    async def complete(self) -> None:
        whole = {"length": len(self.text), "sha256": hashlib.sha256(self.text.encode()).hexdigest()}
        model = {"model": "scripted", "model_version": "1", "tokens": 12}
        await self.act("claude", "conversation.complete_turn", room=self.room, turn_id=self.turn_id, attempt=1, **whole, **model)


async def chat(act: Act, who: str = "ada", text: str = "A calm desk, please") -> str:
    room: str = (await act(who, "conversation.start", context={"title": "Desks"}))["room"]
    await act(who, "conversation.say", room=room, text=text)
    return room


def told(somebody: Somebody) -> Locator:
    return somebody.page.locator("[data-told]")


async def test_a_chat_is_begun_answered_and_rated(invite: Invite, act: Act) -> None:
    ada = await invite("ada", "user")
    await ada.goes("chats")

    await ada.page.get_by_role("textbox", name="What are you looking for?").fill("A desk of oak")
    await ada.button("Begin a chat").click()
    await expect(ada.page.get_by_role("heading", name="A desk of oak")).to_be_visible()
    room = "conversation:" + ada.page.url.rsplit("/", 1)[-1]
    answer = Answer(act, room)
    await answer.begin()
    await answer.tell("For **how")
    await answer.tell(" many** people?")
    await expect(told(ada)).to_have_text("For how many people?")
    await act("claude", "conversation.set_requirements", room=room, requirements={"material": "oak", "seats": 2})
    await expect(ada.details.get_by_text("Material")).to_be_visible()
    await answer.complete()

    await expect(told(ada)).to_have_count(0)
    await expect(ada.page.locator(".talk-bot .said")).to_have_text("For how many people?")
    await ada.button("4 of 5").click()
    await expect(ada.button("4 of 5")).to_have_attribute("aria-pressed", "true")
    await ada.write("Two of us")
    await expect(ada.page.get_by_role("region", name="Conversation").get_by_text("Two of us")).to_have_count(1)


async def test_reloads_in_mid_answer_lose_and_repeat_nothing(invite: Invite, act: Act) -> None:
    room, ada = await chat(act), await invite("ada", "user")
    await ada.goes(f"conversation/{id_of(room)}")
    answer = Answer(act, room)
    await answer.begin()

    for number in range(RELOADS):
        await answer.tell(f"piece {number} of this answer; ")
        await ada.page.reload()
        await answer.tell(f"and its other half {number}. ")
        await expect(told(ada)).to_have_text(answer.text.strip())
    await answer.complete()

    await expect(ada.page.locator(".talk-bot .said")).to_have_text(answer.text.strip())


async def test_an_answer_is_stopped_from_another_device(invite: Invite, act: Act) -> None:
    room = await chat(act)
    phone, desk = await invite("ada", "user", width=360, height=740), await invite("ada", "user")
    for device in (phone, desk):
        await device.goes(f"conversation/{id_of(room)}")
    answer = Answer(act, room)
    await answer.begin()
    await answer.tell("I would look at oak")
    await expect(told(desk)).to_have_text("I would look at oak")

    await phone.button("Stop").click()

    for device in (phone, desk):
        await expect(told(device)).to_have_count(0)
        await expect(device.page.locator(".talk-bot")).to_contain_text("Stopped")
        await expect(device.page.locator(".talk-bot .said")).to_have_text("I would look at oak")


async def test_another_bot_goes_on_where_one_fell_silent(invite: Invite, act: Act) -> None:
    room, ada = await chat(act), await invite("ada", "user")
    await ada.goes(f"conversation/{id_of(room)}")
    answer = Answer(act, room)
    await answer.begin()
    await answer.tell("Oak is ")
    await expect(told(ada)).to_have_text("Oak is")

    resumed: dict[str, Any] = await act("claude", "conversation.begin_turn", room=room, resume_turn=answer.turn_id)
    place = {"turn_id": answer.turn_id, "attempt": 2, "position": len(answer.text), "text": "calm"}
    assert resumed["event_ids"]
    await act("claude", "conversation.append_turn", room=room, **place)

    await expect(told(ada)).to_have_text("Oak is calm")
    await expect(ada.page.locator(".turn")).to_contain_text("Taken over")


async def test_a_chat_that_is_not_there_is_told_in_a_sentence(invite: Invite) -> None:
    ada = await invite("ada", "user")

    await ada.page.goto(f"{ada.address}/#/conversation/00000000-0000-4000-8000-00000000dead")

    await expect(ada.page.get_by_role("alert")).to_contain_text("This room does not exist, or it is not open to you.")
