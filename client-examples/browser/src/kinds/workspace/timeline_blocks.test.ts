import { expect, test } from "vitest";
import type { Message, WorkspaceEvent } from "./types";
import { blocksOf } from "./timeline_blocks";

const NOON = new Date(2026, 4, 4, 12).getTime();
const MINUTE = 60_000;
let offset = 0;

function said(by: string, minute: number, event: WorkspaceEvent): Message {
  offset += 1;
  return { id: `m${offset}`, offset, at: NOON + minute * MINUTE, by: { id: by, kind: by === "claude" ? "bot" : "user" }, event };
}

const posted = (by: string, minute: number): Message => said(by, minute, { type: "message_posted", text: "hi" });
const started: WorkspaceEvent = { type: "claude_started", execution_id: "e1" };
const checkpoint: WorkspaceEvent = { type: "claude_checkpoint", execution_id: "e1", title: "half", progress: 50 };

function shapes(messages: Message[]): string[] {
  return blocksOf(messages).map((block) => (block.is === "day" ? "day" : `${block.is} ${block.by.id} ${block.messages.length}`));
}

test("what one person says within five minutes stands together", () => {
  expect(shapes([posted("ada", 0), posted("ada", 4), posted("ada", 10)])).toEqual(["day", "talk ada 2", "talk ada 1"]);
});

test("another author begins another block", () => {
  expect(shapes([posted("ada", 0), posted("ben", 1), posted("ada", 2)])).toEqual(["day", "talk ada 1", "talk ben 1", "talk ada 1"]);
});

test("a run is one block until somebody speaks, and goes on after that", () => {
  const blocks = blocksOf([said("claude", 0, started), said("claude", 30, checkpoint), posted("ada", 31), said("claude", 32, checkpoint)]);

  expect(blocks.map((block) => block.is)).toEqual(["day", "run", "talk", "run"]);
  expect(blocks[1]).toMatchObject({ isContinued: false });
  expect(blocks[3]).toMatchObject({ isContinued: true });
});

test("a status change that opens an execution is a note, not a step of it", () => {
  const change: WorkspaceEvent = { type: "status_changed", old: "soon", new: "implementing", execution_id: "e1" };

  expect(shapes([said("ada", 0, change), said("claude", 1, started)])).toEqual(["day", "notes ada 1", "run claude 1"]);
});

test("a new day is told", () => {
  expect(shapes([posted("ada", 0), posted("ada", 24 * 60)])).toEqual(["day", "talk ada 1", "day", "talk ada 1"]);
});
