/**
 * Shares by HTTP: making one, and coming in by its link. The token stands in a header or in the body of an answer, never in a path.
 */
import { bearer, postJson } from "../../wire/http";
import { guestSecret } from "./guest";
import type { ShareRules } from "./rules";

/** What the server gives for a link: a token for this room alone. */
export interface Entry {
  room: string;
  token: string;
  expires_at: number | null;
}

/** `account` is the token of who is signed in, "" for a guest. Raises `HttpRefused`. */
export async function enterShare(shareToken: string, name: string, account: string): Promise<Entry> {
  const headers = { "X-Share-Token": shareToken, ...bearer(account) };
  const body = account ? {} : { name, guest_id: guestSecret(localStorage) };
  return postJson<Entry>("/shares/enter", body, headers);
}

export interface MadeShare {
  room: string;
  token: string;
}

export interface ShareWish extends ShareRules {
  concept_id: string;
  shared_with: string[];
}

/** Given again under the same command id, it answers the same. Raises `HttpRefused`. */
export function makeShare(wish: ShareWish, commandId: string, account: string): Promise<MadeShare> {
  return postJson<MadeShare>("/shares", { ...wish, command_id: commandId }, bearer(account));
}

export function linkOf(page: Location, token: string): string {
  return `${page.origin}${page.pathname}#/share/${token}`;
}
