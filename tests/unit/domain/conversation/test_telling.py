"""However a turn is told: with cuts, rewinds, lost text and takeovers, the message is what its tellers had to say."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.ids import ThingId
from domain.kinds.conversation.ticks import turn_key
from domain.parts.streams import Fold
from domain.rejections import OutOfOrder, RuleBroken
from tests.unit.domain.conversation.talk import HAL, Talk, talk
from tests.unit.domain.story import ADA, BOT, CLOCK, Person

WORDS = ("How ", "many ", "people ", "wörk ", "here? ", "😀", "\n")
BOTS = (BOT, HAL)


class Telling(RuleBasedStateMachine):
    """Two bots tell one turn. ``text`` is what the present teller has to say, ``sent`` how much of it it believes to be told."""

    def __init__(self) -> None:
        super().__init__()
        self.story: Talk = talk()
        self.turn_id = ThingId("")
        self.teller: Person = BOT
        self.attempt = 1
        self.text = ""
        self.sent = 0

    @initialize(first=st.integers(0, 1))
    def begin(self, first: int) -> None:
        self.story.say()
        self.teller = BOTS[first]
        self.turn_id = self.story.begin(self.teller)

    def is_open(self) -> bool:
        return self.story.state.turn(self.turn_id) is not None

    def is_running(self) -> bool:
        turn = self.story.state.turn(self.turn_id)
        return turn is not None and turn.status == "running"

    @rule(words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=5))
    def think(self, words: list[str]) -> None:
        self.text += "".join(words)

    @precondition(is_running)
    @rule(length=st.integers(1, 20), back=st.integers(0, 10))
    def tell(self, length: int, back: int) -> None:
        """From where the teller believes to be, or a little before: a repeat."""
        position = max(0, self.sent - back)
        text = self.text[position : self.sent + length]
        if text:
            self._append(position, text)

    def _append(self, position: int, text: str) -> None:
        try:
            self.story.when(self.teller, "append_turn", turn_id=self.turn_id, attempt=self.attempt, position=position, text=text)
        except OutOfOrder as refusal:
            assert refusal.expected_attempt == self.attempt
            assert refusal.expected_position is not None
            assert refusal.expected_position < position
            self.sent = refusal.expected_position
        else:
            self.sent = max(self.sent, position + len(text))

    @precondition(is_running)
    @rule(kept=st.floats(0, 1), older=st.integers(0, 2))
    def lose(self, kept: float, older: int) -> None:
        """The server has died: the end of the stream may be gone, and with it that this attempt had begun."""
        fold = self.story.folds.get(turn_key(self.turn_id))
        if fold is not None:
            text = fold.text[: int(len(fold.text) * kept)]
            self.story.folds[fold.key] = Fold(key=fold.key, attempt=max(1, fold.attempt - older), text=text)

    @precondition(is_running)
    @rule()
    def fall_silent(self) -> None:
        self.story.at_ms += 60_000
        self.story.when(CLOCK, "interrupt_turn", turn_id=self.turn_id)

    @precondition(is_open)
    @rule(who=st.integers(0, 1))
    def take_over(self, who: int) -> None:
        """Another bot, or the same one started again: it knows what was kept, and goes on from there."""
        if self.is_running() and BOTS[who] is not self.teller:
            return
        results = self.story.results(BOTS[who], "begin_turn", resume_turn=self.turn_id)
        self.teller, self.attempt = BOTS[who], results["attempt"]
        self.text = self.story.read(self.turn_id).text
        self.sent = results["position"]
        assert self.sent == len(self.text)

    @precondition(is_running)
    @rule(length=st.integers(1, 9))
    def write_although_superseded(self, length: int) -> None:
        before = self.story.told(self.turn_id)
        other = HAL if self.teller is BOT else BOT
        for who, attempt in ((other, self.attempt), (self.teller, self.attempt + 1), (self.teller, self.attempt - 1)):
            if attempt > 0:
                self._refused(who, attempt, len(before), "x" * length)
        assert self.story.told(self.turn_id) == before

    def _refused(self, who: Person, attempt: int, position: int, text: str) -> None:
        try:
            self.story.when(who, "append_turn", turn_id=self.turn_id, attempt=attempt, position=position, text=text)
        except RuleBroken:
            return
        raise AssertionError("a bot that does not tell this attempt has written")

    @precondition(is_running)
    @rule()
    def complete(self) -> None:
        """The teller goes on until everything is there, and then the message is its text."""
        if not self.text:
            return
        for _ in range(3):
            if self.sent < len(self.text):
                self._append(self.sent, self.text[self.sent :])
            told = self.story.told(self.turn_id)
            if told == self.text:
                break
            self.sent = min(self.sent, len(told))
        self.story.given(self.teller, "complete_turn", **self.story.whole(self.turn_id, attempt=self.attempt))
        assert self.story.state.messages[-1].text == self.text

    @precondition(is_open)
    @rule()
    def stop(self) -> None:
        told = self.story.told(self.turn_id)
        self.story.given(ADA, "stop_turn", turn_id=self.turn_id)
        message = self.story.state.message_of(self.turn_id)
        assert (message.text if message else "") == told

    @invariant()
    def what_is_told_is_the_beginning_of_the_tellers_text(self) -> None:
        if self.turn_id and self.is_running():
            assert self.text.startswith(self.story.told(self.turn_id))


TestTelling = Telling.TestCase
TestTelling.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
