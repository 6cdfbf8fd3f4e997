/**
 * The list of workspaces, kept live: subscribe to `directory:workspaces` first, then fetch, then merge, so that nothing falls
 * in between. A tick is newer than what was fetched before it.
 */
import type { Subscription } from "centrifuge";
import { type Readable, Store } from "../../state/store";
import type { Connection } from "../../wire/connection";
import { getAll } from "../../wire/http";
import type { WorkspaceEntry } from "./types";

export type Directory =
  | { is: "loading" }
  | { is: "known"; entries: readonly WorkspaceEntry[] }
  | { is: "failed"; sentence: string; entries: readonly WorkspaceEntry[] };

export class WorkspaceList {
  readonly directory: Readable<Directory>;
  private readonly store = new Store<Directory>({ is: "loading" });
  private readonly subscription: Subscription;
  private fresh = new Map<string, Partial<WorkspaceEntry> | null>();
  private isClosed = false;

  constructor(private readonly connection: Connection) {
    this.directory = this.store;
    this.subscription = connection.subscription("directory:workspaces");
    this.subscription.on("subscribed", ({ data }) => {
      this.fresh = new Map();
      const reply = data as { view?: { entries?: WorkspaceEntry[] }; ticks?: unknown[] } | undefined;
      for (const entry of reply?.view?.entries ?? []) this.fresh.set(entry.id, entry);
      for (const tick of reply?.ticks ?? []) this.take(tick);
      void this.fetch();
    });
    this.subscription.on("publication", ({ data }) => this.take(data));
    this.subscription.on("unsubscribed", ({ reason }) => this.fail(reason));
    this.subscription.subscribe();
  }

  close(): void {
    this.isClosed = true;
    this.connection.forget(this.subscription);
  }

  async fetch(): Promise<void> {
    try {
      const rows = await getAll<WorkspaceEntry>("/workspaces", this.connection.token);
      if (!this.isClosed) this.store.set({ is: "known", entries: merged(rows, this.fresh) });
    } catch (error) {
      this.fail(error instanceof Error ? error.message : "The list cannot be read.");
    }
  }

  private fail(sentence: string): void {
    const before = this.store.get();
    const entries = merged(before.is === "loading" ? [] : before.entries, this.fresh);
    if (!this.isClosed) this.store.set({ is: "failed", sentence, entries });
  }

  private take(data: unknown): void {
    const change = readTick(data);
    if (!change) return;
    this.fresh.set(change.id, change.entry);
    const before = this.store.get();
    if (before.is !== "loading") this.store.set({ ...before, entries: merged(before.entries, this.fresh) });
  }
}

/** Fetched rows with what ticks have said since; an entry that a tick knows alone is there too. */
export function merged(
  rows: readonly WorkspaceEntry[],
  fresh: ReadonlyMap<string, Partial<WorkspaceEntry> | null>,
): WorkspaceEntry[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const [id, change] of fresh) {
    if (change === null) byId.delete(id);
    else byId.set(id, { ...(byId.get(id) ?? blank(id)), ...change });
  }
  return [...byId.values()];
}

/** A directory tick: its key is the room, the rest what the list shows of it. */
export function readTick(data: unknown): { id: string; entry: Partial<WorkspaceEntry> | null } | undefined {
  const tick = (data as { tick?: Record<string, unknown> } | null)?.tick;
  if (tick?.["type"] !== "directory_entry" || typeof tick["key"] !== "string") return undefined;
  const id = tick["key"].slice(tick["key"].indexOf(":") + 1);
  if (tick["is_gone"] === true) return { id, entry: null };
  const { type: _type, key: _key, ...entry } = tick;
  return { id, entry: entry as Partial<WorkspaceEntry> };
}

function blank(id: string): WorkspaceEntry {
  return {
    id,
    pattern_type: "",
    name: "",
    category: "",
    status: "soon",
    version: "0.0.0",
    session_count: 0,
    feedback_count: 0,
    success_rate: null,
    last_tested_at: null,
    is_archived: false,
    created_at: 0,
    updated_at: 0,
    created_by: "",
    approved_by: null,
    verified_by: null,
    execution_id: null,
    phase: null,
    progress: null,
  };
}
