/** The ways to the lists. */
import type { JSX } from "preact";
import { hashOf, type ListPage } from "../state/route";

const WORDS: Partial<Record<ListPage, string>> = { workspaces: "Workspaces", concepts: "Concepts", chats: "Chats" };

export function Sections({ page }: { page: ListPage }): JSX.Element {
  return (
    <nav class="sections" aria-label="Sections">
      {(Object.keys(WORDS) as ListPage[]).map((one) => (
        <a key={one} href={hashOf({ page: one })} aria-current={one === page ? "page" : undefined}>
          {WORDS[one]}
        </a>
      ))}
    </nav>
  );
}
