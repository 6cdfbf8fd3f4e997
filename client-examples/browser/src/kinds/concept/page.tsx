/** A concept, for who it belongs to: its pictures, what bots make of it, what artisans offer, what friends say. */
import type { JSX } from "preact";
import { AskButton } from "../../components/ask_button";
import { useRoom, useStore, useTitle } from "../../components/hooks";
import { StarMark } from "../../components/icons";
import { LinkState } from "../../components/link_state";
import { type Back, PageHead, RoomTitle } from "../../components/page_head";
import { Panel } from "../../components/panel";
import { Faces, PeopleList } from "../../components/people";
import { Refused } from "../../components/refused";
import { Score } from "../../components/score";
import { Skeleton } from "../../components/skeleton";
import { hashOf } from "../../state/route";
import type { Connection } from "../../wire/connection";
import { useReadMark } from "../person/read_mark";
import { isOpen } from "./fold_requests";
import { Gallery } from "./gallery";
import { ManageConcept } from "./manage";
import { CONCEPT, type ConceptPicture, type ConceptRoom } from "./manner";
import { Previews } from "./previews";
import { Products } from "./products";
import { Quotes } from "./quotes";
import { Refinements } from "./refinements";
import { Shares } from "./shares";
import { Videos } from "./videos";
import { REQUEST_WORDS } from "./words";

const BACK: Back = { href: hashOf({ page: "concepts" }), words: "All concepts" };

export function ConceptPage({ connection, id }: { connection: Connection; id: string }): JSX.Element {
  const address = `concept:${id}`;
  const [room, picture] = useRoom(connection, CONCEPT, address);
  const me = useStore(connection.actor);
  const { state, following } = picture;
  useTitle(state?.concept.name ?? "Concept");
  useReadMark(connection, address, state?.position.offset);
  const request = state?.requests.find(isOpen) ?? state?.requests.at(-1);
  return (
    <div class="thing-page">
      <PageHead me={me}>
        <RoomTitle back={BACK} name={state?.concept.name ?? "Concept"}>
          {request && <span class={`chip chip-of-${request.status.toLowerCase()}`}>{REQUEST_WORDS[request.status]}</span>}
        </RoomTitle>
        <div class="room-now">
          <Faces people={picture.people} />
          <LinkState link={useStore(connection.link)} following={following} behind={picture.behind} />
        </div>
      </PageHead>
      <main class="thing-main">
        <Refused following={following} back={BACK} />
        {state && following.is !== "refused" && (
          <Content connection={connection} picture={picture} room={room} me={me?.id ?? ""} />
        )}
        {!state && following.is !== "refused" && <Skeleton lines={10} label="The concept is being loaded" />}
      </main>
    </div>
  );
}

interface ContentProps {
  connection: Connection;
  picture: ConceptPicture;
  room: ConceptRoom;
  me: string;
}

function Content({ connection, picture, room, me }: ContentProps): JSX.Element | null {
  const { state, role } = picture;
  if (!state) return null;
  const canWrite = role === "owner";
  const { concept } = state;
  return (
    <div class="thing-columns">
      <section class="thing-look" aria-label="The concept">
        <Gallery images={state.images} name={concept.name} room={canWrite ? room : undefined} />
        <div class="thing-face">
          {concept.description && <p class="thing-description">{concept.description}</p>}
          <div class="thing-marks">
            {canWrite && <Favourite isFavourite={concept.is_favorite} room={room} />}
            {concept.refinement_count > 0 && <span class="hint">Refined {concept.refinement_count} times</span>}
          </div>
        </div>
        <Quotes connection={connection} state={state} room={room} canWrite={canWrite} />
        <Panel title="Refinements" count={state.refinements.length}>
          <Refinements refinements={state.refinements} room={room} canWrite={canWrite} />
        </Panel>
        <Panel title="Video">
          <Videos videos={state.videos} notes={state.notes} room={room} canWrite={canWrite} />
        </Panel>
        <Products products={state.products} />
      </section>
      <section class="thing-talk" aria-label="Friends and more">
        <Shares connection={connection} concept={concept} shares={state.shares} me={me} canWrite={canWrite} />
        <Panel title="Previews" count={state.previews.length}>
          <Previews previews={state.previews} looks={state.looks} room={canWrite ? room : undefined} />
        </Panel>
        {Object.keys(state.score).length > 0 && (
          <Panel title="Sustainability">
            <Score score={state.score} />
          </Panel>
        )}
        <Panel title="Here now" count={picture.peopleCount ?? picture.people?.size}>
          <PeopleList people={picture.people} me={me} />
        </Panel>
        {canWrite && <ManageConcept concept={concept} room={room} />}
      </section>
    </div>
  );
}

function Favourite({ isFavourite, room }: { isFavourite: boolean; room: ConceptRoom }): JSX.Element {
  return (
    <AskButton command={() => room.give(isFavourite ? "unfavour" : "favour", {})}>
      <span class={isFavourite ? "star-on" : ""}>
        <StarMark />
      </span>
      {isFavourite ? "A favourite" : "Mark as favourite"}
    </AskButton>
  );
}
