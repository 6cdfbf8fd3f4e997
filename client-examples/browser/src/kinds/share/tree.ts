/** Comments as threads. */
import type { Draft } from "../../wire/outbox";
import type { Comment } from "./types";

export interface Thread {
  comment: Comment;
  replies: readonly Thread[];
}

/** Oldest first on every level. A reply whose parent is not known stands by itself. */
export function threadsOf(comments: readonly Comment[]): readonly Thread[] {
  const known = new Set(comments.map((comment) => comment.id));
  const byParent = new Map<string, Comment[]>();
  for (const comment of comments) {
    const parent = comment.parent_id && known.has(comment.parent_id) ? comment.parent_id : "";
    byParent.set(parent, [...(byParent.get(parent) ?? []), comment]);
  }
  const under = (parent: string): readonly Thread[] =>
    (byParent.get(parent) ?? []).map((comment) => ({ comment, replies: under(comment.id) }));
  return under("");
}

/** What one is about to say in answer to a comment; "" are those that answer none. */
export function draftsUnder(drafts: readonly Draft[], parent: string): readonly Draft[] {
  return drafts.filter(({ verb, payload }) => verb === "add_comment" && (parentOf(payload) ?? "") === parent);
}

function parentOf(payload: object): string | null | undefined {
  return (payload as { parent_id?: string | null }).parent_id;
}
