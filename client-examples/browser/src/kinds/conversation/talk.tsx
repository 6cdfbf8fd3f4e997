/** What is said, and the answers as they are being told. */
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { Announcer } from "../../components/announcer";
import { Drafts } from "../../components/drafts";
import { DownMark } from "../../components/icons";
import { usePlace } from "../../components/scroller";
import { Skeleton } from "../../components/skeleton";
import { dayOf, dayWords } from "../../format/time";
import { counted, nameOf } from "../../format/words";
import { pageClock } from "../../state/clock";
import { getJson, type Page } from "../../wire/http";
import type { Actor } from "../../wire/types";
import { type ConversationState, withOlderMessages } from "./fold";
import type { ConversationPicture, ConversationRoom } from "./manner";
import { MessageItem } from "./message";
import { messageOf, type StoredMessage } from "./stored";
import { TurnItem } from "./turn";
import type { Message } from "./types";

interface TalkProps {
  picture: ConversationPicture;
  room: ConversationRoom;
  me: Actor | undefined;
  token: string;
}

const NO_MESSAGES: readonly Message[] = [];

export function Talk({ picture, room, me, token }: TalkProps): JSX.Element {
  const { state } = picture;
  const messages = state?.messages ?? NO_MESSAGES;
  const scroller = useRef<HTMLDivElement>(null);
  const earlier = useEarlier(state, room, token);
  const extent = { first: messages[0]?.offset ?? 0, last: state?.conversation.message_count ?? 0, drafts: picture.drafts.length };
  const place = usePlace(scroller, extent, messages, () => void earlier.load());
  const canSpeak = picture.role !== undefined && picture.role !== "viewer";
  const canRate = canSpeak && state?.conversation.status === "active";
  return (
    <>
      <section class="timeline" aria-label="Conversation">
        <div class="timeline-scroll" ref={scroller} tabIndex={0} role="region" aria-label="Messages" onScroll={place.onScroll}>
          {!state && picture.following.is !== "refused" && <Skeleton lines={9} label="The conversation is being loaded" />}
          {state && <Earlier state={state} earlier={earlier} />}
          <ol class="blocks">
            {messages.map((message, index) => (
              <MessageEntry
                key={message.id}
                message={message}
                before={messages[index - 1]}
                me={me?.id ?? ""}
                room={canRate ? room : undefined}
              />
            ))}
            <Drafts drafts={picture.drafts} room={room} me={me} />
            {state?.turns.map((turn) => (
              <TurnItem key={turn.id} turn={turn} told={state.told[turn.id]} room={room} canStop={canSpeak} />
            ))}
          </ol>
        </div>
        {place.unseen > 0 && (
          <button type="button" class="button button-primary newer" onClick={place.toEnd}>
            <DownMark /> {counted(place.unseen, "new message")}
          </button>
        )}
      </section>
      {state && <Announcer newest={messages.at(-1)} me={me?.id ?? ""} tell={told} />}
    </>
  );
}

interface MessageEntryProps {
  message: Message;
  before: Message | undefined;
  me: string;
  room: ConversationRoom | undefined;
}

function MessageEntry({ message, before, me, room }: MessageEntryProps): JSX.Element {
  const isNewDay = !before || dayOf(before.at) !== dayOf(message.at);
  return (
    <>
      {isNewDay && (
        <li class="day">
          <span>{dayWords(message.at, pageClock.nowMs())}</span>
        </li>
      )}
      <MessageItem message={message} me={me} room={room} />
    </>
  );
}

interface EarlierMessages {
  state: "idle" | "loading" | "failed";
  isMore: boolean;
  load: () => Promise<void>;
}

/** What came before the newest 50, by HTTP: as it is now, with ratings and all. */
function useEarlier(state: ConversationState | undefined, room: ConversationRoom, token: string): EarlierMessages {
  const [loading, setLoading] = useState<EarlierMessages["state"]>("idle");
  const isMore = state !== undefined && state.messages.length < state.conversation.message_count && state.messages.length > 0;
  const load = async (): Promise<void> => {
    const first = state?.messages[0];
    if (!isMore || !first || loading === "loading") return;
    setLoading("loading");
    try {
      const path = `/conversations/${state.conversation.id}/messages?${new URLSearchParams({ before: String(first.offset) })}`;
      const page = await getJson<Page<StoredMessage>>(path, token);
      room.learn((now) => withOlderMessages(now, page.items.map(messageOf)));
      setLoading("idle");
    } catch {
      setLoading("failed");
    }
  };
  return { state: loading, isMore, load };
}

function Earlier({ state, earlier }: { state: ConversationState; earlier: EarlierMessages }): JSX.Element {
  const isEmpty = state.messages.length === 0 && state.turns.length === 0;
  return (
    <div class="earlier">
      {isEmpty && <p class="hint">Say what you are looking for. The answer is told here, word by word.</p>}
      {!isEmpty && !earlier.isMore && <p class="hint">This is where it began.</p>}
      {earlier.isMore && earlier.state === "loading" && <Skeleton lines={3} label="Earlier messages are being loaded" />}
      {earlier.isMore && earlier.state !== "loading" && (
        <button type="button" class="button button-quiet" onClick={() => void earlier.load()}>
          {earlier.state === "failed" ? "Earlier messages could not be loaded. Try again" : "Show earlier messages"}
        </button>
      )}
    </div>
  );
}

function told({ by, text }: Message): string {
  return `${nameOf(by)}: ${text.slice(0, 300)}`;
}
