/** The words of a concept: one place, so that the same thing is always called the same. */
import type { JobStatus, RefinementType, RequestStatus, SceneType, VideoStyle } from "./types";

export const REQUEST_WORDS: Record<RequestStatus, string> = {
  PENDING: "Waiting for quotes",
  QUOTES_RECEIVED: "Quotes are here",
  ACCEPTED: "Quote accepted",
  EXPIRED: "Expired",
  CANCELLED: "Cancelled",
};

export const JOB_WORDS: Record<JobStatus, string> = {
  QUEUED: "Waiting to start",
  PROCESSING: "Being made",
  COMPLETED: "Ready",
  FAILED: "Failed",
};

export const REFINEMENT_WORDS: Record<RefinementType, string> = {
  STYLE: "Style",
  COLOR: "Colour",
  MATERIAL: "Material",
  SIZE: "Size",
  DETAIL: "Detail",
  OCCASION: "Occasion",
};

export const SCENE_WORDS: Record<SceneType, string> = { ROOM: "In a room", PERSON: "On a person", SURFACE: "On a surface" };

export const STYLE_WORDS: Record<VideoStyle, string> = {
  SHOWCASE: "Showcase",
  LIFESTYLE: "Lifestyle",
  PROCESS: "How it is made",
  SPIN360: "All around",
};

/** Statuses as they stand in the list of one's own concepts. */
export const LISTED_WORDS: Record<string, string> = {
  ...REQUEST_WORDS,
  ACTIVE: "Concept",
  DELETED: "Deleted",
  video: "The video is being made",
};
