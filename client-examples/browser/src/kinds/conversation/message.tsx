/** One message: who said it, what, and for an answer how good it was. */
import type { JSX } from "preact";
import { memo } from "preact/compat";
import { AskState } from "../../components/ask_button";
import { AuthorMark, Avatar } from "../../components/avatar";
import { useAsking } from "../../components/hooks";
import { StarMark } from "../../components/icons";
import { Markdown } from "../../components/markdown";
import { Moment } from "../../components/moment";
import { nameOf } from "../../format/words";
import type { ConversationRoom } from "./manner";
import type { Message } from "./types";

interface MessageItemProps {
  message: Message;
  me: string;
  /** Where one may rate; undefined where one may not. */
  room: ConversationRoom | undefined;
}

/** A message is drawn again only when it has changed; pieces of a running answer leave it alone. */
export const MessageItem = memo(DrawnMessage);

function DrawnMessage({ message, me, room }: MessageItemProps): JSX.Element {
  const { by, role, text } = message;
  const isMine = by.id === me && role === "user";
  return (
    <li
      class={`talk ${isMine ? "talk-mine" : ""} ${role === "assistant" ? "talk-bot" : ""}`}
      data-turn-id={message.turn_id ?? undefined}
    >
      <Avatar actor={by} />
      <div class="talk-body">
        <p class="talk-head">
          <strong class="author">{nameOf(by)}</strong>
          {isMine && <span class="mark">You</span>}
          <AuthorMark actor={by} />
          <Moment at={message.at} />
          <Ended message={message} />
        </p>
        <div class="said" data-message-id={message.id}>
          {text ? <Markdown source={text} /> : <p class="hint">These words were taken back.</p>}
        </div>
        {room && message.model && message.turn_id && <Stars turnId={message.turn_id} rating={message.rating} room={room} />}
      </div>
    </li>
  );
}

/** An answer that was not told to its end. */
function Ended({ message }: { message: Message }): JSX.Element | null {
  switch (message.metadata["ended"]) {
    case "stopped":
      return <span class="mark">Stopped</span>;
    case "failed":
      return <span class="mark mark-bad">Not finished</span>;
    default:
      return null;
  }
}

const RATINGS = [1, 2, 3, 4, 5] as const;

function Stars({ turnId, rating, room }: { turnId: string; rating: number | null; room: ConversationRoom }): JSX.Element {
  const asking = useAsking();
  const rate = (one: number): void => void asking.ask(() => room.give("rate_turn", { turn_id: turnId, rating: one }));
  return (
    <div class="stars" role="group" aria-label="How good was this answer?">
      {RATINGS.map((one) => (
        <button
          key={one}
          type="button"
          class={`star ${rating !== null && one <= rating ? "star-on" : ""}`}
          aria-pressed={rating === one}
          aria-label={`${one} of 5`}
          onClick={() => rate(one)}
        >
          <StarMark />
        </button>
      ))}
      <AskState asking={asking} />
    </div>
  );
}
