/**
 * The concept as the server tells it: domain/kinds/concept/view.py, field by field.
 *
 * A field with `?` is one that the server leaves out while it has its default; tests/unit/test_browser_types.py compares them.
 */
import type { OpenObject } from "../../wire/types";
export type * from "./types_of_events";

export type ConceptStatus = "ACTIVE" | "DELETED";
export type JobStatus = "QUEUED" | "PROCESSING" | "COMPLETED" | "FAILED";
export type News = "received" | "revised" | "gone";
export type OwnerKind = "user" | "guest";
export type RefinementType = "STYLE" | "COLOR" | "MATERIAL" | "SIZE" | "DETAIL" | "OCCASION";
export type RequestStatus = "PENDING" | "QUOTES_RECEIVED" | "ACCEPTED" | "EXPIRED" | "CANCELLED";
export type SceneType = "ROOM" | "PERSON" | "SURFACE";
export type ShareNews = "shared" | "changed" | "revoked" | "expired";
export type VideoStyle = "SHOWCASE" | "LIFESTYLE" | "PROCESS" | "SPIN360";

// --- view: what a joiner is given -----------------------------------------------------------------------------------

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
