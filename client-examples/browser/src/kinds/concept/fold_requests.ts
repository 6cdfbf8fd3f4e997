/** How requests for quotes change, and the artisans' places in them. */
import type { Recorded } from "../../wire/types";
import type { ConceptEvent, Offer, QuoteNoted, QuotesRequested, Request } from "./types";

export function foldRequests(requests: Request[], message: Recorded<ConceptEvent>): Request[] {
  const { event, at } = message;
  switch (event.type) {
    case "quotes_requested":
      return [...requests, begun(event, message)];
    case "quote_noted":
      return requests.map((one) => (one.id === event.request_id ? noted(one, event, at) : one));
    case "quote_accepted":
      return changed(requests, event.request_id, { status: "ACCEPTED", accepted_quote_id: event.quote_id, ended_at: at });
    case "acceptance_undone": {
      const { status, reason: undone_because = "" } = event;
      return changed(requests, event.request_id, { status, undone_because, accepted_quote_id: null, ended_at: null });
    }
    case "quotes_cancelled":
      return changed(requests, event.request_id, { status: "CANCELLED", ended_at: at });
    case "quotes_expired":
      return changed(requests, event.request_id, { status: "EXPIRED", ended_at: at });
    default:
      return requests;
  }
}

export function isOpen(request: Request): boolean {
  return request.status === "PENDING" || request.status === "QUOTES_RECEIVED";
}

function changed(requests: Request[], id: string, change: Partial<Request>): Request[] {
  return requests.map((one) => (one.id === id ? { ...one, ...change } : one));
}

function begun({ sellers, message = "", expires_at }: QuotesRequested, { id, at }: Recorded): Request {
  return {
    id,
    status: "PENDING",
    message,
    created_at: at,
    expires_at,
    ended_at: null,
    accepted_quote_id: null,
    undone_because: "",
    offers: sellers.map(({ seller_id, name = "", room }) => waiting(seller_id, name, room)),
  };
}

function waiting(seller_id: string, seller_name: string, room: string): Offer {
  return {
    seller_id,
    seller_name,
    room,
    status: "waiting",
    quote_id: null,
    revision: 0,
    total_price: null,
    estimated_days: null,
    expires_at: null,
    noted_at: null,
  };
}

function noted(request: Request, event: QuoteNoted, at: number): Request {
  const { quote_id, revision = 1, total_price = null, estimated_days = null, quote_expires_at: expires_at = null } = event;
  const news: Partial<Offer> = {
    status: event.what === "gone" ? "gone" : "open",
    quote_id,
    revision,
    total_price,
    estimated_days,
    expires_at,
    noted_at: at,
  };
  const offers = request.offers.map((one) => (one.seller_id === event.seller_id ? { ...one, ...news } : one));
  return { ...request, status: event.status, offers };
}
