/** Which page the address asks for: `#/` is the list, `#/workspaces/{id}` a room. */
import { Store } from "./store";

export type Route = { page: "workspaces" } | { page: "workspace"; id: string };

export const route = new Store<Route>({ page: "workspaces" });

export function startRouting(page: Window): void {
  const follow = (): void => route.set(routeOf(page.location.hash));
  page.addEventListener("hashchange", follow);
  follow();
}

export function routeOf(hash: string): Route {
  const room = /^#\/workspaces\/([0-9a-f-]{36})$/i.exec(hash);
  return room?.[1] ? { page: "workspace", id: room[1] } : { page: "workspaces" };
}

export function hashOf(wanted: Route): string {
  return wanted.page === "workspace" ? `#/workspaces/${wanted.id}` : "#/";
}
