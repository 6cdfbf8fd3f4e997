import { expect, test } from "vitest";
import { Abandoned, deliver, errorOf, Refused, Unanswered } from "./delivery";
import type { Receipt } from "./envelope";

const receipt: Receipt = { room: "workspace:1", offset: 7, epoch: "e", event_ids: ["x"] };
const patience = { wait: () => Promise.resolve(), isAbandoned: () => false };

/** Answers in turn; an error is thrown. */
function answering(...answers: (Receipt | Error)[]): () => Promise<Receipt> {
  return async () => {
    const next = answers.shift();
    if (next instanceof Error) throw next;
    if (!next) throw new Error("asked too often");
    return next;
  };
}

test("an unanswered command is given again until it is answered", async () => {
  const waits: string[] = [];
  const give = answering(new Unanswered("no connection"), new Unanswered("busy"), receipt);

  const answer = await deliver(give, { ...patience, onWaiting: (error) => waits.push(error.message) });

  expect(answer).toBe(receipt);
  expect(waits).toEqual(["no connection", "busy"]);
});

test("a refusal is final", async () => {
  await expect(deliver(answering(new Refused("no", 400)), patience)).rejects.toThrow("No.");
});

test("nobody waits: the command is not given again", async () => {
  await expect(deliver(answering(), { ...patience, isAbandoned: () => true })).rejects.toBeInstanceOf(Abandoned);
});

test("what is temporary, or of the SDK itself, is unanswered; the rest is a refusal in a sentence", () => {
  expect(errorOf({ code: 1, message: "timeout" })).toBeInstanceOf(Unanswered);
  expect(errorOf({ code: 111, message: "too many requests" })).toBeInstanceOf(Unanswered);
  expect(errorOf({ code: 999, message: "later", temporary: true })).toBeInstanceOf(Unanswered);
  expect(errorOf({ code: 103, message: "this room does not exist" }).message).toBe("This room does not exist.");
});
