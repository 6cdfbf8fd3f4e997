import { expect, test } from "vitest";
import { joined } from "../../wire/fold";
import { missingOf, withStored } from "./earlier";
import { SHARE_FOLD, type ShareState } from "./fold";
import golden from "./golden_room.json";
import type { Comment } from "./types";

const opened = joined(SHARE_FOLD, undefined, { view: golden.views[1]?.view }, { offset: 6, epoch: "golden" }) as ShareState;
const newest = opened.comments[0] as Comment;
const old = (id: string, at: number): Comment => ({ ...newest, id, at, text: id, parent_id: null, is_deleted: false });

test("stored comments stand before what is known, and what is known stays as it is", () => {
  const state = withStored(opened, [old("one", 2), old("two", 1), { ...newest, text: "as it was" }], { one: 3 });

  expect(state.comments.map((comment) => comment.text)).toEqual([
    "two",
    "one",
    ...opened.comments.map((comment) => comment.text),
  ]);
  expect(state.replyCounts).toEqual({ one: 3 });
});

test("what is counted and not known is missing", () => {
  const state = { ...opened, share: { ...opened.share, comment_count: opened.share.comment_count + 4 } };

  expect([missingOf(opened), missingOf(state)]).toEqual([0, 4]);
});
