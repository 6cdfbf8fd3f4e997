/** Unsent feedback by HTTP: the room's view only counts it. */
import { getJson } from "../../wire/http";
import type { FeedbackItem } from "./fold_feedback";

interface FeedbackRow {
  id: string;
  author: { id: string };
  content: string;
  kind: string;
  created_at: number;
}

/** The unsent items as of `offset` or later. Raises `HttpRefused`. */
export async function fetchUnsentFeedback(token: string, workspaceId: string, offset: number): Promise<FeedbackItem[]> {
  const query = new URLSearchParams({ sent: "false", after_offset: String(offset), limit: "100" });
  const page = await getJson<{ items: FeedbackRow[] }>(`/workspaces/${workspaceId}/feedback?${query}`, token);
  return page.items.map((row) => ({
    id: row.id,
    authorId: row.author.id,
    content: row.content,
    kind: row.kind,
    at: row.created_at,
  }));
}
