/** How far the page is to be trusted, in honest words. */
import type { JSX } from "preact";
import { sinceWords } from "../format/time";
import type { Link } from "../wire/connection";
import type { Following } from "../wire/room";
import { useLasting, useNow } from "./hooks";

interface LinkStateProps {
  link: Link;
  following?: Following;
  behind?: number;
}

/** Shorter moments of not being quite up to date are not worth a flicker. */
const SHOWN_AFTER_MS = 400;

export function LinkState({ link, following, behind = 0 }: LinkStateProps): JSX.Element {
  const now = useNow(30_000);
  const isBehind = useLasting(behind > 0 || following?.is === "catching_up", SHOWN_AFTER_MS);
  const { look, words } = stateOf(link, following, isBehind ? behind : 0, isBehind, now);
  return (
    <span class={`link-state link-${look}`} role="status">
      <span class="link-dot" aria-hidden="true" />
      {words}
    </span>
  );
}

interface Shown {
  look: "live" | "busy" | "off";
  words: string;
}

function stateOf(link: Link, following: Following | undefined, behind: number, isBehind: boolean, now: number): Shown {
  switch (link.is) {
    case "connecting":
      return { look: "busy", words: "Connecting" };
    case "offline":
      return { look: "off", words: `Offline since ${sinceWords(link.sinceMs, now)}` };
    case "ended":
      return { look: "off", words: "Disconnected by the server; load the page again" };
    case "live":
      if (following?.is === "refused") return { look: "off", words: "Not in this room" };
      if (following?.is === "joining") return { look: "busy", words: "Joining" };
      if (behind > 0) return { look: "busy", words: `Catching up (${behind} behind)` };
      return isBehind ? { look: "busy", words: "Catching up" } : { look: "live", words: "Live" };
  }
}
