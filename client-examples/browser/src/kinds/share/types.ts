/**
 * The shared concept as the server tells it: domain/kinds/share/{events,ticks,view}.py, field by field.
 *
 * A field with `?` is one that the server leaves out while it has its default; tests/unit/test_browser_types.py compares them.
 */
import type { Actor, OpenObject } from "../../wire/types";

export type Shown = "image" | "refinement" | "ar" | "video" | "sustainability" | "details";
export type Status = "active" | "revoked" | "expired";
export type Vote = "UPVOTE" | "DOWNVOTE";

// --- events: what has happened --------------------------------------------------------------------------------------

export interface ConceptShared {
  type: "concept_shared";
  concept_id: string;
  title: string;
  image_url?: string;
  token_hash: string;
  allow_comments: boolean;
  allow_voting: boolean;
  is_public: boolean;
  shared_with?: string[];
  names?: Record<string, string>;
  metadata?: OpenObject;
  expires_at?: number | null;
}

export interface ShareChanged {
  type: "share_changed";
  concept_id: string;
  title: string;
  allow_comments: boolean;
  allow_voting: boolean;
  is_public: boolean;
  shared_with?: string[];
  names?: Record<string, string>;
  added?: string[];
  metadata?: OpenObject;
  expires_at?: number | null;
}

export interface ShareRevoked {
  type: "share_revoked";
  concept_id: string;
  title: string;
  reason?: string;
  friends?: string[];
}

export interface ShareExpired {
  type: "share_expired";
  concept_id: string;
}

export interface ShareDeleted {
  type: "share_deleted";
  concept_id: string;
  owner_id: string;
  was_open: boolean;
}

export interface ShareClaimed {
  type: "share_claimed";
  guest_id: string;
  user_id: string;
  user_name?: string;
}

export interface CommentAdded {
  type: "comment_added";
  text: string;
  parent_id?: string | null;
  depth?: number;
  mentions?: string[];
  parent_author_id?: string | null;
  owner_id: string;
  title: string;
  comment_count: number;
}

export interface CommentEdited {
  type: "comment_edited";
  comment_id: string;
  text: string;
  mentions?: string[];
  called?: string[];
  title: string;
}

export interface CommentDeleted {
  type: "comment_deleted";
  comment_id: string;
  redacted?: number[];
  comment_count: number;
}

export interface VoteCast {
  type: "vote_cast";
  vote: Vote;
  old?: Vote | null;
  up: number;
  down: number;
}

export interface VoteWithdrawn {
  type: "vote_withdrawn";
  old: Vote;
  up: number;
  down: number;
}

export interface ConceptShown {
  type: "concept_shown";
  what: Shown;
  thing_id?: string | null;
  caption?: string;
  url?: string;
  data?: OpenObject;
  is_gone?: boolean;
  title: string;
  image_url?: string;
}

export type ShareEvent =
  | ConceptShared
  | ShareChanged
  | ShareRevoked
  | ShareExpired
  | ShareDeleted
  | ShareClaimed
  | CommentAdded
  | CommentEdited
  | CommentDeleted
  | VoteCast
  | VoteWithdrawn
  | ConceptShown;

// --- ticks: what passes ---------------------------------------------------------------------------------------------

export interface Tally {
  type: "tally";
  key: string;
  up: number;
  down: number;
}

export interface Views {
  type: "views";
  key: string;
  count: number;
  last_viewed_at: number;
}

export type ShareTick = Tally | Views;

// --- view: what a joiner is given -----------------------------------------------------------------------------------

export interface SharedConcept {
  id: string;
  name: string;
  image_url: string;
}

export interface ShareFace {
  id: string;
  concept: SharedConcept;
  by: Actor;
  status: Status;
  allow_comments: boolean;
  allow_voting: boolean;
  is_public: boolean;
  addressee_count: number;
  metadata: OpenObject;
  expires_at: number | null;
  created_at: number;
  updated_at: number;
  comment_count: number;
}

export interface VoteCount {
  up: number;
  down: number;
}

export interface ShownThing {
  id: string;
  at: number;
  what: Shown;
  thing_id: string | null;
  caption: string;
  url: string;
  data: OpenObject;
}

export interface Known {
  id: string;
  name: string;
}

export interface ShareView {
  share: ShareFace;
  tally: VoteCount;
  comments: Comment[];
  shown: ShownThing[];
  people: Known[];
}

export interface VoteAnswer {
  vote: Vote | null;
}

export interface Comment {
  id: string;
  offset: number;
  at: number;
  by: Actor;
  text: string;
  parent_id: string | null;
  depth: number;
  mentions: string[];
  edited_at: number | null;
  is_deleted: boolean;
}
