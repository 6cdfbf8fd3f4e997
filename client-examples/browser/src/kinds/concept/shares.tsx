/** The concept's shares, each as its friends have it: votes, visits, comments, live; and the way to another one. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useRoom } from "../../components/hooks";
import { LinkMark } from "../../components/icons";
import { Until } from "../../components/moment";
import { Panel } from "../../components/panel";
import { Faces } from "../../components/people";
import { Skeleton } from "../../components/skeleton";
import { hashOfRoom } from "../../state/route";
import type { Connection } from "../../wire/connection";
import { useReadMark } from "../person/read_mark";
import { ShareManage } from "../share/manage";
import { SHARE } from "../share/manner";
import { Comments } from "../share/thread";
import { Views } from "../share/views";
import { VoteButtons } from "../share/vote_buttons";
import { ShareDialog } from "./share_dialog";
import type { Face, ShareLine } from "./types";

interface SharesProps {
  connection: Connection;
  concept: Face;
  shares: readonly ShareLine[];
  me: string;
  canWrite: boolean;
}

export function Shares({ connection, concept, shares, me, canWrite }: SharesProps): JSX.Element {
  const [isSharing, setSharing] = useState(false);
  const [chosen, setChosen] = useState("");
  const shown = shares.find((share) => share.room === chosen) ?? shares.at(-1);
  return (
    <Panel title="Shared with friends" count={shares.length}>
      <div class="stack">
        {shares.length === 0 && <p class="hint">Nobody but you sees this yet.</p>}
        {shares.length > 1 && <Tabs shares={shares} shown={shown} onChosen={setChosen} />}
        {shown && <ShareTalk key={shown.room} connection={connection} line={shown} me={me} canWrite={canWrite} />}
        {canWrite && (
          <div class="actions">
            <button
              type="button"
              class={`button ${shares.length ? "button-quiet" : "button-primary"}`}
              onClick={() => setSharing(true)}
            >
              <LinkMark /> {shares.length ? "Share once more" : "Share with friends"}
            </button>
          </div>
        )}
      </div>
      {isSharing && <ShareDialog connection={connection} conceptId={concept.id} onClose={() => setSharing(false)} />}
    </Panel>
  );
}

interface TabsProps {
  shares: readonly ShareLine[];
  shown: ShareLine | undefined;
  onChosen: (room: string) => void;
}

function Tabs({ shares, shown, onChosen }: TabsProps): JSX.Element {
  return (
    <div class="status-filter" role="group" aria-label="Shares">
      {shares.map((share, index) => (
        <button key={share.room} type="button" class="filter" aria-pressed={share === shown} onClick={() => onChosen(share.room)}>
          Share {index + 1}
        </button>
      ))}
    </div>
  );
}

interface ShareTalkProps {
  connection: Connection;
  line: ShareLine;
  me: string;
  canWrite: boolean;
}

function ShareTalk({ connection, line, me, canWrite }: ShareTalkProps): JSX.Element {
  const [room, picture] = useRoom(connection, SHARE, line.room);
  const { state, following } = picture;
  useReadMark(connection, line.room, state?.position.offset);
  if (following.is === "refused") return <p class="hint">{following.sentence}</p>;
  if (!state) return <Skeleton lines={4} label="The share is being loaded" />;
  return (
    <div class="share-talk">
      <p class="share-line">
        <span class="chip">{line.is_public ? "Link" : "By name"}</span>
        {line.expires_at !== null && (
          <span class="hint">
            until <Until at={line.expires_at} />
          </span>
        )}
        <a href={hashOfRoom(line.room)}>As friends see it</a>
        <Faces people={picture.people} />
      </p>
      <div class="thing-marks">
        <VoteButtons state={state} room={room} me={me} canVote={picture.role !== undefined && picture.role !== "viewer"} />
        <Views views={state.views} />
      </div>
      <Comments picture={picture} room={room} me={me} token={connection.token} />
      {canWrite && <ShareManage connection={connection} share={state.share} give={(verb, payload) => room.give(verb, payload)} />}
    </div>
  );
}
