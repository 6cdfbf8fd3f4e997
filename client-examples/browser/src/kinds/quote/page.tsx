/** A quote: what was asked, the artisan's offer, and what the two write to each other. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Composer } from "../../components/composer";
import { useRoom, useStore, useTitle } from "../../components/hooks";
import { LinkState } from "../../components/link_state";
import { Until } from "../../components/moment";
import { type Back, PageHead, RoomTitle } from "../../components/page_head";
import { Panel } from "../../components/panel";
import { Faces, PeopleList } from "../../components/people";
import { Picture } from "../../components/picture";
import { Refused } from "../../components/refused";
import { Skeleton } from "../../components/skeleton";
import { hashOf } from "../../state/route";
import type { Connection } from "../../wire/connection";
import { useReadMark } from "../person/read_mark";
import { QUOTE, type QuotePicture, type QuoteRoom } from "./manner";
import { Messages } from "./messages";
import { OfferCard } from "./offer";
import type { RequestFace } from "./types";
import { OUTCOME_WORDS, stateOf } from "./words";

const BACK: Back = { href: hashOf({ page: "concepts" }), words: "All concepts" };

export function QuotePage({ connection, id }: { connection: Connection; id: string }): JSX.Element {
  const address = `quote:${id}`;
  const [room, picture] = useRoom(connection, QUOTE, address);
  const [isAsideOpen, setAsideOpen] = useState(false);
  const me = useStore(connection.actor);
  const { state, following } = picture;
  const name = state?.request.concept_name ?? "Quote";
  useTitle(name);
  useReadMark(connection, address, state?.position.offset);
  return (
    <div class={`room-page ${isAsideOpen ? "aside-open" : ""}`}>
      <PageHead me={me}>
        <RoomTitle back={BACK} name={name}>
          {state?.quote && <span class={`chip chip-of-${state.quote.status.toLowerCase()}`}>{stateOf(state.quote)}</span>}
        </RoomTitle>
        <div class="room-now">
          <Faces people={picture.people} />
          <LinkState link={useStore(connection.link)} following={following} behind={picture.behind} />
        </div>
      </PageHead>
      <div class="strip">
        <span class="strip-rest" />
        <button
          type="button"
          class="button button-quiet"
          aria-expanded={isAsideOpen}
          aria-controls="aside"
          onClick={() => setAsideOpen(!isAsideOpen)}
        >
          {isAsideOpen ? "Messages" : "Request and offer"}
        </button>
      </div>
      <main class="room-main">
        <Refused following={following} back={BACK} />
        <Messages picture={picture} room={room} me={me} />
        <Composer
          onSend={(text) => void room.say("post", { text }, text)}
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

function closedBecause({ following, role }: QuotePicture): string {
  if (following.is === "refused") return "You are not in this quote.";
  return role === "viewer" ? "You are a viewer here: you see everything as it happens." : "";
}

interface DetailsProps {
  picture: QuotePicture;
  room: QuoteRoom;
  me: string;
}

function Details({ picture, room, me }: DetailsProps): JSX.Element | null {
  const { state, role, people, peopleCount, following } = picture;
  if (!state) return following.is === "refused" ? null : <Skeleton lines={8} label="The quote is being loaded" />;
  return (
    <>
      <Panel title="Request">
        <RequestCard request={state.request} />
      </Panel>
      <Panel title="Offer">
        <OfferCard request={state.request} quote={state.quote} role={role} room={room} />
      </Panel>
      <Panel title="Here now" count={peopleCount ?? people?.size}>
        <PeopleList people={people} me={me} />
      </Panel>
    </>
  );
}

function RequestCard({ request }: { request: RequestFace }): JSX.Element {
  const { concept_name, concept_image_url, owner, seller_name, message, expires_at, outcome } = request;
  return (
    <div class="stack">
      <div class="request-face">
        <Picture src={concept_image_url} alt={concept_name} />
        <div>
          <p class="product-name">{concept_name}</p>
          <p class="hint">
            {owner.name || "A guest"} asks {seller_name || "an artisan"}
          </p>
        </div>
      </div>
      {message && <p class="card-quote">{message}</p>}
      <p class="hint">
        {outcome ? (
          OUTCOME_WORDS[outcome]
        ) : (
          <>
            Offers may be made until <Until at={expires_at} />.
          </>
        )}
      </p>
    </div>
  );
}
