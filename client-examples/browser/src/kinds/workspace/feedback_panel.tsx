/** Feedback that Claude has not seen yet: collect it, take it back, send it. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { counted } from "../../format/words";
import { type FeedbackItem, unsentItems } from "./fold_feedback";
import type { WorkspaceRoom } from "./manner";
import type { WorkspaceState } from "./fold";
import { AskButton, AskState } from "../../components/ask_button";
import { Field } from "../../components/field";
import { useAsking } from "../../components/hooks";
import { CrossMark } from "../../components/icons";
import { Markdown } from "../../components/markdown";
import { Skeleton } from "../../components/skeleton";

interface FeedbackPanelProps {
  state: WorkspaceState;
  room: WorkspaceRoom;
  me: string;
  canWrite: boolean;
}

export function FeedbackPanel({ state, room, me, canWrite }: FeedbackPanelProps): JSX.Element {
  const items = unsentItems(state.feedback);
  const count = state.workspace.unsent_feedback_count;
  const isWaiting = !state.feedback.isKnown && items.length < count;
  return (
    <div class="feedback">
      {isWaiting && <Skeleton lines={Math.min(count, 3)} label="Feedback is being loaded" />}
      {!isWaiting && items.length === 0 && <p class="hint">Nothing waits to be sent.</p>}
      <ul class="feedback-items" aria-label="Unsent feedback">
        {items.map((item) => (
          <Item key={item.id} item={item} room={room} isMine={canWrite && item.authorId === me} />
        ))}
      </ul>
      {canWrite && <AddFeedback room={room} />}
      {canWrite && count > 0 && (
        <div class="actions">
          <AskButton look="primary" command={() => room.give("send_feedback", {})}>
            Send {counted(count, "piece")} to Claude
          </AskButton>
        </div>
      )}
    </div>
  );
}

function Item({ item, room, isMine }: { item: FeedbackItem; room: WorkspaceRoom; isMine: boolean }): JSX.Element {
  const asking = useAsking();
  const remove = (): void => void asking.ask(() => room.give("remove_feedback", { feedback_id: item.id }));
  return (
    <li class="feedback-item">
      <span class="mark">{item.kind}</span>
      <Markdown source={item.content} />
      {isMine && (
        <button type="button" class="button button-icon" aria-label="Take back this feedback" onClick={remove}>
          <CrossMark />
        </button>
      )}
      <AskState asking={asking} />
    </li>
  );
}

function AddFeedback({ room }: { room: WorkspaceRoom }): JSX.Element {
  const [content, setContent] = useState("");
  const asking = useAsking();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!content.trim()) return;
    if (await asking.ask(() => room.give("add_feedback", { content: content.trim() }))) setContent("");
  };
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <Field label="What should be corrected?" value={content} onValue={setContent} lines={2} maxLength={20_000} />
      <div class="actions">
        <button type="submit" class="button button-quiet" disabled={!content.trim()} aria-busy={asking.isAsking}>
          Add feedback
        </button>
        <AskState asking={asking} />
      </div>
    </form>
  );
}
