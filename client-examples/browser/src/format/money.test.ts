import { expect, test } from "vitest";
import { hundredths, money, sum } from "./money";

test("money is written with two places", () => {
  expect(["0", "7.5", "1250", "1234567.89"].map(money)).toEqual(["0.00", "7.50", "1,250.00", "1,234,567.89"]);
});

test("money is added exactly", () => {
  expect(sum(["0.10", "0.20", "1000000000.01", "12"])).toBe("12.30");
  expect(sum(["999999999.99", "0.01"])).toBe("1000000000.00");
});

test("money is compared by its digits", () => {
  expect(hundredths("9.5") < hundredths("10")).toBe(true);
});
