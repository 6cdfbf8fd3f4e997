/** Offers side by side: one column an artisan, one row a part of the price. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { AskButton } from "../../components/ask_button";
import { Until } from "../../components/moment";
import { ReasonDialog } from "../../components/reason_dialog";
import { hundredths, money } from "../../format/money";
import { hashOfRoom } from "../../state/route";
import type { Connection } from "../../wire/connection";
import { isOpen } from "./fold_requests";
import type { ConceptRoom } from "./manner";
import { type KnownOffer, useOffers } from "./offers";
import type { Offer, Request } from "./types";

interface ComparisonProps {
  connection: Connection;
  request: Request;
  room: ConceptRoom;
  canWrite: boolean;
}

export function Comparison({ connection, request, room, canWrite }: ComparisonProps): JSX.Element {
  const known = useOffers(connection, request);
  useLooked(connection, known, canWrite);
  const cheapest = least(known, ({ offer }) => (offer.total_price === null ? undefined : hundredths(offer.total_price)));
  const fastest = least(known, ({ offer }) => (offer.estimated_days === null ? undefined : BigInt(offer.estimated_days)));
  const row = (words: string, cell: (one: KnownOffer) => ComponentChildren, look = ""): JSX.Element => (
    <tr class={look}>
      <th scope="row">{words}</th>
      {known.map((one) => (
        <td key={one.offer.room} class={isTaken(request, one.offer) ? "offer-taken" : ""}>
          {cell(one)}
        </td>
      ))}
    </tr>
  );
  return (
    <div class="comparison" tabIndex={0} role="region" aria-label="Quotes side by side">
      <table>
        <thead>
          <tr>
            <td />
            {known.map(({ offer }) => (
              <th key={offer.room} scope="col" class={isTaken(request, offer) ? "offer-taken" : ""}>
                <a href={hashOfRoom(offer.room)}>{offer.seller_name || "An artisan"}</a>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {row("Offer", ({ offer }) => (
            <OfferState request={request} offer={offer} />
          ))}
          {row("Base", ({ row: quote }) => quote && money(quote.pricing.basePrice))}
          {row("Customization", ({ row: quote }) => quote && money(quote.pricing.customization))}
          {row("Materials", ({ row: quote }) => quote && money(quote.pricing.materials))}
          {row("Shipping", ({ row: quote }) => quote && money(quote.pricing.shipping))}
          {row(
            "Total",
            (one) => one.offer.total_price && best(money(one.offer.total_price), one === cheapest, "Lowest"),
            "comparison-total",
          )}
          {row("Days", (one) =>
            one.offer.estimated_days === null ? null : best(String(one.offer.estimated_days), one === fastest, "Fastest"),
          )}
          {row(
            "Good until",
            ({ offer }) => (offer.status === "open" && offer.expires_at ? <Until at={offer.expires_at} /> : null),
            "comparison-small",
          )}
          {row("Notes", ({ row: quote }) => quote?.notes ?? null, "comparison-small")}
        </tbody>
        {canWrite && isOpen(request) && (
          <tfoot>
            {row("", ({ offer }) => offer.status === "open" && <Decide connection={connection} offer={offer} room={room} />)}
          </tfoot>
        )}
      </table>
    </div>
  );
}

/** Only worth saying where there is something to compare. */
function least(known: readonly KnownOffer[], value: (one: KnownOffer) => bigint | undefined): KnownOffer | undefined {
  const open = known.filter((one) => one.offer.status === "open" && value(one) !== undefined);
  if (open.length < 2) return undefined;
  return open.reduce((a, b) => ((value(b) ?? 0n) < (value(a) ?? 0n) ? b : a));
}

function best(words: string, isBest: boolean, mark: string): JSX.Element {
  return (
    <>
      {words} {isBest && <span class="mark mark-good">{mark}</span>}
    </>
  );
}

function isTaken(request: Request, offer: Offer): boolean {
  return request.accepted_quote_id !== null && offer.quote_id === request.accepted_quote_id;
}

function OfferState({ request, offer }: { request: Request; offer: Offer }): JSX.Element {
  if (isTaken(request, offer)) return <span class="chip chip-of-accepted">Accepted</span>;
  switch (offer.status) {
    case "waiting":
      return <span class="hint">{isOpen(request) ? "Not yet" : "None"}</span>;
    case "gone":
      return <span class="hint">No longer there</span>;
    case "open":
      return <span>{offer.revision > 1 ? `Revision ${offer.revision}` : "Open"}</span>;
  }
}

function Decide({ connection, offer, room }: { connection: Connection; offer: Offer; room: ConceptRoom }): JSX.Element {
  const [isRejecting, setRejecting] = useState(false);
  const accept = { quote_id: offer.quote_id, revision: offer.revision };
  return (
    <div class="actions">
      <AskButton look="primary" command={() => room.give("accept_quote", accept)}>
        Accept
      </AskButton>
      <button type="button" class="button button-quiet" onClick={() => setRejecting(true)}>
        Reject
      </button>
      {isRejecting && (
        <ReasonDialog
          title={`Reject the quote of ${offer.seller_name || "this artisan"}`}
          look="danger"
          give={(reason) => connection.give("quote.reject_quote", { room: offer.room, reason })}
          onClose={() => setRejecting(false)}
        />
      )}
    </div>
  );
}

/** The artisan is told, once for each revision, that the owner has the offer before their eyes. */
function useLooked(connection: Connection, known: readonly KnownOffer[], canWrite: boolean): void {
  const told = useRef(new Set<string>());
  useEffect(() => {
    if (!canWrite || document.visibilityState !== "visible") return;
    for (const { offer, row } of known) {
      const look = `${offer.quote_id} ${offer.revision}`;
      if (offer.status !== "open" || !row || row.viewed_by_buyer || told.current.has(look)) continue;
      told.current.add(look);
      connection.give("quote.view_quote", { room: offer.room }).catch(() => undefined); // gone meanwhile: nothing to be told
    }
  });
}
