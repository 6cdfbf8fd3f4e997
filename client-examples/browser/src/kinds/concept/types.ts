/**
 * The concept as the server tells it: domain/kinds/concept/{events,ticks,view}.py, field by field.
 *
 * A field with `?` is one that the server leaves out while it has its default; tests/unit/test_browser_types.py compares them.
 */
import type { OpenObject } from "../../wire/types";

export type ConceptStatus = "ACTIVE" | "DELETED";
export type JobStatus = "QUEUED" | "PROCESSING" | "COMPLETED" | "FAILED";
export type News = "received" | "revised" | "gone";
export type OwnerKind = "user" | "guest";
export type RefinementType = "STYLE" | "COLOR" | "MATERIAL" | "SIZE" | "DETAIL" | "OCCASION";
export type RequestStatus = "PENDING" | "QUOTES_RECEIVED" | "ACCEPTED" | "EXPIRED" | "CANCELLED";
export type SceneType = "ROOM" | "PERSON" | "SURFACE";
export type ShareNews = "shared" | "changed" | "revoked" | "expired";
export type VideoStyle = "SHOWCASE" | "LIFESTYLE" | "PROCESS" | "SPIN360";

// --- events: what has happened -------------------------------------------------------------------------------------------

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

// --- ticks: what passes ---------------------------------------------------------------------------------------------------

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

// --- view: what a joiner is given -----------------------------------------------------------------------------------------

export interface Face {
  id: string;
  owner_id: string;
  owner_kind: OwnerKind;
  name: string;
  description: string;
  status: ConceptStatus;
  refinement_count: number;
  is_favorite: boolean;
  saved_at: number | null;
  saved_by: string | null;
  visit_id: string | null;
  created_at: number;
  updated_at: number;
}

export interface Image {
  id: string;
  url: string;
  position: number;
  format: string;
  versions: OpenObject;
  compression_ratio: number | null;
  priority: number;
  created_at: number;
}

export interface Product {
  id: string;
  name: string;
  price: string | null;
  image_url: string;
  data: OpenObject;
}

export interface Match {
  id: string;
  seller_id: string;
  user_id: string;
  name: string;
  score: number;
  reasons: string[];
}

export interface Refinement {
  id: string;
  refinement_type: RefinementType;
  feedback: string;
  status: "requested" | "suggested";
  changes: OpenObject;
  explanation: string;
  confidence: number | null;
  requested_at: number;
  suggested_at: number | null;
}

export interface Offer {
  seller_id: string;
  seller_name: string;
  room: string;
  status: "waiting" | "open" | "gone";
  quote_id: string | null;
  revision: number;
  total_price: string | null;
  estimated_days: number | null;
  expires_at: number | null;
  noted_at: number | null;
}

export interface Request {
  id: string;
  status: RequestStatus;
  message: string;
  created_at: number;
  expires_at: number;
  ended_at: number | null;
  accepted_quote_id: string | null;
  undone_because: string;
  offers: Offer[];
}

export interface Preview {
  id: string;
  scene_type: SceneType;
  image_url: string;
  placement: OpenObject;
  metadata: OpenObject;
  created_at: number;
}

export interface Video {
  id: string;
  style: VideoStyle;
  duration: number;
  status: JobStatus;
  progress: number;
  video_url: string;
  thumbnail_url: string;
  error: string;
  created_at: number;
  started_at: number | null;
  completed_at: number | null;
}

export interface ShareLine {
  room: string;
  title: string;
  allow_comments: boolean;
  allow_voting: boolean;
  is_public: boolean;
  expires_at: number | null;
  shared_at: number;
}

export interface ConceptView {
  concept: Face;
  images: Image[];
  products: Product[];
  matches: Match[];
  refinements: Refinement[];
  requests: Request[];
  videos: Video[];
  previews: Preview[];
  score: OpenObject;
  shares: ShareLine[];
}

export interface AskedSeller {
  seller_id: string;
  user_id: string;
  name: string;
  room: string;
}
