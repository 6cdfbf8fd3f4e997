/** The words of a quote. */
import type { Outcome, Quote, QuoteStatus } from "./types";

export const QUOTE_WORDS: Record<string, string> = {
  PENDING: "Open",
  ACCEPTED: "Accepted",
  REJECTED: "Rejected",
  EXPIRED: "Expired",
} satisfies Record<QuoteStatus, string>;

export const OUTCOME_WORDS: Record<Outcome, string> = {
  accepted: "This quote was accepted.",
  other_accepted: "Another artisan's quote was accepted.",
  cancelled: "The request was called off.",
  expired: "The request has expired.",
  undone: "The request is open again.",
};

export function stateOf(quote: Quote): string {
  return quote.is_withdrawn ? "Withdrawn" : (QUOTE_WORDS[quote.status] ?? quote.status);
}
