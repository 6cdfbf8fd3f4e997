/** A quote as owner and artisan know it: what was asked, the latest offer, what they write to each other (see wire/fold.ts). */
import type { Position } from "../../wire/envelope";
import type { Fold } from "../../wire/fold";
import type { Recorded, Tick } from "../../wire/types";
import type { MessagePosted, Quote, QuoteEvent, QuoteReceived, QuoteRevised, QuoteView, RequestFace } from "./types";

export type QuoteMessage = Recorded<MessagePosted>;

export interface QuoteState {
  position: Position;
  request: RequestFace;
  quote: Quote | null;
  /** Oldest first. */
  messages: readonly QuoteMessage[];
  isDeleted: boolean;
}

function opened(view: QuoteView, position: Position, before: QuoteState | undefined): QuoteState {
  const newest = view.messages as QuoteMessage[];
  return {
    position,
    request: view.request,
    quote: view.quote,
    messages: [...olderThan(before, position, newest), ...newest],
    isDeleted: false,
  };
}

/** What was loaded before the newest, where the two meet. */
function olderThan(before: QuoteState | undefined, position: Position, newest: readonly QuoteMessage[]): readonly QuoteMessage[] {
  const first = newest[0];
  if (!before || !first || before.position.epoch !== position.epoch) return [];
  const isMet = before.messages.some((message) => message.id === first.id);
  return isMet ? before.messages.filter((message) => message.offset < first.offset) : [];
}

function folded(state: QuoteState, message: Recorded<QuoteEvent>): QuoteState {
  const { event } = message;
  switch (event.type) {
    case "message_posted":
      return { ...state, messages: [...state.messages, message as QuoteMessage] };
    case "request_closed":
      return { ...state, request: { ...state.request, outcome: event.outcome } };
    case "request_reopened":
      return { ...state, request: { ...state.request, outcome: null } };
    case "owner_changed":
      return { ...state, request: { ...state.request, owner: event.parties.owner } };
    case "quote_deleted":
      return { ...state, messages: [], isDeleted: true };
    default:
      return { ...state, quote: foldQuote(state.quote, message) };
  }
}

function foldQuote(quote: Quote | null, { id, at, event }: Recorded<QuoteEvent>): Quote | null {
  if (event.type === "quote_received") return { ...offered(event), id, revision: 1, created_at: at, updated_at: at };
  if (!quote || !("quote_id" in event) || event.quote_id !== quote.id) return quote;
  switch (event.type) {
    case "quote_revised":
      return { ...quote, ...offered(event), revision: event.revision, updated_at: at };
    case "quote_viewed":
      return { ...quote, is_viewed: true, viewed_at: at, updated_at: at };
    case "quote_withdrawn":
      return { ...quote, status: "EXPIRED", is_withdrawn: true, expires_at: at, updated_at: at };
    case "quote_accepted":
      return { ...quote, status: "ACCEPTED", updated_at: at };
    case "quote_rejected":
      return { ...quote, status: "REJECTED", updated_at: at };
    case "quote_expired":
      return { ...quote, status: "EXPIRED", updated_at: at };
    case "quote_restored":
      return { ...quote, status: "PENDING", revision: event.revision, updated_at: at };
    default:
      return quote;
  }
}

type Offered = Omit<Quote, "id" | "revision" | "created_at" | "updated_at">;

function offered(event: QuoteReceived | QuoteRevised): Offered {
  const { pricing, total_price, estimated_days, customizations = [], notes = "", attachments = [], expires_at } = event;
  const fresh = { status: "PENDING" as const, is_viewed: false, viewed_at: null, is_withdrawn: false };
  return { ...fresh, pricing, total_price, estimated_days, customizations, notes, attachments, expires_at };
}

export const QUOTE_FOLD: Fold<QuoteState, QuoteView, QuoteEvent, Tick> = {
  kind: "quote",
  opened,
  event: folded,
  tick: (state) => state,
  piece: (state) => state,
  said: (state) => state.messages,
};
