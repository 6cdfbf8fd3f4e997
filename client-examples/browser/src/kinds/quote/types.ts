/**
 * The quote as the server tells it: domain/kinds/quote/{events,ticks,view}.py, field by field.
 *
 * A field with `?` is one that the server leaves out while it has its default; tests/unit/test_browser_types.py compares them.
 */
import type { Actor, OpenObject } from "../../wire/types";

export type ExpiredBy = "quote" | "request";
export type Outcome = "accepted" | "other_accepted" | "cancelled" | "expired" | "undone";
export type QuoteStatus = "PENDING" | "ACCEPTED" | "REJECTED" | "EXPIRED";
export type RejectedBy = "owner" | "other_accepted" | "cancelled";

// --- events: what has happened --------------------------------------------------------------------------------------

export interface QuoteOpened {
  type: "quote_opened";
  parties: Parties;
  seller_name?: string;
  image_url?: string;
  message?: string;
  expires_at: number;
}

export interface QuoteReceived {
  type: "quote_received";
  parties: Parties;
  pricing: Pricing;
  total_price: string;
  estimated_days: number;
  customizations?: OpenObject[];
  notes?: string;
  attachments?: string[];
  expires_at: number;
}

export interface QuoteRevised {
  type: "quote_revised";
  parties: Parties;
  quote_id: string;
  revision: number;
  pricing: Pricing;
  total_price: string;
  estimated_days: number;
  customizations?: OpenObject[];
  notes?: string;
  attachments?: string[];
  expires_at: number;
}

export interface QuoteWithdrawn {
  type: "quote_withdrawn";
  parties: Parties;
  quote_id: string;
  reason?: string;
}

export interface QuoteViewed {
  type: "quote_viewed";
  parties: Parties;
  quote_id: string;
}

export interface QuoteRejected {
  type: "quote_rejected";
  parties: Parties;
  quote_id: string;
  why?: RejectedBy;
  actor: Actor;
  reason?: string;
}

export interface QuoteExpired {
  type: "quote_expired";
  parties: Parties;
  quote_id: string;
  why?: ExpiredBy;
}

export interface QuoteAccepted {
  type: "quote_accepted";
  parties: Parties;
  quote_id: string;
  actor: Actor;
}

export interface QuoteRestored {
  type: "quote_restored";
  parties: Parties;
  quote_id: string;
  revision: number;
}

export interface RequestClosed {
  type: "request_closed";
  outcome: Outcome;
}

export interface RequestReopened {
  type: "request_reopened";
}

export interface MessagePosted {
  type: "message_posted";
  parties: Parties;
  text: string;
  attachments?: string[];
}

export interface OwnerChanged {
  type: "owner_changed";
  parties: Parties;
  guest_id: string;
}

export interface QuoteDeleted {
  type: "quote_deleted";
  parties: Parties;
  quote_ids?: string[];
}

export type QuoteEvent =
  | QuoteOpened
  | QuoteReceived
  | QuoteRevised
  | QuoteWithdrawn
  | QuoteViewed
  | QuoteRejected
  | QuoteExpired
  | QuoteAccepted
  | QuoteRestored
  | RequestClosed
  | RequestReopened
  | MessagePosted
  | OwnerChanged
  | QuoteDeleted;

// --- view: what a joiner is given -----------------------------------------------------------------------------------

export interface RequestFace {
  id: string;
  concept_id: string;
  concept_name: string;
  concept_image_url: string;
  owner: Actor;
  seller_id: string;
  seller_user_id: string;
  seller_name: string;
  message: string;
  created_at: number;
  expires_at: number;
  outcome: Outcome | null;
}

export interface Quote {
  id: string;
  status: QuoteStatus;
  revision: number;
  pricing: Pricing;
  total_price: string;
  estimated_days: number;
  customizations: OpenObject[];
  notes: string;
  attachments: string[];
  is_viewed: boolean;
  viewed_at: number | null;
  is_withdrawn: boolean;
  created_at: number;
  updated_at: number;
  expires_at: number;
}

export interface QuoteMessage {
  id: string;
  offset: number;
  at: number;
  by: Actor;
  event: unknown;
}

export interface QuoteView {
  request: RequestFace;
  quote: Quote | null;
  messages: QuoteMessage[];
}

export interface Parties {
  concept_id: string;
  request_id: string;
  owner: Actor;
  seller_id: string;
  seller_user_id: string;
  title: string;
}

export interface Pricing {
  basePrice: string;
  customization: string;
  materials: string;
  shipping: string;
}
