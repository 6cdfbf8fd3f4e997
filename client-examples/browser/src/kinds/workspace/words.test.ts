import { expect, test } from "vitest";
import golden from "./golden_room.json";
import type { Message } from "./types";
import { tell } from "./words";

test("every event is told in words", () => {
  for (const message of golden.messages as unknown as Message[]) {
    expect(tell(message).what, message.event.type).not.toContain("does not know");
  }
});
