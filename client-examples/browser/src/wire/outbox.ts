/**
 * What a person has sent and the room has not said yet. It is shown at once, under the id that the event will have.
 */

export interface Draft {
  commandId: string;
  /** The id of the event it will be; "" where the page could not derive it. */
  eventId: string;
  /** The command that says it, without its kind, and its fields besides the room. */
  verb: string;
  payload: object;
  /** What is shown meanwhile. */
  text: string;
  atMs: number;
  state: "sending" | "waiting" | "accepted" | "refused";
  /** Why it was refused. */
  sentence: string;
}

export function newDraft(draft: Omit<Draft, "state" | "sentence">): Draft {
  return { ...draft, state: "sending", sentence: "" };
}

export function changed(drafts: readonly Draft[], commandId: string, change: Partial<Draft>): readonly Draft[] {
  return drafts.map((draft) => (draft.commandId === commandId ? { ...draft, ...change } : draft));
}

/** Without those that have arrived: known by the publication's tag, or by the id of their event. */
export function withoutArrived(drafts: readonly Draft[], messages: readonly { id: string }[], commandId = ""): readonly Draft[] {
  if (drafts.length === 0) return drafts;
  const ids = new Set(messages.map((message) => message.id));
  const left = drafts.filter((draft) => draft.commandId !== commandId && !(draft.eventId && ids.has(draft.eventId)));
  return left.length === drafts.length ? drafts : left;
}

export function without(drafts: readonly Draft[], commandId: string): readonly Draft[] {
  return drafts.filter((draft) => draft.commandId !== commandId);
}

/** Where drafts outlive a reload of the page: this tab only. */
export interface Shelf {
  load(room: string): readonly Draft[];
  keep(room: string, drafts: readonly Draft[]): void;
}

const SHELF = "atrium.drafts.";

/** The drafts of one person; `owner` tells the persons apart: what one wrote is never sent in another's name. */
export function sessionShelf(storage: Storage, owner: string): Shelf {
  const key = (room: string): string => prefixOf(owner) + room;
  return {
    load(room) {
      try {
        const kept = JSON.parse(storage.getItem(key(room)) ?? "[]") as Draft[];
        // what an earlier version of this page kept was always a post
        return kept.map((draft) => ({ ...draft, verb: draft.verb ?? "post", payload: draft.payload ?? { text: draft.text } }));
      } catch {
        return []; // somebody else wrote there
      }
    },
    keep(room, drafts) {
      const unsent = drafts.filter((draft) => draft.state !== "accepted");
      if (unsent.length > 0) storage.setItem(key(room), JSON.stringify(unsent));
      else storage.removeItem(key(room));
    },
  };
}

/** Discard what this person has not sent, in every room. */
export function clearShelf(storage: Storage, owner: string): void {
  for (const key of keysOf(storage)) {
    if (key.startsWith(prefixOf(owner))) storage.removeItem(key);
  }
}

/** The slash ends the owner: it cannot stand in an encoded one. */
function prefixOf(owner: string): string {
  return `${SHELF}${encodeURIComponent(owner)}/`;
}

function keysOf(storage: Storage): string[] {
  return Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? "");
}
