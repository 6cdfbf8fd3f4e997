/** What one has sent and the room has not said yet: shown at once, marked for what it is. */
import type { JSX } from "preact";
import { nameOf } from "../format/words";
import type { Draft } from "../wire/outbox";
import type { Actor } from "../wire/types";
import { Refusal } from "./ask_button";
import { Avatar } from "./avatar";
import { Markdown } from "./markdown";
import { Moment } from "./moment";

/** Who keeps the drafts: a room. */
export interface DraftKeeper {
  resend(draft: Draft): void;
  discard(commandId: string): void;
}

interface DraftsProps {
  drafts: readonly Draft[];
  room: DraftKeeper;
  me: Actor | undefined;
}

export function Drafts({ drafts, room, me }: DraftsProps): JSX.Element | null {
  if (drafts.length === 0) return null;
  const actor = me ?? { id: "" };
  return (
    <li class="talk talk-mine">
      <Avatar actor={actor} />
      <div class="talk-body">
        <p class="talk-head">
          <strong class="author">{nameOf(actor)}</strong>
          <span class="mark">You</span>
        </p>
        {drafts.map((draft) => (
          <DraftItem key={draft.commandId} draft={draft} room={room} />
        ))}
      </div>
    </li>
  );
}

const WORDS: Record<Draft["state"], string> = {
  sending: "Sending …",
  waiting: "Waiting for the connection; it will be sent by itself",
  accepted: "Sent",
  refused: "Not sent",
};

export function DraftItem({ draft, room }: { draft: Draft; room: DraftKeeper }): JSX.Element {
  return (
    <div class={`said draft draft-${draft.state}`} data-command-id={draft.commandId}>
      <Markdown source={draft.text} />
      <p class="draft-state">
        <span>{WORDS[draft.state]}</span> <Moment at={draft.atMs} />
      </p>
      {draft.state === "refused" && (
        <div class="actions">
          <Refusal sentence={draft.sentence} />
          <button type="button" class="button button-quiet" onClick={() => room.resend(draft)}>
            Try again
          </button>
          <button type="button" class="button button-quiet" onClick={() => room.discard(draft.commandId)}>
            Discard
          </button>
        </div>
      )}
    </div>
  );
}
