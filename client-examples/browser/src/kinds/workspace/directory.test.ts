import { expect, test } from "vitest";
import { merged, readTick } from "./directory";
import type { WorkspaceEntry } from "./types";

const row = (id: string, name: string): WorkspaceEntry => ({ ...(merged([], new Map([[id, {}]]))[0] as WorkspaceEntry), name });

test("a tick is newer than what was fetched", () => {
  const tick = readTick({ tick: { type: "directory_entry", key: "workspace:a", name: "New" }, after: 0 });

  expect(tick).toEqual({ id: "a", entry: { name: "New" } });
  expect(merged([row("a", "Old"), row("b", "B")], new Map([["a", { name: "New" }]])).map((one) => one.name)).toEqual(["New", "B"]);
});

test("an entry that only a tick knows is in the list", () => {
  expect(merged([], new Map([["c", { name: "C" }]]))).toMatchObject([{ id: "c", name: "C", status: "soon" }]);
});

test("a room that is gone leaves the list", () => {
  const tick = readTick({ tick: { type: "directory_entry", key: "workspace:a", is_gone: true }, after: 0 });

  expect(merged([row("a", "A")], new Map([["a", tick?.entry ?? null]]))).toEqual([]);
});

test("another publication is no tick of the list", () => {
  expect(readTick({ presence: { actors: 3 } })).toBeUndefined();
});
