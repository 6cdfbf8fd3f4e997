/** Notifications in words. The server says what happened and where; the sentence is the page's. */
import type { Notification, What } from "./types";

type Sentence = (by: string, title: string) => string;

const SENTENCES: Record<What, Sentence> = {
  mention: (by, title) => `${by} mentioned you in ${title}`,
  reply: (by, title) => `${by} replied to you in ${title}`,
  comment: (by, title) => `${by} commented on ${title}`,
  quote_requested: (by, title) => `${by} asks you for a quote for ${title}`,
  quote_received: (by, title) => `${by} sent a quote for ${title}`,
  quote_revised: (by, title) => `${by} revised the quote for ${title}`,
  quote_withdrawn: (by, title) => `${by} withdrew the quote for ${title}`,
  quote_viewed: (by, title) => `${by} looked at your quote for ${title}`,
  quote_accepted: (by, title) => `${by} accepted your quote for ${title}`,
  quote_rejected: (by, title) => `${by} rejected your quote for ${title}`,
  quote_expired: (_by, title) => `A quote for ${title} has expired`,
  quote_message: (by, title) => `${by} wrote to you about the quote for ${title}`,
  refinement_suggested: (by, title) => `${by} suggests a refinement of ${title}`,
  refinement_applied: (_by, title) => `A refinement was applied to ${title}`,
  refinement_dismissed: (_by, title) => `A refinement of ${title} was dismissed`,
  share_received: (by, title) => `${by} shared ${title} with you`,
  share_revoked: (by, title) => `${by} no longer shares ${title}`,
  video_completed: (_by, title) => `The video of ${title} is ready`,
  video_failed: (_by, title) => `The video of ${title} could not be made`,
  turn_completed: (by, title) => `${by} answered in ${title}`,
  turn_interrupted: (_by, title) => `An answer in ${title} was interrupted`,
  request_expired: (_by, title) => `The request for quotes for ${title} has expired`,
};

export function sentenceOf({ what, by, title }: Notification): string {
  const name = by?.name || (by?.kind === "bot" ? "Claude" : "Somebody");
  const about = title ? `“${title}”` : "something of yours";
  const tell = SENTENCES[what] as Sentence | undefined;
  return tell ? tell(name, about) : `Something happened in ${about}`;
}
