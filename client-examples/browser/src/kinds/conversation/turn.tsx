/** An answer that is being told, or that waits for somebody who goes on with it. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { AskState } from "../../components/ask_button";
import { AuthorMark, Avatar } from "../../components/avatar";
import { useAsking } from "../../components/hooks";
import { StopMark } from "../../components/icons";
import { Markdown } from "../../components/markdown";
import { nameOf } from "../../format/words";
import type { LiveText } from "../../wire/live_text";
import { CONVERSATION_FOLD } from "./fold";
import type { ConversationRoom } from "./manner";
import type { Turn, TurnText } from "./types";

interface TurnItemProps {
  turn: Turn;
  told: LiveText | undefined;
  room: ConversationRoom;
  canStop: boolean;
}

export function TurnItem({ turn, told, room, canStop }: TurnItemProps): JSX.Element {
  useWhole(turn, told, room);
  const isInterrupted = turn.status === "interrupted";
  const text = told?.text ?? "";
  return (
    <li class="talk talk-bot turn" data-turn-id={turn.id}>
      <Avatar actor={turn.teller} />
      <div class="talk-body">
        <p class="talk-head">
          <strong class="author">{nameOf(turn.teller)}</strong>
          <AuthorMark actor={turn.teller} />
          {turn.attempt > 1 && !isInterrupted && <span class="mark">Taken over</span>}
          <span class="turn-state">{isInterrupted ? "interrupted" : text ? "is answering …" : "is thinking …"}</span>
        </p>
        <div class={`said told ${isInterrupted ? "" : "told-live"}`} data-told>
          {text && <Markdown source={text} />}
        </div>
        {isInterrupted && (
          <p class="notice turn-notice">Nothing is heard of the bot. What it has said stays; another one may go on from here.</p>
        )}
        {canStop && <Stop turn={turn} isInterrupted={isInterrupted} room={room} />}
      </div>
    </li>
  );
}

function Stop({ turn, isInterrupted, room }: { turn: Turn; isInterrupted: boolean; room: ConversationRoom }): JSX.Element {
  const asking = useAsking();
  const stop = (): void => void asking.ask(() => room.give("stop_turn", { turn_id: turn.id }));
  return (
    <div class="actions turn-actions">
      <button type="button" class="button button-quiet button-small" aria-busy={asking.isAsking} onClick={stop}>
        <StopMark /> {isInterrupted ? "Leave it at that" : "Stop"}
      </button>
      <AskState asking={asking} />
    </div>
  );
}

/** Where this page has missed the beginning of an answer, it asks for it. */
function useWhole(turn: Turn, told: LiveText | undefined, room: ConversationRoom): void {
  const isPart = told !== undefined && told.start > 0;
  useEffect(() => {
    if (!isPart) return;
    const learn = async (): Promise<void> => {
      const { attempt, position, text } = await room.ask<TurnText>("read_turn", { turn_id: turn.id });
      const key = `turn:${turn.id}`;
      room.learn((state) => {
        const { [turn.id]: _part, ...rest } = state.told;
        return CONVERSATION_FOLD.piece({ ...state, told: rest }, { key, attempt, position, text });
      });
    };
    learn().catch(() => undefined); // the message brings the whole text at its end
  }, [isPart, turn.id, turn.attempt]);
}
