/** A shared concept as this page knows it: its face, the comments, the votes (see wire/fold.ts). */
import type { Position } from "../../wire/envelope";
import type { Fold } from "../../wire/fold";
import type { Recorded } from "../../wire/types";
import type {
  Comment,
  CommentAdded,
  ConceptShown,
  Known,
  ShareEvent,
  ShareFace,
  ShareTick,
  ShareView,
  ShownThing,
  Vote,
  VoteCount,
  Views,
} from "./types";

export interface ShareState {
  position: Position;
  share: ShareFace;
  tally: VoteCount;
  /** Oldest first; a deleted one keeps its place without its words. */
  comments: readonly Comment[];
  /** How many answers a comment has, where it was read by HTTP. */
  replyCounts: Readonly<Record<string, number>>;
  shown: readonly ShownThing[];
  people: readonly Known[];
  /** undefined until it was told: how often somebody has come to look. */
  views: Views | undefined;
  /** What this page has seen people vote since it came. */
  votes: Readonly<Record<string, Vote | null>>;
  /** The reader's own vote as asked for at entering; undefined: not told yet. `votes` is newer. */
  askedVote: Vote | null | undefined;
  isDeleted: boolean;
}

/** domain/kinds/share/state.py: as many things as are kept shown. */
const SHOWN = 20;

function opened(view: ShareView, position: Position, before: ShareState | undefined): ShareState {
  return {
    position,
    share: view.share,
    tally: view.tally,
    comments: [...olderThan(before, position, view.comments), ...view.comments],
    replyCounts: before?.replyCounts ?? {},
    shown: view.shown,
    people: view.people,
    views: before?.views,
    votes: {},
    askedVote: undefined,
    isDeleted: false,
  };
}

/** What was loaded before the newest, where the two meet. */
function olderThan(before: ShareState | undefined, position: Position, newest: readonly Comment[]): readonly Comment[] {
  const first = newest[0];
  if (!before || !first || before.position.epoch !== position.epoch) return [];
  const isMet = before.comments.some((comment) => comment.id === first.id);
  return isMet
    ? before.comments.slice(
        0,
        before.comments.findIndex((comment) => comment.id === first.id),
      )
    : [];
}

function folded(state: ShareState, message: Recorded<ShareEvent>): ShareState {
  return { ...state, ...changesOf(state, message), share: faceOf(state.share, message) };
}

function faceOf(face: ShareFace, { event, at }: Recorded<ShareEvent>): ShareFace {
  switch (event.type) {
    case "share_changed": {
      const { allow_comments, allow_voting, is_public, shared_with = [], metadata = {}, expires_at = null } = event;
      const rules = { allow_comments, allow_voting, is_public, metadata, expires_at };
      return { ...face, ...rules, addressee_count: shared_with.length, updated_at: at };
    }
    case "share_revoked":
      return { ...face, status: "revoked", updated_at: at };
    case "share_expired":
      return { ...face, status: "expired", updated_at: at };
    case "share_claimed":
      return { ...face, by: { id: event.user_id, kind: "user", name: event.user_name ?? "" }, updated_at: at };
    case "comment_added":
    case "comment_deleted":
      return { ...face, comment_count: event.comment_count };
    case "concept_shown":
      return { ...face, concept: { ...face.concept, name: event.title, image_url: event.image_url ?? "" }, updated_at: at };
    default:
      return face;
  }
}

function changesOf(state: ShareState, message: Recorded<ShareEvent>): Partial<ShareState> {
  const { event, by } = message;
  switch (event.type) {
    case "comment_added":
      return { comments: [...state.comments, added(event, message)], people: met(state.people, by.id, by.name) };
    case "comment_edited": {
      const { text, mentions = [] } = event;
      return { comments: withComment(state, event.comment_id, { text, mentions, edited_at: message.at }) };
    }
    case "comment_deleted":
      return { comments: withComment(state, event.comment_id, { text: "", mentions: [], edited_at: null, is_deleted: true }) };
    case "vote_cast":
      return { tally: { up: event.up, down: event.down }, votes: { ...state.votes, [by.id]: event.vote } };
    case "vote_withdrawn":
      return { tally: { up: event.up, down: event.down }, votes: { ...state.votes, [by.id]: null } };
    case "concept_shown":
      return { shown: foldShown(state.shown, event, message) };
    case "share_deleted":
      return { comments: [], isDeleted: true };
    default:
      return {};
  }
}

function added(event: CommentAdded, { id, offset, at, by }: Recorded): Comment {
  const { text, parent_id = null, depth = 0, mentions = [] } = event;
  return { id, offset, at, by, text, parent_id, depth, mentions, edited_at: null, is_deleted: false };
}

function withComment(state: ShareState, id: string, change: Partial<Comment>): readonly Comment[] {
  return state.comments.map((comment) => (comment.id === id ? { ...comment, ...change } : comment));
}

function met(people: readonly Known[], id: string, name = ""): readonly Known[] {
  return !name || people.some((one) => one.id === id) ? people : [...people, { id, name }];
}

/** The newest of a thing takes the place of the one before; a change of name or image alone is no thing. */
function foldShown(shown: readonly ShownThing[], event: ConceptShown, { id, at }: Recorded): readonly ShownThing[] {
  const { what, thing_id = null, caption = "", url = "", data = {}, is_gone = false } = event;
  const others = thing_id ? shown.filter((one) => one.thing_id !== thing_id) : shown;
  return is_gone || what === "details" ? others : [...others, { id, at, what, thing_id, caption, url, data }].slice(-SHOWN);
}

function ticked(state: ShareState, tick: ShareTick): ShareState {
  switch (tick.type) {
    case "tally":
      return { ...state, tally: { up: tick.up, down: tick.down } };
    case "views":
      return { ...state, views: tick };
    default:
      return state;
  }
}

/** The vote of `actorId`, the reader; undefined where it is not known. */
export function voteOf(state: ShareState, actorId: string): Vote | null | undefined {
  const seen = state.votes[actorId];
  return seen === undefined ? state.askedVote : seen;
}

export const SHARE_FOLD: Fold<ShareState, ShareView, ShareEvent, ShareTick> = {
  kind: "share",
  opened,
  event: folded,
  tick: ticked,
  piece: (state) => state,
  said: (state) => state.comments,
};
