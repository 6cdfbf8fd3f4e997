import { expect, test } from "vitest";
import golden from "../kinds/workspace/golden_room.json";
import { derivedId, newCommandId, timeOf } from "./ids";

test("an id is derived as the server derives it", async () => {
  for (const { room, actor, command_id, ordinal, id } of golden.ids) {
    expect(await derivedId(room, actor, command_id, ordinal)).toBe(id);
  }
});

test("a command id is a uuid7 that carries the given time", () => {
  const nowMs = 1_760_000_123_456;

  const id = newCommandId(nowMs);

  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(timeOf(id)).toBe(nowMs);
});

test("two command ids of the same instant differ", () => {
  expect(newCommandId(1)).not.toBe(newCommandId(1));
});
