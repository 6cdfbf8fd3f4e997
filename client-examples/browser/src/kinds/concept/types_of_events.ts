/**
 * The concept as the server tells it: domain/kinds/concept/{events,ticks}.py, field by field.
 *
 * A field with `?` is one that the server leaves out while it has its default; tests/unit/test_browser_types.py compares them.
 */
import type {
  AskedSeller,
  Match,
  News,
  OwnerKind,
  Product,
  RefinementType,
  RequestStatus,
  SceneType,
  ShareNews,
  VideoStyle,
} from "./types";
import type { OpenObject } from "../../wire/types";

// --- events: what has happened --------------------------------------------------------------------------------------

export interface ConceptCreated {
  type: "concept_created";
  owner_id: string;
  owner_kind: OwnerKind;
  session_hash?: string;
  name: string;
  description?: string;
  visit_id?: string | null;
}

export interface DetailsChanged {
  type: "details_changed";
  name: string;
  description?: string;
  shares?: string[];
}

export interface ConceptDeleted {
  type: "concept_deleted";
  owner_id: string;
  shares?: string[];
}

export interface ConceptClaimed {
  type: "concept_claimed";
  guest_id: string;
  owner_id: string;
  owner_name?: string;
  request_ids?: string[];
  quotes?: string[];
}

export interface ImageAdded {
  type: "image_added";
  url: string;
  format: string;
  position: number;
  cover_url: string;
  shares?: string[];
}

export interface ImageOptimized {
  type: "image_optimized";
  image_id: string;
  versions?: OpenObject;
  compression_ratio?: number | null;
  format: string;
  priority?: number;
}

export interface ImageRemoved {
  type: "image_removed";
  image_id: string;
  cover_url?: string;
  shares?: string[];
}

export interface ProductsGenerated {
  type: "products_generated";
  products?: Product[];
  gone?: string[];
}

export interface ArtisansMatched {
  type: "artisans_matched";
  matches?: Match[];
  kept?: string[];
  gone?: string[];
}

export interface ConceptFavoured {
  type: "concept_favoured";
}

export interface ConceptUnfavoured {
  type: "concept_unfavoured";
}

export interface ArPreviewAdded {
  type: "ar_preview_added";
  scene_type: SceneType;
  image_url: string;
  placement?: OpenObject;
  metadata?: OpenObject;
  shares?: string[];
}

export interface ArPreviewRemoved {
  type: "ar_preview_removed";
  preview_id: string;
  shares?: string[];
}

export interface RefinementRequested {
  type: "refinement_requested";
  refinement_type: RefinementType;
  feedback: string;
}

export interface RefinementSuggested {
  type: "refinement_suggested";
  refinement_id: string;
  refinement_type: RefinementType;
  feedback: string;
  changes?: OpenObject;
  explanation: string;
  confidence: number;
  owner_id: string;
  title: string;
}

export interface RefinementApplied {
  type: "refinement_applied";
  refinement_id: string;
  changes?: OpenObject;
  refinement_count: number;
  shares?: string[];
}

export interface RefinementDismissed {
  type: "refinement_dismissed";
  refinement_id: string;
  was_suggested: boolean;
}

export interface QuotesRequested {
  type: "quotes_requested";
  sellers: AskedSeller[];
  message?: string;
  expires_at: number;
  title: string;
  image_url?: string;
  session_hash?: string;
}

export interface QuotesCancelled {
  type: "quotes_cancelled";
  request_id: string;
  quotes?: string[];
}

export interface QuotesExpired {
  type: "quotes_expired";
  request_id: string;
  quotes?: string[];
  owner_id: string;
  title: string;
}

export interface QuoteAccepted {
  type: "quote_accepted";
  request_id: string;
  quote_id: string;
  revision: number;
  accepted: string;
  others?: string[];
}

export interface AcceptanceUndone {
  type: "acceptance_undone";
  request_id: string;
  quote_id: string;
  reason?: string;
  status: RequestStatus;
  others?: string[];
}

export interface QuoteNoted {
  type: "quote_noted";
  request_id: string;
  seller_id: string;
  quote_id: string;
  what: News;
  revision?: number;
  total_price?: string | null;
  estimated_days?: number | null;
  quote_expires_at?: number | null;
  status: RequestStatus;
}

export interface ShareNoted {
  type: "share_noted";
  share: string;
  status: ShareNews;
  title?: string;
  allow_comments?: boolean;
  allow_voting?: boolean;
  is_public?: boolean;
  expires_at?: number | null;
  refused_because?: string;
}

export interface VideoQueued {
  type: "video_queued";
  style: VideoStyle;
  duration: number;
}

export interface VideoStarted {
  type: "video_started";
  video_id: string;
}

export interface VideoCompleted {
  type: "video_completed";
  video_id: string;
  video_url: string;
  thumbnail_url?: string;
  owner_id: string;
  title: string;
  shares?: string[];
}

export interface VideoFailed {
  type: "video_failed";
  video_id: string;
  error: string;
  progress?: number;
  owner_id: string;
  title: string;
}

export interface SustainabilityScored {
  type: "sustainability_scored";
  score?: OpenObject;
  is_first: boolean;
  shares?: string[];
}

export type ConceptEvent =
  | ConceptCreated
  | DetailsChanged
  | ConceptDeleted
  | ConceptClaimed
  | ImageAdded
  | ImageOptimized
  | ImageRemoved
  | ProductsGenerated
  | ArtisansMatched
  | ConceptFavoured
  | ConceptUnfavoured
  | ArPreviewAdded
  | ArPreviewRemoved
  | RefinementRequested
  | RefinementSuggested
  | RefinementApplied
  | RefinementDismissed
  | QuotesRequested
  | QuotesCancelled
  | QuotesExpired
  | QuoteAccepted
  | AcceptanceUndone
  | QuoteNoted
  | ShareNoted
  | VideoQueued
  | VideoStarted
  | VideoCompleted
  | VideoFailed
  | SustainabilityScored;

// --- ticks: what passes ---------------------------------------------------------------------------------------------

export interface VideoProgress {
  type: "video_progress";
  key: string;
  video_id: string;
  progress: number;
  note?: string;
}

export interface PreviewCounts {
  type: "preview_counts";
  key: string;
  preview_id: string;
  view_count: number;
  share_count: number;
}

export type ConceptTick = VideoProgress | PreviewCounts;
