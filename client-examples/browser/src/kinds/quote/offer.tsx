/** The artisan's offer: made, revised and withdrawn by the artisan, read by the owner. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Markdown } from "../../components/markdown";
import { Ago, Until } from "../../components/moment";
import { ReasonDialog } from "../../components/reason_dialog";
import { money } from "../../format/money";
import { counted } from "../../format/words";
import { hashOfRoom } from "../../state/route";
import type { Role } from "../../wire/connection";
import type { QuoteRoom } from "./manner";
import { OfferDialog } from "./offer_dialog";
import type { Quote, RequestFace } from "./types";
import { stateOf } from "./words";

interface OfferCardProps {
  request: RequestFace;
  quote: Quote | null;
  role: Role | undefined;
  room: QuoteRoom;
}

export function OfferCard({ request, quote, role, room }: OfferCardProps): JSX.Element {
  return (
    <div class="stack">
      {quote ? <Offered quote={quote} isSeller={role === "seller"} /> : <p class="hint">No offer was made yet.</p>}
      {role === "seller" && <SellerActions request={request} quote={quote} room={room} />}
      {role === "owner" && quote?.status === "PENDING" && <OwnerActions request={request} room={room} />}
    </div>
  );
}

function Offered({ quote, isSeller }: { quote: Quote; isSeller: boolean }): JSX.Element {
  const { pricing, total_price, estimated_days, notes, revision, expires_at, is_viewed, viewed_at } = quote;
  return (
    <>
      <p class="request-line">
        <span class={`chip chip-of-${quote.status.toLowerCase()}`}>{stateOf(quote)}</span>
        {revision > 1 && <span class="mark">Revision {revision}</span>}
        {isSeller && is_viewed && viewed_at !== null && (
          <span class="hint">
            seen <Ago at={viewed_at} />
          </span>
        )}
      </p>
      <dl class="price">
        <Part words="Base" amount={pricing.basePrice} />
        <Part words="Customization" amount={pricing.customization} />
        <Part words="Materials" amount={pricing.materials} />
        <Part words="Shipping" amount={pricing.shipping} />
        <div class="price-total">
          <dt>Total</dt>
          <dd>{money(total_price)}</dd>
        </div>
      </dl>
      <p class="hint">
        {counted(estimated_days, "day")}; good until <Until at={expires_at} />
      </p>
      {notes && <Markdown source={notes} />}
    </>
  );
}

function Part({ words, amount }: { words: string; amount: string }): JSX.Element {
  return (
    <div>
      <dt>{words}</dt>
      <dd>{money(amount)}</dd>
    </div>
  );
}

function SellerActions({
  request,
  quote,
  room,
}: {
  request: RequestFace;
  quote: Quote | null;
  room: QuoteRoom;
}): JSX.Element | null {
  const [asked, setAsked] = useState<"offer" | "withdraw" | undefined>(undefined);
  if (request.outcome !== null) return null;
  const isOpen = quote?.status === "PENDING";
  const close = (): void => setAsked(undefined);
  return (
    <div class="actions">
      <button type="button" class={`button ${isOpen ? "button-quiet" : "button-primary"}`} onClick={() => setAsked("offer")}>
        {isOpen ? "Revise" : quote ? "Make another offer" : "Make an offer"}
      </button>
      {isOpen && (
        <button type="button" class="button button-danger" onClick={() => setAsked("withdraw")}>
          Withdraw
        </button>
      )}
      {asked === "offer" && <OfferDialog request={request} quote={isOpen ? quote : null} room={room} onClose={close} />}
      {asked === "withdraw" && (
        <ReasonDialog
          title="Withdraw the offer"
          look="danger"
          give={(reason) => room.give("withdraw_quote", { reason })}
          onClose={close}
        />
      )}
    </div>
  );
}

/** Accepting is done where all offers stand side by side, so that of two devices one is refused. */
function OwnerActions({ request, room }: { request: RequestFace; room: QuoteRoom }): JSX.Element {
  const [isRejecting, setRejecting] = useState(false);
  return (
    <div class="actions">
      <a class="button button-primary" href={hashOfRoom(`concept:${request.concept_id}`)}>
        Compare and accept
      </a>
      <button type="button" class="button button-danger" onClick={() => setRejecting(true)}>
        Reject
      </button>
      {isRejecting && (
        <ReasonDialog
          title="Reject the offer"
          look="danger"
          give={(reason) => room.give("reject_quote", { reason })}
          onClose={() => setRejecting(false)}
        />
      )}
    </div>
  );
}
