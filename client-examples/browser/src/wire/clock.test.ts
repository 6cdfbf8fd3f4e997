import { expect, test } from "vitest";
import { connectTime, ServerClock } from "./clock";

test("the clock is the server's, half a round trip later", () => {
  const clock = new ServerClock(() => 1_000);

  clock.learn(50_000, 200);

  expect(clock.nowMs()).toBe(50_100);
});

test("the time of a connect reply is found among other replies of the same frame", () => {
  expect(connectTime('{"id":1,"connect":{"client":"x","time":42}}\n{"id":2,"subscribe":{}}')).toBe(42);
  expect(connectTime('{"id":2,"subscribe":{}}')).toBeUndefined();
  expect(connectTime("{}")).toBeUndefined();
});
