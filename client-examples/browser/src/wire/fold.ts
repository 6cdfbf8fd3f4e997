/**
 * How a page knows a room: a pure fold over what the server sends. What is common to all kinds is here; a kind says the rest.
 *
 * `joined` takes the view of a subscribe reply, `withEvent` what follows. No rules here: what may happen is the server's business,
 * this only tells what has happened.
 */
import type { Joined, Piece, Position } from "./envelope";
import type { Recorded, Tagged, Tick } from "./types";

/** What every kind's state carries: the last event that is folded into it. */
export interface Positioned {
  position: Position;
}

/** One kind of room, as pure functions over its state. `V`, `E`, `T` are its view, its events, its ticks. */
export interface Fold<S extends Positioned, V, E extends Tagged, T extends Tick> {
  kind: string;
  /** The state that a view tells. `before` is what the page knew, where it knew anything. */
  opened(view: V, position: Position, before: S | undefined): S;
  /** The state after the next event; its position is moved by `withEvent`. An event that is not known changes nothing. */
  event(state: S, message: Recorded<E>): S;
  tick(state: S, tick: T): S;
  piece(state: S, piece: Piece): S;
  /** Under which ids of events that which people said is known: drafts with these have arrived. */
  said(state: S): readonly { id: string }[];
  /** A page of history before what the state has, for kinds that show their log. */
  older?: Older<S, E>;
}

export interface Older<S extends Positioned, E extends Tagged> {
  /** The offset of the first event that the state has. */
  first(state: S): number;
  with(state: S, page: readonly Recorded<E>[]): S;
}

/** A kind, where its events and ticks are nobody's business. */
// `any`, because a room hands over what it has read, and each fold knows its own.
export type AnyFold<S extends Positioned> = Fold<S, any, any, any>;

/** The state after a subscribe reply. `before` is what the page knew, undefined on the first visit. */
export function joined<S extends Positioned>(
  fold: AnyFold<S>,
  before: S | undefined,
  reply: Joined<unknown>,
  position: Position,
): S | undefined {
  const base = reply.view ? fold.opened(reply.view, position, before) : before;
  if (!base) return undefined;
  const ticked = (reply.ticks ?? []).reduce((state, { tick }) => fold.tick(state, tick), base);
  return (reply.streams ?? []).reduce((state, piece) => fold.piece(state, piece), ticked);
}

export type EventOutcome<S> = { is: "folded"; state: S } | { is: "seen" } | { is: "hole" };

/** The state after one event. An offset that was seen is nothing; one that leaves a hole must not be folded. */
export function withEvent<S extends Positioned>(fold: AnyFold<S>, state: S, message: Recorded): EventOutcome<S> {
  const { position } = state;
  if (message.offset <= position.offset) return { is: "seen" };
  if (message.offset > position.offset + 1) return { is: "hole" };
  const folded = fold.event(state, message);
  return { is: "folded", state: { ...folded, position: { ...position, offset: message.offset } } };
}

export function hasOlder<S extends Positioned>(fold: AnyFold<S>, state: S): boolean {
  return (fold.older?.first(state) ?? 1) > 1;
}
