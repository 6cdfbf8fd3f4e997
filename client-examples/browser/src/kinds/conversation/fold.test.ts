import { expect, test } from "vitest";
import { joined } from "../../wire/fold";
import { CONVERSATION_FOLD, type ConversationState } from "./fold";
import golden from "./golden_room.json";
import type { ConversationView } from "./types";

/** The moment at which an answer is being told. */
const moment = golden.views[1] as unknown as { offset: number; view: ConversationView };
const turnId = moment.view.turns[0]?.id ?? "";
const key = `turn:${turnId}`;
const telling = joined(
  CONVERSATION_FOLD,
  undefined,
  { view: moment.view },
  { offset: moment.offset, epoch: "golden" },
) as ConversationState;
const tell = (state: ConversationState, attempt: number, position: number, text: string): ConversationState =>
  CONVERSATION_FOLD.piece(state, { key, attempt, position, text });

test("an answer grows as it is told, and nothing is told twice", () => {
  const state = tell(tell(tell(telling, 1, 0, "How many "), 1, 0, "How many "), 1, 9, "people?");

  expect(state.told[turnId]?.text).toBe("How many people?");
});

test("what was told so far comes with the subscribe reply", () => {
  const reply = { view: moment.view, streams: [{ key, attempt: 1, position: 0, text: "How many " }] };
  const state = joined(CONVERSATION_FOLD, telling, reply, { offset: moment.offset, epoch: "golden" });

  expect(state?.told[turnId]?.text).toBe("How many ");
});

test("an answer that is over has no more to tell", () => {
  const state = { ...telling, turns: [] };

  expect(tell(state, 1, 0, "late")).toBe(state);
});
