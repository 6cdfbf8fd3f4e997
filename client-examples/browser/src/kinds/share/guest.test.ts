import { expect, test } from "vitest";
import { guestSecret } from "./guest";

test("a guest's secret is made once and kept", () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
  const first = guestSecret(storage as unknown as Storage, (bytes) => void bytes.fill(7));

  expect(first).toBe("07".repeat(24));
  expect(guestSecret(storage as unknown as Storage)).toBe(first);
});
