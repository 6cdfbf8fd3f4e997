/** A conversation: what is said, the answer as it is being told, and beside it what was found to be wanted. */
import type { JSX } from "preact";
import { useContext, useState } from "preact/hooks";
import { AskButton } from "../../components/ask_button";
import { Composer } from "../../components/composer";
import { useRoom, useStore, useTitle } from "../../components/hooks";
import { LinkState } from "../../components/link_state";
import { type Back, PageHead, RoomTitle } from "../../components/page_head";
import { Panel } from "../../components/panel";
import { Faces, PeopleList } from "../../components/people";
import { Refused } from "../../components/refused";
import { Skeleton } from "../../components/skeleton";
import { hashOf } from "../../state/route";
import type { Connection } from "../../wire/connection";
import { OwnContext } from "../person/manner";
import { useReadMark } from "../person/read_mark";
import { CONVERSATION, type ConversationPicture, type ConversationRoom } from "./manner";
import { Requirements } from "./requirements";
import { Talk } from "./talk";
import { STATUS_WORDS, titleOf } from "./words";

const BACK: Back = { href: hashOf({ page: "chats" }), words: "All chats" };

export function ConversationPage({ connection, id }: { connection: Connection; id: string }): JSX.Element {
  const address = `conversation:${id}`;
  const [room, picture] = useRoom(connection, CONVERSATION, address);
  const [isAsideOpen, setAsideOpen] = useState(false);
  const me = useStore(connection.actor);
  const { state, following } = picture;
  const title = state ? titleOf(state.conversation, state.messages) : "Chat";
  useTitle(title);
  useReadMark(connection, address, state?.position.offset);
  const say = (text: string): void => void room.say("say", { text }, text);
  return (
    <div class={`room-page ${isAsideOpen ? "aside-open" : ""}`}>
      <PageHead me={me} isGuest={!useContext(OwnContext)}>
        <RoomTitle back={BACK} name={title}>
          {state && state.conversation.status !== "active" && <span class="chip">{STATUS_WORDS[state.conversation.status]}</span>}
        </RoomTitle>
        <div class="room-now">
          <Faces people={picture.people} />
          <LinkState link={useStore(connection.link)} following={following} behind={picture.behind} />
        </div>
      </PageHead>
      <Strip picture={picture} isAsideOpen={isAsideOpen} onToggle={() => setAsideOpen(!isAsideOpen)} />
      <main class="room-main">
        <Refused following={following} back={BACK} />
        <Talk picture={picture} room={room} me={me} token={connection.token} />
        <Composer
          onSend={say}
          onTyping={() => room.signalTyping()}
          closedBecause={closedBecause(picture)}
          typing={picture.typing}
        />
      </main>
      <aside class="aside" id="aside" aria-label="Details">
        <Details picture={picture} room={room} me={me?.id ?? ""} />
      </aside>
    </div>
  );
}

function closedBecause({ following, role, state }: ConversationPicture): string {
  if (following.is === "refused") return "You are not in this conversation.";
  if (state && state.conversation.status !== "active") return "This conversation has ended. Begin another one to go on.";
  return role === "viewer" ? "You are a viewer here: you see everything as it happens." : "";
}

interface StripProps {
  picture: ConversationPicture;
  isAsideOpen: boolean;
  onToggle: () => void;
}

function Strip({ picture, isAsideOpen, onToggle }: StripProps): JSX.Element {
  const found = Object.keys(picture.state?.conversation.requirements ?? {}).length;
  return (
    <div class="strip">
      <span class="strip-rest" />
      <button type="button" class="button button-quiet" aria-expanded={isAsideOpen} aria-controls="aside" onClick={onToggle}>
        {isAsideOpen ? "Chat" : `Requirements${found ? ` (${found})` : ""}`}
      </button>
    </div>
  );
}

interface DetailsProps {
  picture: ConversationPicture;
  room: ConversationRoom;
  me: string;
}

function Details({ picture, room, me }: DetailsProps): JSX.Element | null {
  const { state, role, people, peopleCount, following } = picture;
  if (!state) return following.is === "refused" ? null : <Skeleton lines={8} label="The conversation is being loaded" />;
  const { conversation } = state;
  const isOwner = role === "owner" && conversation.status === "active";
  return (
    <>
      <Panel title="Requirements">
        <Requirements requirements={conversation.requirements} />
      </Panel>
      {conversation.summary && (
        <Panel title="Summary">
          <p class="summary">{conversation.summary}</p>
        </Panel>
      )}
      <Panel title="Here now" count={peopleCount ?? people?.size}>
        <PeopleList people={people} me={me} />
      </Panel>
      {isOwner && (
        <Panel title="Manage">
          <div class="actions">
            <AskButton command={() => room.give("complete", {})}>Complete</AskButton>
            <AskButton look="danger" command={() => room.give("abandon", {})}>
              Abandon
            </AskButton>
          </div>
        </Panel>
      )}
    </>
  );
}
