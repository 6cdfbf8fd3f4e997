import { beforeEach, expect, test } from "vitest";
import { newDraft, sessionShelf } from "../wire/outbox";
import { endSession, signIn, signOut, ownerOf } from "./session";

const ROOM = "workspace:1";

/** What the browser keeps for a tab. */
class MemoryStorage implements Storage {
  private readonly items = new Map<string, string>();
  get length(): number {
    return this.items.size;
  }
  key = (index: number): string | null => [...this.items.keys()][index] ?? null;
  getItem = (key: string): string | null => this.items.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.items.set(key, value);
  removeItem = (key: string): void => void this.items.delete(key);
  clear = (): void => this.items.clear();
}

const tokenOf = (sub: string, iss?: string): string => {
  const payload = btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify({ sub, iss }))));
  return `e30.${payload.replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "")}.signature`;
};

let storage: MemoryStorage;
const writtenBy = (sub: string): string[] =>
  sessionShelf(storage, ownerOf(tokenOf(sub)))
    .load(ROOM)
    .map((draft) => draft.text);

beforeEach(() => {
  storage = new MemoryStorage();
  for (const sub of ["ada", "ada/b"]) {
    sessionShelf(storage, ownerOf(tokenOf(sub))).keep(ROOM, [newDraft({ commandId: "c1", eventId: "", verb: "post", payload: {}, text: `by ${sub}`, atMs: 1 })]);
  }
  signIn(tokenOf("ada"), storage);
});

test("a token says whom it is for, in any script", () => {
  const owners = [tokenOf("ada"), tokenOf("Ævar ÿ?>", "https://id.example"), tokenOf("愛")].map(ownerOf);

  expect(owners).toEqual(['["","ada"]', '["https://id.example","Ævar ÿ?>"]', '["","愛"]']);
  expect(ownerOf("no token")).toBe("");
});

test("what one person wrote is not there for the next", () => {
  expect(writtenBy("ben")).toEqual([]);
});

test("drafts wait for the same person when a token has run out", () => {
  endSession(storage);
  signIn(tokenOf("ben"), storage);

  expect(writtenBy("ben")).toEqual([]);
  expect(writtenBy("ada")).toEqual(["by ada"]);
});

test("whoever signs out discards their own drafts and nobody else's", () => {
  signOut(storage);

  expect(writtenBy("ada")).toEqual([]);
  expect(writtenBy("ada/b")).toEqual(["by ada/b"]);
  expect(storage.getItem("atrium.token")).toBeNull();
});
