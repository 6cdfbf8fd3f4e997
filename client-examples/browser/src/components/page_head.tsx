/** The head of every page: where one is, how far the page is to be trusted, what waits for one, the colours, the way out. */
import type { ComponentChildren, JSX } from "preact";
import { useOwn } from "../kinds/person/manner";
import { counted, nameOf } from "../format/words";
import { hashOf } from "../state/route";
import { signOut } from "../state/session";
import type { Actor } from "../wire/types";
import { Avatar } from "./avatar";
import { BackMark, BellMark, OutMark } from "./icons";
import { ThemeToggle } from "./theme_toggle";

interface PageHeadProps {
  me: Actor | undefined;
  children: ComponentChildren;
  /** A guest has come by a link: there is no inbox to go to, and nothing to sign out of. */
  isGuest?: boolean;
}

export function PageHead({ me, children, isGuest = false }: PageHeadProps): JSX.Element {
  return (
    <header class="page-head">
      {children}
      <div class="page-head-end">
        {!isGuest && <Bell />}
        <ThemeToggle />
        {me && (
          <span class="me" title={nameOf(me)}>
            <Avatar actor={me} size="small" />
            <span class="me-name">{nameOf(me)}</span>
          </span>
        )}
        {!isGuest && (
          <button
            type="button"
            class="button button-icon"
            aria-label="Sign out"
            title="Sign out"
            onClick={() => signOut(sessionStorage)}
          >
            <OutMark />
          </button>
        )}
      </div>
    </header>
  );
}

const MOST_SHOWN = 99;

/** What waits in the inbox; without a number while that is not known. */
function Bell(): JSX.Element {
  const unread = useOwn()?.unread_count ?? 0;
  const label = unread > 0 ? `Inbox: ${counted(unread, "new notification")}` : "Inbox";
  return (
    <a class="button button-icon bell" href={hashOf({ page: "inbox" })} aria-label={label} title={label}>
      <BellMark />
      {unread > 0 && (
        <span class="bell-count" aria-hidden="true">
          {unread > MOST_SHOWN ? `${MOST_SHOWN}+` : unread}
        </span>
      )}
    </a>
  );
}

export function Brand(): JSX.Element {
  return (
    <a class="brand" href="#/">
      <img src="./favicon.svg" alt="" width="26" height="26" />
      <span class="brand-name">Atrium</span>
    </a>
  );
}

/** The way back from a room to the list it stands in, and the room's name. */
export function RoomTitle({ back, name, children }: { back: Back; name: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="room-title">
      <a class="button button-icon" href={back.href} aria-label={back.words}>
        <BackMark />
      </a>
      <h1>{name}</h1>
      {children}
    </div>
  );
}

export interface Back {
  href: string;
  words: string;
}
