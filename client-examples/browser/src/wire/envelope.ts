/**
 * What a room publishes and what a joiner is given, around the types of its kind (PROTOCOL.md "Publications").
 */
import type { Actor, Recorded, Tick } from "./types";

export interface Piece {
  key: string;
  attempt: number;
  position: number;
  text: string;
}

export interface TickPublication<T extends Tick = Tick> {
  tick: T;
  after: number;
}

export interface StreamPublication {
  stream: Piece;
}

export interface SignalPublication {
  signal: { type: "typing" | "cursor" };
  by: Actor;
  client: string;
}

export type Publication =
  | { is: "event"; message: Recorded; commandId: string }
  | { is: "tick"; tick: Tick; after: number }
  | { is: "piece"; piece: Piece }
  | { is: "signal"; signal: SignalPublication }
  | { is: "count"; actors: number }
  | { is: "unknown" };

/** The `data` of a subscribe reply; without `view` the missed events follow as publications. */
export interface Joined<V> {
  view?: V;
  ticks?: TickPublication[];
  streams?: Piece[];
}

export interface Position {
  offset: number;
  epoch: string;
}

/** What the server answers a command with. */
export interface Receipt {
  room: string;
  offset: number;
  epoch: string;
  event_ids: string[];
}

/** Sort a publication by its class. A newer server may publish what this page does not know: that is "unknown", not an error. */
export function readPublication(data: unknown, tags: Record<string, string> = {}): Publication {
  if (typeof data !== "object" || data === null) return { is: "unknown" };
  if ("event" in data) return { is: "event", message: data as Recorded, commandId: tags["command_id"] ?? "" };
  if ("tick" in data) {
    const { tick, after } = data as TickPublication;
    return { is: "tick", tick, after };
  }
  if ("stream" in data) return { is: "piece", piece: (data as StreamPublication).stream };
  if ("signal" in data) return { is: "signal", signal: data as SignalPublication };
  // Rooms with many people are not told of each one.
  if ("presence" in data) return { is: "count", actors: (data as { presence: { actors: number } }).presence.actors };
  return { is: "unknown" };
}
