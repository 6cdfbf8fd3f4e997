import { expect, test } from "vitest";
import type { Piece } from "./envelope";
import { continued, type LiveText } from "./live_text";

const piece = (attempt: number, position: number, text: string): Piece => ({ key: "turn:1", attempt, position, text });

function told(pieces: readonly Piece[], most = 1_000): LiveText | undefined {
  return pieces.reduce<LiveText | undefined>((before, one) => continued(before, one, most) ?? before, undefined);
}

test("pieces join at their places, however often and in whatever cuts they come", () => {
  const whole = "For chairs 🪑 I would stay with oak";
  const letters = [...whole];
  const cut = (from: number, to: number): Piece => piece(1, from, letters.slice(from, to).join(""));

  expect(told([cut(0, 10), cut(5, 12), cut(0, 10), cut(12, 13), cut(11, letters.length)])?.text).toBe(whole);
});

test("another telling that brings the whole replaces what was told", () => {
  expect(told([piece(1, 0, "Oak is warm"), piece(2, 0, "Oak is"), piece(2, 6, " calm")])?.text).toBe("Oak is calm");
});

test("another telling replaces the text from where it begins", () => {
  expect(told([piece(1, 0, "Oak is warm"), piece(2, 7, "calm")])?.text).toBe("Oak is calm");
});

test("an earlier telling is over", () => {
  expect(told([piece(2, 0, "calm"), piece(1, 0, "warm, and more")])?.text).toBe("calm");
});

test("only so much is kept, the newest", () => {
  expect(told([piece(1, 0, "abc"), piece(1, 3, "def")], 4)).toEqual({ attempt: 1, start: 2, end: 6, text: "cdef" });
});
