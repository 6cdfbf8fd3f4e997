/** One's own chats, kept live, and the way to a new one. */
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { AskState } from "../../components/ask_button";
import { useAsking, useStore, useTitle } from "../../components/hooks";
import { SendMark } from "../../components/icons";
import { LinkState } from "../../components/link_state";
import { Brand, PageHead } from "../../components/page_head";
import { Sections } from "../../components/sections";
import { hashOfRoom } from "../../state/route";
import type { Connection } from "../../wire/connection";
import { OwnList } from "../person/own_list";

export function ChatListPage({ connection }: { connection: Connection }): JSX.Element {
  useTitle("Chats");
  return (
    <div class="list-page">
      <PageHead me={useStore(connection.actor)}>
        <Brand />
        <Sections page="chats" />
        <LinkState link={useStore(connection.link)} />
      </PageHead>
      <main class="list-main list-narrow">
        <div class="list-head">
          <h1>Chats</h1>
        </div>
        <Begin connection={connection} />
        <OwnList
          connection={connection}
          kind="conversation"
          path="/conversations"
          label="Chats"
          nothing="There is no chat yet. Ask for something above."
        />
      </main>
    </div>
  );
}

/** The first thing that is said begins a chat and names it. */
function Begin({ connection }: { connection: Connection }): JSX.Element {
  const [text, setText] = useState("");
  const asking = useAsking();
  // a chat that was begun and could not be spoken in is not begun twice
  const begun = useRef("");
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const said = text.trim();
    if (!said) return;
    await asking.ask(async () => {
      begun.current ||= (await connection.give("conversation.start", { context: { title: titleOf(said) } })).room;
      await connection.give("conversation.say", { room: begun.current, text: said });
      location.hash = hashOfRoom(begun.current);
    });
  };
  return (
    <form class="composer begin" onSubmit={(event) => void submit(event)}>
      <label class="visually-hidden" for="begin">
        What are you looking for?
      </label>
      <textarea
        id="begin"
        rows={2}
        maxLength={20_000}
        placeholder="What are you looking for?"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.shiftKey && !event.isComposing) void submit(event);
        }}
      />
      <button
        type="submit"
        class="button button-primary button-send"
        disabled={!text.trim()}
        aria-busy={asking.isAsking}
        aria-label="Begin a chat"
      >
        <SendMark />
      </button>
      <AskState asking={asking} />
    </form>
  );
}

const TITLE_MAX = 80;

function titleOf(text: string): string {
  const line = text.split("\n")[0] ?? "";
  return line.length > TITLE_MAX ? `${line.slice(0, TITLE_MAX).trimEnd()} …` : line;
}
