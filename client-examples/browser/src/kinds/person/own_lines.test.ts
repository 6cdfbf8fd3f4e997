import { expect, test } from "vitest";
import { linesOf } from "./own_lines";
import type { ListEntry } from "./types";

const entry = (room: string, change: Partial<ListEntry> = {}): ListEntry => ({
  type: "list_entry",
  key: `room:${room}`,
  room,
  name: "Ring",
  ...change,
});

test("what the own room has said lies over what was read", () => {
  const rows = [{ id: "1", name: "Old name", status: "ACTIVE", updated_at: 5 }];
  const [line] = linesOf("concept", rows, { "concept:1": entry("concept:1", { status: "VIDEO", at: 9, unread: 3 }) });

  expect(line).toEqual({ room: "concept:1", name: "Ring", status: "VIDEO", step: "", progress: null, at: 9, unread: 3 });
});

test("the newest stands first, and other kinds of room stand elsewhere", () => {
  const rows = [
    { id: "1", name: "One", updated_at: 1 },
    { id: "2", name: "Two", updated_at: 2 },
  ];
  const lines = linesOf("concept", rows, { "share:9": entry("share:9"), "concept:3": entry("concept:3", { at: 3 }) });

  expect(lines.map((line) => line.room)).toEqual(["concept:3", "concept:2", "concept:1"]);
});

test("a chat is called as its context says", () => {
  expect(linesOf("conversation", [{ id: "1", context: { title: "A ring" } }], {})[0]?.name).toBe("A ring");
});
