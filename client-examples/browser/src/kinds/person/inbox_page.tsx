/** What others did that one wants to know of: newest first, read with a look, gone on with a click. */
import type { JSX } from "preact";
import { useContext } from "preact/hooks";
import { AskButton } from "../../components/ask_button";
import { Avatar } from "../../components/avatar";
import { useAsking, useStore, useTitle } from "../../components/hooks";
import { CheckMark } from "../../components/icons";
import { LinkState } from "../../components/link_state";
import { Ago } from "../../components/moment";
import { Brand, PageHead } from "../../components/page_head";
import { Sections } from "../../components/sections";
import { Skeleton } from "../../components/skeleton";
import { hashOfRoom } from "../../state/route";
import type { Connection } from "../../wire/connection";
import { type Own, OwnContext, useOwn } from "./manner";
import type { Notification } from "./types";
import { sentenceOf } from "./words";

export function InboxPage({ connection }: { connection: Connection }): JSX.Element {
  useTitle("Inbox");
  const own = useContext(OwnContext);
  const state = useOwn();
  return (
    <div class="list-page">
      <PageHead me={useStore(connection.actor)}>
        <Brand />
        <Sections page="inbox" />
        <LinkState link={useStore(connection.link)} />
      </PageHead>
      <main class="list-main list-narrow">
        <div class="list-head">
          <h1>Inbox</h1>
          {own && state && state.unread_count > 0 && <AskButton command={() => own.settleAll()}>Mark all as read</AskButton>}
        </div>
        {own && state ? (
          <Notifications own={own} items={state.notifications} />
        ) : (
          <Skeleton lines={8} label="The inbox is being loaded" />
        )}
      </main>
    </div>
  );
}

function Notifications({ own, items }: { own: Own; items: readonly Notification[] }): JSX.Element {
  if (items.length === 0) {
    return <p class="nothing">Nothing has come yet. Comments, replies, quotes and what you asked for will stand here.</p>;
  }
  return (
    <ul class="entries" aria-label="Notifications">
      {[...items].reverse().map((item) => (
        <Item key={item.id} own={own} item={item} />
      ))}
    </ul>
  );
}

function Item({ own, item }: { own: Own; item: Notification }): JSX.Element {
  const asking = useAsking();
  const settle = (): void => {
    if (!item.is_read) void asking.ask(() => own.settle([item.id]));
  };
  const href = hashOfRoom(item.source);
  return (
    <li class={`notification ${item.is_read ? "" : "notification-new"}`}>
      <Avatar actor={item.by ?? { id: "", kind: "system" }} />
      <div class="notification-what">
        {href ? (
          <a class="entry-link" href={href} onClick={settle}>
            {sentenceOf(item)}
          </a>
        ) : (
          <span>{sentenceOf(item)}</span>
        )}
        <Ago at={item.at} />
      </div>
      {!item.is_read && (
        <button
          type="button"
          class="button button-icon notification-settle"
          aria-label="Mark as read"
          title="Mark as read"
          aria-busy={asking.isAsking}
          onClick={settle}
        >
          <CheckMark />
        </button>
      )}
    </li>
  );
}
