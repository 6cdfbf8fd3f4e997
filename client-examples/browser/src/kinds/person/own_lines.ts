/** Lines of one's own list: what was read by HTTP, with what one's own room has said since laid over it. */
import type { OpenObject } from "../../wire/types";
import type { ListEntry } from "./types";

/** A row as any of the lists gives it; a conversation's name is in its context. */
export interface OwnRow {
  id: string;
  /** Where the room is called otherwise than its row. */
  room?: string;
  name?: string;
  title?: string;
  status?: string;
  context?: OpenObject;
  concept?: { name: string };
  concept_name?: string;
  updated_at?: number;
  created_at?: number;
}

export interface Line {
  room: string;
  name: string;
  status: string;
  step: string;
  progress: number | null;
  at: number;
  unread: number;
}

/** Newest first. An entry that the list does not have yet stands in it too. */
export function linesOf(kind: string, rows: readonly OwnRow[], entries: Readonly<Record<string, ListEntry>>): Line[] {
  const lines = new Map(rows.map((row) => lineOf(row.room ?? `${kind}:${row.id}`, row)).map((line) => [line.room, line]));
  for (const entry of Object.values(entries)) {
    if (!entry.room.startsWith(`${kind}:`)) continue;
    const before = lines.get(entry.room);
    lines.set(entry.room, laidOver(before, entry));
  }
  return [...lines.values()].sort((a, b) => b.at - a.at);
}

function lineOf(room: string, row: OwnRow): Line {
  const title = row.context?.["title"];
  const name = row.name ?? row.title ?? row.concept?.name ?? row.concept_name ?? (typeof title === "string" ? title : "");
  return { room, name, status: row.status ?? "", step: "", progress: null, at: row.updated_at ?? row.created_at ?? 0, unread: 0 };
}

function laidOver(before: Line | undefined, entry: ListEntry): Line {
  const { room, name, status = "", step = "", progress = null, at = 0, unread = 0 } = entry;
  return { room, name: name || (before?.name ?? ""), status, step, progress, at: at || (before?.at ?? 0), unread };
}
