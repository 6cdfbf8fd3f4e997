"""One turn being told: in pieces, from where the room stands, to an end that the room has whole."""

import asyncio
from collections.abc import AsyncIterator, Iterable

import pytest
from atrium_bot import teller as tellers
from atrium_bot.place import Refused
from atrium_bot.teller import Over, Teller

from domain.kinds.conversation.state import TURN_MAX_BYTES
from tests.unit.bot.talk_double import TalkDouble, asked
from tests.unit.domain.conversation.talk import HAL, MODEL
from tests.unit.domain.story import ADA, BOT, CLOCK

WORDS = ("How ", "many ", "people ", "wörk ", "here? ", "😀")


async def words(of: Iterable[str] = WORDS) -> AsyncIterator[str]:
    for word in of:
        await asyncio.sleep(0)
        yield word


def teller_of(room: TalkDouble) -> Teller:
    room.story.begin()
    room.catch_up()
    return Teller(room, next(iter(room.turns)), 1, between_s=0.0)


async def test_what_comes_is_told_in_order_and_completed() -> None:
    room = asked()
    teller = teller_of(room)

    await teller.tell(words())
    await teller.complete(MODEL)

    assert room.story.view.messages[-1].text == "".join(WORDS)
    assert teller.sent == len(teller.text) == 28


async def test_words_that_come_together_go_together() -> None:
    room = asked()
    teller = teller_of(room)

    async def at_once() -> AsyncIterator[str]:
        for _ in range(100):
            yield "word "

    await teller.tell(at_once())

    assert room.story.told(teller.turn_id) == "word " * 100
    assert len(room.given) == 1


async def test_a_long_text_goes_in_several_pieces() -> None:
    room = asked()
    teller = teller_of(room)

    await teller.tell(words(["x" * 20_000]))

    assert [len(fields["text"]) for _, fields in room.given] == [8_000, 8_000, 4_000]


@pytest.mark.parametrize("kept", [0, 1, 9, 20])
async def test_text_that_the_server_has_lost_is_told_again(kept: int) -> None:
    room = asked()
    teller = teller_of(room)
    await teller.tell(words())
    room.lose(teller.turn_id, kept)

    await teller.tell(words([" And where?"]))
    await teller.complete(MODEL)

    assert room.story.view.messages[-1].text == "".join(WORDS) + " And where?"


async def test_text_that_was_lost_just_before_the_end_is_told_again() -> None:
    room = asked()
    teller = teller_of(room)
    await teller.tell(words())
    room.lose(teller.turn_id, 4)

    await teller.complete(MODEL)

    assert room.story.view.messages[-1].text == "".join(WORDS)
    assert room.verbs[-3:] == ["complete_turn", "append_turn", "complete_turn"]


async def test_even_the_beginning_of_an_attempt_may_have_been_lost() -> None:
    room = asked()
    teller = teller_of(room)
    await teller.tell(words())
    room.story.given(BOT, "begin_turn", resume_turn=teller.turn_id)
    again = Teller(room, teller.turn_id, 2, teller.text, between_s=0.0)
    room.lose(teller.turn_id, 12, attempt=1)

    await again.tell(words([" And where?"]))
    await again.complete(MODEL)

    assert room.story.view.messages[-1].text == "".join(WORDS) + " And where?"


async def test_a_turn_that_was_interrupted_meanwhile_is_taken_up_again() -> None:
    room = asked()
    teller = teller_of(room)
    await teller.tell(words())
    room.story.at_ms += 60_000
    room.happens(CLOCK, "interrupt_turn", turn_id=teller.turn_id)

    await teller.tell(words([" And where?"]))
    await teller.complete(MODEL)

    message = room.story.view.messages[-1]
    assert (message.text, message.attempt) == ("".join(WORDS) + " And where?", 2)


async def test_a_turn_that_was_stopped_is_told_no_further() -> None:
    room = asked()
    teller = teller_of(room)
    await teller.tell(words())
    room.happens(ADA, "stop_turn", turn_id=teller.turn_id)

    with pytest.raises(Over, match="this turn has ended: it was stopped"):
        await teller.tell(words([" And where?"]))


async def test_a_turn_that_another_bot_tells_is_left_to_it() -> None:
    room = asked()
    teller = teller_of(room)
    await teller.tell(words())
    room.story.interrupt(teller.turn_id)
    room.happens(HAL, "begin_turn", resume_turn=teller.turn_id)

    with pytest.raises(Over, match="told by Hal"):
        await teller.tell(words([" And where?"]))


async def test_an_old_process_gives_way_to_the_new_one() -> None:
    room = asked()
    teller = teller_of(room)
    await teller.tell(words())
    room.happens(BOT, "begin_turn", resume_turn=teller.turn_id)

    with pytest.raises(Over, match="attempt 2 of this turn is being told"):
        await teller.tell(words([" And where?"]))


async def test_what_does_not_fit_any_more_is_left_out_and_the_rest_completed() -> None:
    room = asked()
    teller = teller_of(room)

    await teller.tell(words(["x" * 8_000] * 20))
    await teller.complete(MODEL)

    text = room.story.view.messages[-1].text
    assert len(text) == len(teller.text) == TURN_MAX_BYTES // 8_000 * 8_000
    assert room.story.view.turns == ()


async def test_a_silent_model_does_not_make_a_silent_bot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tellers, "BEAT_S", 0.001)
    room = asked()
    teller = teller_of(room)
    heard, before_the_first_word = asyncio.Event(), list[str]()
    room.before = lambda _: heard.set() if len(room.given) > 5 else None

    async def slow() -> AsyncIterator[str]:
        await heard.wait()
        before_the_first_word.extend(room.verbs)
        heard.clear()
        room.given.clear()
        yield "Hello"
        await heard.wait()

    await teller.tell(slow())

    assert room.story.told(teller.turn_id) == "Hello"
    assert "begin_turn" in before_the_first_word
    assert [(fields["position"], fields["text"]) for _, fields in room.given[1:]] == [(4, "o")] * len(room.given[1:])
    assert len(room.given) > 5


async def test_what_no_room_takes_is_replaced() -> None:
    room = asked()
    teller = teller_of(room)

    await teller.tell(words(["a\0b", "\ud800"]))

    assert room.story.told(teller.turn_id) == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}"


async def test_a_refusal_that_goes_on_is_not_fought_for_ever() -> None:
    room = asked()
    teller = teller_of(room)
    await teller.tell(words())
    teller.text = "Something else entirely, just as"

    with pytest.raises(Refused) as refused:
        await teller.complete(MODEL)

    assert refused.value.code in {410, 416}
    assert len(room.given) < 60


async def test_a_failed_turn_keeps_what_was_told() -> None:
    room = asked()
    teller = teller_of(room)
    await teller.tell(words())
    room.story.interrupt(teller.turn_id)

    await teller.fail("overloaded")

    message = room.story.view.messages[-1]
    assert (message.text, message.metadata) == ("".join(WORDS), {"ended": "failed"})
