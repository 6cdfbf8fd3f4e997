/** What artisans offer, as their quotes' rooms have it; the concept itself only knows totals and days. */
import { useEffect, useState } from "preact/hooks";
import type { Connection } from "../../wire/connection";
import { getAll } from "../../wire/http";
import type { Pricing } from "../quote/types";
import type { Offer, Request } from "./types";

/** A quote by HTTP: GET /quote-requests/{id}/quotes. */
export interface QuoteRow {
  id: string;
  room: string;
  revision: number;
  pricing: Pricing;
  notes: string;
  viewed_by_buyer: boolean;
}

export interface KnownOffer {
  offer: Offer;
  /** undefined while it is not known, or is not the offer's latest revision yet. */
  row: QuoteRow | undefined;
}

/** The details of a request's offers, read again with each that comes or changes. */
export function useOffers(connection: Connection, request: Request): KnownOffer[] {
  const [rows, setRows] = useState<readonly QuoteRow[]>([]);
  const key = request.offers.map(({ quote_id, revision, status }) => `${quote_id} ${revision} ${status}`).join();
  const hasAny = request.offers.some((offer) => offer.quote_id !== null);
  useEffect(() => {
    if (!hasAny) return;
    let isLeft = false;
    const take = (read: readonly QuoteRow[]): void => {
      if (!isLeft) setRows(read);
    };
    // the concept's own totals stand there meanwhile, and stay where this cannot be read
    getAll<QuoteRow>(`/quote-requests/${request.id}/quotes`, connection.token).then(take, () => undefined);
    return () => void (isLeft = true);
  }, [connection, request.id, key]);
  return request.offers.map((offer) => ({ offer, row: rows.find((row) => isLatest(row, offer)) }));
}

function isLatest(row: QuoteRow, offer: Offer): boolean {
  return row.id === offer.quote_id && row.revision === offer.revision;
}
