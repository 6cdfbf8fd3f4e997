import { expect, test } from "vitest";
import { changed, type Draft, newDraft, withoutArrived } from "./outbox";
import type { Recorded } from "./types";

const echo = (id: string): Recorded => ({ id, offset: 1, at: 1, by: { id: "ada" }, event: { type: "message_posted" } });
const written = (commandId: string, eventId: string, text: string): Draft =>
  newDraft({ commandId, eventId, verb: "post", payload: { text }, text, atMs: 1 });
const drafts = [written("c1", "e1", "one"), written("c2", "", "two")];

test("a draft goes when its event arrives under the id that was foretold", () => {
  expect(withoutArrived(drafts, [echo("e1")]).map((draft) => draft.commandId)).toEqual(["c2"]);
});

test("a draft goes when a publication carries its command id", () => {
  expect(withoutArrived(drafts, [echo("other")], "c2").map((draft) => draft.commandId)).toEqual(["c1"]);
});

test("somebody else's event leaves the drafts as they are", () => {
  expect(withoutArrived(drafts, [echo("other")])).toBe(drafts);
});

test("a reply tells the id that could not be foretold", () => {
  const told = changed(drafts, "c2", { state: "accepted", eventId: "e2" });

  expect(withoutArrived(told, [echo("e2")]).map((draft) => draft.commandId)).toEqual(["c1"]);
});
