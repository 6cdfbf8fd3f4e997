/** What owner and artisan write to each other. */
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { Announcer } from "../../components/announcer";
import { AuthorMark, Avatar } from "../../components/avatar";
import { Drafts } from "../../components/drafts";
import { DownMark } from "../../components/icons";
import { Markdown } from "../../components/markdown";
import { Moment } from "../../components/moment";
import { usePlace } from "../../components/scroller";
import { Skeleton } from "../../components/skeleton";
import { dayOf, dayWords } from "../../format/time";
import { counted, nameOf } from "../../format/words";
import { pageClock } from "../../state/clock";
import type { Actor } from "../../wire/types";
import type { QuoteMessage } from "./fold";
import type { QuotePicture, QuoteRoom } from "./manner";

interface MessagesProps {
  picture: QuotePicture;
  room: QuoteRoom;
  me: Actor | undefined;
}

const NO_MESSAGES: readonly QuoteMessage[] = [];

export function Messages({ picture, room, me }: MessagesProps): JSX.Element {
  const { state, following, drafts } = picture;
  const messages = state?.messages ?? NO_MESSAGES;
  const scroller = useRef<HTMLDivElement>(null);
  const extent = { first: messages[0]?.offset ?? 0, last: messages.length, drafts: drafts.length };
  const place = usePlace(scroller, extent, messages, () => undefined);
  return (
    <section class="timeline" aria-label="Messages">
      <div class="timeline-scroll" ref={scroller} tabIndex={0} role="region" aria-label="Messages" onScroll={place.onScroll}>
        {!state && following.is !== "refused" && <Skeleton lines={6} label="The messages are being loaded" />}
        {state && messages.length === 0 && drafts.length === 0 && (
          <div class="earlier">
            <p class="hint">Nothing was written yet. Only you two read what is written here.</p>
          </div>
        )}
        <ol class="blocks">
          {messages.map((message, index) => (
            <Entry key={message.id} message={message} before={messages[index - 1]} me={me?.id ?? ""} />
          ))}
          <Drafts drafts={drafts} room={room} me={me} />
        </ol>
      </div>
      {place.unseen > 0 && (
        <button type="button" class="button button-primary newer" onClick={place.toEnd}>
          <DownMark /> {counted(place.unseen, "new message")}
        </button>
      )}
      {state && (
        <Announcer
          newest={messages.at(-1)}
          me={me?.id ?? ""}
          tell={({ by, event }) => `${nameOf(by)}: ${event.text.slice(0, 300)}`}
        />
      )}
    </section>
  );
}

function Entry({ message, before, me }: { message: QuoteMessage; before: QuoteMessage | undefined; me: string }): JSX.Element {
  const { id, by, at, event } = message;
  const isNewDay = !before || dayOf(before.at) !== dayOf(at);
  return (
    <>
      {isNewDay && (
        <li class="day">
          <span>{dayWords(at, pageClock.nowMs())}</span>
        </li>
      )}
      <li class={`talk ${by.id === me ? "talk-mine" : ""}`}>
        <Avatar actor={by} />
        <div class="talk-body">
          <p class="talk-head">
            <strong class="author">{nameOf(by)}</strong>
            {by.id === me && <span class="mark">You</span>}
            <AuthorMark actor={by} />
            <Moment at={at} />
          </p>
          <div class="said" data-message-id={id}>
            <Markdown source={event.text} />
          </div>
        </div>
      </li>
    </>
  );
}
