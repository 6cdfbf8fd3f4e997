/** Requests for quotes: the latest with its offers side by side, and the way to another one. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { AskButton } from "../../components/ask_button";
import { Until } from "../../components/moment";
import { Panel } from "../../components/panel";
import { counted } from "../../format/words";
import type { Connection } from "../../wire/connection";
import { Comparison } from "./comparison";
import type { ConceptState } from "./fold";
import { isOpen } from "./fold_requests";
import type { ConceptRoom } from "./manner";
import { RequestDialog } from "./request_dialog";
import type { Request } from "./types";
import { REQUEST_WORDS } from "./words";

interface QuotesProps {
  connection: Connection;
  state: ConceptState;
  room: ConceptRoom;
  canWrite: boolean;
}

export function Quotes({ connection, state, room, canWrite }: QuotesProps): JSX.Element {
  const [isAsking, setAsking] = useState(false);
  const request = state.requests.find(isOpen) ?? state.requests.at(-1);
  const mayAsk = canWrite && !state.requests.some(isOpen);
  return (
    <Panel title="Quotes" count={request?.offers.filter((offer) => offer.status === "open").length}>
      <div class="stack">
        {request ? (
          <RequestCard connection={connection} request={request} room={room} canWrite={canWrite} />
        ) : (
          <p class="hint">No artisan has been asked yet.</p>
        )}
        {mayAsk && (
          <div class="actions">
            <button type="button" class="button button-primary" onClick={() => setAsking(true)}>
              {request ? "Ask for quotes again" : "Ask for quotes"}
            </button>
          </div>
        )}
      </div>
      {isAsking && <RequestDialog connection={connection} room={room} matches={state.matches} onClose={() => setAsking(false)} />}
    </Panel>
  );
}

interface RequestCardProps {
  connection: Connection;
  request: Request;
  room: ConceptRoom;
  canWrite: boolean;
}

function RequestCard({ connection, request, room, canWrite }: RequestCardProps): JSX.Element {
  const { id, status, message, offers, expires_at, undone_because } = request;
  return (
    <div class="stack">
      <p class="request-line">
        <span class={`chip chip-of-${status.toLowerCase()}`}>{REQUEST_WORDS[status]}</span>
        <span class="hint">
          {counted(offers.length, "artisan")} asked
          {isOpen(request) && (
            <>
              , open until <Until at={expires_at} />
            </>
          )}
        </span>
        {canWrite && isOpen(request) && (
          <AskButton command={() => room.give("cancel_quotes", { request_id: id })}>Call it off</AskButton>
        )}
      </p>
      {message && <p class="card-quote">{message}</p>}
      {undone_because && isOpen(request) && (
        <p class="notice" role="status">
          The quote that you accepted could not be taken: {undone_because}
        </p>
      )}
      <Comparison connection={connection} request={request} room={room} canWrite={canWrite} />
    </div>
  );
}
