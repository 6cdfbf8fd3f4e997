/** The timeline: scrolls with what is new while one is at its end, keeps its place while one reads, loads what came before. */
import type { JSX } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { counted, nameOf } from "../../format/words";
import { tell } from "./words";
import { blocksOf } from "./timeline_blocks";
import type { WorkspacePicture, WorkspaceRoom } from "./manner";
import { hasOlder } from "../../wire/fold";
import { WORKSPACE_FOLD } from "./fold";
import type { Actor } from "../../wire/types";
import type { Message } from "./types";
import { Announcer } from "../../components/announcer";
import { Drafts } from "../../components/drafts";
import { DownMark } from "../../components/icons";
import { usePlace } from "../../components/scroller";
import { Skeleton } from "../../components/skeleton";
import { BlockItem } from "./blocks";

interface TimelineProps {
  picture: WorkspacePicture;
  room: WorkspaceRoom;
  me: Actor | undefined;
}

const NO_MESSAGES: readonly Message[] = [];

export function Timeline({ picture, room, me }: TimelineProps): JSX.Element {
  const timeline = picture.state?.timeline ?? NO_MESSAGES;
  const blocks = useMemo(() => blocksOf(timeline), [timeline]);
  const scroller = useRef<HTMLDivElement>(null);
  const extent = { first: timeline[0]?.offset ?? 0, last: timeline.at(-1)?.offset ?? 0, drafts: picture.drafts.length };
  const place = usePlace(scroller, extent, timeline, () => void room.loadOlder());
  return (
    <>
      <section class="timeline" aria-label="Timeline">
        <div class="timeline-scroll" ref={scroller} tabIndex={0} role="region" aria-label="Messages" onScroll={place.onScroll}>
          {picture.state ? (
            <Earlier picture={picture} room={room} />
          ) : (
            <Skeleton lines={9} label="The timeline is being loaded" />
          )}
          <ol class="blocks">
            {blocks.map((block) => (
              <BlockItem key={block.key} block={block} me={me?.id ?? ""} />
            ))}
            <Drafts drafts={picture.drafts} room={room} me={me} />
          </ol>
        </div>
        {place.unseen > 0 && (
          <button type="button" class="button button-primary newer" onClick={place.toEnd}>
            <DownMark /> {counted(place.unseen, "new entry", "new entries")}
          </button>
        )}
      </section>
      {picture.state && <Announcer newest={timeline.at(-1)} me={me?.id ?? ""} tell={told} />}
    </>
  );
}

/** What came before: by scrolling up (see `usePlace`), or by its button. */
function Earlier({ picture, room }: { picture: WorkspacePicture; room: WorkspaceRoom }): JSX.Element {
  const isMore = picture.state ? hasOlder(WORKSPACE_FOLD, picture.state) : false;
  return (
    <div class="earlier">
      {!isMore && <p class="hint">This is where it began.</p>}
      {isMore && picture.older === "loading" && <Skeleton lines={3} label="Earlier entries are being loaded" />}
      {isMore && picture.older !== "loading" && (
        <button type="button" class="button button-quiet" onClick={() => void room.loadOlder()}>
          {picture.older === "failed" ? "Earlier entries could not be loaded. Try again" : "Show earlier entries"}
        </button>
      )}
    </div>
  );
}

function told(message: Message): string {
  const { what, note } = tell(message);
  return `${nameOf(message.by)} ${what}${note ? `: ${note.slice(0, 300)}` : ""}`;
}
