/** Who is signed in on this tab: a token from the address (`#token=…`), from the form, or kept from before a reload. */
import { clearShelf } from "../wire/outbox";
import { Store } from "./store";

const KEY = "atrium.token";

export const token = new Store<string>("");

/** Read the token, also out of a sign-in link that is opened where the page is already (which loads nothing). */
export function startSession(page: Window, storage: Storage): void {
  token.set(tokenGiven(page, storage) ?? storage.getItem(KEY) ?? "");
  page.addEventListener("hashchange", () => {
    const given = tokenGiven(page, storage);
    if (given) token.set(given);
  });
}

/** Taken out of the address bar, where people copy from. */
function tokenGiven(page: Window, storage: Storage): string | null {
  const given = new URLSearchParams(page.location.hash.replace(/^#/, "")).get("token");
  if (!given) return null;
  page.history.replaceState(null, "", `${page.location.pathname}${page.location.search}#/`);
  storage.setItem(KEY, given);
  return given;
}

export function signIn(given: string, storage: Storage): void {
  storage.setItem(KEY, given);
  token.set(given);
}

/** What a person asks for: nothing that they wrote stays on this tab. */
export function signOut(storage: Storage): void {
  clearShelf(storage, ownerOf(token.get()));
  endSession(storage);
}

/** The server no longer takes the token: unsent drafts wait until the same person signs in again. */
export function endSession(storage: Storage): void {
  storage.removeItem(KEY);
  token.set("");
}

/** Whom a token is for, before the server has answered: it makes the actor's id of the issuer and the subject alone. */
export function ownerOf(given: string): string {
  try {
    const payload = (given.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(payload), (letter) => letter.charCodeAt(0));
    const { iss = "", sub } = JSON.parse(new TextDecoder().decode(bytes)) as { iss?: string; sub?: string };
    return sub ? JSON.stringify([iss, sub]) : "";
  } catch {
    return ""; // no token that any server takes
  }
}
