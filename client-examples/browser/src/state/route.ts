/**
 * Which page the address asks for. `#/` is the list of workspaces. A share's link carries its token, which never leaves the address bar.
 */
import { Store } from "./store";

export type ListPage = "workspaces" | "concepts" | "chats" | "inbox";
export type RoomPage = "workspace" | "concept" | "share" | "quote" | "conversation";
export type Route = { page: ListPage } | { page: RoomPage; id: string } | { page: "link"; token: string };

export const route = new Store<Route>({ page: "workspaces" });

const LISTS: Record<ListPage, string> = { workspaces: "#/", concepts: "#/concepts", chats: "#/chats", inbox: "#/inbox" };
const ROOMS: Record<RoomPage, string> = {
  workspace: "workspaces",
  concept: "concept",
  share: "s",
  quote: "quote",
  conversation: "conversation",
};
const LINK = /^#\/share\/([\w-]{20,200})$/;
const ROOM = /^#\/([a-z]+)\/([0-9a-f-]{36})$/i;

export function startRouting(page: Window): void {
  const follow = (): void => route.set(routeOf(page.location.hash));
  page.addEventListener("hashchange", follow);
  follow();
}

export function routeOf(hash: string): Route {
  const link = LINK.exec(hash)?.[1];
  if (link) return { page: "link", token: link };
  const [, word, id] = ROOM.exec(hash) ?? [];
  const kind = keysOf(ROOMS).find((one) => ROOMS[one] === word);
  if (kind && id) return { page: kind, id };
  return { page: keysOf(LISTS).find((one) => LISTS[one] === hash) ?? "workspaces" };
}

export function hashOf(wanted: Route): string {
  if (wanted.page === "link") return `#/share/${wanted.token}`;
  return "id" in wanted ? `#/${ROOMS[wanted.page]}/${wanted.id}` : LISTS[wanted.page];
}

/** The page of a room, by its address; "" for rooms without one. */
export function hashOfRoom(address: string): string {
  const [kind, id] = address.split(":");
  const page = keysOf(ROOMS).find((one) => one === kind);
  return page && id ? hashOf({ page, id }) : "";
}

function keysOf<K extends string>(record: Record<K, unknown>): K[] {
  return Object.keys(record) as K[];
}
