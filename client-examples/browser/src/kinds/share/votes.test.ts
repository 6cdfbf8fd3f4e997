import { expect, test } from "vitest";
import { recounted } from "./votes";

const tally = { up: 3, down: 1 };

test("a first vote counts in", () => {
  expect(recounted(tally, null, "UPVOTE")).toEqual({ up: 4, down: 1 });
});

test("a changed vote goes from one side to the other", () => {
  expect(recounted(tally, "UPVOTE", "DOWNVOTE")).toEqual({ up: 2, down: 2 });
});

test("a withdrawn vote no longer counts", () => {
  expect(recounted(tally, "DOWNVOTE", null)).toEqual({ up: 3, down: 0 });
});

test("what was told counts as it is", () => {
  expect(recounted(tally, "UPVOTE", "UPVOTE")).toBe(tally);
});
