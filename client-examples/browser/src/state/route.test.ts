import { expect, test } from "vitest";
import { hashOf, hashOfRoom, type Route, routeOf } from "./route";

const ID = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000";

test.each<Route>([
  { page: "workspaces" },
  { page: "concepts" },
  { page: "chats" },
  { page: "inbox" },
  { page: "workspace", id: ID },
  { page: "concept", id: ID },
  { page: "share", id: ID },
  { page: "quote", id: ID },
  { page: "conversation", id: ID },
  { page: "link", token: "abcdefghijklmnopqrstuvwxyz-_0123" },
])("$page has an address that leads back to it", (wanted) => {
  expect(routeOf(hashOf(wanted))).toEqual(wanted);
});

test("what is no address leads to the list of workspaces", () => {
  expect(["", "#", "#/nowhere", "#/concept/1", "#/share/short"].map(routeOf)).toEqual(Array(5).fill({ page: "workspaces" }));
});

test("a room's address leads to its page, and a room without a page to none", () => {
  expect([hashOfRoom(`share:${ID}`), hashOfRoom(`person:${ID}`), hashOfRoom("")]).toEqual([`#/s/${ID}`, "", ""]);
});
