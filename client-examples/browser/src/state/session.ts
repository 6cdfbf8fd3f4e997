/** Who is signed in on this tab: a token from the address (`#token=…`), from the form, or kept from before a reload. */
import { clearShelf } from "../wire/outbox";
import { Store } from "./store";

const KEY = "atrium.token";

export const token = new Store<string>("");

/** Read the token once, and take it out of the address bar, where people copy from. */
export function startSession(page: Location, history: History, storage: Storage): void {
  const given = new URLSearchParams(page.hash.replace(/^#/, "")).get("token");
  if (given) history.replaceState(null, "", `${page.pathname}${page.search}#/`);
  token.set(given ?? storage.getItem(KEY) ?? "");
  if (given) storage.setItem(KEY, given);
}

export function signIn(given: string, storage: Storage): void {
  storage.setItem(KEY, given);
  token.set(given);
}

export function signOut(storage: Storage): void {
  storage.removeItem(KEY);
  clearShelf(storage);
  token.set("");
}
