import { expect, test } from "vitest";
import { duration } from "./time";
import { counted, listed } from "./words";

test("names are listed as in a sentence", () => {
  expect(listed(["Ada"])).toBe("Ada");
  expect(listed(["Ada", "Ben"])).toBe("Ada and Ben");
  expect(listed(["Ada", "Ben", "Cleo", "Dan"])).toBe("Ada, Ben and 2 others");
});

test("one is not many", () => {
  expect(counted(1, "piece")).toBe("1 piece");
  expect(counted(2, "entry", "entries")).toBe("2 entries");
});

test("durations are short", () => {
  expect([900, 61_000, 3_600_000, 3_900_000].map(duration)).toEqual(["1 s", "1 min 1 s", "1 h", "1 h 5 min"]);
});
