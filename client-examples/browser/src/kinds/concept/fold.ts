/** A concept as its owner's page knows it (see wire/fold.ts). Requests and videos have a fold of their own. */
import type { Position } from "../../wire/envelope";
import type { Fold } from "../../wire/fold";
import type { Recorded } from "../../wire/types";
import { foldRequests } from "./fold_requests";
import { foldVideos, withProgress } from "./fold_videos";
import type {
  ConceptEvent,
  ConceptTick,
  ConceptView,
  Face,
  Image,
  Preview,
  PreviewCounts,
  Refinement,
  ShareLine,
  ShareNoted,
} from "./types";

export interface ConceptState extends ConceptView {
  position: Position;
  /** By preview: how often it was looked at and passed on. */
  looks: Readonly<Record<string, PreviewCounts>>;
  /** By video: what was last said about its making. */
  notes: Readonly<Record<string, string>>;
}

/** What hangs on a concept and leaves its own row alone (domain/kinds/concept/evolution.py). */
const APART: ReadonlySet<ConceptEvent["type"]> = new Set([
  "refinement_requested",
  "refinement_suggested",
  "refinement_dismissed",
  "quotes_requested",
  "quotes_cancelled",
  "quotes_expired",
  "quote_accepted",
  "acceptance_undone",
  "quote_noted",
  "share_noted",
  "video_queued",
  "video_started",
  "video_completed",
  "video_failed",
]);

function opened(view: ConceptView, position: Position): ConceptState {
  return { ...view, position, looks: {}, notes: {} };
}

function folded(state: ConceptState, message: Recorded<ConceptEvent>): ConceptState {
  return {
    ...state,
    concept: APART.has(message.event.type) ? state.concept : { ...faceOf(state.concept, message), updated_at: message.at },
    images: foldImages(state.images, message),
    refinements: foldRefinements(state.refinements, message),
    requests: foldRequests(state.requests, message),
    videos: foldVideos(state.videos, message),
    previews: foldPreviews(state.previews, message),
    shares: foldShares(state.shares, message),
    ...setBy(message),
  };
}

function faceOf(face: Face, { event, at, by }: Recorded<ConceptEvent>): Face {
  switch (event.type) {
    case "details_changed":
      return { ...face, name: event.name, description: event.description ?? "" };
    case "concept_deleted":
      return { ...face, status: "DELETED" };
    case "concept_claimed":
      return { ...face, owner_id: event.owner_id, owner_kind: "user" };
    case "concept_favoured":
      return { ...face, is_favorite: true, saved_at: at, saved_by: by.id };
    case "concept_unfavoured":
      return { ...face, is_favorite: false, saved_at: null, saved_by: null };
    case "refinement_applied":
      return { ...face, refinement_count: event.refinement_count };
    default:
      return face;
  }
}

/** What an event replaces as a whole. */
function setBy({ event }: Recorded<ConceptEvent>): Partial<ConceptState> {
  switch (event.type) {
    case "products_generated":
      return { products: event.products ?? [] };
    case "artisans_matched":
      return { matches: event.matches ?? [] };
    case "sustainability_scored":
      return { score: event.score ?? {} };
    default:
      return {};
  }
}

function foldImages(images: Image[], { id, at, event }: Recorded<ConceptEvent>): Image[] {
  switch (event.type) {
    case "image_added": {
      const { url, position, format } = event;
      const image = { id, url, position, format, versions: {}, compression_ratio: null, priority: 0, created_at: at };
      return [...images, image].sort((a, b) => a.position - b.position);
    }
    case "image_optimized": {
      const { versions = {}, compression_ratio = null, format, priority = 0 } = event;
      return images.map((one) => (one.id === event.image_id ? { ...one, versions, compression_ratio, format, priority } : one));
    }
    case "image_removed":
      return images.filter((one) => one.id !== event.image_id);
    default:
      return images;
  }
}

function foldRefinements(refinements: Refinement[], { id, at, event }: Recorded<ConceptEvent>): Refinement[] {
  switch (event.type) {
    case "refinement_requested":
      return [...refinements, asked(id, at, event)];
    case "refinement_suggested": {
      const { changes = {}, explanation, confidence } = event;
      const answer = { status: "suggested" as const, changes, explanation, confidence, suggested_at: at };
      return refinements.map((one) => (one.id === event.refinement_id ? { ...one, ...answer } : one));
    }
    case "refinement_applied":
    case "refinement_dismissed":
      return refinements.filter((one) => one.id !== event.refinement_id);
    default:
      return refinements;
  }
}

function asked(id: string, at: number, event: Pick<Refinement, "refinement_type" | "feedback">): Refinement {
  const { refinement_type, feedback } = event;
  return {
    id,
    refinement_type,
    feedback,
    status: "requested",
    changes: {},
    explanation: "",
    confidence: null,
    requested_at: at,
    suggested_at: null,
  };
}

function foldPreviews(previews: Preview[], { id, at, event }: Recorded<ConceptEvent>): Preview[] {
  switch (event.type) {
    case "ar_preview_added": {
      const { scene_type, image_url, placement = {}, metadata = {} } = event;
      return [...previews, { id, scene_type, image_url, placement, metadata, created_at: at }];
    }
    case "ar_preview_removed":
      return previews.filter((one) => one.id !== event.preview_id);
    default:
      return previews;
  }
}

function foldShares(shares: ShareLine[], { at, event }: Recorded<ConceptEvent>): ShareLine[] {
  if (event.type !== "share_noted") return shares;
  const before = shares.find((one) => one.room === event.share);
  const isOver = event.status === "revoked" || event.status === "expired" || Boolean(event.refused_because);
  if (isOver) return shares.filter((one) => one !== before);
  const line = lineOf(event, before?.shared_at ?? at);
  return before ? shares.map((one) => (one === before ? line : one)) : [...shares, line];
}

function lineOf(event: ShareNoted, shared_at: number): ShareLine {
  const { share: room, title = "", allow_comments = true, allow_voting = false, is_public = true, expires_at = null } = event;
  return { room, title, allow_comments, allow_voting, is_public, expires_at, shared_at };
}

function ticked(state: ConceptState, tick: ConceptTick): ConceptState {
  switch (tick.type) {
    case "preview_counts":
      return { ...state, looks: { ...state.looks, [tick.preview_id]: tick } };
    case "video_progress": {
      const videos = withProgress(state.videos, tick);
      return videos === state.videos ? state : { ...state, videos, notes: { ...state.notes, [tick.video_id]: tick.note ?? "" } };
    }
    default:
      return state;
  }
}

export const CONCEPT_FOLD: Fold<ConceptState, ConceptView, ConceptEvent, ConceptTick> = {
  kind: "concept",
  opened,
  event: folded,
  tick: ticked,
  piece: (state) => state,
  said: () => [],
};
