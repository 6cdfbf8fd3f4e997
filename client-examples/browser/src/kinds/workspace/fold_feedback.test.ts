import { expect, test } from "vitest";
import { type FeedbackItem, foldFeedback, UNKNOWN_FEEDBACK, unsentItems, withFetchedFeedback } from "./fold_feedback";
import type { Message, WorkspaceEvent } from "./types";

const item = (id: string, content = id): FeedbackItem => ({ id, authorId: "ada", content, kind: "correction", at: 1 });

function said(id: string, event: WorkspaceEvent): Message {
  return { id, offset: 1, at: 1, by: { id: "ada" }, event };
}

const added = (id: string, content = id): Message =>
  said(id, { type: "feedback_added", content, kind: "correction", feedback_count: 1, unsent_count: 1 });

test("items come from events and from HTTP, each once", () => {
  const feedback = withFetchedFeedback(foldFeedback(UNKNOWN_FEEDBACK, added("b")), [item("a"), item("b")]);

  expect(feedback.isKnown).toBe(true);
  expect(unsentItems(feedback).map((one) => one.id)).toEqual(["a", "b"]);
});

test("what an event closed stays closed, though HTTP still knows it", () => {
  const removed = said("x", { type: "feedback_removed", feedback_id: "a", feedback_count: 0, unsent_count: 0 });
  const sent = said("y", { type: "feedback_batch_sent", feedback_ids: ["b"], unsent_count: 0 });

  const feedback = withFetchedFeedback([removed, sent].reduce(foldFeedback, UNKNOWN_FEEDBACK), [item("a"), item("b")]);

  expect(unsentItems(feedback)).toEqual([]);
});

test("a change by event wins over what HTTP said", () => {
  const changed = said("x", { type: "feedback_changed", feedback_id: "a", content: "new", kind: "wish" });

  const feedback = withFetchedFeedback(foldFeedback(foldFeedback(UNKNOWN_FEEDBACK, added("a", "old")), changed), [item("a", "old")]);

  expect(unsentItems(feedback)[0]).toMatchObject({ content: "new", kind: "wish" });
});
