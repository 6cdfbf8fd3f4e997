"""What a conversation answers when it is asked: the text of a turn, for readers who have missed some of it."""

from domain.decider import Asker
from domain.ids import ThingId, id_of
from domain.kinds.conversation import commands as ask
from domain.kinds.conversation.state import Conversation
from domain.kinds.conversation.ticks import turn_key
from domain.kinds.conversation.view import TurnText
from domain.rejections import UnknownThing


def read_turn(state: Conversation, question: ask.ReadTurn, asker: Asker) -> TurnText:
    turn, message = state.turn(question.turn_id), state.message_of(question.turn_id)
    if turn is not None:
        told = asker.told.get(turn_key(turn.id), "")
        return _text(question, turn.attempt, told, is_running=turn.status == "running")
    if message is not None:
        return _text(question, message.attempt, message.text, is_running=False)
    where = f"GET /conversations/{id_of(state.room)}/messages"
    raise UnknownThing(f"no open turn and none of the newest messages is of turn {question.turn_id}; the older ones: {where}")


def _text(question: ask.ReadTurn, attempt: int, told: str, *, is_running: bool) -> TurnText:
    position = min(question.position, len(told))
    return TurnText(
        turn_id=ThingId(question.turn_id), attempt=attempt, position=position, text=told[position:], is_running=is_running
    )
