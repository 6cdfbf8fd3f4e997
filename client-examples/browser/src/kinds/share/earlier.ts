/** Comments that are older than what a view gives, by HTTP: one level of the threads at a time, as they are now. */
import { getAll } from "../../wire/http";
import type { Actor } from "../../wire/types";
import type { ShareState } from "./fold";
import type { ShareRoom } from "./manner";
import type { Comment } from "./types";

interface StoredComment {
  id: string;
  author: Actor;
  comment: string;
  parent_id: string | null;
  created_at: number;
  edited_at: number | null;
  deleted_at: number | null;
  reply_count: number;
}

/** What is said here that this page does not have. */
export function missingOf(state: ShareState): number {
  const known = state.comments.filter((comment) => !comment.is_deleted).length;
  return Math.max(0, state.share.comment_count - known);
}

/** The answers to `parent`, or with "" what answers nothing. Raises `HttpRefused`. */
export async function loadComments(room: ShareRoom, shareId: string, token: string, parent: string): Promise<void> {
  const query = parent ? `?${new URLSearchParams({ parent })}` : "";
  const stored = await getAll<StoredComment>(`/shares/${shareId}/comments${query}`, token);
  const counts = Object.fromEntries(stored.map((one) => [one.id, one.reply_count]));
  room.learn((state) => withStored(state, stored.map(commentOf), counts));
}

/** What this page knows already is newer than what was stored. */
export function withStored(state: ShareState, stored: readonly Comment[], counts: Readonly<Record<string, number>>): ShareState {
  const known = new Set(state.comments.map((comment) => comment.id));
  const older = stored.filter((comment) => !known.has(comment.id));
  const comments = [...older, ...state.comments].sort((a, b) => a.at - b.at || a.id.localeCompare(b.id));
  return { ...state, comments, replyCounts: { ...state.replyCounts, ...counts } };
}

function commentOf({ id, author, comment: text, parent_id, created_at: at, edited_at, deleted_at }: StoredComment): Comment {
  return { id, offset: 0, at, by: author, text, parent_id, depth: 0, mentions: [], edited_at, is_deleted: deleted_at !== null };
}
