/**
 * What every kind of room has in common, as the server tells it: domain/record.py, field by field.
 *
 * A field with `?` is one that the server leaves out while it has its default. tests/unit/test_browser_types.py compares the
 * interfaces here and in kinds/<kind>/types.ts with their structs there, so that they cannot drift apart.
 */

export type ActorKind = "user" | "bot" | "guest" | "system";
export type OpenObject = Record<string, unknown>;

export interface Actor {
  id: string;
  kind?: ActorKind;
  name?: string;
  image?: string;
}

/** What carries its name on the wire: an event, a tick. */
export interface Tagged {
  type: string;
}

/** An event as it stands in the log. */
export interface Recorded<E extends Tagged = Tagged> {
  id: string;
  offset: number;
  at: number;
  by: Actor;
  event: E;
}

/** A passing value: the latest wins per `key`. */
export interface Tick extends Tagged {
  key: string;
}
