/** A message as HTTP has it (persistence/queries/conversations.py), made into one as the view has it. */
import type { Actor } from "../../wire/types";
import type { Message } from "./types";

export interface StoredMessage extends Omit<Message, "at" | "by" | "attempt" | "metric_id"> {
  created_at: number;
  author: Actor | null;
}

export function messageOf({ created_at: at, author, ...stored }: StoredMessage): Message {
  const by: Actor = author ?? { id: "", kind: stored.role === "assistant" ? "bot" : "user" };
  return { ...stored, at, by, attempt: 0, metric_id: null };
}
