/** The head of every page: where one is, how far the page is to be trusted, the colours, the way out. */
import type { ComponentChildren, JSX } from "preact";
import { signOut } from "../state/session";
import { nameOf } from "../format/words";
import type { Actor } from "../wire/types";
import { Avatar } from "./avatar";
import { OutMark } from "./icons";
import { ThemeToggle } from "./theme_toggle";

interface PageHeadProps {
  me: Actor | undefined;
  children: ComponentChildren;
}

export function PageHead({ me, children }: PageHeadProps): JSX.Element {
  return (
    <header class="page-head">
      {children}
      <div class="page-head-end">
        <ThemeToggle />
        {me && (
          <span class="me" title={nameOf(me)}>
            <Avatar actor={me} size="small" />
            <span class="me-name">{nameOf(me)}</span>
          </span>
        )}
        <button
          type="button"
          class="button button-icon"
          aria-label="Sign out"
          title="Sign out"
          onClick={() => signOut(sessionStorage)}
        >
          <OutMark />
        </button>
      </div>
    </header>
  );
}

export function Brand(): JSX.Element {
  return (
    <a class="brand" href="#/">
      <img src="./favicon.svg" alt="" width="26" height="26" />
      Atrium
    </a>
  );
}
