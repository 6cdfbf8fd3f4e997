import { beforeEach, expect, test } from "vitest";
import { HttpRefused } from "../../wire/http";
import { guestSecret, guestToken, keepGuestToken } from "../share/guest";
import { claimGuest } from "./claim";

let kept: Map<string, string>;
let storage: Storage;

beforeEach(() => {
  kept = new Map();
  storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as unknown as Storage;
  guestSecret(storage, (bytes) => void bytes.fill(1));
  keepGuestToken(storage, "guest");
});

test("who signs in takes over what they did as a guest, and is no guest any more", async () => {
  const asked: unknown[] = [];
  await claimGuest(storage, "ada", (path, body, headers) => {
    asked.push([path, body, headers]);
    return Promise.resolve({} as never);
  });

  expect(asked).toEqual([["/me/claim", { guest_token: "guest" }, { Authorization: "Bearer ada" }]]);
  expect(kept.size).toBe(0);
});

test("a refusal is final, and the guest stays who they are", async () => {
  await claimGuest(storage, "ben", () => Promise.reject(new HttpRefused("somebody else was first", 409)));

  expect([guestToken(storage), kept.has("atrium.guest")]).toEqual(["", true]);
});

test("without an answer it is tried again the next time", async () => {
  await claimGuest(storage, "ada", () => Promise.reject(new HttpRefused("not reached", 0)));

  expect(guestToken(storage)).toBe("guest");
});
