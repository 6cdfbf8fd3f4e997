/**
 * Unsent feedback. The view only counts it; the items come from HTTP and from events, in either order.
 *
 * What an event said of an item wins over what HTTP says, and an item that an event closed stays closed.
 */
import type { Message } from "./types";

export interface FeedbackItem {
  id: string;
  authorId: string;
  content: string;
  kind: string;
  at: number;
}

export interface Feedback {
  /** False until the items were fetched: the page then shows that it does not know, never an empty list. */
  isKnown: boolean;
  items: Readonly<Record<string, FeedbackItem>>;
  closed: Readonly<Record<string, true>>;
}

export const UNKNOWN_FEEDBACK: Feedback = { isKnown: false, items: {}, closed: {} };

export function foldFeedback(feedback: Feedback, message: Message): Feedback {
  const { event, id, by, at } = message;
  switch (event.type) {
    case "feedback_added":
      return withItem(feedback, { id, authorId: by.id, content: event.content, kind: event.kind, at });
    case "feedback_changed": {
      const item = feedback.items[event.feedback_id];
      return item ? withItem(feedback, { ...item, content: event.content, kind: event.kind }) : feedback;
    }
    case "feedback_removed":
      return without(feedback, [event.feedback_id]);
    case "feedback_batch_sent":
      return without(feedback, event.feedback_ids);
    default:
      return feedback;
  }
}

/** The items that HTTP knows of, asked for after the page had joined. */
export function withFetchedFeedback(feedback: Feedback, fetched: readonly FeedbackItem[]): Feedback {
  const open = fetched.filter((item) => !feedback.closed[item.id]);
  const items = { ...Object.fromEntries(open.map((item) => [item.id, item])), ...feedback.items };
  return { ...feedback, isKnown: true, items };
}

export function unsentItems(feedback: Feedback): FeedbackItem[] {
  return Object.values(feedback.items).sort((a, b) => a.at - b.at);
}

function withItem(feedback: Feedback, item: FeedbackItem): Feedback {
  return { ...feedback, items: { ...feedback.items, [item.id]: item } };
}

function without(feedback: Feedback, ids: readonly string[]): Feedback {
  const gone = new Set(ids);
  return {
    ...feedback,
    items: Object.fromEntries(Object.entries(feedback.items).filter(([id]) => !gone.has(id))),
    closed: { ...feedback.closed, ...Object.fromEntries(ids.map((id) => [id, true as const])) },
  };
}
