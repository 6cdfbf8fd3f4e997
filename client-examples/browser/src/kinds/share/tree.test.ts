import { expect, test } from "vitest";
import { type Thread, threadsOf } from "./tree";
import type { Comment } from "./types";

const comment = (id: string, parent_id: string | null = null): Comment => ({
  id,
  offset: Number(id),
  at: 1,
  by: { id: "ada" },
  text: id,
  parent_id,
  depth: 0,
  mentions: [],
  edited_at: null,
  is_deleted: false,
});

function drawn(threads: readonly Thread[]): unknown[] {
  return threads.map(({ comment, replies }) => (replies.length > 0 ? [comment.id, drawn(replies)] : comment.id));
}

test("replies stand under what they answer, in the order in which they were made", () => {
  const comments = [comment("1"), comment("2"), comment("3", "1"), comment("4", "3"), comment("5", "1")];

  expect(drawn(threadsOf(comments))).toEqual([["1", [["3", ["4"]], "5"]], "2"]);
});

test("a reply to what is not known stands by itself", () => {
  expect(drawn(threadsOf([comment("7", "1"), comment("8", "7")]))).toEqual([["7", ["8"]]]);
});
