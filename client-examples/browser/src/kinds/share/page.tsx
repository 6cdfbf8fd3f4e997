/** A shared concept: what it looks like, what friends think of it, who is here. */
import type { ComponentChildren, JSX } from "preact";
import { useContext } from "preact/hooks";
import { useRoom, useStore, useTitle } from "../../components/hooks";
import { LinkState } from "../../components/link_state";
import { Until } from "../../components/moment";
import { PageHead, RoomTitle } from "../../components/page_head";
import { Panel } from "../../components/panel";
import { Faces, PeopleList } from "../../components/people";
import { Picture } from "../../components/picture";
import { Skeleton } from "../../components/skeleton";
import { nameOf } from "../../format/words";
import { hashOf } from "../../state/route";
import type { Connection } from "../../wire/connection";
import { OwnContext } from "../person/manner";
import { useReadMark } from "../person/read_mark";
import { ShareManage } from "./manage";
import { SHARE, type SharePicture, type ShareRoom } from "./manner";
import { ShownThings } from "./shown";
import { Comments } from "./thread";
import { Views } from "./views";
import { VoteButtons } from "./vote_buttons";

interface SharePageProps {
  connection: Connection;
  id: string;
  /** What stands at the end of the head, for those who came by a link. */
  children?: ComponentChildren;
}

export function SharePage({ connection, id, children }: SharePageProps): JSX.Element {
  const address = `share:${id}`;
  const [room, picture] = useRoom(connection, SHARE, address);
  const me = useStore(connection.actor);
  const isGuest = !useContext(OwnContext);
  const { state, following } = picture;
  const name = state?.share.concept.name ?? "Shared concept";
  useTitle(name);
  useReadMark(connection, address, state?.position.offset);
  return (
    <div class="thing-page">
      <PageHead me={me} isGuest={isGuest}>
        {isGuest ? (
          <h1 class="thing-title">{name}</h1>
        ) : (
          <RoomTitle back={{ href: hashOf({ page: "concepts" }), words: "All concepts" }} name={name} />
        )}
        <div class="room-now">
          <Faces people={picture.people} />
          <LinkState link={useStore(connection.link)} following={following} behind={picture.behind} />
        </div>
      </PageHead>
      {following.is === "refused" ? (
        <Over sentence={following.sentence} isGuest={isGuest} />
      ) : (
        <ShareContent picture={picture} room={room} me={me?.id ?? ""} connection={connection}>
          {children}
        </ShareContent>
      )}
    </div>
  );
}

const NOT_IN = "You are not in this share";

/** The share has ended, or was never open to the reader: then nothing of it is shown any more. */
export function Over({ sentence, isGuest, onAgain }: { sentence: string; isGuest: boolean; onAgain?: () => void }): JSX.Element {
  return (
    <main class="over">
      <div class="over-card" role="alert">
        {onAgain ? <h1>{NOT_IN}</h1> : <h2>{NOT_IN}</h2>}
        <p>{sentence}</p>
        <div class="actions">
          {onAgain && (
            <button type="button" class="button button-quiet" onClick={onAgain}>
              Try again
            </button>
          )}
          {!isGuest && (
            <a class="button button-quiet" href={hashOf({ page: "concepts" })}>
              All concepts
            </a>
          )}
        </div>
      </div>
    </main>
  );
}

interface ShareContentProps {
  picture: SharePicture;
  room: ShareRoom;
  me: string;
  connection: Connection;
  children?: ComponentChildren;
}

function ShareContent({ picture, room, me, connection, children }: ShareContentProps): JSX.Element {
  const { state, role, people, peopleCount } = picture;
  if (!state) {
    return (
      <main class="thing-main">
        <Skeleton lines={10} label="The shared concept is being loaded" />
      </main>
    );
  }
  const { share } = state;
  return (
    <main class="thing-main">
      <div class="thing-columns">
        <section class="thing-look" aria-label="The concept">
          <Picture src={share.concept.image_url} alt={share.concept.name} look="hero" />
          <div class="thing-face">
            <p class="hint">
              Shared by {nameOf(share.by)}
              {share.expires_at !== null && (
                <>
                  , open until <Until at={share.expires_at} />
                </>
              )}
            </p>
            <div class="thing-marks">
              <VoteButtons state={state} room={room} me={me} canVote={role !== undefined && role !== "viewer"} />
              <Views views={state.views} />
            </div>
          </div>
          <ShownThings things={state.shown} by={{ shareId: share.id, conceptId: share.concept.id, token: connection.token }} />
        </section>
        <section class="thing-talk" aria-label="What friends say">
          <Panel title="Comments" count={share.comment_count}>
            <Comments picture={picture} room={room} me={me} token={connection.token} />
          </Panel>
          <Panel title="Here now" count={peopleCount ?? people?.size}>
            <PeopleList people={people} me={me} />
          </Panel>
          {role === "owner" && (
            <Panel title="Manage">
              <ShareManage connection={connection} share={share} give={(verb, payload) => room.give(verb, payload)} />
            </Panel>
          )}
          {children}
        </section>
      </div>
    </main>
  );
}
